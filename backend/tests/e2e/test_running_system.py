"""The running system, from RTSP to rows: what `sightline watch` says of the recordings is what the database has."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.support.machine import BACKEND, Machine, machine
from tests.support.rtsp_server import serve

pytestmark = [pytest.mark.media, pytest.mark.e2e]

SINGER, SPEAKER = "lin-manuel-miranda", "barack-obama"
PLAYS = {"stage": 9.2, "street": 9.0}
"""Cameras, and about how many seconds their clips play; each connection begins a clip anew."""

PEOPLE = {
    SINGER: (f"{SINGER}-1.png",),
    SPEAKER: (f"{SPEAKER}-1.jpg", f"{SPEAKER}-2.jpg", f"{SPEAKER}-3.jpg"),
    "joe-biden": ("joe-biden-1.jpg", "joe-biden-2.jpg"),
    "alex-lacamoire": ("alex-lacamoire-1.png", "alex-lacamoire-2.jpg"),
}


@dataclass
class Seen:
    """What the database held once both cameras had played twice."""

    sightings: list[Any] = field(default_factory=list)
    alerts: list[Any] = field(default_factory=list)
    counters: dict[str, Any] = field(default_factory=dict)
    last_seen: dict[str, Any] = field(default_factory=dict)
    objects: Path = Path()

    def at(self, camera: str) -> list[Any]:
        return [row for row in self.sightings if row["camera"] == camera]


def _sightline(system: Machine, *words: str | Path) -> None:
    command = [sys.executable, "-m", "sightline", *map(str, words)]
    environment = {**os.environ, "SIGHTLINE_DATA_DIR": str(system.data_dir)}
    done = subprocess.run(command, cwd=BACKEND, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _rows(system: Machine, sql: str) -> list[Any]:
    return asyncio.run(system.query(sql))


@pytest.fixture(scope="module")
def seen(media_dir: Path, lite_pack: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    """Enrol, watch both cameras until each was connected twice and the tracks of the first time are closed."""
    clips = {name: media_dir / "clips" / f"{name}.mp4" for name in PLAYS}
    with ExitStack() as stack:
        server = stack.enter_context(serve(clips, loop=False, shared=False))
        system = stack.enter_context(machine(tmp_path_factory.mktemp("e2e") / "data", lite_pack))
        basis = ("--legal-basis", "a test", "--approver", "A. Approver")
        _sightline(system, "watchlist", "create", "Singers", *basis, "--priority", "4")
        for name, pictures in PEOPLE.items():
            paths = [media_dir / "people" / picture for picture in pictures]
            listed = ("--watchlist", "Singers") if name == SINGER else ()
            _sightline(system, "enroll", name, *paths, *listed)
        for name in PLAYS:
            _sightline(system, "camera", "add", name, server.url(name), "--no-check")
        system.until(lambda: _has_sung_twice(system), "the singer's second appearance")
        for name in PLAYS:
            _sightline(system, "camera", "remove", name)
        system.until(lambda: not _rows(system, "SELECT 1 FROM sightings WHERE closed_at IS NULL"), "the tracks' ends")
        system.until(lambda: not _busy(system), "the end of watching")
        system.until(lambda: _is_counted(system), "the last counts")
        yield _read(system)


def _has_sung_twice(system: Machine) -> bool:
    """One appearance, at least, from its beginning to its end."""
    ended = _rows(
        system,
        "SELECT s.last_seen_at - s.detected_at AS span, p.name FROM sightings s"
        " JOIN subjects p ON p.id = s.subject_id WHERE s.closed_at IS NOT NULL",
    )
    spans = [row["span"] for row in ended if row["name"] == SINGER]
    return len(spans) >= 2 and max(spans) > timedelta(seconds=3)


def _busy(system: Machine) -> bool:
    """Whether a camera is still watched."""
    return bool(_rows(system, "SELECT 1 FROM cameras WHERE status = 'active'"))


def _is_counted(system: Machine) -> bool:
    """Counts are written a moment after the tracks that they count; more of them than tracks would be an error."""
    (row,) = _rows(
        system,
        "SELECT (SELECT sum(tracks) FROM camera_minute_counters) >= (SELECT count(*) FROM sightings) AS counted",
    )
    return bool(row["counted"])


def _read(system: Machine) -> Seen:
    sightings = _rows(
        system,
        "SELECT s.*, c.name AS camera, p.name AS person FROM sightings s JOIN cameras c ON c.id = s.camera_id"
        " LEFT JOIN subjects p ON p.id = s.subject_id ORDER BY detected_at",
    )
    alerts = _rows(system, "SELECT a.*, p.name AS person FROM alerts a JOIN subjects p ON p.id = a.subject_id")
    counters = _rows(
        system,
        "SELECT c.name, sum(frames) AS frames, sum(detections) AS detections, sum(tracks) AS tracks, sum(recognitions)"
        " AS recognitions FROM camera_minute_counters m JOIN cameras c ON c.id = m.camera_id GROUP BY 1",
    )
    last_seen = _rows(
        system, "SELECT name, last_seen_at FROM subjects UNION ALL SELECT name, last_seen_at FROM cameras"
    )
    return Seen(
        sightings,
        alerts,
        {row["name"]: row for row in counters},
        {row["name"]: row["last_seen_at"] for row in last_seen},
        system.data_dir / "objects",
    )


def test_the_stage_is_told_as_watch_tells_it(seen: Seen) -> None:
    named = {row["person"] for row in seen.at("stage")} - {None}
    assert {SINGER, SPEAKER} <= named <= {SINGER, SPEAKER, "alex-lacamoire"}


def test_strangers_in_the_street_get_no_name(seen: Seen) -> None:
    assert len(seen.at("street")) >= 5
    assert {row["person"] for row in seen.at("street")} == {None}


def test_every_track_is_one_row(seen: Seen) -> None:
    ids = [row["id"] for row in seen.sightings]
    assert len(ids) == len(set(ids))
    for camera in PLAYS:
        assert seen.counters[camera]["tracks"] == len(seen.at(camera))
        assert seen.counters[camera]["recognitions"] == sum(row["person"] is not None for row in seen.at(camera))
        assert seen.counters[camera]["detections"] >= sum(row["detections"] for row in seen.at(camera))


def test_the_singers_appearance_is_one_sighting_without_gaps(seen: Seen) -> None:
    """He sings from second 2.8 to 7.0 of the clip, analysed five times a second."""
    span, detections = max(
        ((row["last_seen_at"] - row["detected_at"]).total_seconds(), row["detections"])
        for row in seen.at("stage")
        if row["person"] == SINGER
    )
    assert 3.8 <= span <= 4.8
    assert detections >= 15


def test_alerts_are_for_the_watchlist_only_and_once_within_the_cooldown(seen: Seen) -> None:
    (alert,) = seen.alerts
    assert (alert["person"], alert["severity"]) == (SINGER, "high")
    assert alert["sighting_id"] in {row["id"] for row in seen.at("stage") if row["person"] == SINGER}
    assert SINGER not in alert["message"]


def test_pictures_and_templates_are_kept_as_far_as_the_policy_goes(seen: Seen) -> None:
    for row in seen.sightings:
        is_known = row["person"] is not None
        assert (row["embedding"] is not None) is is_known
        assert (row["media_expires_at"] is None) is is_known
        if row["image_path"] is not None:
            with Image.open(seen.objects / row["image_path"]) as crop:
                assert np.asarray(crop).std() > 5
        if row["frame_path"] is not None:
            assert is_known  # of strangers no more than the face
            with Image.open(seen.objects / row["frame_path"]) as whole:
                assert whole.size == (row["frame_width"], row["frame_height"])
    framed = {row["person"] for row in seen.sightings if row["frame_path"] is not None}
    assert framed == {row["person"] for row in seen.sightings} - {None}
    assert sum(row["image_path"] is not None for row in seen.sightings) >= len(seen.sightings) / 2


def test_who_was_seen_when_is_noted(seen: Seen) -> None:
    for camera in PLAYS:
        assert seen.last_seen[camera] == max(row["last_seen_at"] for row in seen.at(camera)), camera
    for person in (SINGER, SPEAKER):
        assert seen.last_seen[person] == max(row["last_seen_at"] for row in seen.sightings if row["person"] == person)
    assert seen.last_seen["joe-biden"] is None
