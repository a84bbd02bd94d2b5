"""Empties the outbox: claims what is due, sends it, and keeps what came of it. Any number of workers may do so.

At least once: a delivery whose worker is killed after it was sent and before that was committed is sent again, under
the same id.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Final

from sightline.core import metrics
from sightline.core.config import Settings
from sightline.core.database import WORKER, Database
from sightline.core.errors import AddressRefused, AppError, DeliveryFailed, DeliveryRefused, ServiceUnavailable
from sightline.core.storage import ObjectStorage
from sightline.schemas.deliveries import AttemptOutcome
from sightline.services import deliveries, delivery_content, notification_senders, notifications, web_push
from sightline.services.deliveries import Attempt
from sightline.services.delivery_content import DeliveryTools, Due, Letter
from sightline.services.notification_message import Receipt
from sightline.workers.clock import pause
from sightline.workers.mqtt_presence import MqttPresence

logger = logging.getLogger(__name__)

MOST_AT_ONCE: Final = 32
"""Deliveries in hand: each waits for somebody outside, and costs next to nothing meanwhile."""
PER_CHANNEL: Final = 4
"""Of one channel: eight receivers must stall before others wait, and then the circuits open."""
IDLE_SECONDS: Final = 10.0
"""How often is looked without a notice: for claims that have ended."""
SHORTEST_SECONDS: Final = 0.05
"""Between two looks, where another worker holds what is due."""
RETRY_SECONDS: Final = 1.0
GRACE_SECONDS: Final = 5.0
"""What is in hand at the end may still arrive; what does not is sent again."""

ATTEMPTS = metrics.counter(
    "notification_attempts", "Attempts to tell somebody, by kind and outcome.", "kind", "outcome"
)
DELAY = metrics.histogram("notification_delay_seconds", "From an alert's transaction to its notification handed over.")
OPEN_CIRCUITS = metrics.gauge("notification_circuits_open", "Channels that are left alone for a while.")
BACKLOG = metrics.gauge("notifications_due", "Deliveries that are due and not made, those in hand included.")
IN_HAND = metrics.gauge("notifications_in_hand", "Deliveries that are being sent.")
_UNFORESEEN: Final = "it failed for a reason that nobody foresaw; the log of the worker has it"


class DeliveryWorker:
    """Claims deliveries and sends them."""

    def __init__(self, database: Database, settings: Settings, storage: ObjectStorage) -> None:
        """Raises ConfigInvalid, DataFolderUnusable."""
        self._database = database
        self._tools = DeliveryTools.open(settings, storage)
        self._presence = MqttPresence(database, self._tools.sealer, self._tools.senders.policy)
        self._running: dict[asyncio.Task[None], Due] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Work until stop is set; then what is in hand has a few seconds to arrive."""
        presence = asyncio.create_task(self._presence.run(stop), name="mqtt presence")
        working = asyncio.create_task(self._work(stop), name="deliveries")
        renewing = asyncio.create_task(self._renew(), name="deliveries-claims")
        stopped = asyncio.create_task(stop.wait(), name="deliveries-stop")
        try:
            await asyncio.wait({working, presence, renewing, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if self._running:
                await asyncio.wait(set(self._running), timeout=GRACE_SECONDS)
        finally:
            tasks = {working, presence, renewing, stopped, *self._running}
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        for task in (working, presence, renewing):
            if not task.cancelled() and (error := task.exception()) is not None:
                raise error

    async def _work(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                async with self._database.changes("sightline_deliveries") as notices:
                    await self._follow(notices, stop)
            except ServiceUnavailable as error:
                logger.warning("deliveries wait: %s", error.message)
                await pause(stop, RETRY_SECONDS)

    async def _renew(self) -> None:
        """Keep what is in hand claimed, for as long as sending takes."""
        while True:
            await asyncio.sleep(deliveries.RENEW_SECONDS)
            held = [due for task, due in self._running.items() if not task.done()]
            if not held:
                continue
            try:
                async with self._database.session(WORKER) as session:
                    await deliveries.renew(session, held, lease=deliveries.LEASE)
            except ServiceUnavailable as error:
                logger.warning("claims of deliveries may end: %s", error.message)

    async def _follow(self, notices: AsyncIterator[str], stop: asyncio.Event) -> None:
        """Until stop is set. One task waits for notices all the time: the iterator is for one reader."""
        notice = asyncio.create_task(_next(notices), name="deliveries-notice")
        try:
            while not stop.is_set():
                seconds = await self._round()
                done, _ = await asyncio.wait(
                    {notice, *self._running}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
                )
                if notice in done:
                    notice.result()
                    notice = asyncio.create_task(_next(notices), name="deliveries-notice")
        finally:
            notice.cancel()
            await asyncio.wait({notice})

    async def _round(self) -> float:
        """Begin what is due; seconds to wait at most for the next look. Raises ServiceUnavailable."""
        self._collect()
        room = MOST_AT_ONCE - len(self._running)
        if room <= 0:
            return IDLE_SECONDS
        busy = Counter(due.channel_id for due in self._running.values())
        async with self._database.session(WORKER) as session:
            await deliveries.give_up(session)
            claimed = await deliveries.claim(
                session, most=room, per_channel=PER_CHANNEL, busy=busy, lease=deliveries.LEASE
            )
        for due in claimed:
            self._running[asyncio.create_task(self._deliver(due), name=f"delivery {due.id}")] = due
        IN_HAND.set(len(self._running))
        async with self._database.session(WORKER) as session:
            seconds = await deliveries.seconds_to_next(session)
            circuits, due_now = await deliveries.open_circuits_and_due(session)
        OPEN_CIRCUITS.set(circuits)
        BACKLOG.set(due_now)
        if seconds is None:
            return IDLE_SECONDS
        return min(max(seconds, SHORTEST_SECONDS), IDLE_SECONDS)

    def _collect(self) -> None:
        """Forget what has ended. Raises what nobody foresaw: the worker must not go on as if it had been sent."""
        for task in [task for task in self._running if task.done()]:
            del self._running[task]
            if not task.cancelled() and (error := task.exception()) is not None:
                raise error
        IN_HAND.set(len(self._running))

    async def _deliver(self, due: Due) -> None:
        """Write, send, and keep what came of it. Where the database is away meanwhile, the claim ends by itself.

        The one place where any error is caught: a delivery that cannot be made must not end the worker of all others.
        """
        started, began = datetime.now(UTC), time.monotonic()
        try:
            letter = await self._written(due)
            if letter is not None:
                await self._kept(due, letter, *await self._sent(due, letter))
        except ServiceUnavailable as error:
            logger.warning("a delivery waits: %s", error.message)
        except Exception:
            logger.exception("delivery %s failed", due.id)
            await self._failed(due, _attempt(AttemptOutcome.FAILED, _UNFORESEEN, started, began))

    async def _written(self, due: Due) -> Letter | None:
        started, began = datetime.now(UTC), time.monotonic()
        try:
            async with self._database.session(WORKER) as session:
                letter = await delivery_content.written(session, self._tools, due=due, now=started)
                if letter is None:
                    await deliveries.cancel(session, due, reason="somebody had acknowledged the alert already")
                return letter
        except ServiceUnavailable:
            raise
        except AppError as error:  # a secret of another key, say: this channel's trouble
            await self._failed(due, _attempt(AttemptOutcome.FAILED, notifications.said(error), started, began))
            return None

    async def _failed(self, due: Due, attempt: Attempt) -> None:
        try:
            async with self._database.session(WORKER) as session:
                await deliveries.keep_attempt(session, due, attempt, now=datetime.now(UTC))
        except ServiceUnavailable as error:
            logger.warning("a failure of a delivery is not on record: %s", error.message)

    async def _sent(self, due: Due, letter: Letter) -> tuple[Attempt, Receipt | None]:
        started, began = datetime.now(UTC), time.monotonic()
        try:
            receipt = await notification_senders.send(
                self._tools.senders,
                letter.channel,
                letter.notification,
                now=started,
                reached=due.reached,
                browsers=letter.browsers,
            )
        except (DeliveryRefused, AddressRefused) as error:
            return _attempt(AttemptOutcome.REFUSED, notifications.said(error), started, began), None
        except DeliveryFailed as error:
            attempt = _attempt(AttemptOutcome.FAILED, notifications.said(error), started, began, wait=error.retry_after)
            return attempt, None
        attempt = _attempt(AttemptOutcome.DELIVERED, receipt.detail, started, began, receipt=receipt)
        return attempt, receipt

    async def _kept(self, due: Due, letter: Letter, attempt: Attempt, receipt: Receipt | None) -> None:
        now = datetime.now(UTC)
        async with self._database.session(WORKER) as session:
            status = await deliveries.keep_attempt(session, due, attempt, now=now)
            if receipt is not None and letter.browsers:
                told = [one.subscription_id for one in letter.browsers if str(one.subscription_id) in receipt.reached]
                await web_push.note_pushes(session, told=told, gone=receipt.gone)
        ATTEMPTS.labels(letter.channel.kind.value, attempt.outcome.value).inc()
        if attempt.outcome is AttemptOutcome.DELIVERED and due.attempt == 1:
            DELAY.observe(max((now - due.created_at).total_seconds(), 0.0))
        elif attempt.outcome is not AttemptOutcome.DELIVERED:
            logger.warning("channel %s, delivery %s: %s (%s)", due.channel_id, due.id, attempt.detail, status)


def _attempt(
    outcome: AttemptOutcome,
    detail: str,
    started: datetime,
    began: float,
    *,
    wait: float | None = None,
    receipt: Receipt | None = None,
) -> Attempt:
    took = timedelta(seconds=time.monotonic() - began)
    if receipt is None:
        return Attempt(outcome, detail, started, took, wait=wait)
    return Attempt(outcome, detail, started, took, receipt.reached, receipt.remaining == 0, receipt.retry_after)


async def _next(notices: AsyncIterator[str]) -> str:
    return await anext(notices)
