"""Workers go by the settings in the database, and by new ones as soon as they are there."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine

from sightline.core.config import Settings
from sightline.core.database import WORKER, Database
from sightline.core.errors import ServiceUnavailable
from sightline.services import runtime_settings
from sightline.workers.clock import pause

logger = logging.getLogger(__name__)

RETRY_SECONDS = 1.0
"""Pause before the database is asked again."""
LOOK_SECONDS = 30.0
"""How often settings are compared where no notice arrived: one may be lost with its connection."""

Run = Callable[[Settings, asyncio.Event], Coroutine[None, None, None]]
"""Works with these settings until the event is set."""


async def run_with_current_settings(base: Settings, database: Database, stop: asyncio.Event, run: Run) -> None:
    """run() with the settings in force; it is ended and begun again when those that concern it change.

    Raises what run() raises. base: the environment's.
    """
    while not stop.is_set():
        settings = await _current(base, database, stop)
        over = asyncio.Event()
        changed = asyncio.create_task(_until_changed(base, settings, database, over))
        stopped = asyncio.create_task(stop.wait())
        working = asyncio.create_task(run(settings, over))
        try:
            await asyncio.wait({changed, stopped, working}, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                await working
                return
            if changed.done() and not stop.is_set():
                logger.info("settings changed: working by the new ones")
        finally:
            over.set()
            changed.cancel()
            stopped.cancel()
            await asyncio.wait({changed, stopped, working})
        await working


async def _current(base: Settings, database: Database, stop: asyncio.Event) -> Settings:
    """The settings in force; the environment's where the database does not answer before stop."""
    while not stop.is_set():
        try:
            async with database.session(WORKER) as session:
                return await runtime_settings.effective(session, base=base)
        except ServiceUnavailable as error:
            logger.warning("waiting for the settings: %s", error.message)
            await pause(stop, RETRY_SECONDS)
    return base


async def _until_changed(base: Settings, known: Settings, database: Database, over: asyncio.Event) -> None:
    while not over.is_set():
        try:
            async with database.changes(runtime_settings.CHANGED) as changes:
                while await _current(base, database, over) == known:
                    await _notice(changes)
                return
        except ServiceUnavailable as error:
            logger.warning("changes of settings wait for the database: %s", error.message)
            await pause(over, RETRY_SECONDS)


async def _notice(changes: AsyncIterator[str]) -> None:
    try:
        await asyncio.wait_for(anext(changes), LOOK_SECONDS)
    except TimeoutError:
        return
