"""What a retention would remove, counted without touching it: by statistics, catalogue and a sample."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.schemas.runtime_settings import RetentionRules
from sightline.services import measures
from sightline.services.measures import Measure
from sightline.services.time_buckets import ceil_quarter, floor_quarter

SAMPLE = 1000
"""Sightings looked at for their pictures: enough for a share within three percent."""
PARTITION = re.compile(r"sightings_([0-9]{4})_([0-9]{2})")


@dataclass(frozen=True, slots=True)
class RetentionPreview:
    """What would go. *_estimate: by sample and share; the rest is exact up to what is written meanwhile."""

    sightings_before: datetime
    minute_counts_before: datetime
    sightings: int
    known: int
    pictures_estimate: int
    database_bytes_estimate: int
    oldest_sighting_at: datetime | None
    months_dropped: int
    alerts_anonymised: int
    minute_counts: int


_REST = text(
    "SELECT count(*) AS seen, count(subject_id) AS known FROM sightings WHERE detected_at >= :since"
    " AND detected_at < :until"
)
_OLDEST = text("SELECT detected_at FROM sightings ORDER BY detected_at LIMIT 1")
_OLDEST_MINUTE = text("SELECT minute FROM camera_minute_counters ORDER BY minute LIMIT 1")
_ALERTS = text("SELECT count(*) FROM alerts WHERE sighting_detected_at < :cutoff")
_PICTURES = text(
    """
    SELECT count(*) AS rows, coalesce(sum(num_nonnulls(image_path, frame_path)), 0) AS pictures
    FROM (SELECT image_path, frame_path FROM sightings WHERE detected_at < :cutoff ORDER BY detected_at DESC
        LIMIT :sample) AS newest
    """
)
_SIZES = text(
    "SELECT c.relname, pg_total_relation_size(c.oid) AS bytes FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
    " WHERE i.inhparent = 'sightings'::regclass"
)


async def preview(session: AsyncSession, *, rules: RetentionRules, now: datetime | None = None) -> RetentionPreview:
    """Count what these rules would remove at this moment."""
    present = now or datetime.now(UTC)
    cutoff = present - timedelta(days=rules.sightings_days)
    minutes_before = present - timedelta(days=rules.minute_counts_days)
    oldest = await session.scalar(_OLDEST)
    seen, known = await _sightings(session, oldest, cutoff)
    sample = (await session.execute(_PICTURES, {"cutoff": cutoff, "sample": SAMPLE})).one()
    size, months = await _sizes(session, cutoff)
    return RetentionPreview(
        sightings_before=cutoff,
        minute_counts_before=minutes_before,
        sightings=seen,
        known=known,
        pictures_estimate=round(seen * int(sample.pictures) / sample.rows) if sample.rows else 0,
        database_bytes_estimate=size,
        oldest_sighting_at=oldest,
        months_dropped=months,
        alerts_anonymised=int(await session.scalar(_ALERTS, {"cutoff": cutoff}) or 0),
        minute_counts=await _minutes(session, minutes_before),
    )


async def _sightings(session: AsyncSession, oldest: datetime | None, cutoff: datetime) -> tuple[int, int]:
    """All and known ones: whole quarters of an hour from the statistics, the rest from the records."""
    if oldest is None or oldest >= cutoff:
        return 0, 0
    last = floor_quarter(cutoff)
    rest = (await session.execute(_REST, {"since": max(last, oldest), "until": cutoff})).one()
    edges = [floor_quarter(oldest), last]
    if edges[0] >= last:
        return int(rest.seen), int(rest.known)
    (seen,) = await measures.series(session, measure=Measure.SIGHTINGS, edges=edges)
    (known,) = await measures.series(session, measure=Measure.KNOWN, edges=edges)
    return seen + rest.seen, known + rest.known


async def _minutes(session: AsyncSession, before: datetime) -> int:
    oldest = await session.scalar(_OLDEST_MINUTE)
    if oldest is None or oldest >= before:
        return 0
    edges = [floor_quarter(oldest), ceil_quarter(before)]
    (minutes,) = await measures.series(session, measure=Measure.MINUTES, edges=edges)
    return minutes


async def _sizes(session: AsyncSession, cutoff: datetime) -> tuple[int, int]:
    """Bytes of what is before cutoff, as if a month's rows came evenly; and how many months go as a whole."""
    size, months = 0.0, 0
    for row in await session.execute(_SIZES):
        found = PARTITION.fullmatch(row.relname)
        if found is None:
            continue
        begins = datetime(int(found[1]), int(found[2]), 1, tzinfo=UTC)
        ends = (begins + timedelta(days=32)).replace(day=1)
        share = min(max((cutoff - begins) / (ends - begins), 0.0), 1.0)
        size += share * row.bytes
        months += share == 1.0
    return round(size), months
