"""From track to record: pictures before rows, the newest state wins, and nothing is lost or doubled by an outage."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest
import pytest_asyncio
from PIL import Image
from sqlalchemy import text

from sightline.core.config import StorageSettings
from sightline.core.database import SYSTEM, Database, Principal
from sightline.core.errors import DatabaseUnreachable, StorageError
from sightline.core.storage import ObjectStorage, UrlSigner, open_storage
from sightline.domain.frames import ArrayPixels, Frame
from sightline.domain.gallery import Match
from sightline.domain.tracks import TrackEvent, TrackEventKind
from sightline.models import Camera, Subject
from sightline.services import cameras
from sightline.services.sightings import MinuteCount, Recorded, RecordingPolicy, UnknownPolicy
from sightline.workers import recording
from sightline.workers.clock import MediaClock
from sightline.workers.recording import TrackRecorder
from tests.support.database import MODEL, add_camera, add_subject, add_watchlist, matched, template_of

pytestmark = pytest.mark.asyncio
MINUTE = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class Outages:
    """Stands before a database and a store, and lets nothing through where it is told so."""

    def __init__(self, database: Database, storage: ObjectStorage) -> None:
        self.database, self.storage = database, storage
        self.database_away = self.storage_away = False
        self.refusals = 0

    @asynccontextmanager
    async def session(self, principal: Principal) -> AsyncIterator[Any]:
        if self.database_away:
            self.refusals += 1
            raise DatabaseUnreachable("the database does not answer", hint="")
        async with self.database.session(principal) as session:
            yield session

    async def upload(self, key: str, data: bytes) -> None:
        if self.storage_away:
            self.refusals += 1
            raise StorageError("the store does not answer", hint="")
        await self.storage.upload(key, data)


@dataclass
class Told:
    """What was published, and whether its row was there by then."""

    created: list[UUID] = field(default_factory=list)
    updated: list[UUID] = field(default_factory=list)
    alerts: list[UUID] = field(default_factory=list)

    async def publish(self, recorded: Recorded) -> None:
        self.created += recorded.created
        self.updated += recorded.updated
        self.alerts += [alert.sighting_id for alert in recorded.alerts]


@dataclass
class Scene:
    """A recorder at work before one camera."""

    recorder: TrackRecorder
    outages: Outages
    told: Told
    clock: MediaClock
    camera: Camera
    guest: Subject
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, true: Any) -> None:
        async with asyncio.timeout(20):
            while not true():
                await asyncio.sleep(0.02)

    async def finish(self) -> list[dict[str, Any]]:
        """Write what waits; all rows, the oldest first."""
        self.stop.set()
        await self.recorder.run(self.stop)
        return await self.rows()

    async def rows(self) -> list[dict[str, Any]]:
        async with self.outages.database.session(SYSTEM) as session:
            found = await session.execute(text("SELECT * FROM sightings ORDER BY detected_at, id"))
            return [dict(row) for row in found.mappings()]

    async def picture(self, key: str) -> np.ndarray:
        with Image.open(io.BytesIO((await self.outages.storage.download(key)).data)) as image:
            return np.asarray(image)

    def event(
        self,
        number: int = 1,
        kind: TrackEventKind = TrackEventKind.TRACK,
        match: Match | None = None,
        *,
        last: float = 2.0,
        picture: int | None = 90,
        camera_id: UUID | None = None,
        **changes: Any,
    ) -> TrackEvent:
        """A track's event; picture: brightness of its best shot, None: no better one."""
        camera = str(camera_id or self.camera.id)
        shot = _frame(camera, picture) if picture is not None else None
        self.clock.note([shot or _frame(camera, 0)])
        track_id = UUID(int=0x7000_8000_0000_0000_0000 + number)
        told = TrackEvent(
            kind, track_id, camera, last, 1.0, last, 5, (40.0, 30.0, 40.0, 50.0), (160, 120), None, match or Match(),
            template_of(number), MODEL, shot,
        )  # fmt: skip
        return replace(told, **changes)


def _frame(camera: str, brightness: int) -> Frame:
    image = np.full((120, 160, 3), brightness, np.uint8)
    return Frame(camera, 0, 1.0, 0.0, 160, 120, image[::10, ::10, 0], ArrayPixels(image))


