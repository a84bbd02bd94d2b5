"""What the system consists of and how it does: for administrators and auditors, without any secret or address."""

import asyncio
import os
import platform
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from redis.asyncio import Redis
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline import __version__
from sightline.core.config import Settings
from sightline.core.errors import ModelPackError, ServiceUnavailable
from sightline.core.redis import redis_errors
from sightline.services import runtime_settings
from sightline.vision.model_packs.manifest import AccuracyEntry, ModelFile, PointEntry
from sightline.vision.model_packs.store import PackStore

STARTED_AT = datetime.now(UTC)
"""Of this process, as near as this module's first import."""
PATIENCE = 2.0
"""Seconds that Redis has to answer."""
STATUSES = ("active", "inactive", "error")


@dataclass(frozen=True, slots=True)
class DatabaseInformation:
    """PostgreSQL. clock_offset_seconds: its clock less this machine's."""

    version: str
    pgvector: str | None
    schema_revision: str
    size_bytes: int
    clock_offset_seconds: float
    connections: int


@dataclass(frozen=True, slots=True)
class RedisInformation:
    """Redis or Valkey; None where it does not answer."""

    is_up: bool
    version: str | None = None
    used_memory_bytes: int | None = None
    connected_clients: int | None = None


@dataclass(frozen=True, slots=True)
class StorageInformation:
    """The object store; bytes are those of the data folder's disk."""

    kind: str
    bucket: str | None
    disk_total_bytes: int
    disk_free_bytes: int


@dataclass(frozen=True, slots=True)
class PackInformation:
    """The model pack in use. measured_on: the set behind the operating points."""

    name: str
    title: str
    model_version: str
    detector: ModelFile
    embedder: ModelFile
    operating_points: tuple[PointEntry, ...]
    measured_on: str
    accuracy: tuple[AccuracyEntry, ...]


@dataclass(frozen=True, slots=True)
class Queues:
    """What waits."""

    jobs_queued: int
    jobs_running: int
    notifications_pending: int
    notifications_failed: int
    objects_to_remove: int
    statistic_changes: int


@dataclass(frozen=True, slots=True)
class Machine:
    """Where this process runs. load_average: processes that ran or wanted to, over the last minute; None where the
    system does not count them."""

    python: str
    system: str
    cores: int
    load_average: float | None
    memory_bytes: int
    started_at: datetime
    uptime_seconds: float


@dataclass(frozen=True, slots=True)
class SystemInformation:
    """All of it."""

    as_of: datetime
    version: str
    database: DatabaseInformation
    redis: RedisInformation
    storage: StorageInformation
    pack: PackInformation | None
    queues: Queues
    cameras_by_status: dict[str, int]
    machine: Machine


_DATABASE = text(
    """
    SELECT current_setting('server_version') AS version, pg_database_size(current_database()) AS size,
        (SELECT extversion FROM pg_extension WHERE extname = 'vector') AS pgvector,
        (SELECT version_num FROM alembic_version) AS revision, clock_timestamp() AS now,
        (SELECT numbackends FROM pg_stat_database WHERE datname = current_database()) AS connections
    """
)
_QUEUES = text(
    """
    SELECT (SELECT count(*) FROM jobs WHERE status = 'queued') AS jobs_queued,
        (SELECT count(*) FROM jobs WHERE status = 'running') AS jobs_running,
        (SELECT count(*) FROM notification_outbox WHERE status = 'pending') AS notifications_pending,
        (SELECT count(*) FROM notification_outbox WHERE status = 'failed') AS notifications_failed,
        (SELECT count(*) FROM object_deletions) AS objects_to_remove,
        (SELECT count(*) FROM statistic_changes) + (SELECT count(*) FROM statistic_bin_changes) AS statistic_changes
    """
)
_CAMERAS = text("SELECT status, count(*) AS total FROM cameras WHERE removed_at IS NULL GROUP BY status")


async def get_information(session: AsyncSession, *, settings: Settings, redis: Redis) -> SystemInformation:
    """Ask every part. session must act for the system: queues are nobody's records. Raises DatabaseUnreachable."""
    cameras = {row.status: row.total for row in await session.execute(_CAMERAS)}
    return SystemInformation(
        as_of=datetime.now(UTC),
        version=__version__,
        database=await _database(session),
        redis=await _redis(redis),
        storage=await asyncio.to_thread(_storage, settings),
        pack=await asyncio.to_thread(_pack, settings, await runtime_settings.active_pack(session)),
        queues=await queues(session),
        cameras_by_status=dict.fromkeys(STATUSES, 0) | cameras,
        machine=_machine(),
    )


async def queues(session: AsyncSession) -> Queues:
    """What waits; session must act for the system."""
    row = (await session.execute(_QUEUES)).one()
    return Queues(*row)


async def _database(session: AsyncSession) -> DatabaseInformation:
    asked = datetime.now(UTC)
    row = (await session.execute(_DATABASE)).one()
    answered = datetime.now(UTC)
    offset = row.now - (asked + (answered - asked) / 2)
    return DatabaseInformation(
        row.version, row.pgvector, row.revision, row.size, round(offset.total_seconds(), 6), row.connections
    )


async def _redis(redis: Redis) -> RedisInformation:
    try:
        async with asyncio.timeout(PATIENCE):
            with redis_errors():
                found = await redis.info()
    except (ServiceUnavailable, TimeoutError):
        return RedisInformation(is_up=False)
    version = found.get("valkey_version") or found.get("redis_version")
    memory, clients = found.get("used_memory"), found.get("connected_clients")
    return RedisInformation(is_up=True, version=version, used_memory_bytes=memory, connected_clients=clients)


def _storage(settings: Settings) -> StorageInformation:
    folder = settings.data_dir
    while not folder.exists():  # not made yet: the disk it will lie on
        folder = folder.parent
    disk = shutil.disk_usage(folder)
    is_s3 = settings.storage.kind == "s3"
    return StorageInformation(settings.storage.kind, settings.storage.bucket if is_s3 else None, disk.total, disk.free)


def _pack(settings: Settings, moved_to: str | None) -> PackInformation | None:
    """moved_to: the pack that the gallery was moved to, None: the environment's is in use."""
    try:
        manifest = PackStore.from_settings(settings).get(moved_to or settings.recognition.pack).manifest
    except ModelPackError:
        return None
    measured = manifest.operating_points
    return PackInformation(
        manifest.name,
        manifest.title,
        manifest.embedder.model_version,
        manifest.detector,
        manifest.embedder,
        measured.points if measured else (),
        measured.source if measured else "",
        manifest.accuracy,
    )


def _machine() -> Machine:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    uptime = (datetime.now(UTC) - STARTED_AT).total_seconds()
    system = f"{platform.system()} {platform.machine()}"
    load = round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None
    return Machine(platform.python_version(), system, cores, load, _within_limit(memory), STARTED_AT, round(uptime, 1))


def _within_limit(memory: int) -> int:
    """The container's limit where there is one (cgroup v2)."""
    limit = Path("/sys/fs/cgroup/memory.max")
    given = limit.read_text(encoding="ascii").strip() if limit.exists() else "max"
    return min(memory, int(given)) if given.isdigit() else memory
