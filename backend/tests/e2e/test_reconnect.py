"""A camera that changes its picture, dies, comes back and freezes: one watch names again each time, and says so."""

import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.watching import Watching, cut, watching
from tests.support.rtsp_server import RtspServer, serve

pytestmark = [pytest.mark.media, pytest.mark.e2e]

PROMISE = 10.0
"""Seconds after a camera's return within which its people are named again."""

SINGER = "lin-manuel-miranda"


@pytest.fixture(scope="module")
def clips(media_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The singer in close-up, in two sizes."""
    folder = tmp_path_factory.mktemp("clips")
    stage = media_dir / "clips" / "stage.mp4"
    return (
        cut(stage, folder / "large.mp4", start=3.0, end=6.5, width=640, height=360),
        cut(stage, folder / "small.mp4", start=3.0, end=6.5, width=480, height=272),
    )


@pytest.fixture(scope="module")
def people(media_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("people")
    shutil.copy(media_dir / "people" / f"{SINGER}-1.png", folder)
    return folder


@pytest.fixture
def camera(clips: tuple[Path, Path]) -> Iterator[RtspServer]:
    """Shows both clips in turn, so that the size changes in mid-stream."""
    with serve({"stage": clips}) as server:
        yield server


def expect_the_singer(watch: Watching, since: float, seconds: float) -> None:
    watch.wait_for(lambda: SINGER in watch.named_after(since), "the singer's name", since + seconds - time.monotonic())


@pytest.mark.usefixtures("lite_pack")
def test_it_names_again_after_every_accident(camera: RtspServer, clips: tuple[Path, Path], people: Path) -> None:
    with watching(camera.url("stage"), "--gallery", people) as watch:
        expect_the_singer(watch, time.monotonic(), 60)
        expect_the_singer(watch, time.monotonic(), PROMISE)  # after the change of size, as a new track
        camera.kill()
        time.sleep(1)
        camera.restart({"stage": clips[0]})
        expect_the_singer(watch, time.monotonic(), PROMISE)
        camera.freeze()
        time.sleep(7)  # longer than the 5 s after which a silent camera counts as lost
        camera.thaw()
        expect_the_singer(watch, time.monotonic(), PROMISE)
        watch.interrupt(signal.SIGTERM)
        assert watch.end() == 0
        summary = watch.lines[-1]["summary"]
    assert summary["reconnects"] == 2
    kinds = [event["kind"] for event in summary["events"]]
    assert kinds[0] == "connected"
    assert kinds.count("resized") >= 1
    assert kinds.count("reconnected") == 2
    reasons = [event["reason"] for event in summary["events"] if event["kind"] == "failed"]
    assert any("closed the connection" in reason or "broke" in reason for reason in reasons)
    assert any("sent no picture for 5 s" in reason for reason in reasons)


@pytest.mark.usefixtures("lite_pack")
def test_ctrl_c_ends_with_a_summary(camera: RtspServer) -> None:
    with watching(camera.url("stage")) as watch:
        watch.wait_for(lambda: watch.lines, "the first face")
        watch.interrupt(signal.SIGINT)
        assert watch.end() == 0
        *events, last = watch.lines
        assert last["summary"]["state"] == "stopped"
        ended = {event["track_id"] for event in events if event["event"] == "end"}
        assert ended == {event["track_id"] for event in events}
        assert watch.complaints == ""
