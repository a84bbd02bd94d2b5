"""A house with two years of history for `sightline bench api` and `bench search`: servers of its own, and a generator.

    <folder>/postgres, valkey, logs    as below any data folder
    <folder>/world.json                who may log in and what there is; 0600, for it holds passwords

Sightings, alerts and counters are made by SQL month by month, templates by COPY. The triggers of the audit log and
the foreign keys are off for the load; statistics are counted afterwards as after a restore (recount_statistics).
"""

import json
import logging
import secrets
import signal
import struct
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import asyncpg
import numpy as np
from uuid_utils.compat import uuid7

from sightline.commands.bench_db import SPREAD
from sightline.core.config import Settings
from sightline.core.database import SYSTEM, Database, Principal, Role, native_dsn
from sightline.core.database_setup import prepare_database
from sightline.core.errors import InvalidInput
from sightline.core.sealing import Sealer, open_sealer
from sightline.domain.arrays import FloatArray, normalise
from sightline.services import cameras, users
from sightline.workers.embedded.postgres import EmbeddedPostgres
from sightline.workers.embedded.valkey import EmbeddedValkey

MONTHS = 24
PER_SUBJECT = 5
"""Templates per enrolled subject: 2,000 subjects make the gallery of 10,000."""
PER_PASSERBY = 10
"""Templates in history per identity."""
LARGE = 1_000_000
"""Sightings from which indexes are built after the load."""
INDEX_MEMORY = "2GB"
WORLD = "world.json"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is. minute_days: days with counts per minute and camera, the default of their retention."""

    sightings: int = 5_000_000
    templates: int = 500_000
    subjects: int = 2_000
    alerts: int = 200_000
    cameras: int = 50
    groups: int = 5
    minute_days: int = 90


@dataclass(frozen=True, slots=True)
class World:
    """What a bench needs to know of a generated house. operator: limited to two of the groups; ids are UUIDs."""

    size: Size
    model_version: str
    app_password: str
    password: str
    users: dict[str, str]
    cameras: list[str]
    groups: list[str]
    subjects: list[str]
    watchlists: list[int]
    made_at: str
    took_seconds: float

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Raises InvalidInput where none was generated."""
        path = folder / WORLD
        if not path.exists():
            raise InvalidInput(f"no generated world lies in {folder}", hint="Make one with --keep FOLDER.")
        values: dict[str, Any] = json.loads(path.read_text())
        return cls(**{**values, "size": Size(**values["size"])})

    def save(self, folder: Path) -> None:
        """Readable by the owner only."""
        path = folder / WORLD
        path.touch(mode=0o600)
        path.write_text(json.dumps(asdict(self)))

    @property
    def now(self) -> datetime:
        """When it was made: its newest sighting is of that time."""
        return datetime.fromisoformat(self.made_at)

    def principal(self, role: Role) -> Principal:
        """For what is measured without HTTP."""
        return Principal(role, UUID(self.users[role.value]))


@dataclass(frozen=True, slots=True)
class Servers:
    """Addresses of the running servers, which carry passwords, and PostgreSQL's process."""

    folder: Path
    admin_dsn: str
    redis_url: str
    postgres_pid: int

    def app_dsn(self, password: str) -> str:
        """The database as the application role."""
        user, _, rest = self.admin_dsn.partition("@")
        scheme = user.partition("://")[0]
        return f"{scheme}://sightline_app:{password}@{rest}"


@contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """SIGTERM as SystemExit meanwhile, so that everything that was opened is closed."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def running_servers(folder: Path | None) -> Iterator[Servers]:
    """The embedded PostgreSQL and Valkey as `sightline up` starts them, on a folder, or on one that is thrown away.

    SIGTERM ends them too, and throws away what is to be thrown away.
    """
    with ended_by_sigterm(), tempfile.TemporaryDirectory(prefix="sightline-bench-") as scratch:
        place = folder or Path(scratch)
        place.mkdir(parents=True, exist_ok=True)
        postgres, valkey = EmbeddedPostgres(place), EmbeddedValkey(place)
        try:
            dsn, url = postgres.start().dsn(), valkey.start().url
            yield Servers(place, dsn, url, postgres.process.pid if postgres.process else 0)
        finally:
            valkey.stop()
            postgres.stop()


@asynccontextmanager
async def superuser(admin_dsn: str, *settings: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection with these settings, which sends and receives templates as arrays."""
    connection = await asyncpg.connect(native_dsn(admin_dsn))
    try:
        for setting in settings:
            await connection.execute(f"SET {setting}")
        yield connection
    finally:
        await connection.close()


