"""`sightline bench vectors` and `bench writes`: the database's hot paths, on a server of their own."""

import asyncio
import secrets
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated
from uuid import UUID, uuid4

import asyncpg
import numpy as np
import typer
from sqlalchemy import text
from uuid_utils import uuid7

from sightline.commands.support import print_json
from sightline.core.database import SYSTEM, WORKER, Database, native_dsn
from sightline.core.database_setup import prepare_database
from sightline.core.key_ring import KEY_BYTES, KeyRing
from sightline.core.sealing import Sealer
from sightline.domain.arrays import FloatArray, normalise
from sightline.domain.gallery import Candidate, Match
from sightline.services import cameras, gallery, templates
from sightline.services.sightings import RecordingPolicy, TrackRecord, UnknownPolicy, record_tracks

MODEL = "bench/1"
SPREAD = 0.7
"""Length of the noise on an identity's centre of length 1: two of its templates are about 1 / (1 + 0.7²) = 0.67
similar, as genuine pairs of a real embedder are."""
PER_IDENTITY = 4
"""Templates per identity."""
BATCH = 32
"""Tracks per transaction, about what a few dozen cameras finish in a second."""


@dataclass(frozen=True, slots=True)
class SearchFigures:
    """recall: share of probes whose first image is the exact search's; times in milliseconds, one probe per query."""

    recall: float
    p50_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class VectorFigures:
    """Search with row level security on: over everything, and with a filter that leaves 1 % of the subjects."""

    templates: int
    probes: int
    everything: SearchFigures
    one_percent: SearchFigures


@dataclass(frozen=True, slots=True)
class WriteFigures:
    """Rows per second through all indexes, triggers and policies; ratio: the bare insert's rate over ours."""

    rows: int
    with_template: float
    without_template: float
    bare_with_template: float
    ratio: float


@contextmanager
def scratch_server() -> Iterator[str]:
    """The superuser's address on a server of our own, thrown away at the end; nobody's data is touched."""
    from sightline.workers.embedded.postgres import EmbeddedPostgres  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="sightline-bench-") as folder:
        server = EmbeddedPostgres(Path(folder))
        try:
            yield server.start().dsn()
        finally:
            server.stop()


@asynccontextmanager
async def application(admin_dsn: str) -> AsyncIterator[Database]:
    """Migrate, and connect as the application role."""
    prepared = await prepare_database(admin_dsn, app_password=secrets.token_urlsafe(12))
    database = Database(prepared.app_dsn)
    try:
        yield database
    finally:
        await database.dispose()


def identities(count: int, per_identity: int, *, seed: int = 7) -> FloatArray:
    """Clustered templates: (count, per_identity, 512) float32 of length 1, those of one identity near each other."""
    generator = np.random.default_rng(seed)
    centres = normalise(generator.standard_normal((count, 1, 512)))
    noise = normalise(generator.standard_normal((count, per_identity, 512)))
    return normalise(centres + SPREAD * noise)


async def fill_gallery(admin_dsn: str, stored: FloatArray) -> int:
    """Enrol stored (identities, n, 512), every hundredth identity on a watchlist; that watchlist's id.

    Loaded without triggers and indexed afterwards, as a bulk import would; the searches run as the application.
    """
    connection = await asyncpg.connect(native_dsn(admin_dsn))
    await connection.execute("SET session_replication_role = replica")
    listed = await connection.fetchval(
        "INSERT INTO watchlists (name, legal_basis, approver, expires_at)"
        " VALUES ('bench', 'bench', 'bench', now() + interval '1 day') RETURNING id"
    )
    people = [(uuid4(), f"identity {n}", listed if n % 100 == 0 else None) for n in range(len(stored))]
    await connection.executemany("INSERT INTO subjects (id, name, watchlist_id) VALUES ($1, $2, $3)", people)
    await connection.execute("DROP INDEX ix_images_embedding")
    for begin in range(0, len(people), 250):
        rows = [
            (person[0], templates.to_text(template), MODEL)
            for person, own in zip(people[begin : begin + 250], stored[begin : begin + 250], strict=True)
            for template in own
        ]
        await connection.executemany(
            "INSERT INTO images (subject_id, embedding, model_version) VALUES ($1, $2::text::vector, $3)", rows
        )
    await connection.execute("SELECT set_vector_index('hnsw')")
    await connection.execute("ANALYZE")
    await connection.close()
    return int(listed)


