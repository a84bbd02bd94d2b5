"""Follows the model pack in use, which changes when the gallery is moved to another one (services/reembedding.py)."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

from sightline.core.config import Settings
from sightline.core.database import WORKER, Database
from sightline.core.errors import ServiceUnavailable
from sightline.services import runtime_settings

logger = logging.getLogger(__name__)

LOOK_SECONDS = 30.0
"""How often is looked where no notice arrives: one may be lost with its connection, and a missing pack be installed."""
RETRY_SECONDS = 1.0

Use = Callable[[str], Awaitable[object]]
"""Takes the name of the pack in use, also where it is the one that it got before."""


async def follow(database: Database, base: Settings, use: Use) -> None:
    """Tell use() of the pack in use, now and whenever it changes, until cancelled. base: the environment's settings."""
    while True:
        try:
            async with database.changes(runtime_settings.CHANGED) as changes:
                while True:
                    await use(await current(database, base))
                    await _notice(changes)
        except ServiceUnavailable as error:
            logger.warning("the pack in use is asked for again: %s", error.message)
            await asyncio.sleep(RETRY_SECONDS)


async def current(database: Database, base: Settings) -> str:
    """Its name."""
    async with database.session(WORKER) as session:
        return await runtime_settings.active_pack(session) or base.recognition.pack


async def _notice(changes: AsyncIterator[str]) -> None:
    try:
        await asyncio.wait_for(anext(changes), LOOK_SECONDS)
    except TimeoutError:
        return
