"""When a camera gave no pictures."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import WORKER
from sightline.core.errors import InvalidInput
from sightline.services.camera_health import MINUTE, Gap, gaps, health
from sightline.services.sightings import MinuteCount, count_minutes
from tests.support.database import NOON, acting, add_camera

END = NOON + timedelta(hours=1)


def test_gaps_lie_between_minutes_and_at_both_ends() -> None:
    watched = [NOON + number * MINUTE for number in (2, 3, 7, 58)]
    found = gaps(watched, NOON, END, is_current=True)
    assert [(gap.begins_at - NOON, gap.minutes, gap.is_open) for gap in found] == [
        (59 * MINUTE, 1, True),
        (8 * MINUTE, 50, False),
        (4 * MINUTE, 3, False),
        (0 * MINUTE, 2, False),
    ]


def test_without_a_minute_all_of_it_is_one_gap_and_without_a_gap_there_is_none() -> None:
    assert gaps([], NOON, END, is_current=False) == [Gap(NOON, END)]
    assert gaps([NOON + number * MINUTE for number in range(60)], NOON, END, is_current=True) == []


@pytest.mark.asyncio
async def test_a_camera_is_asked_for_from_its_first_minute_to_the_last_settled_one(session: AsyncSession) -> None:
    camera = await add_camera(session, "Door")
    await session.execute(
        text("UPDATE cameras SET created_at = :at WHERE id = :id"), {"at": NOON + 10 * MINUTE, "id": camera.id}
    )
    await session.refresh(camera)
    counted = [MinuteCount(camera.id, NOON + number * MINUTE, 300, 0, 0, 0) for number in (10, 11, 20)]
    empty = MinuteCount(camera.id, NOON + 30 * MINUTE, 0, 0, 0, 0)
    async with acting(session, WORKER):
        await count_minutes(session, counts=[*counted, empty])
    found = await health(session, camera_id=camera.id, since=NOON, until=END, now=END)
    assert (found.since, found.until, found.watched_minutes) == (NOON + 10 * MINUTE, END - 2 * MINUTE, 3)
    assert [(gap.begins_at - NOON, gap.minutes, gap.is_open) for gap in found.gaps] == [
        (21 * MINUTE, 37, True),
        (12 * MINUTE, 8, False),
    ]


@pytest.mark.asyncio
async def test_a_camera_of_this_minute_has_no_history_yet_and_a_year_is_too_long(session: AsyncSession) -> None:
    camera = await add_camera(session, "Door")
    found = await health(session, camera_id=camera.id)
    assert (found.watched_minutes, found.gaps, found.has_more) == (0, (), False)
    with pytest.raises(InvalidInput):
        await health(session, camera_id=camera.id, since=NOON - timedelta(days=365), until=NOON)
