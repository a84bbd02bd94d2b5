"""A whole recognition worker on the default pack: it follows gallery and cameras, and ends with reasons."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from redis.asyncio import Redis
from sqlalchemy import text

from sightline.core import metrics
from sightline.core.config import Settings
from sightline.core.database import SYSTEM, Database
from sightline.services import cameras, subject_images, subjects, watchlists
from sightline.services.enrolment import enrol_image
from sightline.vision.images import load_image
from sightline.vision.loading import Models, load_models
from sightline.vision.model_packs.store import PackStore
from sightline.vision.runtime import RuntimeOptions
from sightline.workers import analysis, recognition
from sightline.workers.embedded.machine import object_storage
from sightline.workers.events import EventPublisher
from sightline.workers.recognition import RecognitionWorker
from sightline.workers.snapshots import SnapshotMaker
from tests.support.database import SEALER, DatabaseAddress, add_subject, add_watchlist, execute_as_admin
from tests.support.guests import PORTRAIT, record_guest

PATIENCE = 40.0
"""Seconds in which something must happen on a busy machine; the promises are 2 s for the gallery, 5 s for cameras."""


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Longer than any test needs: the guest's track lasts."""
    return record_guest(tmp_path_factory.mktemp("clip") / "hall.mp4", seconds=45.0)


@pytest.fixture(scope="module")
def models(lite_pack: Path) -> Models:
    pack = PackStore(lite_pack.parent).get("lite")
    return load_models(pack.folder, pack.manifest, RuntimeOptions(threads=1))


