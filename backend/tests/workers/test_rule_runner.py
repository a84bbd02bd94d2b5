"""Engines at work: several at once, one that dies, rules and sightings that nobody can evaluate."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from sightline.core.database import SYSTEM, WORKER, Database
from sightline.core.errors import ServiceUnavailable
from sightline.models import Camera, Subject
from sightline.services import alert_rule_queue, alert_rule_runs
from sightline.services.alert_rule_evaluation import fires
from sightline.services.alert_rule_facts import of_past
from sightline.services.alert_rule_records import rules_in_force
from sightline.services.sightings import TrackRecord, record_tracks
from sightline.workers import rule_runner
from sightline.workers.rule_runner import RuleRunner
from tests.services.rule_engine import CURVE, keep
from tests.support.database import (
    NOON,
    DatabaseAddress,
    add_camera,
    add_subject,
    connected,
    execute_as_admin,
    matched,
    track_record,
)
from tests.support.rules import Told

pytestmark = pytest.mark.asyncio
DUE = "SELECT id FROM rule_queue WHERE set_aside_at IS NULL AND due_at <= now()"
NAMES = "SELECT r.name, count(*) FROM alerts a JOIN alert_rules r ON r.id = a.rule_id GROUP BY 1"


def seen(camera: Camera, subject: Subject | None, seconds: float) -> TrackRecord:
    at = NOON + timedelta(seconds=seconds)
    return track_record(
        camera, first_seen=at, last_seen=at, match=matched(subject), closed=True, track_id=uuid4(), template=None
    )


def as_now(track: TrackRecord, subject: Subject) -> TrackRecord:
    """The same track, taken for somebody."""
    return replace(track, match=matched(subject))


async def record(database: Database, tracks: Sequence[TrackRecord]) -> None:
    async with database.session(WORKER) as session:
        await record_tracks(session, tracks=tracks)


async def record_over_an_outage(database: Database, track: TrackRecord) -> None:
    """As a recorder does: what could not be written waits."""
    while True:
        try:
            return await record(database, [track])
        except ServiceUnavailable:
            await asyncio.sleep(0.05)


async def ask(database: Database, sql: str) -> list[tuple[Any, ...]]:
    async with database.session(SYSTEM) as session:
        return [tuple(row) for row in (await session.execute(text(sql))).all()]


async def expected(database: Database) -> Counter[UUID]:
    """How many alerts each rule should have, by the pure functions alone."""
    async with database.session(SYSTEM) as session:
        book = await rules_in_force(session, curve=CURVE)
        found: Counter[UUID] = Counter()
        for rule in book.rules:
            facts, _ = await of_past(session, rule=rule, since=NOON - timedelta(days=1), until=NOON + timedelta(days=1))
            if rule.id is not None and (count := len(fires(rule, facts))):
                found[rule.id] = count
    return found


@asynccontextmanager
async def at_work(*runners: RuleRunner) -> AsyncIterator[None]:
    stop = asyncio.Event()
    running = [asyncio.create_task(runner.run(stop)) for runner in runners]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*running)


async def emptied(database: Database) -> None:
    """Until nothing is due."""
    async with asyncio.timeout(30):
        while await ask(database, DUE):
            await asyncio.sleep(0.02)


async def test_two_engines_and_two_recorders_raise_each_alert_once_and_miss_no_count(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rule_runner, "BATCH", 3)  # many small transactions meet
    async with database.session(SYSTEM) as session:
        cameras = [await add_camera(session) for _ in range(2)]
        people = [await add_subject(session) for _ in range(6)]
        often = {"count": 3, "within_seconds": 3600, "place": "anywhere"}
        await keep(session, name="once per person", cooldown_scope="subject", cooldown_seconds=86_400)
        await keep(session, name="once per camera", cooldown_seconds=86_400)
        await keep(session, name="once at all", cooldown_scope="rule", cooldown_seconds=86_400)
        await keep(session, name="third time", frequency=often, cooldown_scope="subject", cooldown_seconds=86_400)
        for one, other in zip(people[::2], people[1::2], strict=True):
            pair = {"subject_id": one.id, "co_presence": {"subject_id": other.id, "within_seconds": 3600}}
            await keep(session, name="pair", **pair, cooldown_scope="rule", cooldown_seconds=86_400)
    tracks = [seen(cameras[n % 2], people[(n // 2) % 6], 10 * n) for n in range(48)]
    told = [Told(), Told()]

    async def recorder(own: Sequence[TrackRecord]) -> None:
        for track in own:
            await record(database, [track])

    async with at_work(*(RuleRunner(database, one) for one in told)):
        await asyncio.gather(recorder(tracks[::2]), recorder(tracks[1::2]))
        await emptied(database)
    raised = dict(await ask(database, "SELECT rule_id, count(*) FROM alerts GROUP BY rule_id"))
    assert raised == await expected(database)
    names = dict(
        await ask(database, "SELECT r.name, count(*) FROM alerts a JOIN alert_rules r ON r.id = a.rule_id GROUP BY 1")
    )
    assert names == {"once per person": 6, "once per camera": 12, "once at all": 1, "third time": 6, "pair": 3}
    published = told[0].alerts + told[1].alerts
    assert len(published) == len(set(published)) == sum(raised.values())


async def test_an_engine_that_dies_in_the_middle_leaves_everything_to_the_next(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with database.session(SYSTEM) as session:
        camera, guest = await add_camera(session), await add_subject(session)
        await keep(session, subject_id=guest.id)
    await record(database, [seen(camera, guest, 0)])

    class Killed(BaseException):
        """As a process ends: nothing is caught."""

    async def dies(*_: Any, **__: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(alert_rule_queue, "remove", dies)  # alerts are raised by then
        with pytest.raises(Killed):
            await RuleRunner(database, Told()).drain()
    assert await ask(database, "SELECT (SELECT count(*) FROM alerts), (SELECT count(*) FROM rule_queue)") == [(0, 1)]
    told = Told()
    assert await RuleRunner(database, told).drain() == 1
    assert len(told.alerts) == 1
    assert await RuleRunner(database, told).drain() == 0


async def test_a_sighting_that_changes_while_an_engine_looks_at_it_is_looked_at_again(database: Database) -> None:
    async with database.session(SYSTEM) as session:
        camera, guest, other = await add_camera(session), await add_subject(session), await add_subject(session)
        await keep(session, subject_id=other.id)
    first = seen(camera, guest, 0)
    await record(database, [first])
    async with database.session(WORKER) as engine:
        held = await alert_rule_queue.take(engine, most=10)
        book = await rules_in_force(engine, curve=CURVE)
        # the recorder does not wait for the engine, and queues it anew
        await asyncio.wait_for(record(database, [as_now(first, other)]), 5)
        await alert_rule_runs.run_batch(engine, queued=held, rules=book.rules, now=datetime.now(UTC))
    told = Told()
    await RuleRunner(database, told).drain()
    assert await ask(database, "SELECT subject_id FROM alerts") == [(other.id,)]
    await record(database, [as_now(first, guest)])
    await record(database, [as_now(first, other)])
    assert await ask(database, "SELECT count(*) FROM rule_queue") == [(1,)], "one row per sighting waits"


async def test_what_cannot_be_evaluated_is_set_aside_and_blocks_nobody(
    database: Database, own_database: DatabaseAddress, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(alert_rule_queue, "RETRY_AFTER", timedelta())
    async with database.session(SYSTEM) as session:
        strange, camera, guest = await add_camera(session), await add_camera(session), await add_subject(session)
        office = {"windows": [{"from": "00:00", "to": "12:00"}, {"from": "12:00", "to": "24:00"}]}
        await keep(session, name="office", subject_id=guest.id, schedule=office)
        await keep(session, name="always", subject_id=guest.id)
        newer = await keep(session, name="newer", subject_id=guest.id)
    await execute_as_admin(
        own_database.admin_dsn,
        f"UPDATE cameras SET time_zone = 'Mars/Olympus' WHERE id = '{strange.id}'",  # noqa: S608 - ids of our own
        f"""UPDATE alert_rules SET schedule = '{{"phase": "full"}}' WHERE id = '{newer.id}'""",  # noqa: S608
    )
    await record(database, [seen(strange, guest, 0), seen(camera, guest, 1)])
    runner = RuleRunner(database, Told())
    with caplog.at_level(logging.ERROR):
        for _ in range(alert_rule_queue.MOST_ATTEMPTS):
            await runner.drain()
    assert (await runner.drain(), runner.counters.set_aside) == (0, 1)
    ((reason,),) = await ask(database, "SELECT reason FROM rule_queue WHERE set_aside_at IS NOT NULL")
    assert reason == "ZoneInfoNotFoundError"
    assert str(newer.id) in caplog.text
    assert "was set aside" in caplog.text
    rows = await ask(database, "SELECT r.name, a.camera_id FROM alerts a JOIN alert_rules r ON r.id = a.rule_id")
    assert Counter(rows) == Counter([("office", camera.id), ("always", camera.id), ("always", strange.id)])
    async with database.session(WORKER) as session:
        assert await alert_rule_queue.size(session) == alert_rule_queue.QueueSize(0, 1)
        monkeypatch.setattr(alert_rule_queue, "SET_ASIDE_KEPT", timedelta())
    async with database.session(WORKER) as session:
        await alert_rule_queue.forget_old(session)
        assert await alert_rule_queue.size(session) == alert_rule_queue.QueueSize(0, 0)


async def test_rules_that_change_hold_for_the_next_sighting(database: Database) -> None:
    async with database.session(SYSTEM) as session:
        camera, guest = await add_camera(session), await add_subject(session)
        kept = await keep(session, subject_id=guest.id, cooldown_seconds=0)
    told = Told()
    async with at_work(RuleRunner(database, told)):
        await record(database, [seen(camera, guest, 0)])
        await emptied(database)
        async with database.session(SYSTEM) as session:
            await session.execute(text("UPDATE alert_rules SET severity = 'high'"))
            await keep(session, name="second", subject_id=guest.id, cooldown_seconds=0)
        await record(database, [seen(camera, guest, 1)])
        await emptied(database)
        async with database.session(SYSTEM) as session:
            await session.execute(text("DELETE FROM alert_rules WHERE id = :id"), {"id": kept.id})
        await record(database, [seen(camera, guest, 2)])
        await emptied(database)
    rows = await ask(database, "SELECT severity, count(*) FROM alerts GROUP BY 1 ORDER BY 1")
    assert rows == [("high", 1), ("low", 3)]


async def test_engines_wait_for_a_database_that_is_away(own_database: DatabaseAddress) -> None:
    async with connected(own_database) as database:
        async with database.session(SYSTEM) as session:
            camera, guest = await add_camera(session), await add_subject(session)
            await keep(session, subject_id=guest.id)
        told = Told()
        async with at_work(RuleRunner(database, told)):
            cut = (
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            await execute_as_admin(own_database.admin_dsn, cut)
            await record_over_an_outage(database, seen(camera, guest, 0))
            async with asyncio.timeout(20):
                while not told.alerts:
                    await asyncio.sleep(0.05)
        assert len(told.alerts) == 1
