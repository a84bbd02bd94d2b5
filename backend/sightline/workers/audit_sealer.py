"""Seals audit events into their chain, a second after they were written, so that writers never wait for it."""

import asyncio
import logging
from typing import Final

from sightline.core.database import MAINTENANCE, Database
from sightline.core.errors import ServiceUnavailable
from sightline.services import audit
from sightline.workers.clock import pause

INTERVAL_SECONDS: Final = 1.0
"""How long an event waits for its seal, about; a query that finds nothing takes under a millisecond."""
RETRY_SECONDS: Final = 5.0

logger = logging.getLogger(__name__)


class AuditSealer:
    """Runs until told to stop; any number may run, they take turns."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self, stop: asyncio.Event) -> None:
        """Seal until stop is set, over a database that is away for a while."""
        while not stop.is_set():
            seconds = INTERVAL_SECONDS
            try:
                await self.round()
            except ServiceUnavailable as error:
                logger.warning("the audit chain waits: %s", error.message)
                seconds = RETRY_SECONDS
            await pause(stop, seconds)

    async def round(self) -> int:
        """Seal what waits, in batches; how many events that were."""
        sealed = 0
        while True:
            async with self._database.session(MAINTENANCE) as session:
                batch = await audit.seal(session)
            sealed += batch
            if batch < audit.BATCH:
                return sealed
