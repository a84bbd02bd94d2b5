"""What --record leaves in a folder."""

import json
import stat
from pathlib import Path

import pytest
from PIL import Image

from sightline.core.errors import InvalidInput
from sightline.domain.tracks import TrackEventKind
from sightline.workers.recorder import Recorder, no_recorder
from tests.workers.track_events import ANA, CURVE, event, frame


def test_events_become_lines_and_best_shots_become_pictures(tmp_path: Path) -> None:
    folder = tmp_path / "evening" / "door"
    with Recorder(folder, CURVE) as recorder:
        recorder.take([event(TrackEventKind.TRACK, best_frame=frame(90)), event(TrackEventKind.MATCH, ANA)])
        recorder.take([event(TrackEventKind.UPDATE, ANA, best_frame=frame(200))])
        recorder.take([event(TrackEventKind.END, ANA)])
    lines = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    assert [line["event"] for line in lines] == ["track", "match", "end"]
    (picture,) = (folder / "faces").iterdir()
    assert picture.stem == lines[0]["track_id"]
    with Image.open(picture) as face:
        assert face.size == (91, 100)  # half its longer side around it, and every pixel of which a part belongs to it
        assert face.getpixel((45, 50)) == pytest.approx((200, 200, 200), abs=3)  # the better shot replaced the first


def test_nobody_else_may_look_into_the_folder(tmp_path: Path) -> None:
    with Recorder(tmp_path / "evening", CURVE):
        for folder in (tmp_path / "evening", tmp_path / "evening" / "faces"):
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_second_watch_adds_to_the_first(tmp_path: Path) -> None:
    for _ in range(2):
        with Recorder(tmp_path, CURVE) as recorder:
            recorder.take([event(TrackEventKind.TRACK)])
    assert len((tmp_path / "events.jsonl").read_text().splitlines()) == 2


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InvalidInput, match="file cannot be written") as refusal:
        Recorder(tmp_path / "file", CURVE)
    assert "--record" in refusal.value.hint


def test_a_disk_that_fails_on_the_way_is_told_as_well(tmp_path: Path) -> None:
    with Recorder(tmp_path, CURVE) as recorder:
        (tmp_path / "faces").rmdir()
        with pytest.raises(InvalidInput, match="cannot be written"):
            recorder.take([event(TrackEventKind.TRACK, best_frame=frame())])


def test_without_a_recorder_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with no_recorder() as recorder:
        recorder.take([event(TrackEventKind.TRACK, best_frame=frame())])
    assert list(tmp_path.iterdir()) == []
