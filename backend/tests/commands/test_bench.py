"""`sightline bench pipeline`: its options reach the measurement, its result standard output."""

import json
from pathlib import Path

import pytest

from sightline.commands.bench import pipeline
from sightline.core.config import Settings
from sightline.core.errors import InvalidInput, SourceInvalid
from sightline.media.sources import Transport
from sightline.workers import bench
from tests.commands.painted_pack import invoke
from tests.workers.test_bench import RESULT


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[bench.BenchRequest]:
    """What was asked of the measurement, which is not run."""
    requests: list[bench.BenchRequest] = []

    def run(request: bench.BenchRequest, _: Settings) -> bench.BenchResult:
        requests.append(request)
        return RESULT

    monkeypatch.setattr(bench, "run_bench", run)
    return requests


def test_options_reach_the_measurement(asked: list[bench.BenchRequest], tmp_path: Path) -> None:
    options = ("--cameras", "50", "--seconds", "3", "--pack", "cpu", "--no-motion-gate", "--transport", "udp")
    assert invoke(pipeline, "--source", "rtsp://camera/", *options, "--realtime").exit_code == 0
    (request,) = asked
    assert (request.cameras, request.seconds, request.pack) == (50, 3.0, "cpu")
    assert (request.motion_gate, request.realtime, request.transport) == (False, True, Transport.UDP)


@pytest.mark.usefixtures("asked")
def test_json_is_all_that_stands_on_standard_output() -> None:
    done = invoke(pipeline, "--source", "clip.mp4", "--json")
    assert json.loads(done.stdout) == RESULT.as_object()
    promised = (
        "frames_per_second cpu_ms_per_frame parts_ms_per_frame overhead_ratio dropped per_camera_rate_spread pss_mb"
    )
    assert set(promised.split()) <= json.loads(done.stdout).keys()
    assert "measuring 1 cameras" in done.stderr


@pytest.mark.usefixtures("asked")
def test_people_read_a_table() -> None:
    assert "overhead_ratio" in invoke(pipeline, "--source", "clip.mp4").stdout


def test_wrong_options_measure_nothing(asked: list[bench.BenchRequest]) -> None:
    assert isinstance(invoke(pipeline, "--source", "").exception, SourceInvalid)
    assert isinstance(invoke(pipeline, "--source", "a.mp4", "--transport", "x").exception, InvalidInput)
    assert invoke(pipeline, "--source", "a.mp4", "--cameras", "0").exit_code == 2
    assert asked == []
