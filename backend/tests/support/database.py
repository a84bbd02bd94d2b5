"""Databases for tests: one migrated per session, a copy of it for tests that must commit, rollback for the rest."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import asyncpg
import numpy as np
import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import SYSTEM, Database, Principal, Role, act_as
from sightline.core.database_setup import prepare_database
from sightline.core.key_ring import KeyRing
from sightline.core.sealing import Sealer
from sightline.domain.arrays import FloatArray, normalise
from sightline.domain.gallery import Candidate, Match
from sightline.models import Camera, Subject, Watchlist
from sightline.services import cameras, subjects, watchlists
from sightline.services.sightings import TrackRecord
from sightline.workers.embedded.postgres import PostgresAddress

APP_PASSWORD = "app-password-of-tests"
TEMPLATE_DATABASE = "sightline_template"
MODEL = "test-model/1"
SEALING_KEY = bytes(range(32))
SEALER = Sealer(KeyRing.given([SEALING_KEY]))
"""Seals logins of cameras that tests add."""
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

_numbers = count(1)


@dataclass(frozen=True)
class DatabaseAddress:
    """A database of the test server: as superuser, and as the application."""

    name: str
    admin_dsn: str
    app_dsn: str


async def execute_as_admin(dsn: str, *statements: str) -> None:
    """Run statements as superuser, each in its own transaction."""
    connection = await asyncpg.connect(dsn)
    for statement in statements:
        await connection.execute(statement)
    await connection.close()


def create_database(server: PostgresAddress, *, template: str | None = None) -> str:
    """An empty database, or a copy of one; its name."""
    name = f"sightline_test_{next(_numbers)}"
    source = f" TEMPLATE {template} STRATEGY FILE_COPY" if template else ""
    asyncio.run(execute_as_admin(server.dsn(), f"CREATE DATABASE {name}{source}"))
    return name


def drop_database(server: PostgresAddress, name: str) -> None:
    """Gone, whoever is still connected."""
    asyncio.run(execute_as_admin(server.dsn(), f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))


@pytest.fixture
def empty_database(postgres_server: PostgresAddress) -> Iterator[str]:
    """The superuser's address of a database without any table."""
    name = create_database(postgres_server)
    yield postgres_server.dsn(name)
    drop_database(postgres_server, name)


@pytest.fixture(scope="session")
def migrated_template(postgres_server: PostgresAddress) -> str:
    """Name of a migrated database that nobody connects to, so that it can be copied."""
    drop_database(postgres_server, TEMPLATE_DATABASE)
    asyncio.run(execute_as_admin(postgres_server.dsn(), f"CREATE DATABASE {TEMPLATE_DATABASE}"))
    asyncio.run(prepare_database(postgres_server.dsn(TEMPLATE_DATABASE), app_password=APP_PASSWORD))
    return TEMPLATE_DATABASE


def _copy(server: PostgresAddress, template: str) -> DatabaseAddress:
    name = create_database(server, template=template)
    admin = server.dsn(name)
    return DatabaseAddress(name, admin, admin.replace(f"postgres:{server.password}", f"sightline_app:{APP_PASSWORD}"))


@pytest.fixture(scope="session")
def shared_database(postgres_server: PostgresAddress, migrated_template: str) -> Iterator[DatabaseAddress]:
    """A migrated database that tests roll back in."""
    address = _copy(postgres_server, migrated_template)
    yield address
    drop_database(postgres_server, address.name)


@pytest.fixture
def own_database(postgres_server: PostgresAddress, migrated_template: str) -> Iterator[DatabaseAddress]:
    """A migrated database of the test's own: it may commit."""
    address = _copy(postgres_server, migrated_template)
    yield address
    drop_database(postgres_server, address.name)


@asynccontextmanager
async def connected(address: DatabaseAddress) -> AsyncIterator[Database]:
    """The application's pool."""
    database = Database(address.app_dsn)
    try:
        yield database
    finally:
        await database.dispose()