async def generate(servers: Servers, size: Size, *, model_version: str) -> World:
    """Migrate an empty database and fill it. Minutes for millions of sightings; progress goes to the log."""
    password = secrets.token_urlsafe(12)
    await prepare_database(servers.admin_dsn, app_password=password)
    database = Database(servers.app_dsn(password))
    try:
        sealer = open_sealer(Settings(data_dir=servers.folder))
        return await fill(servers.admin_dsn, database, size, sealer=sealer, model_version=model_version)
    finally:
        await database.dispose()


async def fill(admin_dsn: str, database: Database, size: Size, *, sealer: Sealer, model_version: str) -> World:
    """Fill a migrated database. database: the same one as the application role."""
    begin, now, login = time.monotonic(), datetime.now(UTC), secrets.token_urlsafe(12)
    accounts = await _accounts(database, login)
    camera_ids, groups = await _cameras(database, size, UUID(accounts["operator"]), sealer)
    lists, subjects = await _gallery(admin_dsn, size, model_version)
    indexes = await _sightings(admin_dsn, size, now)
    await _history(admin_dsn, size, now, model_version)
    await _indexes(admin_dsn, indexes)
    await _alerts(admin_dsn, size)
    await _counters(admin_dsn, size, now)
    await _settle(admin_dsn)
    return World(
        size=size,
        model_version=model_version,
        app_password=database.engine.url.password or "",
        password=login,
        users=accounts,
        cameras=camera_ids,
        groups=groups,
        subjects=subjects,
        watchlists=lists,
        made_at=now.isoformat(),
        took_seconds=round(time.monotonic() - begin, 1),
    )


async def _accounts(database: Database, password: str) -> dict[str, str]:
    """One of each role, named like it; their ids."""
    async with database.session(SYSTEM) as session:
        return {
            role.value: str(
                (await users.create(session, username=role.value, role=role, password=password, must_change=False)).id
            )
            for role in sorted(users.USER_ROLES)
        }


async def _cameras(database: Database, size: Size, operator: UUID, sealer: Sealer) -> tuple[list[str], list[str]]:
    from sqlalchemy import text  # noqa: PLC0415

    async with database.session(SYSTEM) as session:
        groups = [
            (
                await session.execute(
                    text("INSERT INTO camera_groups (name) VALUES (:name) RETURNING id"), {"name": f"floor {n}"}
                )
            ).scalar_one()
            for n in range(size.groups)
        ]
        for group in groups[:2]:
            await session.execute(
                text("INSERT INTO user_camera_groups (user_id, group_id) VALUES (:user, :group)"),
                {"user": operator, "group": group},
            )
        made = []
        for n in range(size.cameras):
            camera = await cameras.create(
                session,
                name=f"camera {n:03d}",
                stream_url=f"rtsp://reader:secret@camera-{n}.example/1",
                sealer=sealer,
                group_id=groups[n % len(groups)],
            )
            made.append(str(camera.id))
        await session.execute(text("UPDATE cameras SET status = 'active', last_seen_at = now()"))
    return made, [str(group) for group in groups]


def clustered(count: int, each: int, *, seed: int) -> Iterator[FloatArray]:
    """count identities in arrays (identities, each, 512), as bench_db.identities() makes them, a thousand at a time."""
    for begin in range(0, count, 1_000):
        generator = np.random.default_rng([seed, begin])
        shape = (min(1_000, count - begin), each, 512)
        centres = normalise(generator.standard_normal((shape[0], 1, 512), np.float32))
        noise = normalise(generator.standard_normal(shape, np.float32))
        yield normalise(centres + SPREAD * noise)


def encoded(template: FloatArray) -> bytes:
    """pgvector's binary form: dimensions, zero, big-endian float32."""
    return struct.pack(">hh", len(template), 0) + template.astype(">f4").tobytes()


