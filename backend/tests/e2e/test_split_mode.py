"""One machine, the same clip twice: fused, then split. Both put the same sightings on record."""

import asyncio
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from redis import Redis

from sightline.bus import codec
from sightline.bus.ports import Delivery, frames_of
from sightline.commands.up import working
from sightline.commands.worker import cores
from sightline.core.config import Settings
from sightline.domain.frames import Frame
from sightline.domain.messages import FrameMessage
from sightline.domain.regions import Regions
from sightline.media.capture import CameraSession
from sightline.media.sources import parse_source
from sightline.pipeline.detect import RuleBook
from sightline.vision.crops import encode_jpeg
from sightline.vision.loading import load_models
from sightline.vision.model_packs.store import PackStore
from sightline.vision.runtime import RuntimeOptions
from sightline.workers.frame_intake import FrameIntake, open_frame
from sightline.workers.wiring import build_observing, camera_rules
from tests.support.machine import BACKEND, Machine, machine

pytestmark = [pytest.mark.media, pytest.mark.e2e, pytest.mark.timeout(400)]

PEOPLE = {
    "lin-manuel-miranda": ("lin-manuel-miranda-1.png",),
    "barack-obama": ("barack-obama-1.jpg", "barack-obama-2.jpg", "barack-obama-3.jpg"),
}
PATIENT = {
    "SIGHTLINE_CAPTURE__BUFFER_FRAMES": "200",
    "SIGHTLINE_WORKERS__LEAST_SAMPLE_RATE": "5",
    "SIGHTLINE_WORKERS__LEASE_SECONDS": "30",
}
"""A busy machine analyses late, but every frame: what is left out under load is no difference between the modes."""
SAME_BOX = 0.9
"""Intersection over union."""
BOTH_SEE = 0.9
"""Share of the boxes that are found in both pictures: where scenes are blended a face is hardly one. Measured 0.96."""
MOSTLY, LEAST = 0.9, 0.8
"""Of the boxes that are: share of those that are the same, and how different the others may be. Measured 0.95, 0.87."""
SAMPLE = 0.2
"""Seconds between two frames that are analysed."""
JITTER = 0.1
"""Seconds by which the clock on the wall may differ from the media's between two frames of a file at its own speed."""
SHORTEST = 6
"""Detections from which on a track must be seen in both ways: shorter ones hang by one frame."""


@dataclass(frozen=True)
class Seen:
    """A sighting. start, end: seconds since the camera's first one; box: x, y, width, height px of the best shot."""

    name: str | None
    start: float
    end: float
    detections: int
    box: tuple[float, ...]


