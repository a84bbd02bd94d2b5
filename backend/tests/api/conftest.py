"""A running API on the real servers, a browser-like client, and a small world to look at."""

import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import numpy as np
import pytest
import pytest_asyncio
from fastapi import FastAPI
from pydantic import SecretStr
from redis.asyncio import Redis

from sightline.api.app import create_app, serving
from sightline.core.config import SealingSettings, Settings
from sightline.core.database import SYSTEM, WORKER, Database, Role
from sightline.core.redis import open_redis
from sightline.models import Camera, CameraGroup, Subject, User
from sightline.services import cameras, passwords, sightings, users
from sightline.services.sightings import MinuteCount, TrackRecord
from sightline.vision.crops import encode_jpeg
from sightline.workers.embedded.valkey import ValkeyAddress
from tests.support.database import (
    SEALING_KEY,
    DatabaseAddress,
    add_camera,
    add_subject,
    add_watchlist,
    matched,
    track_record,
)

PASSWORD = "a-long-enough-passphrase"
BASE = "http://localhost:8000"
JPEG = encode_jpeg(np.full((360, 640, 3), 90, np.uint8))
MODEL = "of-tests/1"


@pytest.fixture
def settings(own_database: DatabaseAddress, redis_server: ValkeyAddress, tmp_path: Path) -> Settings:
    base = Settings(data_dir=tmp_path)
    return base.model_copy(
        update={
            "database": base.database.model_copy(update={"url": SecretStr(own_database.app_dsn)}),
            "sealing": SealingSettings(keys=SecretStr(base64.b64encode(SEALING_KEY).decode())),
            "redis": base.redis.model_copy(update={"url": SecretStr(redis_server.url)}),
        }
    )


@pytest_asyncio.fixture
async def redis(settings: Settings) -> AsyncIterator[Redis]:
    client = open_redis(settings.redis)
    await client.flushdb()
    yield client
    await client.aclose()


@pytest.fixture(scope="session")
def built_app() -> FastAPI:
    """Putting 160 routes together takes longer than most tests: once for all that leave them as they are."""
    return create_app(Settings())


@pytest_asyncio.fixture
async def app(built_app: FastAPI, settings: Settings, redis: Redis) -> AsyncIterator[FastAPI]:
    """The API on servers of this test. Who adds routes or counts requests takes own_app instead."""
    async with serving(built_app, settings):
        yield built_app


@pytest_asyncio.fixture
async def own_app(settings: Settings, redis: Redis) -> AsyncIterator[FastAPI]:
    """An application that no other test has seen."""
    application = create_app(settings)
    async with application.router.lifespan_context(application):
        yield application


def client_of(app: FastAPI, address: str = "192.0.2.10") -> httpx.AsyncClient:
    """A browser on this address, with its own cookies."""
    transport = httpx.ASGITransport(app, client=(address, 40000))
    return httpx.AsyncClient(transport=transport, base_url=BASE, headers={"Origin": BASE, "User-Agent": "tests"})


@pytest_asyncio.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app) as browser:
        yield browser


async def log_in(client: httpx.AsyncClient, username: str, password: str = PASSWORD) -> httpx.Response:
    """As the page does: the tokens come as cookies."""
    body = {"username": username, "password": password, "transport": "cookie"}
    return await client.post("/v1/auth/login", json=body)


@pytest.fixture
def accounts() -> dict[Role, str]:
    """One account per role; their names."""
    return {role: role.value for role in users.USER_ROLES}


@dataclass(frozen=True)
class World:
    """A lobby whose one guest is known and on a watchlist, and a vault of a group of its own."""

    lobby: Camera
    vault: Camera
    guest: Subject
    known: UUID
    unknown: UUID
    in_vault: UUID


@pytest_asyncio.fixture
async def world(database: Database, app: FastAPI, accounts: dict[Role, str]) -> World:
    hashed = await passwords.hash_password(PASSWORD)
    async with database.session(SYSTEM) as session:
        session.add_all(User(username=name, hashed_password=hashed, role=role.value) for role, name in accounts.items())
        group = CameraGroup(name="vaults")
        session.add(group)
        await session.flush()
        lobby = await add_camera(session, "Lobby")
        vault = await add_camera(session, "Vault", group_id=group.id)
        guest = await add_subject(session, await add_watchlist(session))
        await cameras.set_status(session, camera_id=vault.id, status="error", message="nobody answers")
    now = datetime.now(UTC)
    known = _seen(lobby, now, 20, subject=guest, match=matched(guest, 0.62))
    unknown = _seen(lobby, now, 40)
    in_vault = _seen(vault, now, 60)
    minute = now.replace(second=0, microsecond=0) - timedelta(minutes=1)
    async with database.session(WORKER) as session:
        await sightings.record_tracks(session, tracks=[known, unknown, in_vault])
        await sightings.count_minutes(session, counts=[MinuteCount(lobby.id, minute, 300, 40, 2, 1)])
    for track in (known, unknown, in_vault):
        for key in (track.image_path, track.frame_path):
            await app.state.resources.storage.upload(key, JPEG)
    return World(lobby, vault, guest, known.track_id, unknown.track_id, in_vault.track_id)


def _seen(camera: Camera, now: datetime, seconds: int, **changes: Any) -> TrackRecord:
    """Somebody who came so many seconds ago and is still there."""
    first_seen = now - timedelta(seconds=seconds)
    return track_record(camera, first_seen=first_seen, last_seen=now, model_version=MODEL, **changes)


SignIn = Callable[[Role], Awaitable[httpx.AsyncClient]]


@pytest_asyncio.fixture
async def sign_in(app: FastAPI, world: World) -> AsyncIterator[SignIn]:
    """Logs in the account of a role, in a browser of its own: `admin = await sign_in(Role.ADMIN)`."""
    async with AsyncExitStack() as opened:

        async def logged_in(role: Role) -> httpx.AsyncClient:
            browser = await opened.enter_async_context(client_of(app))
            (await log_in(browser, role.value)).raise_for_status()
            return browser

        yield logged_in
