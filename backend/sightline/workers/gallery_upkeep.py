"""After a gallery has moved: what was enrolled by the former pack meanwhile is made anew by the one in use.

A process that enrols learns of the switch a moment late, or not at all where the new pack is not installed. Nobody whom
it enrols is lost: their pictures get templates of the model in use here. An interrupted move is finished, too.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable

from sightline.core.config import Settings
from sightline.core.database import SYSTEM, Database
from sightline.core.errors import ModelPackError, ServiceUnavailable
from sightline.core.storage import ObjectStorage
from sightline.services import gallery, reembedding, runtime_settings
from sightline.services.face_inference import load_pack
from sightline.vision.loading import Models
from sightline.workers.clock import pause
from sightline.workers.gallery_move import GalleryMove

logger = logging.getLogger(__name__)

LOOK_SECONDS = 30.0
"""How often is looked where no notice arrived, and after a failure."""
CALM_SECONDS = 0.5
"""A move speaks after every batch: what it is at work on itself is not taken out of its hands at once."""
RETRY_SECONDS = 5.0


class GalleryUpkeep:
    """Any number of processes may do this: no step does harm when it is done twice."""

    def __init__(
        self,
        database: Database,
        storage: ObjectStorage,
        settings: Settings,
        *,
        load: Callable[[Settings], Models] = load_pack,
    ) -> None:
        """settings: the environment's. load: where not the installed pack shall be used."""
        self._database = database
        self._storage = storage
        self._settings = settings
        self._load = load

    async def run(self, stop: asyncio.Event) -> None:
        """Look after every change of the gallery until stop is set."""
        while not stop.is_set():
            try:
                async with self._database.changes(gallery.CHANGED, runtime_settings.CHANGED) as changes:
                    while not stop.is_set():
                        await self._look()
                        await _notice(changes, stop)
                        await pause(stop, CALM_SECONDS)
            except ServiceUnavailable as error:
                logger.warning("the gallery's upkeep waits: %s", error.message)
                await pause(stop, RETRY_SECONDS)

    async def round(self) -> int:
        """Make the templates that the model in use lacks; how many images had another model's as their own.

        Raises PackNotInstalled, PackDamaged, ServiceUnavailable.
        """
        async with self._database.session(SYSTEM) as session:
            version = await reembedding.model_with_stragglers(session)
            if version is None:
                return 0
            chosen = await runtime_settings.effective(session, base=self._settings)
        models = await asyncio.to_thread(self._load, chosen)
        if models.embedder.model_version != version:
            logger.error(
                "pack %s is here another version (%s) than the one that the gallery was moved to (%s)",
                chosen.recognition.pack, models.embedder.model_version, version,
            )  # fmt: skip
            return 0
        move = GalleryMove(self._database, self._storage, models, chosen.recognition.pack, self._settings)
        count = await move.catch_up()
        logger.info("%d images that a former model's templates stood for were handed to %s", count, version)
        return count

    async def _look(self) -> None:
        try:
            await self.round()
        except ModelPackError as error:
            logger.error("pictures enrolled by a former model stay out of the gallery: %s", error.message)


async def _notice(changes: AsyncIterator[str], stop: asyncio.Event) -> None:
    """Until something changed, it is time to look anyway, or stop is set."""
    changed, stopped = asyncio.ensure_future(anext(changes)), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({changed, stopped}, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if changed.done():
            changed.result()
    finally:
        changed.cancel()
        stopped.cancel()
        await asyncio.wait({changed, stopped})
