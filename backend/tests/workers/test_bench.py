"""The measurement of the pipeline: the arithmetic on made-up counts, and a short run of the real thing."""

from dataclasses import replace
from pathlib import Path

import pytest

from sightline.core.config import Settings
from sightline.core.errors import NotAVideo, PackNotInstalled
from sightline.media.sources import parse_source
from sightline.workers.bench import BenchRequest, BenchResult, _growth, _Run, run_bench
from sightline.workers.bench_parts import Parts
from sightline.workers.fused import FusedWorker
from tests.e2e.watching import cut

RESULT = BenchResult(
    cameras=2,
    processes=2,
    seconds=10.0,
    analysed=100,
    embedded=50,
    processed={"a": 120, "b": 80},
    dropped=3,
    reconnects=0,
    online=2,
    cpu_seconds=2.4,
    parts=Parts(decode=1.0, detect=10.0, embed=6.0),
    pss_mb=512.0,
    pss_growth=None,
    cores=2,
)


def test_the_ratio_compares_all_cpu_with_what_the_parts_took() -> None:
    found = RESULT.as_object()
    # 24 ms per analysed frame, against 2 decoded frames (1 ms each), one detection (10) and half a face (3).
    assert found["cpu_ms_per_frame"] == 24.0
    assert RESULT.expected_ms_per_frame == pytest.approx(15.0)
    assert found["overhead_ratio"] == 1.6
    assert found["frames_per_second"] == 10.0
    assert found["predicted_frames_per_second"] == pytest.approx(133.33)
    assert found["share_of_predicted"] == 0.075
    assert found["share_of_cores"] == 0.12
    assert found["per_camera_rate_spread"] == 1.5
    assert found["parts_ms_per_frame"] == {"decode": 1.0, "detect": 10.0, "embed": 3.0, "embed_per_face": 6.0}


def test_a_camera_that_starves_has_no_spread_but_shows() -> None:
    found = replace(RESULT, processed={"a": 200, "b": 0}).as_object()
    assert found["per_camera_rate_spread"] is None
    assert found["per_camera_rate"] == {"min": 0.0, "max": 20.0}


def test_growth_of_memory_is_the_slope_after_five_minutes() -> None:
    warm_up = [(float(at), 900.0 + at) for at in range(0, 300, 5)]
    settled = [(float(at), 1200.0 + at / 60) for at in range(300, 600, 5)]
    assert _growth([*warm_up, *settled]) == pytest.approx(1.0)
    assert _growth(warm_up) is None


class Failing(FusedWorker):
    """A worker that fails, or ends, at once."""

    def __init__(self, error: Exception | None) -> None:
        self._error = error

    def run(self) -> None:
        if self._error is not None:
            raise self._error


@pytest.mark.parametrize(
    ("error", "words"),
    [(ValueError("bad shapes"), "ValueError: bad shapes"), (None, "ended before it was told")],
)
def test_a_worker_that_fails_is_told_to_whoever_measures(error: Exception | None, words: str) -> None:
    run = _Run(Failing(error))
    run.thread.join(10)
    assert words in run.failure


def test_wrong_input_is_refused_before_anything_is_started(tmp_path: Path) -> None:
    (tmp_path / "notes.mp4").write_text("no video")
    request = BenchRequest(parse_source(str(tmp_path / "notes.mp4")), "lite", cameras=1, seconds=1)
    with pytest.raises(NotAVideo):
        run_bench(request, Settings(data_dir=tmp_path))


@pytest.mark.media
def test_a_pack_that_is_missing_is_told_as_such(media_dir: Path, tmp_path: Path) -> None:
    request = BenchRequest(parse_source(str(media_dir / "clips" / "stage.mp4")), "lite", cameras=1, seconds=1)
    with pytest.raises(PackNotInstalled):
        run_bench(request, Settings(data_dir=tmp_path))


@pytest.mark.media
@pytest.mark.usefixtures("lite_pack")
def test_two_cameras_for_two_seconds(media_dir: Path, tmp_path: Path) -> None:
    clip = cut(media_dir / "clips" / "stage.mp4", tmp_path / "c.mp4", start=3.0, end=6.5, width=480, height=272)
    request = BenchRequest(parse_source(str(clip)), "lite", cameras=2, seconds=2.0, motion_gate=False)
    result = run_bench(request, Settings())
    assert set(result.processed) == {"camera-0", "camera-1"}
    assert min(result.processed.values()) > 0
    assert result.analysed == pytest.approx(sum(result.processed.values()), abs=8)  # a batch may be under way
    assert 0 < result.embedded <= result.analysed
    assert (result.dropped, result.reconnects) == (0, 0)
    assert all(cost > 0 for cost in (result.parts.decode, result.parts.detect, result.parts.embed))
    found = result.as_object()
    assert isinstance(found["overhead_ratio"], float)
    assert 0.8 < found["overhead_ratio"] < 5  # more than its parts, and of their order
    assert isinstance(found["pss_mb"], float)
    assert 50 < found["pss_mb"] < 4000
    assert found["pss_growth_mb_per_minute"] is None