async def _gallery(admin_dsn: str, size: Size, model_version: str) -> tuple[list[int], list[str]]:
    """Five watchlists, of subjects every second on one, and PER_SUBJECT templates of each."""
    async with superuser(admin_dsn, f"maintenance_work_mem = '{INDEX_MEMORY}'") as connection:
        await connection.set_type_codec("vector", encoder=encoded, decoder=bytes, format="binary")
        index = await connection.fetchval("SELECT pg_get_indexdef('ix_images_embedding'::regclass)")
        await connection.execute("DROP INDEX ix_images_embedding")
        lists = await connection.fetch(
            "INSERT INTO watchlists (name, priority, legal_basis, approver, expires_at) SELECT 'list ' || n, n,"
            " 'bench', 'bench', now() + interval '1 year' FROM generate_series(1, 5) n RETURNING id"
        )
        ids = [row["id"] for row in lists]
        people = await connection.fetch(
            "INSERT INTO subjects (name, external_id, watchlist_id, last_seen_at) SELECT 'Person ' || md5(n::text),"
            " 'B-' || n, CASE WHEN n % 2 = 0 THEN ($2::int[])[1 + n / 2 % 5] END, now() - n * interval '1 hour'"
            " FROM generate_series(1, $1::int) n RETURNING id",
            size.subjects,
            ids,
        )
        subjects = [row["id"] for row in people]
        owners = iter(subjects)
        for block in clustered(size.subjects, PER_SUBJECT, seed=11):
            rows = [(next(owners), own) for own in block]
            records = [(owner, template, model_version, 0.8) for owner, own in rows for template in own]
            columns = ("subject_id", "embedding", "model_version", "quality_score")
            await connection.copy_records_to_table("images", records=records, columns=columns)
        await connection.execute(index)
        await connection.execute("SELECT activate_model_version($1)", model_version)
    return ids, [str(one) for one in subjects]


def months(now: datetime) -> list[tuple[datetime, datetime]]:
    """The last MONTHS months in UTC, the running one up to now."""
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    found = [(first, now)]
    for _ in range(MONTHS - 1):
        end = found[-1][0]
        found.append(((end - timedelta(days=1)).replace(day=1), end))
    return found[::-1]


def shares(total: int, spans: Sequence[tuple[datetime, datetime]]) -> list[int]:
    """total by length of the spans."""
    edges = [0.0]
    for begin, end in spans:
        edges.append(edges[-1] + (end - begin).total_seconds())
    return [int(total * b / edges[-1]) - int(total * a / edges[-1]) for a, b in pairwise(edges)]


_FILL_MONTH = """
INSERT INTO sightings (id, camera_id, subject_id, confidence, bounding_box, frame_width, frame_height, detections,
    quality_score, candidates, image_path, frame_path, detected_at, last_seen_at, closed_at, verdict, corrected_at)
SELECT uuidv7(s.at - clock_timestamp()), s.camera, s.person, CASE WHEN s.person IS NOT NULL THEN s.similar END,
    '{100,80,64,64}', 1280, 720, 5 + (s.r * 40)::int, 0.3 + 0.65 * s.r,
    CASE WHEN s.person IS NULL THEN '[]' ELSE jsonb_build_array(jsonb_build_object('subject', s.person, 'similarity',
        round(s.similar::numeric, 4))) END,
    CASE WHEN s.person IS NOT NULL THEN 'crops/' || to_char(s.at, 'YYYY/MM/DD/') || gen_random_uuid() || '.jpg' END,
    NULL, s.at, least(s.at + s.r * interval '60 s', now()),
    CASE WHEN s.at < now() - interval '1 minute' THEN s.at + s.r * interval '60 s' END,
    CASE WHEN s.person IS NOT NULL AND s.r < 0.01 THEN 'confirmed' END,
    CASE WHEN s.person IS NOT NULL AND s.r < 0.01 THEN s.at + interval '1 hour' END
FROM (SELECT $2::timestamptz + random() * ($3::timestamptz - $2) AS at, random() AS r,
        ($4::uuid[])[1 + floor(random() * cardinality($4))::int] AS camera,
        CASE WHEN random() < 0.3 THEN ($5::uuid[])[1 + floor(random() ^ 2 * cardinality($5))::int] END AS person,
        0.53 + 0.4 * random() ^ 3 AS similar
    FROM generate_series(1, $1::int)) AS s
"""


