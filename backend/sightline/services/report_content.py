"""What stands in each kind of report, counted on behalf of whoever asked for it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.schemas.reports import ReportKind, ReportParameters
from sightline.services import camera_analytics, recognition_numbers, subject_analytics, trends
from sightline.services.keyset import Order, PageRequest
from sightline.services.measures import Cameras, Measure
from sightline.services.report_document import Column, Kind, Table, Value
from sightline.services.time_buckets import Interval
from sightline.services.trends import Span

EVERY_CAMERA = PageRequest(Order("name"), 10_000)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
JUDGED = (
    "Judged are matches that caught somebody's eye, not a random sample: the share tells of these, not of all matches."
)


@dataclass(frozen=True, slots=True)
class Question:
    """What is counted: from since to until, in the days of time_zone."""

    wanted: ReportParameters
    since: datetime
    until: datetime
    time_zone: str

    @property
    def span(self) -> Span:
        """For counting."""
        return Span(self.since, self.until, self.time_zone)

    @property
    def cameras(self) -> Cameras:
        """Which ones."""
        ids = self.wanted.camera_ids
        return Cameras(tuple(ids) if ids is not None else None, self.wanted.group_id)


Rows = tuple[tuple[Value, ...], ...]
Tables = tuple[Table, ...]
Item = TypeVar("Item")


async def tables(session: AsyncSession, asked: Question) -> Tables:
    """The tables of a report. Raises InvalidInput (span), NotFound (subject)."""
    return await CONTENTS[asked.wanted.kind](session, asked)


async def _activity(session: AsyncSession, asked: Question) -> Tables:
    names = ((Measure.SIGHTINGS, "Sightings"), (Measure.KNOWN, "Known"), (Measure.DETECTIONS, "Faces in frames"))
    counted = await _over_time(session, asked, names, "Sightings over time")
    return counted, await _per_camera(session, asked)


async def _over_time(
    session: AsyncSession, asked: Question, names: tuple[tuple[Measure, str], ...], heading: str
) -> Table:
    interval = Interval(asked.wanted.interval.value)
    found = [
        await trends.get_trends(session, measure=measure, interval=interval, span=asked.span, cameras=asked.cameras)
        for measure, _ in names
    ]
    first = Column(interval.value.capitalize(), Kind.DAY)
    starts = [bucket.start for bucket in found[0].buckets]
    rows: Rows = tuple((start, *(one.buckets[n].value for one in found)) for n, start in enumerate(starts))
    return Table(heading, (first, *(Column(name) for _, name in names)), rows, chart=True)


async def _per_camera(session: AsyncSession, asked: Question) -> Table:
    found = await camera_analytics.get_camera_analytics(
        session, since=asked.since, until=asked.until, page=EVERY_CAMERA
    )
    chosen = await _chosen(session, asked.cameras)
    rows = tuple(
        (one.name, one.sightings, one.known, one.alerts, one.false_matches, one.detections, one.uptime)
        for one in found.items
        if chosen is None or one.camera_id in chosen
    )
    names = ("Sightings", "Known", "Alerts", "False matches", "Faces in frames")
    columns = (Column("Camera", Kind.TEXT), *map(Column, names), Column("Uptime", Kind.SHARE))
    note = "False matches are those that a person found wrong. Uptime: share of minutes in which frames came."
    return Table("Cameras", columns, rows, note)


async def _chosen(session: AsyncSession, cameras: Cameras) -> frozenset[UUID] | None:
    """Ids of the cameras that count; None: all."""
    if cameras.ids is None and cameras.group_id is None:
        return None
    statement = text("SELECT id FROM cameras WHERE cast(:group AS uuid) IS NULL OR group_id = :group")
    ids = frozenset(await session.scalars(statement, {"group": cameras.group_id}))
    return ids if cameras.ids is None else ids & frozenset(cameras.ids)


_ALERTS = text(
    """
    SELECT a.severity, coalesce(w.name, '–') AS watchlist, count(*) AS total,
        count(*) FILTER (WHERE a.status = 'new') AS new, count(*) FILTER (WHERE a.status = 'acknowledged') AS taken,
        count(*) FILTER (WHERE a.status = 'resolved') AS resolved,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM a.acknowledged_at - a.created_at)) AS median
    FROM alerts a LEFT JOIN watchlists w ON w.id = a.watchlist_id
    WHERE a.matched_at >= :since AND a.matched_at < :until
        AND (cast(:ids AS uuid[]) IS NULL OR a.camera_id = ANY(:ids))
    GROUP BY 1, 2 ORDER BY array_position(ARRAY['critical', 'high', 'medium', 'low'], a.severity), 2
    """
)


async def _alerts(session: AsyncSession, asked: Question) -> Tables:
    over_time = await _over_time(session, asked, ((Measure.ALERTS, "Alerts"),), "Alerts over time")
    chosen = await _chosen(session, asked.cameras)
    given = {"since": asked.since, "until": asked.until, "ids": None if chosen is None else list(chosen)}
    rows = tuple(
        (row.severity, row.watchlist, row.total, row.new, row.taken, row.resolved, _minutes(row.median))
        for row in await session.execute(_ALERTS, given)
    )
    names = ("Alerts", "New", "Acknowledged", "Resolved")
    texts = (Column("Severity", Kind.TEXT), Column("Watchlist", Kind.TEXT))
    columns = (*texts, *map(Column, names), Column("Median minutes to acknowledge", Kind.NUMBER))
    return over_time, Table("By severity and watchlist", columns, rows), await _per_camera(session, asked)


def _minutes(seconds: object) -> float | None:
    return None if seconds is None else float(str(seconds)) / 60


async def _accuracy(session: AsyncSession, asked: Question) -> Tables:
    found = await recognition_numbers.get_recognition_stats(session, since=asked.since, until=asked.until)
    low, high = found.judged_wrong_interval or (None, None)
    facts: Rows = (
        ("Sightings", found.sightings),
        ("Known", found.known),
        ("Matches found right by a person", found.confirmed),
        ("Matches found wrong by a person", found.rejected),
        ("Sightings named by a person", found.assigned),
    )
    shares: Rows = (("Wrong among judged matches", found.judged_wrong, low, high),)
    value, lower = Column("Count"), Column("From", Kind.NUMBER)
    share = (Column("", Kind.TEXT), *(Column(name, Kind.SHARE) for name in ("Share", "95 % from", "to")))
    similarities, qualities = (
        tuple((b.lower, b.count) for b in bins) for bins in (found.similarities, found.qualities)
    )
    return (
        Table("Recognition", (Column("", Kind.TEXT), value), facts),
        Table("Error rate", share, shares, JUDGED),
        Table("Similarity of matches", (lower, value), similarities, chart=True),
        Table("Capture quality", (lower, value), qualities, chart=True),
        await _per_camera(session, asked),
    )


async def _subject(session: AsyncSession, asked: Question) -> Tables:
    subject_id = asked.wanted.subject_id
    assert subject_id is not None  # noqa: S101 - ReportIn asks for it
    found = await subject_analytics.get_subject_analytics(session, subject_id=subject_id, span=asked.span)
    name = str(await session.scalar(text("SELECT name FROM subjects WHERE id = :id"), {"id": subject_id}))
    facts: Rows = (
        ("Name", name),
        ("Sightings", str(found.sightings)),
        ("Alerts", str(found.alerts)),
        ("Matches found right by a person", str(found.confirmed)),
        ("Matches found wrong by a person", str(found.rejected)),
    )
    moments: Rows = tuple((camera.camera_name, camera.sightings, camera.last_seen_at) for camera in found.cameras)
    days = tuple((day.day.isoformat(), day.sightings) for day in found.days)
    hours: Rows = tuple(
        (f"{hour:02d}:00", *(found.weekdays[weekday][hour] for weekday in range(len(WEEKDAYS)))) for hour in range(24)
    )
    camera = (Column("Camera", Kind.TEXT), Column("Sightings"), Column("Last seen", Kind.MOMENT))
    return (
        Table("Subject", (Column("", Kind.TEXT), Column(" ", Kind.TEXT)), facts),
        Table("Where", camera, moments),
        Table("Days", (Column("Day", Kind.TEXT), Column("Sightings")), days, chart=True),
        Table("Hours of the week", (Column("Hour", Kind.TEXT), *map(Column, WEEKDAYS)), hours),
    )


CONTENTS: Mapping[ReportKind, Callable[[AsyncSession, Question], Awaitable[Tables]]] = {
    ReportKind.ACTIVITY: _activity,
    ReportKind.ALERTS: _alerts,
    ReportKind.ACCURACY: _accuracy,
    ReportKind.SUBJECT: _subject,
}
