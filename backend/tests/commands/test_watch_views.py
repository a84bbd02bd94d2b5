"""What a watch shows: pure JSON lines for programs, plain lines and a table for people."""

import json
from uuid import UUID

import pytest

from sightline.commands.watch_views import (
    ROWS,
    JsonView,
    TerminalView,
    event_line,
    rate_line,
    summary_lines,
)
from sightline.domain.gallery import Candidate, Match
from sightline.domain.tracks import TrackEventKind
from sightline.services.thresholds import Threshold
from tests.workers.track_events import ANA, CURVE, event, frame

SUMMARY = {
    "frames": 276,
    "analysed_frames": 46,
    "tracks": 13,
    "matches": {"ana": 2, "山田": 1},
    "dropped_frames": 1,
    "reconnects": 2,
    "seconds": 9.21,
    "truncated": False,
    "events": [{"time": "12:00", "kind": "failed", "reason": "it hung up"}, {"time": "12:05", "kind": "reconnected"}],
}


def test_json_lines_hold_events_and_last_the_summary(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    view = JsonView(CURVE)
    view.take([event(TrackEventKind.TRACK), event(TrackEventKind.UPDATE, best_frame=frame())])
    view.take([event(TrackEventKind.END, ANA)])
    view.close(SUMMARY)
    out, err = capfdbinary.readouterr()
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line.get("event") for line in lines] == ["track", "end", None]
    assert lines[-1] == {"summary": SUMMARY}
    assert err == b""


@pytest.mark.parametrize("name", ["山田 太郎", "محمد", "O'Brien [red]", "line\nbreak"])
def test_names_of_any_script_stay_one_line_of_json(name: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    match = Match((Candidate(name, 0.6),), name, 0.6, 1e-4)
    JsonView(CURVE).take([event(TrackEventKind.MATCH, match)])
    (line,) = capfdbinary.readouterr()[0].splitlines()
    assert json.loads(line)["name"] == name


def test_without_a_summary_nothing_is_claimed(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    JsonView(CURVE).close(None)
    assert capfdbinary.readouterr()[0] == b""


def test_where_there_is_no_terminal_every_event_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    view = TerminalView("rtsp://camera/[door]", Threshold(0.5, 1e-4), 1, 3, CURVE)
    view.take([event(TrackEventKind.TRACK), event(TrackEventKind.UPDATE), event(TrackEventKind.MATCH, ANA)])
    view.close(SUMMARY)
    source, rate, track, match, *summary = capsys.readouterr().out.splitlines()
    assert source == "rtsp://camera/[door]"
    assert "1.0e-04 per comparison, 3.0e-04 per unknown face" in rate
    assert "unknown" in track
    assert "ana" in match
    assert summary == summary_lines(SUMMARY)


def test_a_terminal_shows_the_newest_tracks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "160")
    view = TerminalView("clip.mp4", Threshold(0.5, None), 0, 0, CURVE)
    for number in range(ROWS + 5):
        view.take([event(TrackEventKind.TRACK, number=number)])
    view.close(None)
    table = capsys.readouterr().out.rsplit("seen", 1)[-1]
    shown = [number for number in range(ROWS + 5) if str(UUID(int=number)) in table]
    assert shown == list(range(5, ROWS + 5))


def test_the_operating_point_in_words() -> None:
    assert "not measured for this pack" in rate_line(Threshold(0.6, None), 2, 5)
    assert "no gallery, so nobody is named" in rate_line(Threshold(0.5, 1e-4), 0, 0)


def test_an_unknown_face_is_called_so() -> None:
    assert "unknown  similarity -  FMR -" in event_line(event(TrackEventKind.TRACK, quality=None))
    assert "ana  similarity 0.500  FMR 1e-4  quality 0.81" in event_line(event(TrackEventKind.MATCH, ANA))


def test_the_summary_in_words() -> None:
    lines = summary_lines(SUMMARY)
    assert lines[0] == "13 tracks, of these ana (2), 山田 (1) named"
    assert lines[1] == "276 frames, 46 analysed, 1 dropped, 2 reconnects in 9.2 s"
    assert lines[2:] == ["12:00  failed: it hung up"]
    assert "cut off" in summary_lines(SUMMARY | {"truncated": True, "matches": {}})[2]
    assert "nobody" in summary_lines(SUMMARY | {"matches": {}})[0]