async def _sightings(admin_dsn: str, size: Size, now: datetime) -> list[str]:
    """Evenly over time and cameras; three of ten are of somebody known, of some much more often than of others.

    Gives the definitions of the indexes that were taken off.
    """
    settings = ("session_replication_role = replica", "synchronous_commit = off", "work_mem = '64MB'")
    async with superuser(admin_dsn, *settings) as connection:
        camera_ids = await connection.fetchval("SELECT array_agg(id ORDER BY name) FROM cameras")
        people = await connection.fetchval("SELECT array_agg(id ORDER BY id) FROM subjects")
        spans = months(now)
        for begin, _ in spans:
            await connection.execute("SELECT create_monthly_partition('sightings', $1, $2)", begin.year, begin.month)
        await connection.execute("SELECT create_partitions_ahead()")
        indexes = await _drop_indexes(connection, only_vector=size.sightings < LARGE)
        for (begin, end), count in zip(spans, shares(size.sightings, spans), strict=True):
            await connection.execute(_FILL_MONTH, count, begin, end, camera_ids, people)
            log.info("sightings of %s: %s", f"{begin:%Y-%m}", count)
    return indexes


async def _drop_indexes(connection: "asyncpg.Connection[asyncpg.Record]", *, only_vector: bool) -> list[str]:
    """Take off what is faster built afterwards; their definitions."""
    rows = await connection.fetch(
        "SELECT c.oid::regclass::text AS name, replace(pg_get_indexdef(c.oid), ' ON ONLY ', ' ON ') AS definition"
        " FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
        " WHERE i.indrelid = 'sightings'::regclass AND NOT i.indisprimary AND (NOT $1 OR c.relname LIKE '%embedding')",
        only_vector,
    )
    for row in rows:
        await connection.execute(f"DROP INDEX {row['name']}")
    return [row["definition"] for row in rows]


_COLUMNS = (
    "id",
    "camera_id",
    "bounding_box",
    "frame_width",
    "frame_height",
    "detections",
    "embedding",
    "model_version",
    "detected_at",
    "last_seen_at",
    "closed_at",
)


