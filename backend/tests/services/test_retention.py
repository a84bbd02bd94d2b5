"""Retention: what is too old goes, what must stay is made anonymous, and a dry run tells the truth."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import MAINTENANCE, SYSTEM, Database
from sightline.core.errors import InvalidInput, NotFound
from sightline.services import audit, retention
from sightline.services.sightings import RecordingPolicy, UnknownPolicy, record_tracks
from tests.support.database import acting, add_camera, add_subject, add_watchlist, track_record

NOW = datetime.now(UTC)
OLD = (NOW - timedelta(days=200)).replace(day=10, hour=12)
RECENT = NOW - timedelta(days=2)


async def _years(session: AsyncSession) -> None:
    """An old month in a partition of its own, one old stray in the default partition, one recent sighting."""
    await retention.create_monthly_partition(session, month=OLD.date().replace(day=1))
    camera, subject = await add_camera(session), await add_subject(session, await add_watchlist(session))
    for moment in (OLD, OLD + timedelta(minutes=1), OLD - timedelta(days=400), RECENT):
        await record_tracks(
            session, tracks=[track_record(camera, subject, first_seen=moment, last_seen=moment + timedelta(seconds=9))]
        )


async def _count(session: AsyncSession, what: str) -> int:
    return int((await session.execute(text(f"SELECT count(*) FROM {what}"))).scalar_one())  # noqa: S608


@pytest.mark.asyncio
async def test_a_dry_run_reports_what_the_run_does_and_does_nothing(session: AsyncSession) -> None:
    await _years(session)
    async with acting(session, MAINTENANCE):
        planned = await retention.purge(session, retention_days=90, dry_run=True)
    assert await _count(session, "sightings") == 4
    assert await _count(session, "object_deletions") == 0
    async with acting(session, MAINTENANCE):
        done = await retention.purge(session, retention_days=90)
    assert planned.amounts == done.amounts
    assert (planned.dry_run, done.dry_run) == (True, False)


@pytest.mark.asyncio
async def test_old_sightings_go_by_partition_and_alerts_stay_without_person(session: AsyncSession) -> None:
    await _years(session)
    report = await retention.purge(session, retention_days=90)
    assert report.amount("partitions_dropped") == 1
    assert report.amount("sightings_in_dropped_partitions") == 2
    assert report.amount("sightings_deleted") == 1, "the stray"
    assert report.amount("objects_queued") == 6
    assert await _count(session, "sightings") == 1
    alerts = (
        await session.execute(text("SELECT subject_id IS NULL AS nobody, message FROM alerts ORDER BY matched_at"))
    ).all()
    assert [row.nobody for row in alerts] == [True, True, False]
    assert {row.message for row in alerts[:2]} == {"[anonymised]"}
    assert await _count(session, "audit_logs WHERE action = 'PURGE'") == 1


@pytest.mark.asyncio
async def test_purging_keeps_the_chain_whole(database: Database) -> None:
    async with database.session(SYSTEM) as session:
        await _years(session)
    async with database.session(MAINTENANCE) as session:
        await retention.purge(session, retention_days=90)
    async with database.session(MAINTENANCE) as session:
        await audit.seal(session)
        assert (await audit.verify_chain(session)).is_whole


@pytest.mark.asyncio
async def test_pictures_of_unknown_people_go_after_their_hours(session: AsyncSession) -> None:
    camera, subject = await add_camera(session), await add_subject(session)
    policy = RecordingPolicy(UnknownPolicy.TEMPLATE, unknown_for=timedelta(hours=24))
    yesterday: dict[str, Any] = {"first_seen": NOW - timedelta(hours=25), "last_seen": NOW - timedelta(hours=25)}
    today: dict[str, Any] = {"first_seen": NOW, "last_seen": NOW}
    stranger, passer_by = track_record(camera, **yesterday), track_record(camera, **today)
    await record_tracks(
        session, tracks=[stranger, passer_by, track_record(camera, subject, **yesterday)], policy=policy
    )
    async with acting(session, MAINTENANCE):
        assert await retention.purge_expired_media(session) == 1
        queued = await retention.pending_objects(session)
        assert {item.key for item in queued} == {stranger.image_path, stranger.frame_path}
        await retention.object_failed(session, object_id=queued[0].id, message="no answer")
        await retention.objects_removed(session, ids=[queued[1].id])
        assert [item.id for item in await retention.pending_objects(session)] == [queued[0].id]
    kept = text("SELECT count(*) FROM sightings WHERE image_path IS NOT NULL AND embedding IS NOT NULL")
    assert await session.scalar(kept) == 2


@pytest.mark.asyncio
async def test_a_retention_of_no_day_is_refused(database: Database) -> None:
    with pytest.raises(InvalidInput):
        async with database.session(SYSTEM) as session:
            await retention.purge(session, retention_days=0)


@pytest.mark.asyncio
async def test_erasing_nobody_says_so(database: Database) -> None:
    with pytest.raises(NotFound):
        async with database.session(SYSTEM) as session:
            await retention.erase_subject(session, subject_id=uuid4())
