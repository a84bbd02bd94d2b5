"""Counts over time: series, and when of the week something happens."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.errors import InvalidInput
from sightline.services import measures, time_buckets
from sightline.services.measures import ALL, Cameras, Measure
from sightline.services.time_buckets import Interval

HEATMAP_LONGEST = time_buckets.LONGEST_IN_HOURS * 3
"""93 days: every hour of the week a dozen times, and counted in some milliseconds."""
HOURS, WEEKDAYS = 24, 7


@dataclass(frozen=True, slots=True)
class Bucket:
    """What was counted from start (inclusive) to end (exclusive), both UTC."""

    start: datetime
    end: datetime
    value: int


@dataclass(frozen=True, slots=True)
class Trend:
    """Buckets without gaps, oldest first; total is their sum."""

    measure: Measure
    interval: Interval
    time_zone: str
    total: int
    buckets: tuple[Bucket, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when, in the buckets of which time zone."""

    since: datetime | None = None
    until: datetime | None = None
    time_zone: str = "UTC"


async def get_trends(
    session: AsyncSession,
    *,
    measure: Measure,
    interval: Interval,
    span: Span,
    cameras: Cameras = ALL,
    watchlist_id: int | None = None,
) -> Trend:
    """A series of whole buckets that cover the span. watchlist_id: for alerts only.

    Raises InvalidInput: span, zone, hours over more than a month, watchlist with another measure.
    """
    tz = time_buckets.zone(span.time_zone)
    since, until = time_buckets.span(span.since, span.until)
    edges = time_buckets.edges(since, until, interval=interval, tz=tz)
    if watchlist_id is None:
        counts = await measures.series(session, measure=measure, edges=edges, cameras=cameras)
    elif measure is Measure.ALERTS:
        counts = await _alerts_of(session, watchlist_id, edges, cameras)
    else:
        raise InvalidInput("only alerts are counted per watchlist", hint="Ask for the metric alerts.")
    buckets = tuple(Bucket(*of) for of in zip(edges, edges[1:], counts, strict=False))
    return Trend(measure, interval, span.time_zone, sum(counts), buckets)


_ALERTS_OF = text(
    """
    SELECT width_bucket(matched_at, cast(:edges AS timestamptz[])) AS n, count(*) AS total FROM alerts
    WHERE watchlist_id = :watchlist_id AND matched_at >= :since AND matched_at < :until
        AND (cast(:ids AS uuid[]) IS NULL OR camera_id = ANY(:ids))
        AND (cast(:group_id AS uuid) IS NULL OR camera_id IN (SELECT id FROM cameras WHERE group_id = :group_id))
    GROUP BY 1
    """
)


async def _alerts_of(
    session: AsyncSession, watchlist_id: int, edges: Sequence[datetime], cameras: Cameras
) -> tuple[int, ...]:
    given = {
        "edges": list(edges),
        "since": edges[0],
        "until": edges[-1],
        "watchlist_id": watchlist_id,
        "ids": list(cameras.ids) if cameras.ids is not None else None,
        "group_id": cameras.group_id,
    }
    found = {row.n: row.total for row in await session.execute(_ALERTS_OF, given)}
    return tuple(found.get(number, 0) for number in range(1, len(edges)))


@dataclass(frozen=True, slots=True)
class CameraHours:
    """What a camera counted per hour of the day (24)."""

    camera_id: UUID
    hours: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Heatmap:
    """weekdays: 7 rows from Monday to Sunday, each with 24 hours of the wall clock; cameras likewise, each one.

    since, until: what was counted, in whole hours.
    """

    measure: Measure
    time_zone: str
    since: datetime
    until: datetime
    weekdays: tuple[tuple[int, ...], ...]
    cameras: tuple[CameraHours, ...]


async def get_heatmap(session: AsyncSession, *, measure: Measure, span: Span, cameras: Cameras = ALL) -> Heatmap:
    """When of the week and of the day, over 93 days at most. Raises InvalidInput."""
    tz = time_buckets.zone(span.time_zone)
    since, until = time_buckets.span(span.since, span.until, longest=HEATMAP_LONGEST)
    edges = time_buckets.hours(since, until, tz)
    local = [start.astimezone(tz) for start in edges[:-1]]
    bins = [moment.weekday() * HOURS + moment.hour for moment in local]
    found = await measures.by_bin(session, measure=measure, edges=edges, bins=bins, cameras=cameras)
    rows = [[0] * HOURS for _ in range(WEEKDAYS)]
    by_camera: dict[UUID, list[int]] = {}
    for (camera_id, bin_), count in found.items():
        rows[bin_ // HOURS][bin_ % HOURS] += count
        by_camera.setdefault(camera_id, [0] * HOURS)[bin_ % HOURS] += count
    return Heatmap(
        measure,
        span.time_zone,
        edges[0],
        edges[-1],
        tuple(tuple(row) for row in rows),
        tuple(CameraHours(camera_id, tuple(hours)) for camera_id, hours in sorted(by_camera.items())),
    )
