"""The alert engine as a process runs it: rules, deliveries and escalation together, on the real servers."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from sightline.core import metrics
from sightline.core.config import RedisSettings, Settings, StorageSettings
from sightline.core.database import SYSTEM, WORKER, Database
from sightline.core.redis import open_redis
from sightline.core.storage import UrlSigner, open_storage
from sightline.services import events
from sightline.services.sightings import record_tracks
from sightline.workers import rule_runner
from sightline.workers.alert_engine import AlertEngine
from sightline.workers.embedded.valkey import ValkeyAddress
from tests.services.rule_engine import add_channel, keep
from tests.support.database import add_camera, add_subject, track_record


async def _published(redis: Redis) -> set[UUID]:
    told, wrong = events.entries(events.rows(await redis.xrange(events.STREAM)))
    assert wrong == []
    return {entry.event.id for entry in told if entry.event.kind is events.EventKind.ALERT}


@pytest.mark.asyncio
async def test_a_sighting_becomes_an_alert_that_is_published_and_queued(
    database: Database, redis_server: ValkeyAddress, tmp_path: Path
) -> None:
    settings = Settings(data_dir=tmp_path)
    storage = open_storage(StorageSettings(), folder=tmp_path / "objects", signer=UrlSigner("k" * 32))
    async with database.session(SYSTEM) as session:
        camera, guest = await add_camera(session), await add_subject(session)
        await keep(session, subject_id=guest.id, channel_ids=[await add_channel(session)])
    stop = asyncio.Event()
    async with open_redis(RedisSettings(url=redis_server.url)) as redis:
        await redis.flushdb()
        running = asyncio.create_task(AlertEngine(settings, database, storage, redis).run(stop))
        now = datetime.now(UTC)
        async with database.session(WORKER) as session:
            await record_tracks(session, tracks=[track_record(camera, guest, first_seen=now, last_seen=now)])
        async with asyncio.timeout(20):
            while not await _published(redis):
                await asyncio.sleep(0.02)
        async with database.session(SYSTEM) as session:
            alerts = set(await session.scalars(text("SELECT id FROM alerts")))
            queued = set(await session.scalars(text("SELECT alert_id FROM notification_outbox")))
        assert alerts == queued == await _published(redis)
        async with asyncio.timeout(20):
            while not metrics.PROCESS.parts.get(rule_runner.PART):
                await asyncio.sleep(0.02)
        stop.set()
        await asyncio.wait_for(running, 20)
