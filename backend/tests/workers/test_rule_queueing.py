"""Fused and split workers queue sightings for the alert rules in the same way, once each: their rows do it."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from sightline.core.config import Settings, StorageSettings
from sightline.core.database import SYSTEM, Database
from sightline.core.storage import UrlSigner, open_storage
from sightline.domain.tracks import TrackEventKind
from sightline.workers.clock import MediaClock
from sightline.workers.embedded.valkey import ValkeyAddress
from sightline.workers.recording import TrackRecorder, recording_policy
from tests.services.rule_engine import keep
from tests.support.database import add_camera
from tests.workers.split_scene import Scene, Told, new_track
from tests.workers.track_events import UNKNOWN, event, frame

pytestmark = pytest.mark.asyncio


async def _queued(database: Database) -> Sequence[UUID]:
    async with database.session(SYSTEM) as session:
        return (await session.scalars(text("SELECT sighting_id FROM rule_queue"))).all()


async def test_each_track_waits_once_whoever_recorded_it_and_however_often(
    database: Database, redis_server: ValkeyAddress, tmp_path: Path
) -> None:
    storage = open_storage(StorageSettings(), folder=tmp_path, signer=UrlSigner("k" * 40))
    settings = Settings(data_dir=tmp_path)
    async with database.session(SYSTEM) as session:
        camera = await add_camera(session, "Hall")
        await keep(session, camera_id=camera.id)
    fused, split = new_track(), new_track()

    clock = MediaClock()
    seen = replace(frame(), camera_id=str(camera.id), received_at=datetime.now(UTC).timestamp())
    clock.note([seen])
    recorder = TrackRecorder(database, storage, clock, recording_policy(settings), Told())
    for kind in (TrackEventKind.TRACK, TrackEventKind.END):
        recorder.take([replace(event(kind, UNKNOWN), track_id=fused, camera_id=str(camera.id))])
        stop = asyncio.Event()
        stop.set()
        await recorder.run(stop)
    assert list(await _queued(database)) == [fused]

    async with Redis.from_url(redis_server.url, protocol=2) as client:
        await client.flushall()
        scene = Scene(settings, database, storage, client, camera)
        first = scene.said(split, 1.0, (4, 0.5), confirmed=True)
        await scene.play(first, first, scene.said(split, 2.0, (4, 0.9)), scene.said(split, 3.0, ended=True))
        await scene.play(first)
    assert sorted(await _queued(database)) == sorted([fused, split])