@dataclass
class House:
    """A worker's surroundings."""

    settings: Settings
    database: Database
    models: Models
    publisher: EventPublisher
    redis: Redis
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        storage, pictures = object_storage(self.settings), SnapshotMaker(self.redis)
        worker = RecognitionWorker(self.settings, self.database, storage, self.publisher, snapshots=pictures)
        running = asyncio.create_task(worker.run(self.stop))
        try:
            yield
        finally:
            self.stop.set()
            await running

    async def add_camera(self, name: str, clip: Path, **config: object) -> UUID:
        async with self.database.session(SYSTEM) as session:
            camera = await cameras.create(session, name=name, stream_url=clip.as_uri(), sealer=SEALER, config=config)
            return camera.id

    async def enrol_guest(self, watchlist_id: int) -> UUID:
        template = enrol_image(load_image(PORTRAIT), self.models)
        async with self.database.session(SYSTEM) as session:
            guest = await subjects.create(session, name="Grace Hopper", watchlist_id=watchlist_id)
            new = subjects.NewTemplate(template, self.models.embedder.model_version)
            await subjects.add_template(session, subject_id=guest.id, new=new)
            return guest.id

    async def query(self, sql: str, **values: object) -> list[Any]:
        async with self.database.session(SYSTEM) as session:
            return list((await session.execute(text(sql), values)).all())

    async def until(self, true: Callable[[], Awaitable[object]]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not await true():
                await asyncio.sleep(0.1)

    async def until_seen(self, camera: UUID, subject: UUID | None) -> UUID:
        """Wait until the camera's latest sighting names this subject, or nobody; its id."""
        newest = "SELECT id, subject_id FROM sightings WHERE camera_id = :camera ORDER BY detected_at DESC LIMIT 1"

        async def is_so() -> bool:
            rows = await self.query(newest, camera=camera)
            return any(row.subject_id == subject for row in rows)

        await self.until(is_so)
        track_id: UUID = (await self.query(newest, camera=camera))[0].id
        return track_id

    async def until_status(self, camera: UUID, status: str) -> str:
        """Wait for a camera's status; its message."""
        statement = "SELECT status, status_message FROM cameras WHERE id = :camera"

        async def is_so() -> bool:
            return [row.status for row in await self.query(statement, camera=camera)] == [status]

        await self.until(is_so)
        return str((await self.query(statement, camera=camera))[0].status_message)


@pytest_asyncio.fixture
async def house(
    database: Database, models: Models, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[House]:
    """The models are loaded once for all; nobody answers at the address of Redis, which must not matter."""
    monkeypatch.setattr(analysis, "load_pack", lambda _settings: models)
    settings = Settings(data_dir=tmp_path)
    async with Redis.from_url(f"unix://{tmp_path}/nobody") as client:
        yield House(settings, database, models, EventPublisher(client), client)


@pytest.mark.asyncio
async def test_changes_of_the_gallery_act_on_people_in_view(house: House, clip: Path) -> None:
    """Enrolled, list switched off and on, expired, prolonged, picture removed: always the same, unbroken track."""
    hall = await house.add_camera("Hall", clip)
    async with house.working():
        track = await house.until_seen(hall, None)
        async with house.database.session(SYSTEM) as session:
            guests = await add_watchlist(session)
        guest = await house.enrol_guest(guests.id)
        tracks = {track, await house.until_seen(hall, guest)}
        for is_active, expected in ((False, None), (True, guest)):
            async with house.database.session(SYSTEM) as session:
                await watchlists.set_active(session, name=guests.name, is_active=is_active)
            tracks.add(await house.until_seen(hall, expected))
        for moment, expected in (("1 second", None), ("1 hour", guest)):
            await house.query(
                "UPDATE watchlists SET expires_at = now() + cast(cast(:moment AS text) AS interval) RETURNING id",
                moment=moment,
            )
            tracks.add(await house.until_seen(hall, expected))
        (image,) = await house.query("SELECT id FROM images")
        async with house.database.session(SYSTEM) as session:
            await subject_images.remove(session, subject_id=guest, image_id=image.id)
        tracks.add(await house.until_seen(hall, None))
    assert tracks == {track}
    (row,) = await house.query("SELECT * FROM sightings")
    assert row.closed_at is not None
    assert row.image_path is not None
    assert len(await house.query("SELECT id FROM alerts")) == 1  # within the cool-down
    (counted,) = await house.query(
        "SELECT sum(frames) AS frames, sum(detections) AS faces, sum(tracks) AS tracks FROM camera_minute_counters"
    )
    assert counted.tracks == 1
    assert counted.frames >= counted.faces >= row.detections > 10


@pytest.mark.asyncio
async def test_cameras_come_and_go_and_the_others_notice_nothing(house: House, clip: Path) -> None:
    hall = await house.add_camera("Hall", clip)
    yard = await house.add_camera("Yard", clip, privacy=[[[0, 0], [1, 1]]])
    async with house.working():
        track = await house.until_seen(hall, None)
        assert "at least 3 points" in await house.until_status(yard, "error")
        await house.query("UPDATE cameras SET config = '{}' WHERE id = :id RETURNING id", id=yard)
        await house.until_seen(yard, None)
        await house.until_status(yard, "active")
        await house.query("UPDATE cameras SET detection_enabled = false WHERE id = :id RETURNING id", id=yard)
        await house.until_status(yard, "inactive")
        gate = await house.add_camera("Gate", clip)
        await house.until_status(gate, "active")
        async with house.database.session(SYSTEM) as session:
            await cameras.remove(session, name_or_id="Gate")
        await house.until_seen(hall, None)
        (seen,) = await house.query("SELECT * FROM sightings WHERE camera_id = :hall", hall=hall)
        assert (seen.id, seen.closed_at) == (track, None)
        ended = await house.query("SELECT closed_at FROM sightings WHERE camera_id = :yard", yard=yard)
        assert all(row.closed_at for row in ended)
    assert await house.until_status(hall, "inactive") == "not watched"


@pytest.mark.asyncio
async def test_changes_are_followed_on_after_the_database_was_away(
    house: House, clip: Path, own_database: DatabaseAddress
) -> None:
    """All its connections are cut, also the one that listens; the person in view keeps their track."""
    hall = await house.add_camera("Hall", clip)
    cut = (
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND usename = 'sightline_app'"
    )
    async with house.working():
        track = await house.until_seen(hall, None)
        await execute_as_admin(own_database.admin_dsn, cut)
        await asyncio.sleep(0.1)  # until the end has reached our own sockets
        async with house.database.session(SYSTEM) as session:
            guests = await add_watchlist(session)
        guest = await house.enrol_guest(guests.id)
        assert await house.until_seen(hall, guest) == track


@pytest.mark.asyncio
async def test_a_failing_analysis_ends_the_worker_with_its_error(
    house: House, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_worker: object) -> None:
        raise RuntimeError("the model broke")

    monkeypatch.setattr("sightline.workers.analysis.FusedWorker.run", fail)
    await house.add_camera("Hall", clip)
    with pytest.raises(RuntimeError, match="the model broke"):
        async with asyncio.timeout(PATIENCE), house.working():
            await house.stop.wait()


@pytest.mark.asyncio
async def test_a_failing_record_ends_the_worker_with_its_error(
    house: House, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is watched whose sighting is not written."""

    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError("what nobody foresaw")

    monkeypatch.setattr("sightline.workers.recording.record_tracks", fail)
    await house.add_camera("Hall", clip)
    with pytest.raises(RuntimeError, match="what nobody foresaw"):
        async with asyncio.timeout(PATIENCE), house.working():
            await house.stop.wait()


@pytest.mark.asyncio
async def test_templates_of_another_model_name_nobody_and_say_what_to_do(
    house: House, clip: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with house.database.session(SYSTEM) as session:
        await add_subject(session, seed=1)  # made by the model of tests
    hall = await house.add_camera("Hall", clip)
    async with house.working():
        await house.until_seen(hall, None)
    assert "Move the gallery with `sightline gallery reembed`" in caplog.text


@pytest.mark.asyncio
async def test_a_worker_without_cameras_loads_no_model(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def unexpected(_settings: object) -> None:
        raise AssertionError("models were loaded for nothing")

    monkeypatch.setattr(analysis, "load_pack", unexpected)
    metrics.PROCESS.unready(recognition.PART)
    async with house.working():
        await asyncio.sleep(1.5)
        assert metrics.PROCESS.parts[recognition.PART]
