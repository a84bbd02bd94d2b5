"""Partitions: months in UTC without gap or overlap, strays moved, whole ones dropped."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import SYSTEM, Database
from sightline.core.errors import InvalidInput
from sightline.services import retention
from sightline.services.sightings import record_tracks
from tests.support.database import add_camera, add_subject, add_watchlist, track_record

WHERE = text("SELECT tableoid::regclass::text FROM sightings WHERE id = :id")


async def _home(session: AsyncSession, moment: datetime) -> str:
    """The partition that a sighting of a moment lies in."""
    track = track_record(await add_camera(session), first_seen=moment, last_seen=moment)
    await record_tracks(session, tracks=[track])
    return str(await session.scalar(WHERE, {"id": track.track_id}))


@pytest.mark.asyncio
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Pacific/Auckland", "America/New_York"])
@pytest.mark.parametrize(
    "month",
    [date(2027, 12, 1), date(2028, 2, 1), date(2027, 2, 1), date(2027, 3, 1), date(2027, 10, 1), date(2100, 2, 1)],
    ids=["year's end", "leap year", "no leap year", "clocks forward", "clocks back", "century"],
)
async def test_a_month_begins_and_ends_in_utc_whatever_the_session_says(
    session: AsyncSession, month: date, zone: str
) -> None:
    await session.execute(text(f"SET LOCAL TIME ZONE '{zone}'"))
    name = await retention.create_monthly_partition(session, month=month)
    assert name == f"sightings_{month:%Y_%m}"
    first = datetime(month.year, month.month, 1, tzinfo=UTC)
    last = first + timedelta(days=monthrange(month.year, month.month)[1]) - timedelta(microseconds=1)
    assert await _home(session, first) == name
    assert await _home(session, last) == name
    assert await _home(session, first - timedelta(microseconds=1)) != name
    assert await _home(session, last + timedelta(microseconds=1)) != name


@pytest.mark.asyncio
async def test_consecutive_months_leave_no_gap(session: AsyncSession) -> None:
    for number in range(1, 13):
        await retention.create_monthly_partition(session, month=date(2031, number, 1))

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(moment=st.datetimes(datetime(2031, 1, 1), datetime(2031, 12, 31, 23, 59, 59, 999999)))  # noqa: DTZ001
    def name_of(moment: datetime) -> None:
        homes.append((moment.replace(tzinfo=UTC), f"sightings_{moment:%Y_%m}"))

    homes: list[tuple[datetime, str]] = []
    name_of()
    for moment, expected in homes:
        assert await _home(session, moment) == expected


@pytest.mark.asyncio
async def test_strays_of_the_default_partition_are_moved_with_their_alerts(session: AsyncSession) -> None:
    camera, subject = await add_camera(session), await add_subject(session, await add_watchlist(session))
    moment = datetime(2033, 5, 31, 23, 59, tzinfo=UTC)
    track = track_record(camera, subject, first_seen=moment, last_seen=moment)
    recorded = await record_tracks(session, tracks=[track])
    assert len(recorded.alerts) == 1
    assert await session.scalar(WHERE, {"id": track.track_id}) == "sightings_default"
    name = await retention.create_monthly_partition(session, month=date(2033, 5, 1))
    assert await session.scalar(WHERE, {"id": track.track_id}) == name
    alert = text("SELECT sighting_id FROM alerts WHERE id = :id")
    assert await session.scalar(alert, {"id": recorded.alerts[0].id}) == track.track_id
    row = text("SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE relname = :name")
    assert await session.scalar(row, {"name": name})


@pytest.mark.asyncio
async def test_asking_twice_changes_nothing(session: AsyncSession) -> None:
    month = date(2034, 1, 1)
    assert await retention.create_monthly_partition(session, month=month) == "sightings_2034_01"
    assert await retention.create_monthly_partition(session, month=month) == "sightings_2034_01"


@pytest.mark.asyncio
@pytest.mark.parametrize("call", ["'users', 2027, 1", "'sightings', 2027, 13", "'sightings', 2027, 0", "NULL, 2027, 1"])
async def test_nonsense_is_refused(database: Database, call: str) -> None:
    with pytest.raises(InvalidInput):
        async with database.session(SYSTEM) as session:
            await session.execute(text(f"SELECT create_monthly_partition({call})"))


@pytest.mark.asyncio
async def test_partitions_are_made_ahead(session: AsyncSession) -> None:
    names = await retention.create_partitions_ahead(session, months=3)
    assert len(set(names)) == 4
    assert names[0] == f"sightings_{datetime.now(UTC):%Y_%m}"
