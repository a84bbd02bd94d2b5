"""Lists of sightings: each filter, pages without gaps, counts that end, and plans that read no partition through."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import SYSTEM, Database, Role
from sightline.core.errors import InvalidInput, NotFound
from sightline.models import CameraGroup
from sightline.services import sighting_views
from sightline.services.keyset import Order, PageRequest
from sightline.services.sighting_views import NEWEST_FIRST, SightingFilter
from sightline.services.sightings import record_tracks
from tests.support.database import (
    NOON,
    add_camera,
    add_subject,
    add_user,
    add_watchlist,
    matched,
    track_record,
)

SECOND = timedelta(seconds=1)


@pytest.mark.asyncio
@pytest.mark.parametrize("order", ["detected_at", "-detected_at"])
async def test_pages_follow_each_other_without_gap_or_repetition(session: AsyncSession, order: str) -> None:
    camera = await add_camera(session)
    at_once = [track_record(camera) for _ in range(3)]
    later = [track_record(camera, first_seen=NOON + n * SECOND, last_seen=NOON + 9 * SECOND) for n in (1, 2)]
    await record_tracks(session, tracks=[*at_once, *later])
    request, seen = PageRequest(Order.parse(order), 2), []
    while True:
        page = await sighting_views.list_page(session, where=SightingFilter(), request=request, count=True)
        assert page.total == 5
        seen += [view.id for view in page.items]
        if page.next is None:
            break
        request = replace(request, after=page.next)
    expected = [track.track_id for track in (*at_once, *later)]
    assert seen == (expected if order == "detected_at" else expected[::-1])


@pytest.mark.asyncio
async def test_each_filter_leaves_what_it_says(session: AsyncSession) -> None:
    group = CameraGroup(name="doors")
    session.add(group)
    await session.flush()
    door, yard = await add_camera(session, group_id=group.id), await add_camera(session)
    listed = await add_watchlist(session)
    guest, other = await add_subject(session, listed), await add_subject(session)
    tracks = {
        "guest": track_record(door, match=matched(guest, 0.9), quality=0.9, closed=True),
        "other": track_record(yard, match=matched(other, 0.5), quality=0.4, first_seen=NOON - 60 * SECOND),
        "stranger": track_record(yard, quality=0.1, first_seen=NOON - 120 * SECOND),
    }
    await record_tracks(session, tracks=list(tracks.values()))
    names = {track.track_id: name for name, track in tracks.items()}
    cases: list[tuple[dict[str, Any], set[str]]] = [
        ({}, {"guest", "other", "stranger"}),
        ({"camera_ids": (yard.id,)}, {"other", "stranger"}),
        ({"camera_ids": (yard.id, door.id)}, {"guest", "other", "stranger"}),
        ({"camera_ids": ()}, set()),
        ({"group_id": group.id}, {"guest"}),
        ({"group_id": group.id, "camera_ids": (yard.id,)}, set()),
        ({"group_id": uuid4()}, set()),
        ({"subject_ids": (guest.id, other.id)}, {"guest", "other"}),
        ({"watchlist_id": listed.id}, {"guest"}),
        ({"watchlist_id": 999_999}, set()),
        ({"known": True}, {"guest", "other"}),
        ({"known": False}, {"stranger"}),
        ({"min_similarity": 0.6}, {"guest"}),
        ({"min_quality": 0.3}, {"guest", "other"}),
        ({"since": NOON - 60 * SECOND}, {"guest", "other"}),
        ({"until": NOON - 60 * SECOND}, {"stranger"}),
        ({"since": NOON, "until": NOON - SECOND}, set()),
        ({"open": True}, {"other", "stranger"}),
        ({"open": False}, {"guest"}),
        ({"verdict": "rejected"}, set()),
        ({"ids": (tracks["other"].track_id, uuid4())}, {"other"}),
    ]
    for changes, expected in cases:
        found = await sighting_views.list_sightings(session, where=SightingFilter(**changes))
        assert {names[view.id] for view in found} == expected, changes


@pytest.mark.asyncio
async def test_a_count_ends_where_it_is_told_to(session: AsyncSession) -> None:
    camera = await add_camera(session)
    await record_tracks(session, tracks=[track_record(camera) for _ in range(5)])
    assert await sighting_views.count_up_to(session, where=SightingFilter(), most=3) == 3
    assert await sighting_views.count_up_to(session, where=SightingFilter(), most=99) == 5


@pytest.mark.asyncio
async def test_one_sighting_with_the_people_that_recognition_ranked(session: AsyncSession) -> None:
    camera, subject = await add_camera(session, "door"), await add_subject(session)
    camera.time_zone = "Asia/Kathmandu"
    track = track_record(camera, subject)
    await record_tracks(session, tracks=[track])
    found = await sighting_views.get(session, sighting_id=track.track_id)
    assert found.view.camera_time_zone == "Asia/Kathmandu"
    assert (found.view.camera_name, found.view.box, found.has_template) == ("door", (10.0, 20.0, 30.0, 40.0), True)
    assert [(one.name, one.similarity) for one in found.candidates] == [(subject.name, 0.8)]
    with pytest.raises(NotFound):
        await sighting_views.get(session, sighting_id=uuid4())


@pytest.mark.asyncio
async def test_no_order_but_those_that_an_index_serves(session: AsyncSession) -> None:
    request = PageRequest(Order("confidence"), 10)
    with pytest.raises(InvalidInput):
        await sighting_views.list_page(session, where=SightingFilter(), request=request)
    assert str(NEWEST_FIRST) == "-detected_at"


FILTERS: list[dict[str, Any]] = [
    {},
    {"camera_ids": (uuid4(),)},
    {"camera_ids": (uuid4(), uuid4())},
    {"subject_ids": (uuid4(),)},
    {"subject_ids": (uuid4(), uuid4())},
    {"known": True},
    {"known": False},
    {"min_similarity": 0.99},
    {"min_quality": 0.99},
    {"since": NOON},
    {"since": NOON - timedelta(days=400), "until": NOON},
    {"open": True},
    {"open": False},
    {"verdict": "rejected"},
    {"ids": (uuid4(),)},
]


@pytest.mark.asyncio
@pytest.mark.parametrize("role", [Role.ADMIN, Role.OPERATOR, Role.VIEWER])
async def test_no_list_reads_a_partition_from_one_end_to_the_other(database: Database, role: Role) -> None:
    """In a database of its own: what other tests rolled back changes what the planner knows of the shared one."""
    async with database.session(SYSTEM) as session:
        camera = await add_camera(session)
        months = [NOON - timedelta(days=30 * n) for n in range(6)]
        for month in months:
            statement = text("SELECT create_monthly_partition('sightings', :y, :m)")
            await session.execute(statement, {"y": month.year, "m": month.month})
        tracks = [track_record(camera, first_seen=at, last_seen=at + SECOND) for at in months for _ in range(40)]
        await record_tracks(session, tracks=tracks)
        user = await add_user(session, role)
    reads = text("SELECT coalesce(sum(seq_scan), 0) FROM pg_stat_xact_user_tables WHERE relname LIKE 'sightings%'")
    async with database.session(user) as session:
        before = await session.scalar(reads)
        for changes in FILTERS:
            where = SightingFilter(**changes)
            request = PageRequest(NEWEST_FIRST, 10)
            page = await sighting_views.list_page(session, where=where, request=request, count=True)
            if page.next is not None:
                await sighting_views.list_page(session, where=where, request=replace(request, after=page.next))
            assert await session.scalar(reads) == before, changes
        await sighting_views.get(session, sighting_id=tracks[0].track_id)
        assert await session.scalar(reads) == before
