"""Engines that escalate: several at once, killed in the middle, and people who are quicker. Each step is taken once."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio
from pydantic import SecretStr
from redis.asyncio import Redis
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core import metrics
from sightline.core.config import RedisSettings
from sightline.core.database import SYSTEM, WORKER, Database
from sightline.core.redis import open_redis
from sightline.services import alert_handling, escalations, events
from sightline.services.events import EventKind
from sightline.workers import escalations as engine
from sightline.workers.embedded.valkey import ValkeyAddress
from sightline.workers.escalations import EscalationWorker
from sightline.workers.events import EventPublisher
from tests.support.database import add_camera

pytestmark = pytest.mark.asyncio

RAISE = text(
    "INSERT INTO alerts (camera_id, severity, message, matched_at)"
    " SELECT :camera, 'low', 'x', now() FROM generate_series(1, :count) RETURNING id"
)
STEPS_TAKEN = text("SELECT alert_id, step, count(*) FROM alert_events WHERE kind = 'escalated' GROUP BY 1, 2")
QUEUED = text("SELECT alert_id, level, count(*) FROM notification_outbox GROUP BY 1, 2")
TIMERS = text("SELECT count(*) FROM alert_escalations WHERE done_at IS NULL")


@pytest_asyncio.fixture
async def redis(redis_server: ValkeyAddress) -> AsyncIterator[Redis]:
    async with open_redis(RedisSettings(url=SecretStr(redis_server.url))) as client:
        yield client


@pytest.fixture
def worker(database: Database, redis: Redis) -> EscalationWorker:
    return EscalationWorker(database, EventPublisher(redis))


async def alerts_of(database: Database, count: int, steps: int = 2) -> Sequence[UUID]:
    """So many new alerts, under a policy of so many steps that tell one channel each."""
    async with database.session(SYSTEM) as session:
        make = text("INSERT INTO notification_channels (name, kind) VALUES ('chief', 'email') RETURNING id")
        channel = await session.scalar(make)
        policy = text(
            "UPDATE escalation_policies SET steps = (SELECT json_agg(json_build_object('after_seconds', 60,"
            " 'raise_severity', true, 'channel_ids', json_build_array(cast(:channel AS text))))"
            " FROM generate_series(1, :steps))"
        )
        await session.execute(policy, {"channel": str(channel), "steps": steps})
        camera = await add_camera(session)
        return (await session.scalars(RAISE, {"camera": camera.id, "count": count})).all()


async def time_passes(database: Database) -> None:
    """All timers end."""
    async with database.session(SYSTEM) as session:
        await session.execute(text("UPDATE alert_escalations SET due_at = now() WHERE done_at IS NULL"))


async def rows(database: Database, statement: object) -> list[tuple[object, ...]]:
    async with database.session(SYSTEM) as session:
        return [tuple(row) for row in (await session.execute(statement)).all()]  # type: ignore[call-overload]


async def test_engines_that_race_take_each_step_once(database: Database, worker: EscalationWorker) -> None:
    alerts = await alerts_of(database, 20)
    for step in (1, 2):
        await time_passes(database)
        await asyncio.gather(*(worker.round() for _ in range(4)))
        expected = sorted((alert, number, 1) for alert in alerts for number in range(1, step + 1))
        assert sorted(await rows(database, STEPS_TAKEN)) == expected
        assert sorted(await rows(database, QUEUED)) == expected
    assert await rows(database, TIMERS) == [(0,)]


async def _killed(database: Database) -> None:
    """Takes a step and never comes to the commit."""
    async with database.session(WORKER) as session:
        assert await escalations.escalate_next(session) is not None
        raise asyncio.CancelledError


async def test_what_a_killed_engine_had_not_committed_is_done_by_the_next(
    database: Database, worker: EscalationWorker
) -> None:
    (alert,) = await alerts_of(database, 1)
    await time_passes(database)
    with pytest.raises(asyncio.CancelledError):
        await _killed(database)
    assert await rows(database, STEPS_TAKEN) == []
    await worker.round()
    await worker.round()
    assert await rows(database, STEPS_TAKEN) == [(alert, 1, 1)]


async def _acknowledge(database: Database, alert: UUID) -> None:
    async with database.session(SYSTEM) as session:
        await alert_handling.acknowledge(session, alert_id=alert, user_id=None)


async def _waits(session: AsyncSession, others: asyncio.Task[None]) -> None:
    """Until somebody waits for what this transaction holds."""
    blocked = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))")
    while not others.done() and not await session.scalar(blocked):
        await asyncio.sleep(0.01)


async def test_who_acknowledges_while_a_step_is_taken_waits_for_it_and_ends_the_chain(database: Database) -> None:
    (alert,) = await alerts_of(database, 1)
    await time_passes(database)
    async with database.session(WORKER) as session:
        assert await escalations.escalate_next(session) is not None
        person = asyncio.create_task(_acknowledge(database, alert))
        await _waits(session, person)
        assert not person.done()
    await person
    assert await rows(database, STEPS_TAKEN) == [(alert, 1, 1)]
    assert await rows(database, TIMERS) == [(0,)]


async def test_an_alert_that_somebody_is_acknowledging_is_passed_over(
    database: Database, worker: EscalationWorker
) -> None:
    held, other = await alerts_of(database, 2)
    await time_passes(database)
    async with database.session(SYSTEM) as session:
        await alert_handling.acknowledge(session, alert_id=held, user_id=None)
        assert await worker.round() == engine.LEAST_SECONDS
        assert await rows(database, STEPS_TAKEN) == [(other, 1, 1)]
    await worker.round()
    assert await rows(database, STEPS_TAKEN) == [(other, 1, 1)]


async def test_it_looks_again_when_the_next_timer_ends(database: Database, worker: EscalationWorker) -> None:
    assert await worker.round() == engine.LOOK_SECONDS
    await alerts_of(database, 1)
    assert await worker.round() == engine.LOOK_SECONDS
    async with database.session(SYSTEM) as session:
        await session.execute(text("UPDATE alert_escalations SET due_at = clock_timestamp() + interval '0.5 s'"))
    assert engine.LEAST_SECONDS <= await worker.round() <= 0.5


async def test_an_engine_runs_until_it_is_told_to_stop_and_says_what_it_did(
    database: Database, worker: EscalationWorker, redis: Redis
) -> None:
    (alert,) = await alerts_of(database, 1)
    await time_passes(database)
    await redis.flushdb()
    stop = asyncio.Event()
    running = asyncio.create_task(worker.run(stop))
    told: list[object] = []
    while not told:
        told, _ = events.entries(events.rows(await redis.xrange(events.STREAM)))  # type: ignore[assignment]
        await asyncio.sleep(0.02)
    stop.set()
    await running
    assert [(entry.event.kind, entry.event.id) for entry in told] == [(EventKind.ALERT, alert)]  # type: ignore[attr-defined]
    assert metrics.PROCESS.parts[engine.PART]


async def test_a_database_that_is_away_is_waited_for(redis: Redis, tmp_path: Path) -> None:
    away = Database(f"postgresql://nobody:x@/nothing?host={tmp_path}")
    stop = asyncio.Event()
    running = asyncio.create_task(EscalationWorker(away, EventPublisher(redis)).run(stop))
    metrics.PROCESS.ready(engine.PART)
    while metrics.PROCESS.parts[engine.PART]:
        await asyncio.sleep(0.01)
    stop.set()
    await running
    await away.dispose()
