"""The statistics say what a recount of the records says, whatever was done to them."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import MAINTENANCE, SYSTEM, WORKER, Role
from sightline.models import Camera, CameraGroup, Subject
from sightline.services import measures, recognition_numbers, retention
from sightline.services.measures import Cameras, Measure
from sightline.services.sightings import MinuteCount, count_minutes, record_tracks
from tests.support.database import acting, add_camera, add_subject, add_user, add_watchlist, track_record

pytestmark = pytest.mark.asyncio
NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
OLDEST = NOW - timedelta(days=100)
QUARTER = timedelta(minutes=15)
RECOUNT = {
    Measure.SIGHTINGS: "SELECT count(*) FROM sightings WHERE detected_at >= :since AND detected_at < :until",
    Measure.KNOWN: "SELECT count(subject_id) FROM sightings WHERE detected_at >= :since AND detected_at < :until",
    Measure.ALERTS: "SELECT count(*) FROM alerts WHERE matched_at >= :since AND matched_at < :until",
    Measure.FRAMES: "SELECT coalesce(sum(frames), 0) FROM camera_minute_counters WHERE minute >= :since"
    " AND minute < :until",
    Measure.MINUTES: "SELECT count(*) FROM camera_minute_counters WHERE minute >= :since AND minute < :until",
}

BINS = text(
    "SELECT bin, count(*) AS total FROM sightings,"
    " unnest(sighting_bins(subject_id, confidence, quality_score, verdict)) AS bin"
    " WHERE detected_at >= :since AND detected_at < :until GROUP BY bin"
)


class House:
    """Two cameras, two people on a list, and what happens to their records."""

    def __init__(self, session: AsyncSession, cameras: Sequence[Camera], people: Sequence[Subject], seed: int) -> None:
        self.session, self.cameras, self.people = session, cameras, list(people)
        self.random = random.Random(seed)

    def moment(self) -> datetime:
        return OLDEST + timedelta(seconds=self.random.randrange(100 * 86400 - 7200))

    async def see(self) -> None:
        tracks = []
        for _ in range(self.random.randint(1, 6)):
            at = self.moment()
            person = self.random.choice([None, *self.people])
            tracks.append(
                track_record(self.random.choice(self.cameras), person, track_id=uuid4(), first_seen=at, last_seen=at)
            )
        async with acting(self.session, WORKER):
            await record_tracks(self.session, tracks=tracks)

    async def count(self) -> None:
        minute = self.moment().replace(second=0)
        async with acting(self.session, WORKER):
            for _ in range(2):  # the second adds to the first
                await count_minutes(self.session, counts=[MinuteCount(self.random.choice(self.cameras).id, minute, 60)])

    async def correct(self) -> None:
        await self.run(
            "UPDATE sightings SET subject_id = NULL WHERE id IN (SELECT id FROM sightings ORDER BY id LIMIT 2)"
        )
        if self.people:
            person = self.random.choice(self.people).id
            await self.run(
                "UPDATE sightings SET subject_id = :p WHERE id IN (SELECT id FROM sightings ORDER BY id DESC LIMIT 2)",
                p=person,
            )

    async def improve(self) -> None:
        """A better shot: another similarity and quality, some of them none, and the ends of their range."""
        similarity = self.random.choice([None, -1.0, 1.0, 0.95, self.random.uniform(-1, 1), self.random.random()])
        quality = self.random.choice([None, 0.0, 1.0, 0.35, self.random.random()])
        await self.run(
            "UPDATE sightings SET confidence = :s, quality_score = :q"
            " WHERE id IN (SELECT id FROM sightings ORDER BY md5(id::text || :salt) LIMIT 5)",
            s=similarity,
            q=quality,
            salt=str(self.random.random()),
        )

    async def judge(self) -> None:
        verdict = self.random.choice(["confirmed", "rejected", "assigned", None])
        await self.run(
            "UPDATE sightings SET verdict = :v, corrected_at = CASE WHEN cast(:v AS text) IS NOT NULL THEN now() END"
            " WHERE id IN (SELECT id FROM sightings ORDER BY md5(id::text) LIMIT 3)",
            v=verdict,
        )

    async def remove(self) -> None:
        await self.run(
            "DELETE FROM sightings WHERE id = (SELECT s.id FROM sightings s WHERE NOT EXISTS"
            " (SELECT FROM alerts a WHERE a.sighting_id = s.id) LIMIT 1)"
        )
        await self.run("DELETE FROM alerts WHERE id = (SELECT id FROM alerts ORDER BY id LIMIT 1)")

    async def move_an_alert(self) -> None:
        await self.run(
            "UPDATE alerts SET matched_at = :at WHERE id = (SELECT id FROM alerts LIMIT 1)", at=self.moment()
        )

    async def erase(self) -> None:
        if len(self.people) > 1:
            await self.run("SELECT erase_subject(:p)", p=self.people.pop().id)

    async def partition(self) -> None:
        month = self.moment().date().replace(day=1)
        await retention.create_monthly_partition(self.session, month=month)

    async def fold(self) -> None:
        async with acting(self.session, MAINTENANCE):
            await measures.fold(self.session)

    async def purge(self) -> None:
        async with acting(self.session, MAINTENANCE):
            await retention.purge(self.session, retention_days=self.random.choice([60, 40, 90]))

    async def run(self, statement: str, **given: object) -> None:
        await self.session.execute(text(statement), given)

    async def check(self) -> None:
        edges = sorted({OLDEST + QUARTER * self.random.randrange(100 * 96) for _ in range(20)} | {OLDEST, NOW})
        for measure, statement in RECOUNT.items():
            counted = await measures.series(self.session, measure=measure, edges=edges)
            for since, until, count in zip(edges[:-1], edges[1:], counted, strict=True):
                expected = await self.session.scalar(text(statement), {"since": since, "until": until})
                assert count == expected, (measure, since, until)
        await self.check_bins()

    async def check_bins(self) -> None:
        """At any moments, also those that are within one hour or on its edge."""
        moments = [self.moment() for _ in range(6)] + [OLDEST, NOW, NOW - timedelta(days=3)]
        spans = [(min(pair), max(pair)) for pair in combinations(moments, 2)]
        spans += [(one, one + timedelta(minutes=self.random.randrange(1, 3000))) for one in moments]
        for since, until in spans:
            counted = await recognition_numbers.counts_by_bin(self.session, since=since, until=until)
            rows = await self.session.execute(BINS, {"since": since, "until": until})
            assert counted == {row.bin: row.total for row in rows}, (since, until)


@pytest_asyncio.fixture
async def house(session: AsyncSession) -> House:
    watchlist = await add_watchlist(session)
    people = [await add_subject(session, watchlist) for _ in range(3)]
    return House(session, [await add_camera(session) for _ in range(2)], people, seed=4)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
async def test_statistics_are_a_recount_after_anything(house: House, seed: int) -> None:
    house.random.seed(seed)
    acts = [house.see] * 5 + [house.count] * 2 + [house.fold] * 2
    acts += [house.improve] * 3 + [house.judge] * 2
    acts += [house.correct, house.remove, house.move_an_alert, house.partition, house.purge]
    done = house.random.choices(acts, k=50)
    done.insert(40, house.erase)
    for act in done:
        await act()
    await house.check()
    await house.fold()
    await house.check()
    for table in ("statistic_changes", "statistic_bin_changes"):
        assert await house.session.scalar(text(f"SELECT count(*) FROM {table}")) == 0  # noqa: S608


async def test_a_dropped_partition_takes_its_counts_along_and_leaves_those_of_alerts(house: House) -> None:
    old = OLDEST + timedelta(hours=1)
    await retention.create_monthly_partition(house.session, month=old.date().replace(day=1))
    async with acting(house.session, WORKER):
        track = track_record(house.cameras[0], house.people[0], track_id=uuid4(), first_seen=old, last_seen=old)
        await record_tracks(house.session, tracks=[track])
    await house.fold()
    async with acting(house.session, MAINTENANCE):
        dry = await retention.purge(house.session, retention_days=30, dry_run=True)
    assert dry.amount("partitions_dropped") == 1
    edges = [OLDEST, NOW]
    assert await measures.series(house.session, measure=Measure.SIGHTINGS, edges=edges) == (1,)
    async with acting(house.session, MAINTENANCE):
        await retention.purge(house.session, retention_days=30)
    assert await measures.series(house.session, measure=Measure.SIGHTINGS, edges=edges) == (0,)
    assert await measures.series(house.session, measure=Measure.ALERTS, edges=edges) == (1,)


async def test_minutes_go_and_their_counts_stay(house: House) -> None:
    minute = OLDEST + timedelta(minutes=7)
    async with acting(house.session, WORKER):
        await count_minutes(house.session, counts=[MinuteCount(house.cameras[0].id, minute, 60, 5)])
    async with acting(house.session, MAINTENANCE):
        assert await retention.purge_minute_counters(house.session, retention_days=90) == 1
    for measure, expected in ((Measure.FRAMES, 60), (Measure.DETECTIONS, 5), (Measure.MINUTES, 1)):
        assert await measures.series(house.session, measure=measure, edges=[OLDEST, NOW]) == (expected,)


async def test_a_recount_repairs_what_was_written_past_the_triggers(house: House) -> None:
    await house.see()
    await house.judge()
    await house.count()
    await house.fold()
    before = await measures.series(house.session, measure=Measure.SIGHTINGS, edges=[OLDEST, NOW])
    await measures.recount(house.session)
    assert await measures.series(house.session, measure=Measure.SIGHTINGS, edges=[OLDEST, NOW]) == before
    await house.check()


async def test_per_camera_and_per_bin_agree_with_the_series(house: House) -> None:
    for number in range(30):
        await house.see()
        if number == 20:
            await house.fold()
    edges = [NOW - timedelta(hours=hours) for hours in range(60 * 24, -1, -1)]
    series = await measures.series(house.session, measure=Measure.SIGHTINGS, edges=edges)
    since, until = edges[0], edges[-1]
    own = await measures.per_camera(house.session, measures=[Measure.SIGHTINGS], since=since, until=until)
    assert sum(counts[Measure.SIGHTINGS] for counts in own.values()) == sum(series)
    bins = [edge.hour for edge in edges[:-1]]
    binned = await measures.by_bin(house.session, measure=Measure.SIGHTINGS, edges=edges, bins=bins)
    for hour in range(24):
        expected = sum(count for bin_, count in zip(bins, series, strict=True) if bin_ == hour)
        assert sum(count for (_, bin_), count in binned.items() if bin_ == hour) == expected
    one = Cameras((house.cameras[0].id,))
    only = await measures.series(house.session, measure=Measure.SIGHTINGS, edges=[since, until], cameras=one)
    assert only == (own[house.cameras[0].id][Measure.SIGHTINGS],)


async def test_counts_of_a_group_are_for_its_people(session: AsyncSession) -> None:
    group = CameraGroup(name="vaults of statistics")
    session.add(group)
    await session.flush()
    hidden, seen = await add_camera(session, group_id=group.id), await add_camera(session)
    at = NOW - timedelta(hours=2)
    async with acting(session, WORKER):
        tracks = [track_record(camera, track_id=uuid4(), first_seen=at, last_seen=at) for camera in (hidden, seen)]
        await record_tracks(session, tracks=tracks)
    viewer = await add_user(session, Role.VIEWER)
    edges = [NOW - timedelta(hours=3), NOW]
    for folded in (False, True):
        if folded:
            async with acting(session, MAINTENANCE):
                await measures.fold(session)
        async with acting(session, viewer):
            assert await measures.series(session, measure=Measure.SIGHTINGS, edges=edges) == (1,)
            chosen = Cameras(group_id=group.id)
            assert await measures.series(session, measure=Measure.SIGHTINGS, edges=edges, cameras=chosen) == (0,)
        async with acting(session, await add_user(session, Role.AUDITOR)):
            assert await measures.series(session, measure=Measure.SIGHTINGS, edges=edges) == (0,)
        async with acting(session, SYSTEM):
            assert await measures.series(session, measure=Measure.SIGHTINGS, edges=edges) == (2,)


async def test_hours_that_cross_midnight_in_utc_are_counted_once(house: House) -> None:
    for _ in range(20):
        await house.see()
    begins = NOW - timedelta(days=80, minutes=30)  # the hours of a zone like Asia/Kolkata
    edges = [begins + timedelta(hours=hours) for hours in range(79 * 24)]
    bins = [number % 24 for number in range(len(edges) - 1)]
    for folded in (False, True):
        if folded:
            await house.fold()
        series = await measures.series(house.session, measure=Measure.SIGHTINGS, edges=edges)
        binned = await measures.by_bin(house.session, measure=Measure.SIGHTINGS, edges=edges, bins=bins)
        assert sum(binned.values()) == sum(series) > 0
        for bin_ in range(24):
            assert sum(count for (_, own), count in binned.items() if own == bin_) == sum(series[bin_::24])


async def test_several_measures_at_once_are_each_of_them(house: House) -> None:
    for act in (house.see, house.count, house.fold, house.see, house.count):
        await act()
    edges = [OLDEST, NOW - timedelta(days=50, minutes=45), NOW]
    chosen = Cameras((house.cameras[1].id,))
    found = await measures.several(house.session, measures=tuple(Measure), edges=edges, cameras=chosen)
    for measure in Measure:
        assert found[measure] == await measures.series(house.session, measure=measure, edges=edges, cameras=chosen)
