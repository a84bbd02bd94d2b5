"""Takes the steps of alerts that nobody acknowledges, when they are due. Part of `sightline worker alert-engine`."""

import asyncio
import logging
from typing import Final
from uuid import UUID

from sightline.core import metrics
from sightline.core.database import WORKER, Database
from sightline.core.errors import Conflict, ServiceUnavailable
from sightline.services import escalations
from sightline.workers.clock import pause
from sightline.workers.events import EventPublisher

LOOK_SECONDS: Final = 1.0
"""How often is looked for timers that are new. A step comes five seconds after the one before at least, so that each is
seen before it ends, without a notice per alert: notices make commits queue."""
LEAST_SECONDS: Final = 0.05
"""A timer that is late belongs to an alert that somebody else holds at this moment."""
RETRY_SECONDS: Final = 2.0
PART: Final = "escalations"

STEPS = metrics.counter("escalation_steps", "Steps of escalations that this process took.")

logger = logging.getLogger(__name__)


class EscalationWorker:
    """Runs until told to stop; any number may run, each step is taken by one of them."""

    def __init__(self, database: Database, publisher: EventPublisher) -> None:
        self._database = database
        self._publisher = publisher

    async def run(self, stop: asyncio.Event) -> None:
        """Escalate until stop is set, over a database that is away for a while: what was due then is taken late."""
        metrics.PROCESS.expect(PART)
        while not stop.is_set():
            try:
                seconds = await self.round()
                metrics.PROCESS.ready(PART)
            except (ServiceUnavailable, Conflict) as error:
                logger.warning("escalations wait: %s", error.message)
                metrics.PROCESS.unready(PART)
                seconds = RETRY_SECONDS
            await pause(stop, seconds)

    async def round(self) -> float:
        """Take what is due, each step in a transaction of its own; seconds until it is worth to look again."""
        while (alert_id := await self._step()) is not None:
            await self._publisher.publish_alert(alert_id)
        async with self._database.session(WORKER) as session:
            left = await escalations.seconds_to_next(session)
        return LOOK_SECONDS if left is None else min(max(left, LEAST_SECONDS), LOOK_SECONDS)

    async def _step(self) -> UUID | None:
        async with self._database.session(WORKER) as session:
            taken = await escalations.escalate_next(session)
        if taken is None:
            return None
        STEPS.inc()
        logger.info("alert %s: step %d, %d notifications", taken.alert_id, taken.step, len(taken.told))
        return taken.alert_id
