"""A history of sightings with templates, as large as a test or a measurement wants it.

Loaded by COPY as the superuser, without triggers, since an embedder makes no difference to what is searched.
"""

import json
import struct
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import numpy as np
from uuid_utils.compat import uuid7

from sightline.domain.arrays import FloatArray, normalise

SPREAD = 0.7
"""Length of the noise on an identity's centre of length 1: two of its templates are about 1 / (1 + 0.7²) = 0.67
similar, as genuine pairs of a real embedder are (commands/bench_db.py)."""
BATCH = 2000
COLUMNS = (
    "id",
    "camera_id",
    "bounding_box",
    "frame_width",
    "frame_height",
    "detections",
    "candidates",
    "embedding",
    "model_version",
    "detected_at",
    "last_seen_at",
)


def clustered(identities: int, each: int, *, seed: int = 7) -> FloatArray:
    """Templates (identities, each, 512) float32 of length 1, those of one identity near each other."""
    generator = np.random.default_rng(seed)
    centres = normalise(generator.standard_normal((identities, 1, 512)))
    noise = normalise(generator.standard_normal((identities, each, 512)))
    return normalise(centres + SPREAD * noise)


async def fill_history(
    admin_dsn: str,
    templates: FloatArray,
    *,
    cameras: Sequence[UUID],
    model_version: str,
    months: Sequence[tuple[int, int]],
    index_afterwards: bool = False,
) -> list[UUID]:
    """Store templates (n, 512) as sightings, spread over the cameras and (year, month) in turn; their ids in order.

    index_afterwards: build the vector index when all are there, which large numbers need.
    """
    connection = await asyncpg.connect(admin_dsn)
    try:
        await connection.execute("SET session_replication_role = replica")
        await connection.set_type_codec("vector", encoder=_encoded, decoder=bytes, format="binary")
        for year, month in months:
            await connection.execute("SELECT create_monthly_partition('sightings', $1, $2)", year, month)
        if index_afterwards:
            await connection.execute("DROP INDEX ix_sightings_embedding")
        ids = [UUID(bytes=uuid7().bytes) for _ in templates]
        rows = _rows(ids, templates, cameras, model_version, months)
        for batch in rows:
            await connection.copy_records_to_table("sightings", records=batch, columns=COLUMNS)
        if index_afterwards:
            await connection.execute("SET maintenance_work_mem = '1GB'")
            await connection.execute("SELECT set_vector_index('hnsw')")
        await connection.execute("VACUUM ANALYZE sightings")
        return ids
    finally:
        await connection.close()


def _rows(
    ids: Sequence[UUID],
    templates: FloatArray,
    cameras: Sequence[UUID],
    model_version: str,
    months: Sequence[tuple[int, int]],
) -> Iterator[list[tuple[object, ...]]]:
    generator = np.random.default_rng(1)
    for begin in range(0, len(ids), BATCH):
        batch: list[tuple[object, ...]] = []
        for n in range(begin, min(begin + BATCH, len(ids))):
            year, month = months[int(generator.integers(len(months)))]
            second = int(generator.integers(28 * 86_400))
            at = datetime.fromtimestamp(datetime(year, month, 1, tzinfo=UTC).timestamp() + second, UTC)
            camera = cameras[int(generator.integers(len(cameras)))]
            box = [10.0, 20.0, 80.0, 90.0]
            batch.append((ids[n], camera, box, 1280, 720, 9, json.dumps([]), templates[n], model_version, at, at))
        yield batch


def _encoded(template: FloatArray) -> bytes:
    """pgvector's binary form: dimensions, zero, big-endian float32."""
    return struct.pack(">hh", len(template), 0) + template.astype(">f4").tobytes()


def exact(stored: FloatArray, probe: FloatArray, allowed: np.ndarray, wanted: int) -> list[int]:
    """Positions of the closest stored templates among the allowed ones, compared one by one."""
    places = np.flatnonzero(allowed)
    order = np.argsort(-(stored[places] @ probe), kind="stable")[:wanted]
    return [int(places[one]) for one in order]