@pytest_asyncio.fixture
async def database(own_database: DatabaseAddress) -> AsyncIterator[Database]:
    """The application's pool on a database of the test's own."""
    async with connected(own_database) as pool:
        yield pool


@pytest_asyncio.fixture
async def session(shared_database: DatabaseAddress) -> AsyncIterator[AsyncSession]:
    """A transaction of the application as SYSTEM, rolled back at the end; act_as() changes who acts."""
    async with connected(shared_database) as pool, AsyncSession(pool.engine, expire_on_commit=False) as opened:
        await opened.begin()
        await act_as(opened, SYSTEM)
        yield opened
        await opened.rollback()


async def add_user(session: AsyncSession, role: Role, name: str | None = None) -> Principal:
    """An account, and the principal that acts for it."""
    username = name or f"{role.value}-{next(_numbers)}"
    statement = text("INSERT INTO users (username, hashed_password, role) VALUES (:n, 'x', :r) RETURNING id")
    user_id: UUID = (await session.execute(statement, {"n": username, "r": role.value})).scalar_one()
    return Principal(role, user_id, "192.0.2.7", "tests")


async def add_camera(session: AsyncSession, name: str | None = None, group_id: UUID | None = None) -> Camera:
    """A camera with a login."""
    label = name or f"camera {next(_numbers)}"
    url = "rtsp://cam:secret-of-camera@camera.example/1"
    return await cameras.create(session, name=label, stream_url=url, sealer=SEALER, group_id=group_id)


async def add_watchlist(session: AsyncSession, priority: int = 4) -> Watchlist:
    """A watchlist that is in force."""
    approval = watchlists.Approval("house rules §1", "A. Approver", datetime.now(UTC) + timedelta(days=30))
    return await watchlists.create(session, name=f"list {next(_numbers)}", approval=approval, priority=priority)


def template_of(seed: int) -> FloatArray:
    """A template (512,) of length 1 that a seed names."""
    return normalise(np.random.default_rng(seed).standard_normal(512))


async def add_subject(session: AsyncSession, watchlist: Watchlist | None = None, seed: int | None = None) -> Subject:
    """A subject, with a template when a seed is given."""
    name = f"Person {next(_numbers)}"
    subject = await subjects.create(session, name=name, watchlist_id=watchlist.id if watchlist else None)
    if seed is not None:
        new = subjects.NewTemplate(template_of(seed), MODEL, 0.9, image_path=f"enrolled/{subject.id}.jpg")
        await subjects.add_template(session, subject_id=subject.id, new=new)
    return subject


def matched(subject: Subject | None, similarity: float = 0.8) -> Match:
    """The match of a subject, or of nobody."""
    if subject is None:
        return Match()
    candidate = Candidate(str(subject.id), similarity)
    return Match((candidate,), candidate.subject, similarity)


def track_record(camera: Camera, subject: Subject | None = None, **changes: Any) -> TrackRecord:
    """A confirmed track of ten detections at noon."""
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "track_id": UUID(int=0x7000_8000_0000_0000_0000 + number),
        "camera_id": camera.id,
        "first_seen": NOON,
        "last_seen": NOON + timedelta(seconds=5),
        "detections": 10,
        "box": (10.0, 20.0, 30.0, 40.0),
        "frame_width": 640,
        "frame_height": 360,
        "match": matched(subject),
        "quality": 0.7,
        "template": template_of(number),
        "model_version": MODEL,
        "image_path": f"crops/{number}.jpg",
        "frame_path": f"frames/{number}.jpg",
    }
    return TrackRecord(**{**defaults, **changes})


@asynccontextmanager
async def acting(session: AsyncSession, principal: Principal) -> AsyncIterator[AsyncSession]:
    """Act as somebody else for a while, then as SYSTEM again."""
    await session.flush()
    await act_as(session, principal)
    yield session
    await act_as(session, SYSTEM)
