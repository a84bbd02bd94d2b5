"""Where and when a subject was seen."""

from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from sightline.services import audit, keyset, sighting_views, subjects
from sightline.services.keyset import PageOf, PageRequest
from sightline.services.sighting_views import NEWEST_FIRST, SightingFilter, SightingView


@dataclass(frozen=True, slots=True)
class TimelineFilter:
    """Which part: since is included, until is not; cameras: any of these."""

    since: datetime | None = None
    until: datetime | None = None
    camera_ids: tuple[UUID, ...] | None = None


@dataclass(frozen=True, slots=True)
class TimelineStep:
    """A sighting, and the seconds between the end of the one before and its beginning; None for the first one."""

    sighting: SightingView
    seconds_since_previous: float | None


async def get_subject_timeline(
    session: AsyncSession, *, subject_id: UUID, where: TimelineFilter, request: PageRequest, purpose: str | None
) -> PageOf[TimelineStep]:
    """A subject's sightings at cameras that the principal may see, newest first; the look goes on record.

    request: in the order NEWEST_FIRST. Raises NotFound, InvalidInput.
    """
    await subjects.get(session, subject_id=subject_id)
    one_more = PageRequest(NEWEST_FIRST, request.limit + 1, request.after)
    wanted = SightingFilter(
        subject_ids=(subject_id,), since=where.since, until=where.until, camera_ids=where.camera_ids
    )
    found = list((await sighting_views.list_page(session, where=wanted, request=one_more)).items)
    steps = [TimelineStep(seen, _gap(seen, before)) for seen, before in zip_longest(found, found[1:])]
    page = keyset.split(found, request, {"detected_at": "detected_at"})
    details: dict[str, object] = {"purpose": purpose, "timeline": len(page.items)}
    await audit.record_event(session, action="VIEW", table_name="sightings", details=details, subject_id=subject_id)
    return PageOf(steps[: request.limit], page.next)


def _gap(seen: SightingView, before: SightingView | None) -> float | None:
    return None if before is None else max(0.0, (seen.detected_at - before.last_seen_at).total_seconds())
