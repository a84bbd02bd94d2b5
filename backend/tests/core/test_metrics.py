"""What workers show of themselves: numbers, and whether they are ready."""

from collections.abc import Iterator

import httpx
import pytest

from sightline.core import metrics
from sightline.core.errors import PortTaken
from sightline.core.metrics import Readiness
from sightline.core.metrics_server import MetricsServer

EATEN = metrics.counter("test_apples_eaten", "Apples that a test ate.", "colour")
HANGING = metrics.gauge("test_apples_hanging", "Apples that hang.")
CHEWED = metrics.histogram("test_chewing_seconds", "Time per apple.", buckets=(1.0, 2.0))


@pytest.fixture
def readiness() -> Readiness:
    return Readiness()


@pytest.fixture
def served(readiness: Readiness) -> Iterator[httpx.Client]:
    with (
        MetricsServer("127.0.0.1", 0, readiness=readiness) as server,
        httpx.Client(base_url=f"http://127.0.0.1:{server.port}") as client,
    ):
        yield client


def test_numbers_are_shown_as_prometheus_reads_them(served: httpx.Client) -> None:
    EATEN.labels("red").inc(3)
    HANGING.set(7)
    CHEWED.observe(1.5)
    answer = served.get("/metrics?name=all")
    assert answer.headers["content-type"].startswith("text/plain")
    lines = answer.text.splitlines()
    assert 'sightline_test_apples_eaten_total{colour="red"} 3.0' in lines
    assert "sightline_test_apples_hanging 7.0" in lines
    assert 'sightline_test_chewing_seconds_bucket{le="2.0"} 1.0' in lines
    assert any(line.startswith("sightline_build_info{") for line in lines)
    assert any(line.startswith("process_resident_memory_bytes") for line in lines)


def test_a_process_is_ready_when_all_that_it_waits_for_is(served: httpx.Client, readiness: Readiness) -> None:
    starting = served.get("/readyz")
    assert (starting.status_code, starting.json()) == (503, {"ready": False, "parts": {}})
    readiness.expect("models", "database")
    readiness.ready("database")
    assert served.get("/readyz").json() == {"ready": False, "parts": {"models": False, "database": True}}
    readiness.ready("models")
    readiness.expect("models")
    assert served.get("/readyz").status_code == 200
    readiness.unready("database")
    assert served.get("/readyz").status_code == 503


def test_being_alive_asks_for_nothing_and_other_paths_are_none(served: httpx.Client) -> None:
    assert served.get("/healthz").json() == {"alive": True}
    assert served.get("/").status_code == 404
    assert served.post("/metrics").status_code == 501


def test_a_port_that_is_taken_is_said() -> None:
    with MetricsServer("127.0.0.1", 0) as server, pytest.raises(PortTaken, match=str(server.port)):
        MetricsServer("127.0.0.1", server.port)


def test_two_parts_of_a_program_cannot_count_under_one_name() -> None:
    with pytest.raises(ValueError, match="Duplicated"):
        metrics.counter("test_apples_eaten", "Others.")