async def measure_vectors(admin_dsn: str, database: Database, *, stored: int, probes: int) -> VectorFigures:
    """Search probes, which are in no gallery, among stored templates and compare with the exact answer."""
    count = max(100, stored // PER_IDENTITY)
    samples = identities(count, PER_IDENTITY + 1)
    listed = await fill_gallery(admin_dsn, samples[:, :PER_IDENTITY])
    asked = samples[:: max(1, count // probes), PER_IDENTITY][:probes]
    on_list = samples[::100, PER_IDENTITY][:probes]
    everything = await _search(database, asked, None)
    one_percent = await _search(database, on_list, listed)
    return VectorFigures(count * PER_IDENTITY, len(asked), everything, one_percent)


async def _search(database: Database, probes: FloatArray, watchlist: int | None) -> SearchFigures:
    """One probe per query, as WORKER, so with row level security on."""
    async with database.session(WORKER) as session:
        rows = (
            await session.execute(
                text(
                    "SELECT i.id, vector_send(i.embedding) FROM images i JOIN subjects s ON s.id = i.subject_id"
                    " WHERE cast(:list AS int) IS NULL OR s.watchlist_id = :list"
                ),
                {"list": watchlist},
            )
        ).all()
        vectors = templates.from_binary([row[1] for row in rows])
        exact = [rows[int(best)][0] for best in (probes @ vectors.T).argmax(axis=1)]
        hits, seconds = 0, []
        for probe, image in zip(probes, exact, strict=True):
            begin = time.perf_counter()
            found = await gallery.search(
                session, probes=probe[None], min_similarity=-1.0, top_k=5, model_version=MODEL, watchlist_id=watchlist
            )
            seconds.append(time.perf_counter() - begin)
            hits += bool(found[0]) and found[0][0].image_id == image
    p50, p95 = np.percentile(seconds, [50, 95]) * 1000
    return SearchFigures(hits / len(probes), float(p50), float(p95))


async def measure_writes(admin_dsn: str, database: Database, *, rows: int) -> WriteFigures:
    """Record rows tracks with a template and as many without, in batches, each batch one transaction."""
    sealer = Sealer(KeyRing.given([secrets.token_bytes(KEY_BYTES)]))
    async with database.session(SYSTEM) as session:
        camera = (await cameras.create(session, name="bench", stream_url="rtsp://bench/1", sealer=sealer)).id
    vectors = identities(max(1, rows // PER_IDENTITY + 1), PER_IDENTITY).reshape(-1, 512)
    tracks = [_track(camera, vector) for vector in vectors[:rows]]
    bare = await _bare_rate(admin_dsn, tracks)
    without = await _rate(database, [replace(t, track_id=_new_id(), template=None) for t in tracks])
    with_template = await _rate(database, tracks)
    return WriteFigures(rows, with_template, without, bare, bare / with_template)


def _new_id() -> UUID:
    return UUID(bytes=uuid7().bytes)


def _track(camera: UUID, vector: FloatArray) -> TrackRecord:
    now = datetime.now(UTC)
    candidates = tuple(Candidate(str(uuid4()), 0.4 - n / 100) for n in range(5))
    return TrackRecord(
        track_id=_new_id(),
        camera_id=camera,
        first_seen=now - timedelta(seconds=5),
        last_seen=now,
        detections=12,
        box=(10.0, 20.0, 80.0, 90.0),
        frame_width=1280,
        frame_height=720,
        match=Match(candidates),
        quality=0.7,
        template=vector,
        model_version=MODEL,
        image_path=f"crops/{now:%Y/%m/%d}/{_new_id()}.jpg",
    )


async def _rate(database: Database, tracks: Sequence[TrackRecord]) -> float:
    policy = RecordingPolicy(UnknownPolicy.TEMPLATE)
    begin = time.perf_counter()
    for start in range(0, len(tracks), BATCH):
        async with database.session(WORKER) as session:
            await record_tracks(session, tracks=tracks[start : start + BATCH], policy=policy)
    return len(tracks) / (time.perf_counter() - begin)


async def _bare_rate(admin_dsn: str, tracks: Sequence[TrackRecord]) -> float:
    """The same values into a table of the same columns without index, trigger and policy, in the same batches."""
    connection = await asyncpg.connect(native_dsn(admin_dsn))
    await connection.execute("CREATE TABLE bench_bare (LIKE sightings INCLUDING DEFAULTS INCLUDING STORAGE)")
    begin = time.perf_counter()
    for start in range(0, len(tracks), BATCH):
        batch = tracks[start : start + BATCH]
        await connection.execute(
            "INSERT INTO bench_bare (id, camera_id, detected_at, last_seen_at, bounding_box, frame_width, frame_height,"
            " detections, image_path, embedding, model_version) SELECT i, c, f, l, '{10,20,80,90}', 1280, 720, 12, p,"
            " e::vector, 'bench/1' FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::timestamptz[],"
            " $5::text[], $6::text[]) AS t(i, c, f, l, p, e)",
            [t.track_id for t in batch],
            [t.camera_id for t in batch],
            [t.first_seen for t in batch],
            [t.last_seen for t in batch],
            [t.image_path for t in batch],
            [templates.to_text(t.template) for t in batch if t.template is not None],
        )
    rate = len(tracks) / (time.perf_counter() - begin)
    await connection.execute("DROP TABLE bench_bare")
    await connection.close()
    return rate


def vectors(
    stored: Annotated[int, typer.Option("--templates", help="Templates in the gallery.", min=400)] = 20_000,
    probes: Annotated[int, typer.Option(help="Probes to search.", min=1)] = 500,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Recall and time of the vector search against the exact one, with row level security, with and without filter."""

    async def run(dsn: str) -> VectorFigures:
        async with application(dsn) as database:
            return await measure_vectors(dsn, database, stored=stored, probes=probes)

    with scratch_server() as dsn:
        figures = asyncio.run(run(dsn))
    if as_json:
        print_json(asdict(figures))
        return
    for name, part in (("all templates", figures.everything), ("filter 1 %", figures.one_percent)):
        typer.echo(f"{name}: recall@1 {part.recall:.4f}, p50 {part.p50_ms:.1f} ms, p95 {part.p95_ms:.1f} ms")


def writes(
    rows: Annotated[int, typer.Option(help="Sightings to write, each way.", min=1)] = 5_000,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Sightings per second through indexes, triggers and policies, and what a bare insert would reach."""

    async def run(dsn: str) -> WriteFigures:
        async with application(dsn) as database:
            return await measure_writes(dsn, database, rows=rows)

    with scratch_server() as dsn:
        figures = asyncio.run(run(dsn))
    if as_json:
        print_json(asdict(figures))
        return
    typer.echo(f"with template {figures.with_template:.0f} rows/s, without {figures.without_template:.0f} rows/s")
    typer.echo(f"bare insert with template {figures.bare_with_template:.0f} rows/s: {figures.ratio:.1f} times as fast")