@pytest_asyncio.fixture
async def scene(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    monkeypatch.setattr(recording, "FLUSH_SECONDS", 0.01)
    monkeypatch.setattr(recording, "RETRY_SECONDS", (0.01,))
    async with database.session(SYSTEM) as session:
        camera, guest = await add_camera(session), await add_subject(session, await add_watchlist(session))
    storage = open_storage(StorageSettings(), folder=tmp_path, signer=UrlSigner("k" * 40))
    outages, told, clock = Outages(database, storage), Told(), MediaClock()
    recorder = TrackRecorder(outages, outages, clock, RecordingPolicy(), told)  # type: ignore[arg-type]
    yield Scene(recorder, outages, told, clock, camera, guest)


def with_policy(scene: Scene, unknown: UnknownPolicy) -> Scene:
    recorder = TrackRecorder(scene.outages, scene.outages, scene.clock, RecordingPolicy(unknown), scene.told)  # type: ignore[arg-type]
    return replace(scene, recorder=recorder)


async def test_a_known_track_is_one_row_with_crop_frame_and_template(scene: Scene) -> None:
    known = matched(scene.guest)
    running = asyncio.create_task(scene.recorder.run(scene.stop))
    scene.recorder.take([scene.event(picture=90)])
    await scene.until(lambda: scene.told.created)
    scene.recorder.take([scene.event(kind=TrackEventKind.MATCH, match=known, picture=200, last=4.0)])
    await scene.until(lambda: scene.told.alerts)
    scene.recorder.take([scene.event(kind=TrackEventKind.END, match=known, picture=None, last=6.0)])
    scene.stop.set()
    await running
    (row,) = await scene.rows()
    assert (row["subject_id"], row["camera_id"], row["detections"]) == (scene.guest.id, scene.camera.id, 5)
    assert (row["last_seen_at"] - row["detected_at"]).total_seconds() == pytest.approx(5.0)
    assert row["closed_at"] == row["last_seen_at"]
    assert (row["model_version"], row["media_expires_at"]) == (MODEL, None)
    crop, whole = await scene.picture(row["image_path"]), await scene.picture(row["frame_path"])
    assert whole.shape == (120, 160, 3)
    assert crop.shape < whole.shape
    assert crop.mean() == pytest.approx(200, abs=3)  # the better shot replaced the first
    assert scene.told.alerts == [row["id"]]


async def test_pictures_are_there_before_a_row_speaks_of_them(scene: Scene) -> None:
    scene.outages.storage_away = True
    running = asyncio.create_task(scene.recorder.run(scene.stop))
    scene.recorder.take([scene.event(match=matched(scene.guest))])
    await scene.until(lambda: scene.outages.refusals >= 3)
    assert await scene.rows() == []
    scene.outages.storage_away = False
    await scene.until(lambda: scene.told.created)
    scene.stop.set()
    await running
    (row,) = await scene.rows()
    await scene.picture(row["frame_path"])
    assert scene.recorder.counters.failures >= 3


async def test_an_outage_of_the_database_loses_and_doubles_nothing(scene: Scene) -> None:
    """During it a track gets better, another one begins and ends, and minutes are counted."""
    known = matched(scene.guest)
    scene.outages.database_away = True
    running = asyncio.create_task(scene.recorder.run(scene.stop))
    scene.recorder.take([scene.event(1, match=known, picture=50)])
    scene.recorder.count([MinuteCount(scene.camera.id, MINUTE, 10, 4, 1, 1)])
    await scene.until(lambda: scene.outages.refusals >= 2)
    scene.recorder.take([scene.event(1, TrackEventKind.UPDATE, known, picture=None, last=5.0)])
    scene.recorder.take([scene.event(2), scene.event(2, TrackEventKind.END, picture=None, last=3.0)])
    scene.recorder.count([MinuteCount(scene.camera.id, MINUTE, 7, 1, 1, 0)])
    seen = scene.outages.refusals
    await scene.until(lambda: scene.outages.refusals >= seen + 2)
    scene.outages.database_away = False
    await scene.until(lambda: len(scene.told.created) == 2)
    scene.stop.set()
    await running
    first, second = sorted(await scene.rows(), key=lambda row: row["id"])
    assert (first["last_seen_at"] - first["detected_at"]).total_seconds() == pytest.approx(4.0)
    assert (await scene.picture(first["image_path"])).mean() == pytest.approx(50, abs=3)  # taken before, kept since
    assert first["closed_at"] is None
    assert second["closed_at"] is not None
    async with scene.outages.database.session(SYSTEM) as session:
        counted = (await session.execute(text("SELECT frames, detections, tracks FROM camera_minute_counters"))).one()
    assert tuple(counted) == (17, 5, 2)
    assert len(scene.told.created) == len(set(scene.told.created)) == 2


async def test_a_second_delivery_changes_nothing(scene: Scene) -> None:
    for _ in range(2):
        scene.recorder.take([scene.event(match=matched(scene.guest))])
        (row,) = await scene.finish()
    assert len(scene.told.alerts) == 1
    assert row["subject_id"] == scene.guest.id


async def test_one_bad_track_holds_nobody_back(scene: Scene) -> None:
    """A template that is no number, a box beyond the picture, a camera that is deleted under way with its counts."""
    deleted = uuid4()
    scene.recorder.take(
        [
            scene.event(1),
            scene.event(2, template=np.full(512, np.nan, np.float32), match=matched(scene.guest)),
            scene.event(3, box=(900.0, 900.0, 10.0, 10.0)),
            scene.event(4, camera_id=deleted),
            scene.event(5),
        ]
    )
    good = MinuteCount(scene.camera.id, MINUTE, 3)
    scene.recorder.count([MinuteCount(deleted, MINUTE, 3), good])
    rows = await scene.finish()
    assert [row["id"].int & 0xF for row in rows] == [1, 3, 5]
    assert rows[1]["image_path"] is None
    counters = scene.recorder.counters
    assert (counters.refused, counters.lost_pictures, counters.written) == (3, 1, 3)
    async with scene.outages.database.session(SYSTEM) as session:
        assert await session.scalar(text("SELECT sum(frames) FROM camera_minute_counters")) == 3


async def test_counts_of_a_camera_that_is_gone_end_nothing(scene: Scene) -> None:
    async with scene.outages.database.session(SYSTEM) as session:
        await cameras.remove(session, name_or_id=str(scene.camera.id))
    scene.recorder.count([MinuteCount(scene.camera.id, MINUTE, 3)])
    assert await scene.finish() == []
    assert scene.recorder.counters.refused == 1


@pytest.mark.parametrize(
    ("policy", "rows", "pictured", "templated"),
    [
        (UnknownPolicy.COUNT, 0, False, False),
        (UnknownPolicy.CROP, 1, True, False),
        (UnknownPolicy.TEMPLATE, 1, True, True),
    ],
)
async def test_of_unknown_people_no_more_is_kept_than_the_policy_allows(
    scene: Scene, tmp_path: Path, policy: UnknownPolicy, rows: int, pictured: bool, templated: bool
) -> None:
    scene = with_policy(scene, policy)
    scene.recorder.take([scene.event()])
    found = await scene.finish()
    assert len(found) == rows
    assert bool(list(tmp_path.rglob("face.jpg"))) is pictured
    assert not list(tmp_path.rglob("frame.jpg"))  # a stranger's surroundings never
    for row in found:
        assert (row["embedding"] is not None) is templated
        assert row["frame_path"] is None
        assert (row["media_expires_at"] - row["last_seen_at"]).total_seconds() == 24 * 3600


async def test_pictures_that_wait_are_bounded_and_rows_are_not(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "MAX_WAITING_PICTURES", 3)
    scene.recorder.take([scene.event(number) for number in range(1, 6)])
    rows = await scene.finish()
    assert [row["image_path"] is None for row in rows] == [True, True, False, False, False]
    assert scene.recorder.counters.lost_pictures == 2


async def test_what_cannot_be_written_at_the_end_is_told(scene: Scene) -> None:
    scene.outages.database_away = True
    scene.recorder.take([scene.event()])
    scene.stop.set()
    with pytest.raises(DatabaseUnreachable):
        await scene.recorder.run(scene.stop)


async def test_a_wall_clock_set_back_under_way_leaves_a_track_whole(scene: Scene) -> None:
    scene.recorder.take([scene.event(last=2.0)])
    scene.clock._wall = lambda: MINUTE.timestamp() - 7200
    scene.recorder.take([scene.event(last=4.0), scene.event(kind=TrackEventKind.END, picture=None, last=5.0)])
    (row,) = await scene.finish()
    assert (row["closed_at"] - row["detected_at"]).total_seconds() == pytest.approx(4.0)
