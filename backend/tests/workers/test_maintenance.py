"""What must happen by itself: expired pictures go, objects follow, heads of the audit chain are kept."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import text

from sightline.core import metrics
from sightline.core.config import RetentionSettings, StorageSettings
from sightline.core.database import SYSTEM, Database
from sightline.core.errors import DatabaseUnreachable, StorageError
from sightline.core.storage import ObjectStorage, UrlSigner, open_storage
from sightline.services import audit, audit_anchors
from sightline.services.sightings import record_tracks
from sightline.workers import maintenance
from sightline.workers.maintenance import MaintenanceWorker
from tests.support.database import add_camera, add_subject, track_record

pytestmark = pytest.mark.asyncio
NOW = datetime.now(UTC)
YESTERDAY = NOW - timedelta(days=2)


@dataclass
class Keeper:
    worker: MaintenanceWorker
    database: Database
    storage: ObjectStorage
    anchors: Path

    async def record(self, seen: datetime, *, known: bool = False) -> str:
        """A sighting of that moment with pictures in the store; the key of its crop."""
        async with self.database.session(SYSTEM) as session:
            camera = await add_camera(session)
            track = track_record(camera, await add_subject(session) if known else None, first_seen=seen, last_seen=seen)
            await record_tracks(session, tracks=[track])
        assert track.image_path
        assert track.frame_path
        for key in (track.image_path, track.frame_path):
            await self.storage.upload(key, b"\xff\xd8 a picture \xff\xd9")
        return track.image_path

    async def waiting(self) -> list[tuple[int, str | None]]:
        async with self.database.session(SYSTEM) as session:
            rows = await session.execute(text("SELECT attempts, last_error FROM object_deletions ORDER BY id"))
            return [(row.attempts, row.last_error) for row in rows]


@pytest_asyncio.fixture
async def keeper(database: Database, tmp_path: Path) -> Keeper:
    storage = open_storage(StorageSettings(), folder=tmp_path / "objects", signer=UrlSigner("k" * 40))
    anchors = tmp_path / "anchors.jsonl"
    worker = MaintenanceWorker(database, storage, RetentionSettings(sightings_days=30), anchors=anchors)
    return Keeper(worker, database, storage, anchors)


async def test_a_round_removes_what_is_over_and_nothing_else(keeper: Keeper) -> None:
    stranger = await keeper.record(YESTERDAY)
    fresh = await keeper.record(NOW)
    known = await keeper.record(YESTERDAY, known=True)
    old = await keeper.record(NOW - timedelta(days=40), known=True)
    await keeper.worker.round()
    assert [await keeper.storage.exists(key) for key in (stranger, fresh, known, old)] == [False, True, True, False]
    assert await keeper.waiting() == []
    async with keeper.database.session(SYSTEM) as session:
        assert await session.scalar(text("SELECT count(*) FROM sightings")) == 3
        assert await session.scalar(text("SELECT count(*) FROM sightings WHERE image_path IS NULL")) == 1


async def test_a_track_whose_worker_was_killed_is_closed_and_opens_when_it_is_seen_again(keeper: Keeper) -> None:
    """A worker that lost only its database for a while goes on with its tracks."""
    now = datetime.now(UTC)  # not the module's: a long run of tests would have made that old
    async with keeper.database.session(SYSTEM) as session:
        camera = await add_camera(session)
        seen = [now - timedelta(minutes=5), now]
        tracks = [track_record(camera, first_seen=moment, last_seen=moment) for moment in seen]
        await record_tracks(session, tracks=tracks)

    async def closed() -> list[datetime | None]:
        async with keeper.database.session(SYSTEM) as session:
            rows = await session.execute(text("SELECT closed_at FROM sightings ORDER BY detected_at"))
            return list(rows.scalars())

    await keeper.worker.round()
    assert await closed() == [seen[0], None]
    async with keeper.database.session(SYSTEM) as session:
        await record_tracks(session, tracks=[replace(tracks[0], last_seen=now)])
    assert await closed() == [None, None]


async def test_heads_of_the_audit_chain_are_kept_and_find_a_cut_off_tail(keeper: Keeper) -> None:
    await keeper.record(NOW)
    await keeper.worker.round()
    anchors = audit_anchors.read_anchors(keeper.anchors)
    assert len(anchors) == 1
    async with keeper.database.session(SYSTEM) as session:
        assert (await audit.verify_chain(session, anchors=anchors)).is_whole
    beyond = audit.Anchor(anchors[0].position + 1, anchors[0].digest)
    async with keeper.database.session(SYSTEM) as session:
        assert not (await audit.verify_chain(session, anchors=[beyond])).is_whole


async def test_the_daily_work_is_done_once_a_day(keeper: Keeper) -> None:
    await keeper.record(NOW)
    await keeper.worker.round()
    await keeper.worker.round()
    assert len(audit_anchors.read_anchors(keeper.anchors)) == 1
    keeper.worker._daily_at -= maintenance.DAILY_SECONDS
    await keeper.worker.round()
    assert len(audit_anchors.read_anchors(keeper.anchors)) == 2


async def test_objects_of_a_store_that_is_away_wait(keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    key = await keeper.record(YESTERDAY)
    remove = keeper.storage.delete

    async def away(_keys: Sequence[str]) -> None:
        raise StorageError("the store does not answer", hint="")

    monkeypatch.setattr(keeper.storage, "delete", away)
    await keeper.worker.round()
    assert await keeper.waiting() == [(1, "the store does not answer")] * 2
    monkeypatch.setattr(keeper.storage, "delete", remove)
    await keeper.worker.round()
    assert not await keeper.storage.exists(key)
    assert await keeper.waiting() == []


async def test_a_database_that_is_away_is_tried_again(keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maintenance, "RETRY_SECONDS", 0.01)
    stop, attempts, whole_round = asyncio.Event(), [0], keeper.worker.round

    async def round_after_outage() -> None:
        attempts[0] += 1
        assert not metrics.PROCESS.parts[maintenance.PART]
        if attempts[0] < 3:
            raise DatabaseUnreachable("the database does not answer", hint="")
        await whole_round()
        stop.set()

    monkeypatch.setattr(keeper.worker, "round", round_after_outage)
    metrics.PROCESS.unready(maintenance.PART)
    key = await keeper.record(YESTERDAY)
    async with asyncio.timeout(20):
        await keeper.worker.run(stop)
    assert attempts == [3]
    assert metrics.PROCESS.parts[maintenance.PART]
    assert not await keeper.storage.exists(key)
