"""What each camera did over a span."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.errors import InvalidInput
from sightline.services import measures, time_buckets
from sightline.services.keyset import PageOf, PageRequest, Position
from sightline.services.measures import Measure

MEASURES = tuple(Measure)
MINUTE = timedelta(minutes=1)
ORDERS = ("name", *(measure.value for measure in MEASURES if measure is not Measure.MINUTES), "false_matches", "uptime")


@dataclass(frozen=True, slots=True)
class CameraNumbers:
    """One camera over a span.

    false_matches: sightings of which a person said that it is somebody else; uptime: share of the span's minutes in
    which the camera gave frames, 0 to 1.
    """

    camera_id: UUID
    name: str
    status: str
    frames: int
    detections: int
    tracks: int
    recognitions: int
    sightings: int
    known: int
    alerts: int
    false_matches: int
    uptime: float

    @property
    def id(self) -> UUID:
        """For paging."""
        return self.camera_id


_CAMERAS = text("SELECT id, name, status, created_at FROM cameras WHERE removed_at IS NULL")
_FALSE_MATCHES = text(
    """
    SELECT s.camera_id, count(DISTINCT s.id) AS total FROM sighting_corrections c
    JOIN sightings s ON s.id = c.sighting_id AND s.detected_at = c.detected_at
    WHERE c.machine_subject_id IS NOT NULL AND c.detected_at >= :since AND c.detected_at < :until
        AND s.detected_at >= :since AND s.detected_at < :until
        AND s.verdict IS NOT NULL AND s.subject_id IS DISTINCT FROM c.machine_subject_id
    GROUP BY s.camera_id
    """
)


async def get_camera_analytics(
    session: AsyncSession, *, since: datetime | None, until: datetime | None, page: PageRequest
) -> PageOf[CameraNumbers]:
    """Cameras that the principal may see, removed ones left out; in whole quarters of an hour that cover the span.

    Raises InvalidInput: span, order, a cursor of another order.
    """
    begin, end = time_buckets.span(since, until)
    begin, last = time_buckets.floor_quarter(begin), time_buckets.ceil_quarter(end)
    given = {"since": begin, "until": last}
    counted = await measures.per_camera(session, measures=MEASURES, since=begin, until=last)
    wrong = {row.camera_id: row.total for row in await session.execute(_FALSE_MATCHES, given)}
    numbers = []
    for row in await session.execute(_CAMERAS):
        own = counted.get(row.id, dict.fromkeys(MEASURES, 0))
        there = (end - max(begin, min(row.created_at, end))) / MINUTE
        uptime = min(own[Measure.MINUTES] / there, 1.0) if there > 0 else 0.0
        amounts = {measure.value: own[measure] for measure in MEASURES if measure is not Measure.MINUTES}
        false_matches = wrong.get(row.id, 0)
        numbers.append(
            CameraNumbers(row.id, row.name, row.status, **amounts, false_matches=false_matches, uptime=uptime)
        )
    return _page(numbers, page)


def _page(numbers: Sequence[CameraNumbers], page: PageRequest) -> PageOf[CameraNumbers]:
    """Cut out of all of them: a house has hundreds of cameras, not millions."""
    name = page.order.name
    if name not in ORDERS:
        raise InvalidInput(f"cameras cannot be sorted by {name}", hint=f"Sort by one of: {', '.join(ORDERS)}.")
    rows = sorted(numbers, key=lambda one: (getattr(one, name), one.id), reverse=page.order.descending)
    if page.after is not None:
        if page.after.order != page.order:
            raise InvalidInput("this cursor belongs to another order", hint="Begin again without a cursor.")
        rows = [one for one in rows if _comes_after(one, page)]
    items = rows[: page.limit]
    if len(rows) <= page.limit:
        return PageOf(items, total=len(numbers))
    return PageOf(items, Position(page.order, getattr(items[-1], name), items[-1].id), len(numbers))


def _comes_after(one: CameraNumbers, page: PageRequest) -> bool:
    assert page.after is not None  # noqa: S101 - asked before
    here, seen = (getattr(one, page.order.name), one.id), (page.after.key, page.after.row_id)
    try:
        return bool(here < seen if page.order.descending else here > seen)
    except TypeError as error:
        raise InvalidInput("this cursor is none of ours", hint="Begin again without a cursor.") from error
