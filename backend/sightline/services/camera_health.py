"""When a camera gave pictures and when it gave none, from what it counted per minute.

What was said of a failure at its time stands in the audit log, as a change of the camera's state.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.models import Camera, CameraMinuteCounter
from sightline.services import cameras, time_buckets

LONGEST = timedelta(days=31)
MINUTE = timedelta(minutes=1)
SETTLING = timedelta(minutes=2)
"""Minutes are written after they are over."""
MOST_GAPS = 500


@dataclass(frozen=True, slots=True)
class Gap:
    """Whole minutes without a picture. is_open: it lasts until now, as far as is known."""

    begins_at: datetime
    ends_at: datetime
    is_open: bool = False

    @property
    def minutes(self) -> int:
        """How long."""
        return (self.ends_at - self.begins_at) // MINUTE


@dataclass(frozen=True, slots=True)
class CameraHealth:
    """Gaps of a camera, the latest first. since: when the span or the camera began. has_more: there were others
    before the ones given."""

    camera: Camera
    since: datetime
    until: datetime
    watched_minutes: int
    gaps: tuple[Gap, ...]
    has_more: bool


async def health(
    session: AsyncSession,
    *,
    camera_id: UUID,
    since: datetime | None = None,
    until: datetime | None = None,
    now: datetime | None = None,
) -> CameraHealth:
    """Raises NotFound, InvalidInput (no span, or longer than a month)."""
    camera = await cameras.get_by_id(session, camera_id=camera_id)
    present = now or datetime.now(UTC)
    begin, end = time_buckets.span(since, until, longest=LONGEST, now=present)
    settled = time_buckets.floor(present - SETTLING, MINUTE)
    end = min(time_buckets.floor(end, MINUTE), settled)
    begin = max(time_buckets.ceil(begin, MINUTE), time_buckets.ceil(camera.created_at, MINUTE))
    if begin >= end:
        return CameraHealth(camera, begin, max(begin, end), 0, (), has_more=False)
    minutes = await _watched(session, camera_id, begin, end)
    found = gaps(minutes, begin, end, is_current=end == settled)
    return CameraHealth(camera, begin, end, len(minutes), tuple(found[:MOST_GAPS]), has_more=len(found) > MOST_GAPS)


async def _watched(session: AsyncSession, camera_id: UUID, begin: datetime, end: datetime) -> Sequence[datetime]:
    statement = (
        select(CameraMinuteCounter.minute)
        .where(
            CameraMinuteCounter.camera_id == camera_id,
            CameraMinuteCounter.minute >= begin,
            CameraMinuteCounter.minute < end,
            CameraMinuteCounter.frames > 0,
        )
        .order_by(CameraMinuteCounter.minute)
    )
    return (await session.scalars(statement)).all()


def gaps(minutes: Sequence[datetime], begin: datetime, end: datetime, *, is_current: bool) -> list[Gap]:
    """What lies between the minutes, the latest first. minutes: rising, between begin and end."""
    found: list[Gap] = []
    last = begin
    for minute in minutes:
        if minute > last:
            found.append(Gap(last, minute))
        last = minute + MINUTE
    if end > last:
        found.append(Gap(last, end, is_open=is_current))
    return found[::-1]
