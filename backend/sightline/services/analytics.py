"""Numbers for the first page: who is in view, what cameras counted, what is open."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.errors import InvalidInput
from sightline.services import measures
from sightline.services.measures import Measure

IN_VIEW = timedelta(seconds=15)
"""A track that was seen within this time and is not closed counts as present; workers write at least every 5 s."""
LONGEST_DAY = timedelta(hours=48)
"""How far back a day may begin: enough for every time zone, short enough to count quickly."""
LONGEST_STAY = timedelta(hours=1)
"""Who came before midnight and this long ago is still looked for among those in view."""
MINUTES = 60
HOURS = 24
RECENT = 10
"""Alerts that the first page shows."""
SEVERITIES = ("low", "medium", "high", "critical")
STATUSES = ("active", "inactive", "error")


@dataclass(frozen=True, slots=True)
class Minute:
    """What all visible cameras counted in one minute. minute: its beginning."""

    minute: datetime
    frames: int
    detections: int
    tracks: int
    recognitions: int


@dataclass(frozen=True, slots=True)
class CameraNow:
    """One camera: people in view, sightings since the day began, counts of the last whole minute."""

    camera_id: UUID
    in_view: int
    sightings_today: int
    frames: int
    detections: int


@dataclass(frozen=True, slots=True)
class Hour:
    """Sightings in an hour (UTC). hour: its beginning; known: those of subjects."""

    hour: datetime
    sightings: int
    known: int


@dataclass(frozen=True, slots=True)
class Dashboard:
    """What the principal's cameras saw; minutes: the last hour, hours: the last 24, oldest first, without gaps.

    cameras_by_status, alerts_by_severity (open ones) name every status and severity; recent_alerts: ids, newest first;
    frames_per_second: of all cameras that are watched, what goes to detection, and what the settings would have go.
    """

    as_of: datetime
    in_view: int
    sightings_today: int
    recognised_today: int
    open_alerts: int
    minutes: tuple[Minute, ...]
    cameras: tuple[CameraNow, ...]
    unknown_today: int
    hours: tuple[Hour, ...]
    cameras_by_status: dict[str, int]
    alerts_by_severity: dict[str, int]
    recent_alerts: tuple[UUID, ...]
    frames_per_second: float
    frames_per_second_wanted: float


_TOTALS = text(
    """
    SELECT count(*) AS sightings, count(subject_id) AS recognised FROM sightings WHERE detected_at >= :since
    """
)
_MINUTES = text(
    """
    SELECT m, coalesce(sum(c.frames), 0)::int, coalesce(sum(c.detections), 0)::int, coalesce(sum(c.tracks), 0)::int,
        coalesce(sum(c.recognitions), 0)::int
    FROM generate_series(cast(:first AS timestamptz), cast(:last AS timestamptz), interval '1 minute') AS m
    LEFT JOIN camera_minute_counters c ON c.minute = m GROUP BY m ORDER BY m
    """
)
_CAMERAS = text(
    """
    WITH seen AS MATERIALIZED (  -- else it is gone through again for each camera
        SELECT camera_id, count(*) FILTER (WHERE detected_at >= :since) AS sightings,
            count(*) FILTER (WHERE closed_at IS NULL AND last_seen_at >= :present) AS in_view
        FROM sightings WHERE detected_at >= :earliest
        GROUP BY camera_id
    )
    SELECT c.id, coalesce(s.in_view, 0)::int, coalesce(s.sightings, 0)::int, coalesce(m.frames, 0),
        coalesce(m.detections, 0)
    FROM cameras c LEFT JOIN seen s ON s.camera_id = c.id
    LEFT JOIN camera_minute_counters m ON m.camera_id = c.id AND m.minute = :minute
    WHERE c.removed_at IS NULL ORDER BY lower(c.name)
    """
)


_OPEN_ALERTS = text("SELECT severity, count(*) AS total FROM alerts WHERE status <> 'resolved' GROUP BY severity")
_STATUSES = text("SELECT status, count(*) AS total FROM cameras WHERE removed_at IS NULL GROUP BY status")
_FRAMES = text(
    """
    SELECT coalesce(sum(least(coalesce(sample_rate_now, :rate), :rate)), 0)::float, count(*) * cast(:rate AS float)
    FROM cameras WHERE removed_at IS NULL AND detection_enabled AND status = 'active'
    """
)
_RECENT = text("SELECT id FROM alerts ORDER BY created_at DESC, id DESC LIMIT :limit")


async def get_dashboard_stats(
    session: AsyncSession, *, sample_rate: float, since: datetime | None = None, now: datetime | None = None
) -> Dashboard:
    """since: when the user's day began, midnight UTC where not given; sample_rate: what a camera has analysed a second.

    Raises InvalidInput where the day began long ago.
    """
    as_of = now or datetime.now(UTC)
    begins = since or as_of.replace(hour=0, minute=0, second=0, microsecond=0)
    if not timedelta() <= as_of - begins <= LONGEST_DAY:
        raise InvalidInput("the day cannot begin then", hint="Give the last midnight of your time zone.")
    this_minute = as_of.replace(second=0, microsecond=0)
    totals = (await session.execute(_TOTALS, {"since": begins})).one()
    alerts = dict.fromkeys(SEVERITIES, 0) | await _counts(session, _OPEN_ALERTS)
    minutes = await session.execute(
        _MINUTES, {"first": this_minute - timedelta(minutes=MINUTES - 1), "last": this_minute}
    )
    at_cameras = await session.execute(
        _CAMERAS,
        {
            "since": begins,
            "earliest": min(begins, as_of - LONGEST_STAY),
            "present": as_of - IN_VIEW,
            "minute": this_minute - timedelta(minutes=1),
        },
    )
    by_camera = tuple(CameraNow(*row) for row in at_cameras.all())
    frames, wanted = (await session.execute(_FRAMES, {"rate": sample_rate})).one()
    return Dashboard(
        as_of=as_of,
        in_view=sum(camera.in_view for camera in by_camera),
        sightings_today=totals.sightings,
        recognised_today=totals.recognised,
        open_alerts=sum(alerts.values()),
        minutes=tuple(Minute(*row) for row in minutes.all()),
        cameras=by_camera,
        unknown_today=totals.sightings - totals.recognised,
        hours=await _hours(session, as_of),
        cameras_by_status=dict.fromkeys(STATUSES, 0) | await _counts(session, _STATUSES),
        alerts_by_severity=alerts,
        recent_alerts=tuple(await session.scalars(_RECENT, {"limit": RECENT})),
        frames_per_second=frames,
        frames_per_second_wanted=wanted,
    )


async def _counts(session: AsyncSession, statement: TextClause) -> dict[str, int]:
    """Of a statement that gives a name and a total per row."""
    return {row[0]: row[1] for row in await session.execute(statement)}


async def _hours(session: AsyncSession, as_of: datetime) -> tuple[Hour, ...]:
    """The hour that runs and those before it."""
    first = as_of.replace(minute=0, second=0, microsecond=0) - timedelta(hours=HOURS - 1)
    edges = [first + timedelta(hours=number) for number in range(HOURS + 1)]
    counted = await measures.several(session, measures=(Measure.SIGHTINGS, Measure.KNOWN), edges=edges)
    return tuple(Hour(*of) for of in zip(edges, counted[Measure.SIGHTINGS], counted[Measure.KNOWN], strict=False))