def _sightline(system: Machine, *words: str | Path) -> None:
    command = [sys.executable, "-m", "sightline", *map(str, words)]
    environment = {**os.environ, "SIGHTLINE_DATA_DIR": str(system.data_dir)}
    done = subprocess.run(command, cwd=BACKEND, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _rows(system: Machine, sql: str, *values: object) -> list[Any]:
    return asyncio.run(system.query(sql, *values))


def _play(system: Machine, name: str, clip: Path) -> list[Seen]:
    """Let a camera show the clip once, and wait until all that it showed is closed."""
    _sightline(system, "camera", "add", name, clip, "--no-check")

    def has_ended() -> bool:
        (camera,) = _rows(system, "SELECT status_message FROM cameras WHERE name = $1", name)
        return bool(camera["status_message"] == "ended")

    system.until(has_ended, f"the end of the clip on {name}")
    open_ones = (
        "SELECT count(*) AS open FROM sightings s JOIN cameras c ON c.id = s.camera_id"
        " WHERE c.name = $1 AND s.closed_at IS NULL"
    )
    system.until(lambda: not _rows(system, open_ones, name)[0]["open"], f"the tracks' ends on {name}")
    rows = _rows(
        system,
        "SELECT p.name, s.detected_at, s.last_seen_at, s.detections, s.bounding_box FROM sightings s"
        " JOIN cameras c ON c.id = s.camera_id LEFT JOIN subjects p ON p.id = s.subject_id"
        " WHERE c.name = $1 ORDER BY s.detected_at",
        name,
    )
    begin = rows[0]["detected_at"]
    return [
        Seen(
            row["name"],
            (row["detected_at"] - begin).total_seconds(),
            (row["last_seen_at"] - begin).total_seconds(),
            row["detections"],
            tuple(row["bounding_box"]),
        )
        for row in rows
    ]


def _wait_for_workers(system: Machine) -> None:
    """Members join once they are warm."""
    url = system.settings.redis.url
    assert url is not None
    expected = Counter(words[0] for _, words in working(cores(), is_split=True))
    with Redis.from_url(url.get_secret_value(), protocol=2) as redis:

        def are_there() -> bool:
            return all(redis.zcard(f"workers:{kind}") == expected[kind] for kind in ("ingestion", "detection"))

        system.until(are_there, "the workers")


@pytest.fixture(scope="module")
def seen(
    media_dir: Path, lite_pack: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[list[Seen], list[Seen]]]:
    """What the stage showed, fused and split."""
    data, clip = tmp_path_factory.mktemp("split") / "data", media_dir / "clips" / "stage.mp4"
    with machine(data, lite_pack, env=PATIENT) as system:
        basis = ("--legal-basis", "a test", "--approver", "A. Approver")
        _sightline(system, "watchlist", "create", "Singers", *basis)
        for name, pictures in PEOPLE.items():
            _sightline(system, "enroll", name, *(media_dir / "people" / picture for picture in pictures))
        fused = _play(system, "fused", clip)
        _sightline(system, "camera", "remove", "fused")
    with machine(data, lite_pack, "up", "--split", env=PATIENT) as system:
        _wait_for_workers(system)
        yield fused, _play(system, "split", clip)


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """Intersection over union of two boxes x, y, width, height."""
    across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    down = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    shared = max(across, 0.0) * max(down, 0.0)
    return shared / (one[2] * one[3] + other[2] * other[3] - shared)


def _ours(one: Seen, others: list[Seen]) -> Seen:
    """The sighting of the same person from about the same moment on."""
    same = [other for other in others if other.name == one.name and abs(other.start - one.start) <= SAMPLE + JITTER]
    assert same, f"nobody else saw {one}"
    return max(same, key=lambda other: _overlap(one.box, other.box))


def test_split_puts_the_same_sightings_on_record(seen: tuple[list[Seen], list[Seen]]) -> None:
    fused, split = seen
    assert {one.name for one in fused} == {one.name for one in split} == {*PEOPLE, None}
    for mine, others in ((fused, split), (split, fused)):
        for one in (one for one in mine if one.detections >= SHORTEST):
            other = _ours(one, others)
            assert abs(one.end - other.end) <= SAMPLE + JITTER, (one, other)
            assert abs(one.detections - other.detections) <= 1, (one, other)


@pytest.mark.parametrize("name", PEOPLE)
def test_their_best_shots_are_the_same(seen: tuple[list[Seen], list[Seen]], name: str) -> None:
    fused, split = (max((one for one in mode if one.name == name), key=lambda one: one.detections) for mode in seen)
    assert _overlap(fused.box, split.box) >= SAME_BOX


def test_frames_that_went_over_the_bus_show_the_same_faces(media_dir: Path, lite_pack: Path) -> None:
    """Frame by frame, of every confirmed track."""
    settings, pack = Settings(), PackStore(lite_pack.parent).get("lite")
    models = load_models(pack.folder, pack.manifest, RuntimeOptions(threads=1))
    camera = uuid4()
    frames = list(CameraSession(parse_source(str(media_dir / "clips" / "stage.mp4")), camera_id=str(camera)).frames())
    intake = FrameIntake()
    sent = [intake.arrived(open_frame(camera, _delivery(camera, frame, settings))) for frame in frames]
    rules = RuleBook(camera_rules(settings, Regions()))
    fused, split = (build_observing(models, settings, rules=rules) for _ in range(2))
    overlaps = []
    for frame, arrived in zip(frames, sent, strict=True):
        assert arrived is not None
        (one,), (other,) = fused.process([frame]), split.process([arrived.frame])
        theirs = [track.box for track in other.tracks if track.last_seen == frame.media_time]
        here = [track.box for track in one.tracks if track.last_seen == frame.media_time]
        overlaps += [max((_overlap(box, their) for their in theirs), default=0.0) for box in here]
    same_face = [overlap for overlap in overlaps if overlap > 0.5]
    assert len(same_face) >= BOTH_SEE * len(overlaps) > 60
    assert sum(overlap >= SAME_BOX for overlap in same_face) >= MOSTLY * len(same_face)
    assert min(same_face) >= LEAST


def _delivery(camera: UUID, frame: Frame, settings: Settings) -> Delivery:
    picture = encode_jpeg(frame.pixels.bgr(), settings.workers.frame_quality)
    message = FrameMessage(camera, datetime.now(UTC), picture, frame.sequence, frame.media_time, frame.discontinuity)
    return Delivery(frames_of(camera), f"{frame.sequence}-0", codec.encode_frame(message))
