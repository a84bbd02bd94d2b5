"""From sightings to people who know: rules are evaluated, notifications delivered, what nobody acknowledges escalated.

Three loops in one process, as many processes as there are: each loop shares its work through the database.
"""

import asyncio

from redis.asyncio import Redis

from sightline.core.config import Settings
from sightline.core.database import Database
from sightline.core.storage import ObjectStorage
from sightline.services.match_rates import MatchRates
from sightline.vision.model_packs.store import PackStore
from sightline.workers.deliveries import DeliveryWorker
from sightline.workers.escalations import EscalationWorker
from sightline.workers.events import EventPublisher
from sightline.workers.rule_runner import RuleRunner
from sightline.workers.together import run_together


class AlertEngine:
    """The three loops with one set of settings."""

    def __init__(self, settings: Settings, database: Database, storage: ObjectStorage, redis: Redis) -> None:
        """Raises what the keys of channels raise: ConfigInvalid, DataFolderUnusable."""
        publisher = EventPublisher(redis)
        rates = MatchRates(PackStore.from_settings(settings), settings.recognition.pack)
        self._loops = (
            RuleRunner(database, publisher, rates=rates),
            DeliveryWorker(database, settings, storage),
            EscalationWorker(database, publisher),
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Work until stop is set. An error that ends one loop ends all, and is raised."""
        await run_together(stop, *(loop.run(stop) for loop in self._loops))
