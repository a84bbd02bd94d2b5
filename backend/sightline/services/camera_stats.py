"""What a camera counted, by hours or days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.models import Camera
from sightline.services import cameras, time_buckets
from sightline.services.time_buckets import Interval

LONGEST = timedelta(days=366)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Counts:
    """Frames analysed, faces found in them, tracks and how many of them were named; sightings on record."""

    frames: int = 0
    detections: int = 0
    tracks: int = 0
    recognitions: int = 0
    sightings: int = 0
    known: int = 0

    @property
    def unknown(self) -> int:
        """Sightings of nobody who is enrolled."""
        return self.sightings - self.known


@dataclass(frozen=True, slots=True)
class Bucket:
    """Counts of one hour or day."""

    begins_at: datetime
    ends_at: datetime
    counts: Counts


@dataclass(frozen=True, slots=True)
class CameraStats:
    """Counts of a camera in whole buckets from since to until.

    watched_minutes: those with a frame; availability: their share of the minutes that have passed, None: none has.
    """

    camera: Camera
    since: datetime
    until: datetime
    watched_minutes: int
    availability: float | None
    total: Counts
    buckets: tuple[Bucket, ...]


_COUNTED = text(
    """
    SELECT width_bucket(minute, cast(:edges AS timestamptz[])) AS n, sum(frames)::bigint AS frames,
        sum(detections)::bigint AS detections, sum(tracks)::bigint AS tracks, sum(recognitions)::bigint AS recognitions,
        count(*) FILTER (WHERE frames > 0) AS watched
    FROM camera_minute_counters WHERE camera_id = :camera_id AND minute >= :since AND minute < :until GROUP BY n
    """
)
_SEEN = text(
    """
    SELECT width_bucket(detected_at, cast(:edges AS timestamptz[])) AS n, count(*) AS sightings,
        count(subject_id) AS known
    FROM sightings WHERE camera_id = :camera_id AND detected_at >= :since AND detected_at < :until GROUP BY n
    """
)


async def stats(
    session: AsyncSession,
    *,
    camera_id: UUID,
    interval: Interval = Interval.DAY,
    since: datetime | None = None,
    until: datetime | None = None,
    time_zone: str | None = None,
    now: datetime | None = None,
) -> CameraStats:
    """time_zone: whose hours and days, the camera's own where not given. Raises NotFound, InvalidInput."""
    camera = await cameras.get_by_id(session, camera_id=camera_id)
    present = now or datetime.now(UTC)
    tz = time_buckets.zone(time_zone or camera.time_zone)
    begin, end = time_buckets.span(since, until, longest=LONGEST, now=present)
    edges = time_buckets.edges(begin, end, interval=interval, tz=tz)
    given = {"camera_id": camera_id, "edges": list(edges), "since": edges[0], "until": edges[-1]}
    counted = {row.n: row for row in await session.execute(_COUNTED, given)}
    seen = {row.n: row for row in await session.execute(_SEEN, given)}
    buckets = tuple(Bucket(edges[n - 1], edges[n], _counts(counted.get(n), seen.get(n))) for n in range(1, len(edges)))
    watched = sum(row.watched for row in counted.values())
    passed = (min(edges[-1], present) - edges[0]) // MINUTE
    availability = min(watched / passed, 1.0) if passed > 0 else None
    total = _summed([bucket.counts for bucket in buckets])
    return CameraStats(camera, edges[0], edges[-1], watched, availability, total, buckets)


def _counts(counted: object | None, seen: object | None) -> Counts:
    def of(row: object | None, name: str) -> int:
        return int(getattr(row, name)) if row is not None else 0

    own = [of(counted, name) for name in ("frames", "detections", "tracks", "recognitions")]
    return Counts(*own, *(of(seen, name) for name in ("sightings", "known")))


def _summed(parts: Sequence[Counts]) -> Counts:
    names = Counts.__dataclass_fields__
    return Counts(*(sum(getattr(part, name) for part in parts) for name in names))
