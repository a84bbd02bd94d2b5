"""What a camera counted, by hours or days: from the statistics, which stay when minutes and sightings are removed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from sightline.models import Camera
from sightline.services import cameras, measures, time_buckets
from sightline.services.measures import Measure
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

    watched_minutes: those in which it gave anything; availability: their share of the minutes that have passed, None:
    none has.
    """

    camera: Camera
    since: datetime
    until: datetime
    watched_minutes: int
    availability: float | None
    total: Counts
    buckets: tuple[Bucket, ...]


_MEASURES = (
    Measure.FRAMES,
    Measure.DETECTIONS,
    Measure.TRACKS,
    Measure.RECOGNITIONS,
    Measure.SIGHTINGS,
    Measure.KNOWN,
)
"""In the order of Counts."""


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
    only = measures.Cameras(ids=(camera_id,))
    found = await measures.several(session, measures=(*_MEASURES, Measure.MINUTES), edges=edges, cameras=only)
    columns, watched = [found[one] for one in _MEASURES], sum(found[Measure.MINUTES])
    buckets = tuple(
        Bucket(begins, ends, Counts(*counts)) for begins, ends, *counts in zip(edges, edges[1:], *columns, strict=False)
    )
    passed = (min(edges[-1], present) - edges[0]) // MINUTE
    availability = min(watched / passed, 1.0) if passed > 0 else None
    total = _summed([bucket.counts for bucket in buckets])
    return CameraStats(camera, edges[0], edges[-1], watched, availability, total, buckets)


def _summed(parts: Sequence[Counts]) -> Counts:
    names = Counts.__dataclass_fields__
    return Counts(*(sum(getattr(part, name) for part in parts) for name in names))
