"""A webcam goes through the bundled ffmpeg program. No machine of ours has one: its test picture stands in for the
device, everything after it is what a webcam would take."""

from itertools import islice, pairwise
from pathlib import Path

import pytest

from sightline.core.errors import SourceNotFound, SourceUnreachable
from sightline.media import child
from sightline.media.capture import CameraSession, CaptureOptions
from sightline.media.sources import Source, SourceKind, parse_source


@pytest.mark.parametrize("text", ["/dev/video0", "webcam:///dev/video0"])
def test_a_device_is_understood_and_its_address_leads_back_to_it(text: str) -> None:
    source = parse_source(text)
    assert (source.kind, source.live, source.redacted) == (SourceKind.WEBCAM, True, "/dev/video0")
    assert parse_source(source.address) == source


def test_a_files_address_leads_back_to_it_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert parse_source(parse_source("clip 1.mp4").address).path == tmp_path.resolve() / "clip 1.mp4"


def test_a_webcam_that_is_not_there_is_said_so() -> None:
    with pytest.raises(SourceNotFound, match="no webcam /dev/video987"):
        CameraSession(parse_source("/dev/video987")).open()


def _stand_in(tmp_path: Path) -> Source:
    """A source whose device exists."""
    device = tmp_path / "video0"
    device.touch()
    return Source(SourceKind.WEBCAM, f"webcam://{device}", str(device), live=True)


def test_its_pictures_are_sampled_like_a_cameras(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = ["-re", "-f", "lavfi", "-i", "testsrc=size=320x240:rate=15"]
    monkeypatch.setattr(child, "webcam_input", lambda _source: picture)
    with CameraSession(_stand_in(tmp_path), CaptureOptions(sample_rate=5)) as session:
        frames = list(islice(session.frames(), 6))
    assert [(frame.width, frame.height) for frame in frames] == [(320, 240)] * 6
    gaps = [after.media_time - before.media_time for before, after in pairwise(frames)]
    assert gaps == pytest.approx([0.2] * 5, abs=0.07)


def test_a_device_that_gives_nothing_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreachable, match="gives no picture"):
        CameraSession(_stand_in(tmp_path)).open()
