"""Recognition over real streams while PostgreSQL, then Redis, is away: nothing is lost and nothing doubled."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import pytest
import pytest_asyncio
from redis.asyncio import Redis
from sqlalchemy import text

from sightline.bus.codec import encode_faces
from sightline.bus.poison import poison_of
from sightline.bus.ports import FACES
from sightline.bus.redis_streams import RedisBus
from sightline.core.config import Settings, StorageSettings
from sightline.core.database import SYSTEM, Database
from sightline.core.storage import UrlSigner, open_storage
from sightline.domain.messages import FacesMessage
from sightline.vision.loading import Models
from sightline.workers import split_recognition
from sightline.workers.embedded.postgres import PostgresAddress
from sightline.workers.embedded.valkey import ValkeyAddress
from sightline.workers.split_recognition import SplitRecognitionWorker
from sightline.workers.track_memory import TrackStore
from sightline.workers.track_settling import Services
from tests.pipeline.fakes import CURVE
from tests.support.database import DatabaseAddress, add_camera
from tests.support.outages import Gate
from tests.workers.split_scene import (
    ColourAligner,
    ColourDetector,
    ColourEmbedder,
    FullQuality,
    Scene,
    Told,
    new_track,
)

pytestmark = pytest.mark.asyncio
TRACKS = 24
AWAY_SECONDS = 2.5
"""Longer than messages are left to who took them."""


@pytest_asyncio.fixture
async def gates(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresAddress, redis_server: ValkeyAddress
) -> AsyncIterator[tuple[Gate, Gate]]:
    """Before PostgreSQL and before Redis, both open."""
    folder, name = tmp_path_factory.mktemp("g"), ".s.PGSQL.5432"
    gates = Gate(folder / name, postgres_server.socket_dir / name), Gate(folder / "r", redis_server.socket)
    for gate in gates:
        await gate.open()
    yield gates
    for gate in gates:
        await gate.close()


@pytest_asyncio.fixture
async def scene(database: Database, redis_server: ValkeyAddress, tmp_path: Path) -> AsyncIterator[Scene]:
    storage = open_storage(StorageSettings(), folder=tmp_path, signer=UrlSigner("k" * 40))
    async with Redis.from_url(redis_server.url, protocol=2) as client:
        await client.flushall()
        async with database.session(SYSTEM) as session:
            camera = await add_camera(session, "Hall")
        yield Scene(Settings(data_dir=tmp_path), database, storage, client, camera)


async def test_nothing_is_lost_while_one_server_after_the_other_is_away(
    scene: Scene,
    gates: tuple[Gate, Gate],
    own_database: DatabaseAddress,
    postgres_server: PostgresAddress,
    redis_server: ValkeyAddress,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(split_recognition, "ABANDONED_SECONDS", 1.0)
    monkeypatch.setattr(split_recognition, "CLAIM_SECONDS", 0.2)
    monkeypatch.setattr(split_recognition, "HOLD_SECONDS", 0.3)
    guest, stop = await scene.enrol(3), asyncio.Event()
    before_postgres, before_redis = gates
    through = own_database.app_dsn.replace(
        quote(str(postgres_server.socket_dir)), quote(str(before_postgres.path.parent))
    )
    url = redis_server.url.replace(quote(str(redis_server.socket)), quote(str(before_redis.path)))
    tracks = [new_track() for _ in range(TRACKS)]
    messages = [
        scene.said(track, float(second), (3, 0.5 + second / 10), confirmed=second == 0, ended=second == 3)
        for second in range(4)
        for track in tracks
    ]
    database = Database(through)
    async with Redis.from_url(url, protocol=2, socket_timeout=1) as client:
        workers = [asyncio.create_task(_worker(scene, database, client, name).run(stop)) for name in ("one", "two")]
        direct = RedisBus(scene.redis)
        try:
            await _publish(direct, messages[:TRACKS])
            await scene.until(lambda: _recorded(scene))
            away = asyncio.create_task(before_postgres.outage(AWAY_SECONDS))
            await _publish(direct, messages[TRACKS : 2 * TRACKS])
            await away
            away = asyncio.create_task(before_redis.outage(AWAY_SECONDS))
            await _publish(direct, messages[2 * TRACKS :])
            await away
            await scene.until(lambda: _closed(scene))
        finally:
            stop.set()
            ended = await asyncio.gather(*workers, return_exceptions=True)
            await database.dispose()
    assert ended == [None, None]
    rows = await scene.rows()
    assert {row["id"] for row in rows} == set(tracks)
    assert len(rows) == TRACKS
    assert {row["subject_id"] for row in rows} == {guest.id}
    assert {round(row["quality_score"], 2) for row in rows} == {0.8}
    assert await scene.recognitions() == TRACKS
    assert not await scene.redis.exists(poison_of(FACES))


def _worker(scene: Scene, database: Database, client: Redis, name: str) -> SplitRecognitionWorker:
    models = Models(ColourDetector(), ColourAligner(), FullQuality(), ColourEmbedder(), CURVE, "painted")
    services = Services(database, scene.storage, RedisBus(client), TrackStore(client), Told())
    return SplitRecognitionWorker(scene.settings, services, models=models, name=name)


async def _publish(bus: RedisBus, messages: list[FacesMessage]) -> None:
    for message in messages:
        await bus.publish(FACES, [encode_faces(message)], limit=10_000)
        await asyncio.sleep(0.02)


async def _recorded(scene: Scene) -> bool:
    return bool(await scene.rows())


async def _closed(scene: Scene) -> bool:
    async with scene.database.session(SYSTEM) as session:
        return bool(
            await session.scalar(text("SELECT count(*) = :n FROM sightings WHERE closed_at IS NOT NULL"), {"n": TRACKS})
        )
