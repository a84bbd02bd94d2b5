"""Evaluates alert rules on what is recorded, in any number of processes at once, until told to stop.

The queue is in the database (services/alert_rule_queue.py). A batch is one transaction: alerts, their notifications and
the rows that leave the queue are committed together or not at all: an engine that dies leaves everything to the next.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core import metrics
from sightline.core.database import WORKER, Database
from sightline.core.errors import AppError, ServiceUnavailable
from sightline.domain.operating_points import OperatingCurve
from sightline.services import alert_rule_queue, alert_rule_records
from sightline.services.alert_rule_queue import Queued
from sightline.services.alert_rule_records import RuleBook
from sightline.services.alert_rule_runs import Batch, evaluate, run_batch
from sightline.workers.clock import pause

logger = logging.getLogger(__name__)

PART: Final = "rules"
"""Name among the parts of a process that must be ready."""
BATCH = 200
"""Sightings per transaction: what a busy house records in a second."""
IDLE_SECONDS = 1.0
"""How often is looked without a notice: people who come to count as unknown announce nothing."""
RETRY_SECONDS = 2.0
SWEEP_SECONDS = 600.0
"""How often the queue is counted, and what was set aside long ago removed."""
COUNT_SECONDS = 15.0

EVALUATED = metrics.counter("rule_sightings", "Sightings that alert rules looked at.")
RAISED = metrics.counter("rule_alerts", "Alerts that rules raised or took over.")
SET_ASIDE = metrics.counter("rule_set_aside", "Sightings that could not be evaluated and were set aside.")
UNREADABLE = metrics.gauge("rules_unreadable", "Active rules that cannot be evaluated.")
WAITING = metrics.gauge("rule_queue", "Sightings that wait for alert rules.")
ASIDE = metrics.gauge("rule_queue_set_aside", "Sightings that were set aside and are kept to be looked at.")
SECONDS = metrics.histogram("rule_batch_seconds", "Time of one batch of sightings.")


class Publisher(Protocol):
    """Tells the world, after the commit."""

    async def publish_alerts(self, alert_ids: Sequence[UUID]) -> None:
        """Say that alerts are new or changed. Must not raise."""
        ...


class Measured(Protocol):
    """Knows what the model pack in use has measured (services/match_rates.py)."""

    @property
    def curve(self) -> OperatingCurve:
        """Its operating points."""
        ...


@dataclass(frozen=True)
class Unmeasured:
    """No model pack: rules that ask for a false-match rate never hold."""

    curve: OperatingCurve = field(default_factory=OperatingCurve)


UNMEASURED: Final = Unmeasured()


@dataclass(slots=True)
class RuleCounters:
    """What a runner did. set_aside: sightings given up."""

    sightings: int = 0
    alerts: int = 0
    set_aside: int = 0


class RuleRunner:
    """Takes sightings off the queue and evaluates rules on them."""

    def __init__(self, database: Database, publisher: Publisher, *, rates: Measured = UNMEASURED) -> None:
        self._database = database
        self._publisher = publisher
        self._rates = rates
        self._known: tuple[str, OperatingCurve] | None = None
        self._book = RuleBook()
        self._counted_at = self._swept_at = float("-inf")
        self.counters = RuleCounters()

    async def run(self, stop: asyncio.Event) -> None:
        """Work until stop is set; what the database keeps waiting waits with it."""
        metrics.PROCESS.expect(PART)
        while not stop.is_set():
            try:
                async with self._database.changes(alert_rule_queue.CHANGED) as notices:
                    await self._follow(notices, stop)
            except ServiceUnavailable as error:
                metrics.PROCESS.unready(PART)
                logger.warning("alert rules wait: %s", error.message)
                await pause(stop, RETRY_SECONDS)

    async def drain(self) -> int:
        """Evaluate what is due; how many sightings that were. Raises ServiceUnavailable."""
        done = 0
        while count := await self._round():
            done += count
            if count < BATCH:
                break
        return done

    async def _follow(self, notices: AsyncIterator[str], stop: asyncio.Event) -> None:
        stopped = asyncio.ensure_future(stop.wait())
        notice = asyncio.ensure_future(anext(notices))
        try:
            while not stop.is_set():
                if not await self._round():
                    metrics.PROCESS.ready(PART)
                    await self._look_after()
                    await asyncio.wait({notice, stopped}, timeout=IDLE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                if notice.done():
                    notice.result()
                    notice = asyncio.ensure_future(anext(notices))
        finally:
            stopped.cancel()
            notice.cancel()
            with contextlib.suppress(asyncio.CancelledError, AppError, StopAsyncIteration):
                await notice

    async def _round(self) -> int:
        """One batch; how many sightings it held. One that fails is tried again one by one, so that none blocks others.

        The one place where any error is caught: a rule or a sighting that nobody foresaw must not end the engine.
        """
        began = time.perf_counter()
        queued: tuple[Queued, ...] = ()
        try:
            async with self._database.session(WORKER) as session:
                await self._load(session)
                queued = await alert_rule_queue.take(session, most=BATCH)
                if not queued:
                    return 0
                batch = await run_batch(session, queued=queued, rules=self._book.rules, now=datetime.now(UTC))
        except ServiceUnavailable:
            raise
        except Exception as error:
            if not queued:
                raise
            logger.warning("a batch of %d sightings is evaluated one by one: %s", len(queued), _reason(error))
            for one in queued:
                await self._alone(one)
            return len(queued)
        SECONDS.observe(time.perf_counter() - began)
        await self._tell(batch)
        return batch.sightings

    async def _alone(self, queued: Queued) -> None:
        try:
            async with self._database.session(WORKER) as session:
                if not await alert_rule_queue.hold(session, queued=queued):
                    return
                batch = await run_batch(session, queued=[queued], rules=self._book.rules, now=datetime.now(UTC))
        except ServiceUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - see _round()
            await self._put_back(queued, _reason(error))
            return
        await self._tell(batch)

    async def _put_back(self, queued: Queued, reason: str) -> None:
        async with self._database.session(WORKER) as session:
            is_over = await alert_rule_queue.failed(session, queued=queued, reason=reason)
        if is_over:
            self.counters.set_aside += 1
            SET_ASIDE.inc()
            logger.error("sighting %s was set aside, rules cannot look at it: %s", queued.sighting_id, reason)
            await self._rule_by_rule(queued)

    async def _rule_by_rule(self, queued: Queued) -> None:
        """What is set aside because of one rule still counts for the others."""
        for rule in self._book.rules:
            try:
                async with self._database.session(WORKER) as session:
                    batch = await evaluate(session, queued=[queued], rules=[rule], now=datetime.now(UTC))
            except ServiceUnavailable:
                raise
            except Exception as error:  # noqa: BLE001 - see _round()
                logger.error("alert rule %s fails on sighting %s: %s", rule.id, queued.sighting_id, _reason(error))
            else:
                await self._tell(batch)

    async def _load(self, session: AsyncSession) -> None:
        """Read the rules where they, or what the model pack has measured, changed."""
        wanted = (await alert_rule_records.edition(session), self._rates.curve)
        if wanted == self._known:
            return
        self._book = await alert_rule_records.rules_in_force(session, curve=wanted[1])
        self._known = wanted
        UNREADABLE.set(len(self._book.unreadable))
        for rule_id, reason in self._book.unreadable.items():
            logger.error("alert rule %s cannot be evaluated and is left out: %s", rule_id, reason)

    async def _tell(self, batch: Batch) -> None:
        self.counters.sightings += batch.sightings
        self.counters.alerts += len(batch.raised)
        EVALUATED.inc(batch.sightings)
        RAISED.inc(len(batch.raised))
        if told := (*batch.raised, *batch.followed):
            await self._publisher.publish_alerts(told)

    async def _look_after(self) -> None:
        """Count the queue now and then, and forget what was set aside long ago."""
        now = time.monotonic()
        if now - self._counted_at < COUNT_SECONDS:
            return
        async with self._database.session(WORKER) as session:
            size = await alert_rule_queue.size(session)
            if now - self._swept_at >= SWEEP_SECONDS:
                await alert_rule_queue.forget_old(session)
                self._swept_at = now
        WAITING.set(size.waiting)
        ASIDE.set(size.set_aside)
        self._counted_at = now


def _reason(error: Exception) -> str:
    """Why, without what a value says: it may be somebody's."""
    if isinstance(error, AppError):
        return f"{error.code}: {error.message}"
    return type(error).__name__
