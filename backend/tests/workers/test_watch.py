"""One source watched: what its events and its summary say, and which failures end it."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from sightline.core.config import Settings
from sightline.core.errors import NotAVideo, SourceNotFound, SourceUnreachable
from sightline.domain.tracks import TrackEvent, TrackEventKind
from sightline.media.sources import parse_source
from sightline.services.thresholds import Threshold
from sightline.vision.loading import Models
from sightline.workers.watch import Watch, WatchRequest, event_object, fan_out, require_source
from tests.pipeline.fakes import PaintedAligner, PaintedDetector, PaintedEmbedder, PaintedQuality, gallery_of
from tests.support.clips import Clip, record
from tests.support.ports import free_port
from tests.workers.track_events import ANA, CURVE, UNKNOWN, event


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return record(tmp_path / "clip.mp4", Clip(seconds=3))


def watch(source: str | Path, *, seconds: float | None = None) -> Watch:
    fakes = SimpleNamespace(
        detector=PaintedDetector(),
        aligner=PaintedAligner(),
        quality=PaintedQuality(),
        embedder=PaintedEmbedder(),
        curve=CURVE,
    )
    request = WatchRequest(parse_source(str(source)), seconds=seconds, motion_gate=False)
    threshold = Threshold(0.5, 1e-4)
    return Watch(request, cast("Models", fakes), gallery_of(ana=1), threshold, Settings(), on_events=lambda _: None)


def test_an_event_in_json() -> None:
    told = event_object(event(TrackEventKind.MATCH, ANA), CURVE)
    assert told == {
        "event": "match", "time": 2.0, "track_id": "00000000-0000-0000-0000-000000000001",
        "box": [40.0, 30.0, 40.0, 50.0], "quality": 0.812, "name": "ana", "similarity": 0.5,
        "false_match_rate": pytest.approx(1e-4), "first_seen": 1.2, "last_seen": 2.0, "detections": 5,
        "candidates": [{"name": "ana", "similarity": 0.5}, {"name": "ben", "similarity": 0.1}],
    }  # fmt: skip


def test_an_unknown_person_has_no_name_and_a_rate_only_where_it_was_measured() -> None:
    told = event_object(event(TrackEventKind.TRACK, UNKNOWN, quality=None), CURVE)
    assert (told["name"], told["similarity"], told["false_match_rate"], told["quality"]) == (None, 0.21, None, None)


def test_a_file_is_watched_to_its_end(clip: Path) -> None:
    watching = watch(clip)
    watching.run()
    summary = watching.summary(1.23456)
    assert (summary["frames"], summary["analysed_frames"]) == (pytest.approx(75, abs=2), 15)
    assert (summary["matches"], summary["dropped_frames"]) == ({}, 0)
    assert (summary["reconnects"], summary["state"], summary["seconds"]) == (0, "ended", 1.235)
    assert [entry["kind"] for entry in summary["events"]] == ["connected"]
    json.dumps(summary)


def test_it_stops_when_its_time_is_over(clip: Path) -> None:
    watching = watch(f"udp://127.0.0.1:{free_port()}", seconds=0.3)
    watching.run()
    assert watching.summary(0.3)["state"] == "stopped"


def test_a_file_that_turns_out_to_be_none_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "notes.mp4").write_text("no video")
    with pytest.raises(NotAVideo):
        watch(tmp_path / "notes.mp4").run()


def test_a_source_is_looked_at_first_unless_told_to_wait(clip: Path, tmp_path: Path) -> None:
    settings = Settings()
    require_source(WatchRequest(parse_source(str(clip))), settings)
    with pytest.raises(SourceNotFound):
        require_source(WatchRequest(parse_source(str(tmp_path / "none.mp4"))), settings)
    camera = parse_source(f"rtsp://127.0.0.1:{free_port()}/door")
    with pytest.raises(SourceUnreachable):
        require_source(WatchRequest(camera), settings)
    require_source(WatchRequest(camera, wait=True), settings)


def test_every_listener_is_told() -> None:
    first: list[TrackEvent] = []
    second: list[TrackEvent] = []
    fan_out(first.extend, second.extend)([event(TrackEventKind.TRACK)])
    assert len(first) == len(second) == 1
