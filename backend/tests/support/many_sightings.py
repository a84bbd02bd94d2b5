"""Sightings of the last weeks for a running product, as many as a measurement wants, of its own cameras and people:
`python -m tests.support.many_sightings --data-dir FOLDER --count 100000` in backend/.

Their pictures are those of the product's sightings so far, so that each shows one. Loaded as the superuser, without
triggers: nobody is told, nothing is counted.
"""

import argparse
import asyncio
import sys
import time
from pathlib import Path

import asyncpg

from sightline.core.config import Settings
from sightline.workers.embedded.machine import running_settings

DAYS = 28
"""Less than the 30 after which sightings are removed (retention.sightings_days)."""
STARTING = 60.0
"""Seconds within which somebody has come before a camera."""

PARTITIONS = """
SELECT create_monthly_partition('sightings', extract(year FROM at)::int, extract(month FROM at)::int)
FROM generate_series(date_trunc('month', now() - make_interval(days => $1)), now(), interval '1 month') AS at
"""
# Two of three are known; similarities and qualities as they come in a house of few people.
FILL = """
WITH given AS (
    SELECT (SELECT array_agg(id) FROM cameras) AS cameras, (SELECT array_agg(id) FROM subjects) AS subjects,
        (SELECT array_agg(image_path) FROM sightings WHERE image_path IS NOT NULL) AS pictures
), made AS (
    SELECT number, now() - make_interval(days => $2) * (number::float / $1) - interval '1 minute' AS detected_at,
        number % 3 > 0 AS is_known
    FROM generate_series(1, $1::int) AS number
)
INSERT INTO sightings (id, camera_id, subject_id, confidence, bounding_box, frame_width, frame_height, detections,
    quality_score, candidates, image_path, detected_at, last_seen_at, closed_at)
SELECT uuidv7(), cameras[1 + number % cardinality(cameras)],
    CASE WHEN is_known THEN subjects[1 + number % cardinality(subjects)] END,
    CASE WHEN is_known THEN 0.5 + 0.4 * random() END, ARRAY[260, 60, 90, 110]::real[], 640, 360, 12,
    0.3 + 0.7 * random(), '[]', pictures[1 + number % cardinality(pictures)],
    detected_at, detected_at + interval '6 s', detected_at + interval '8 s'
FROM given, made
"""


def main() -> None:
    """Fill up to the count; says how many there are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--count", type=int, default=100_000)
    options = parser.parse_args()
    settings = running_settings(Settings(data_dir=options.data_dir))
    assert settings.database.admin_url, "the product's database is not its own"
    total = asyncio.run(_fill(settings.database.admin_url.get_secret_value(), options.count))
    sys.stdout.write(f"{total}\n")


async def _fill(admin_dsn: str, count: int) -> int:
    connection = await asyncpg.connect(admin_dsn)
    try:
        await _until_somebody_came(connection)
        await connection.execute("SET session_replication_role = replica")
        await connection.execute(PARTITIONS, DAYS)
        missing = count - await connection.fetchval("SELECT count(*) FROM sightings")
        if missing > 0:
            await connection.execute(FILL, missing, DAYS)
            await connection.execute("VACUUM ANALYZE sightings")
        return int(await connection.fetchval("SELECT count(*) FROM sightings"))
    finally:
        await connection.close()


async def _until_somebody_came(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    deadline = time.monotonic() + STARTING
    while not await connection.fetchval("SELECT EXISTS (SELECT FROM sightings WHERE image_path IS NOT NULL)"):
        assert time.monotonic() < deadline, "nobody came before a camera"
        await asyncio.sleep(0.5)


if __name__ == "__main__":
    main()
