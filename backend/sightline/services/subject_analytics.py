"""When and where a subject was seen."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.errors import NotFound
from sightline.services import time_buckets
from sightline.services.trends import HOURS, WEEKDAYS, Span


@dataclass(frozen=True, slots=True)
class SeenAt:
    """A camera that saw the subject."""

    camera_id: UUID
    camera_name: str
    sightings: int
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class SeenOn:
    """A day of the time zone."""

    day: date
    sightings: int


@dataclass(frozen=True, slots=True)
class SubjectNumbers:
    """A subject over a span, at cameras that the principal may see.

    days: those with a sighting, oldest first; weekdays: 7 rows from Monday, each 24 hours of the wall clock;
    confirmed, rejected: matches that a person found right, and wrong (those are no longer its sightings).
    """

    subject_id: UUID
    since: datetime
    until: datetime
    time_zone: str
    sightings: int
    alerts: int
    first_seen_at: datetime | None
    last_seen_at: datetime | None
    mean_similarity: float | None
    confirmed: int
    rejected: int
    cameras: tuple[SeenAt, ...]
    days: tuple[SeenOn, ...]
    weekdays: tuple[tuple[int, ...], ...]


_SEEN = text(
    """
    SELECT camera_id, (detected_at AT TIME ZONE :zone)::date AS day,
        extract(isodow FROM detected_at AT TIME ZONE :zone)::int - 1 AS weekday,
        extract(hour FROM detected_at AT TIME ZONE :zone)::int AS hour, count(*) AS sightings,
        min(detected_at) AS first_at, max(last_seen_at) AS last_at, sum(confidence)::float8 AS similarity,
        count(confidence) AS compared, count(*) FILTER (WHERE verdict = 'confirmed') AS confirmed
    FROM sightings WHERE subject_id = :subject_id AND detected_at >= :since AND detected_at < :until
    GROUP BY 1, 2, 3, 4
    """
)
_ABOUT = text(
    """
    SELECT (SELECT count(*) FROM alerts WHERE subject_id = :subject_id AND matched_at >= :since
            AND matched_at < :until) AS alerts,
        (SELECT count(DISTINCT s.id) FROM sighting_corrections c
            JOIN sightings s ON s.id = c.sighting_id AND s.detected_at = c.detected_at
            WHERE c.machine_subject_id = :subject_id AND c.detected_at >= :since AND c.detected_at < :until
                AND s.verdict IS NOT NULL AND s.subject_id IS DISTINCT FROM c.machine_subject_id) AS rejected
    """
)


async def get_subject_analytics(session: AsyncSession, *, subject_id: UUID, span: Span) -> SubjectNumbers:
    """Numbers of one subject, over all that is held without since. Record that somebody looked.

    Raises NotFound, InvalidInput.
    """
    zone = time_buckets.zone(span.time_zone).key
    begin = span.since or time_buckets.EARLIEST
    since, until = time_buckets.span(begin, span.until, longest=timedelta.max - time_buckets.GRACE)
    if await session.scalar(text("SELECT 1 FROM subjects WHERE id = :id"), {"id": subject_id}) is None:
        raise NotFound(f"no subject {subject_id}", hint="See the list of subjects.")
    given = {"subject_id": subject_id, "since": since, "until": until}
    rows = (await session.execute(_SEEN, {**given, "zone": zone})).all()
    about = (await session.execute(_ABOUT, given)).one()
    names = await _camera_names(session)
    heat = [[0] * HOURS for _ in range(WEEKDAYS)]
    days: dict[date, int] = {}
    at: dict[UUID, tuple[int, datetime]] = {}
    for row in rows:
        heat[row.weekday][row.hour] += row.sightings
        days[row.day] = days.get(row.day, 0) + row.sightings
        before, last = at.get(row.camera_id, (0, row.last_at))
        at[row.camera_id] = (before + row.sightings, max(last, row.last_at))
    compared = sum(row.compared for row in rows)
    return SubjectNumbers(
        subject_id=subject_id,
        since=since,
        until=until,
        time_zone=zone,
        sightings=sum(row.sightings for row in rows),
        alerts=about.alerts,
        first_seen_at=min((row.first_at for row in rows), default=None),
        last_seen_at=max((row.last_at for row in rows), default=None),
        mean_similarity=sum(row.similarity or 0.0 for row in rows) / compared if compared else None,
        confirmed=sum(row.confirmed for row in rows),
        rejected=about.rejected,
        cameras=_by_sightings(at, names),
        days=tuple(SeenOn(day, count) for day, count in sorted(days.items())),
        weekdays=tuple(tuple(row) for row in heat),
    )


def _by_sightings(at: dict[UUID, tuple[int, datetime]], names: dict[UUID, str]) -> tuple[SeenAt, ...]:
    seen = [SeenAt(camera_id, names.get(camera_id, ""), count, last) for camera_id, (count, last) in at.items()]
    return tuple(sorted(seen, key=lambda one: (-one.sightings, one.camera_name)))


async def _camera_names(session: AsyncSession) -> dict[UUID, str]:
    return {row.id: row.name for row in await session.execute(text("SELECT id, name FROM cameras"))}