async def _history(admin_dsn: str, size: Size, now: datetime, model_version: str) -> None:
    """Unknown people whose templates were kept, each seen PER_PASSERBY times, anywhere and at any time."""
    spans = months(now)
    first, seconds = spans[0][0], (now - spans[0][0]).total_seconds()
    generator = np.random.default_rng(5)
    async with superuser(admin_dsn, "session_replication_role = replica", "synchronous_commit = off") as connection:
        await connection.set_type_codec("vector", encoder=encoded, decoder=bytes, format="binary")
        places = await connection.fetchval("SELECT array_agg(id ORDER BY name) FROM cameras")
        stored = 0
        for block in clustered(size.templates // PER_PASSERBY, PER_PASSERBY + 1, seed=HISTORY_SEED):
            rows = []
            for template in block[:, :PER_PASSERBY].reshape(-1, 512):
                at = first + timedelta(seconds=float(generator.random()) * seconds)
                row_id = uuid7(nanoseconds=int(at.timestamp() * 1e9))
                camera = places[int(generator.integers(len(places)))]
                box = [100.0, 80.0, 64.0, 64.0]
                rows.append((row_id, camera, box, 1280, 720, 9, template, model_version, at, at, at))
            await connection.copy_records_to_table("sightings", records=rows, columns=_COLUMNS)
            stored += len(rows)
            log.info("templates in history: %s", stored)


HISTORY_SEED = 23


def passersby(size: Size, count: int) -> FloatArray:
    """Probes (count, 512) of identities in history, none of which is stored."""
    blocks = clustered(size.templates // PER_PASSERBY, PER_PASSERBY + 1, seed=HISTORY_SEED)
    probes = np.concatenate([block[:, PER_PASSERBY] for block in blocks])
    return probes[:: max(1, len(probes) // count)][:count]


async def _indexes(admin_dsn: str, definitions: Sequence[str]) -> None:
    settings = (f"maintenance_work_mem = '{INDEX_MEMORY}'", "max_parallel_maintenance_workers = 2")
    async with superuser(admin_dsn, *settings) as connection:
        for definition in definitions:
            begin = time.monotonic()
            await connection.execute(definition)
            log.info("%s: %.0f s", definition.split(" USING")[0], time.monotonic() - begin)
        await connection.execute("ANALYZE sightings")


_RAISE = """
INSERT INTO alerts (id, sighting_id, sighting_detected_at, camera_id, subject_id, watchlist_id, severity, message,
    matched_at, created_at, status, acknowledged_at, acknowledged_by, resolved_at, resolved_by, verdict)
SELECT uuidv7(s.detected_at - clock_timestamp()), s.id, s.detected_at, s.camera_id, s.subject_id, p.watchlist_id,
    (ARRAY['low', 'medium', 'high', 'critical'])[1 + (hashtext(s.id::text) & 3)], p.name || ' was seen',
    s.detected_at, s.detected_at + interval '1 s', CASE WHEN s.is_open THEN 'new' ELSE 'resolved' END,
    CASE WHEN NOT s.is_open THEN s.detected_at + interval '1 minute' END, CASE WHEN NOT s.is_open THEN $2::uuid END,
    CASE WHEN NOT s.is_open THEN s.detected_at + interval '9 minutes' END, CASE WHEN NOT s.is_open THEN $2::uuid END,
    CASE WHEN NOT s.is_open THEN (ARRAY['true_match', 'false_match', 'unclear'])[1 + abs(hashtext(s.id::text) % 3)] END
FROM (SELECT id, detected_at, camera_id, subject_id,
        row_number() OVER (ORDER BY detected_at DESC) <= $1 / 100 AS is_open
    FROM (SELECT * FROM sightings WHERE subject_id IN (SELECT id FROM subjects WHERE watchlist_id IS NOT NULL)
        ORDER BY hashtext(id::text) LIMIT $1::int) AS chosen) AS s
JOIN subjects p ON p.id = s.subject_id ORDER BY s.detected_at
"""


async def _alerts(admin_dsn: str, size: Size) -> None:
    """Some sightings of listed people; the newest hundredth is open. Audited, so that there is a log to look at."""
    async with superuser(admin_dsn, "synchronous_commit = off", "work_mem = '256MB'") as connection:
        operator = await connection.fetchval("SELECT id FROM users WHERE username = 'operator'")
        await connection.execute(_RAISE, size.alerts, operator)
        log.info("alerts: %s", size.alerts)


_COUNT = """
INSERT INTO camera_minute_counters (camera_id, minute, frames, detections, tracks, recognitions)
SELECT c.id, m, 300, (random() * 40)::int, (random() * 3)::int, (random() * 1.2)::int
FROM generate_series($1::timestamptz, $2::timestamptz, $3::interval) m, cameras c
"""


async def _counters(admin_dsn: str, size: Size, now: datetime) -> None:
    """Minutes of the last days; before them one in an hour, of which only the statistics stay, as retention leaves.

    Small worlds do without the latter.
    """
    this_minute = now.replace(second=0, microsecond=0)
    recent = this_minute - timedelta(days=size.minute_days)
    day, minute = timedelta(days=1), timedelta(minutes=1)
    async with superuser(admin_dsn, "synchronous_commit = off") as connection:
        await connection.execute("ALTER TABLE camera_minute_counters DISABLE TRIGGER audit_insert")
        if size.sightings >= LARGE:
            old = months(now)[0][0]
            await connection.execute(_COUNT, old, recent - minute, timedelta(hours=1))
            await connection.execute("SELECT purge_minute_counters($1)", size.minute_days)
        for n in range(size.minute_days):
            await connection.execute(_COUNT, recent + n * day, recent + (n + 1) * day - minute, minute)
        await connection.execute("ALTER TABLE camera_minute_counters ENABLE TRIGGER audit_insert")


async def _settle(admin_dsn: str) -> None:
    """What maintenance would have done meanwhile."""
    async with superuser(admin_dsn, "synchronous_commit = off", "work_mem = '256MB'") as connection:
        begin = time.monotonic()
        await connection.execute("SELECT recount_statistics()")
        log.info("statistics: %.0f s", time.monotonic() - begin)
        await connection.execute("VACUUM ANALYZE")
        await connection.execute("CHECKPOINT")
