"""`sightline worker maintenance`: what must happen by itself. Partitions ahead, retention, removal of objects."""

import asyncio
import logging
import time
from datetime import timedelta
from pathlib import Path

from sightline.core import metrics
from sightline.core.config import RetentionSettings
from sightline.core.database import MAINTENANCE, WORKER, Database
from sightline.core.errors import ServiceUnavailable, StorageError
from sightline.core.storage import ObjectStorage
from sightline.services import (
    audit,
    audit_anchors,
    gallery,
    idempotency,
    measures,
    retention,
    runtime_settings,
    sightings,
)
from sightline.workers.clock import pause

logger = logging.getLogger(__name__)

ROUND_SECONDS = 30.0
"""How often pictures of unknown people whose time is over are looked for, and objects removed."""

DAILY_SECONDS = 24 * 3600.0
"""How often partitions are made and old records removed; once at the start as well."""

RETRY_SECONDS = 5.0
"""Pause before a database that did not answer is asked again."""
PART = "maintenance"
"""What makes the process ready: a whole round."""

OBJECTS_PER_ROUND = 500

SILENT_FOR = timedelta(minutes=2)
"""A track in view is written every 10 s; one that was not for so long has lost its worker."""


class MaintenanceWorker:
    """Runs its rounds until told to stop."""

    def __init__(
        self, database: Database, storage: ObjectStorage, settings: RetentionSettings, *, anchors: Path
    ) -> None:
        """settings: the environment's, the database's lie above them. anchors: the file that keeps heads of the audit
        chain, so that a cut-off tail is found."""
        self._database = database
        self._storage = storage
        self._settings = settings
        self._anchors = anchors
        self._daily_at = float("-inf")
        self._kept = settings

    async def run(self, stop: asyncio.Event) -> None:
        """Keep house until stop is set. A service that is away for a while is tried again."""
        metrics.PROCESS.expect(PART)
        while not stop.is_set():
            seconds = ROUND_SECONDS
            try:
                await self.round()
                metrics.PROCESS.ready(PART)
            except ServiceUnavailable as error:
                logger.warning("maintenance waits: %s", error.message)
                metrics.PROCESS.unready(PART)
                seconds = RETRY_SECONDS
            await pause(stop, seconds)

    async def round(self) -> None:
        """One round; what is due once a day only when a day has passed, or retention was changed."""
        await self._follow_settings()
        if time.monotonic() - self._daily_at >= DAILY_SECONDS:
            await self._daily()
            self._daily_at = time.monotonic()
        async with self._database.session(WORKER) as session:
            await sightings.close_silent(session, silent_for=SILENT_FOR)
        async with self._database.session(MAINTENANCE) as session:
            await retention.purge_expired_media(session)
            await idempotency.purge(session)
        async with self._database.session(MAINTENANCE) as session:
            await measures.fold(session)
        while await self._remove_objects() == OBJECTS_PER_ROUND:
            pass

    async def _follow_settings(self) -> None:
        async with self._database.session(MAINTENANCE) as session:
            wanted = await runtime_settings.retention(session, base=self._settings)
        if wanted != self._kept:
            self._kept, self._daily_at = wanted, float("-inf")

    async def _daily(self) -> None:
        async with self._database.session(MAINTENANCE) as session:
            await retention.create_partitions_ahead(session)
        async with self._database.session(MAINTENANCE) as session:
            report = await retention.purge(session, retention_days=self._kept.sightings_days)
        async with self._database.session(MAINTENANCE) as session:
            await retention.purge_minute_counters(session, retention_days=self._kept.minute_counts_days)
            await gallery.forget_expired(session)
        await self._keep_anchor()
        done = ", ".join(f"{item} {amount}" for item, amount in report.amounts if amount)
        logger.info("retention of %d days: %s", self._kept.sightings_days, done or "nothing was due")

    async def _keep_anchor(self) -> None:
        """The chain's head, in the data folder and in the object store; where that is away, the file has it."""
        async with self._database.session(MAINTENANCE) as session:
            await audit.seal(session)
            anchor = await audit_anchors.current_anchor(session)
        if anchor is None:
            return
        audit_anchors.append_anchor(self._anchors, anchor)
        try:
            await audit_anchors.store_anchor(self._storage, anchor)
        except StorageError as error:
            logger.warning("the audit chain's anchor is in the data folder only: %s", error.message)

    async def _remove_objects(self) -> int:
        """Remove objects whose rows are gone; gives how many were looked at.

        The queue's rows are locked while their objects are removed; an object that is gone already counts as removed,
        so a crash between the two steps does no harm.
        """
        async with self._database.session(MAINTENANCE) as session:
            pending = await retention.pending_objects(session, limit=OBJECTS_PER_ROUND)
            if not pending:
                return 0
            try:
                await self._storage.delete([item.key for item in pending])
            except StorageError as error:
                for item in pending:
                    await retention.object_failed(session, object_id=item.id, message=error.message)
                return 0
            await retention.objects_removed(session, ids=[item.id for item in pending])
        return len(pending)
