"""What several loops of one worker share: they end together, and what ends one of them is said."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine

from sightline.core.database import Database
from sightline.core.errors import AppError, ServiceUnavailable
from sightline.services import gallery
from sightline.workers.clock import pause

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
"""How often changes are looked for when no notice arrives: a watchlist that expires sends none. Changes shall be in
force within 2 s."""
RETRY_SECONDS = 0.5
"""Pause before a service is asked again."""


async def run_together(stop: asyncio.Event, *loops: Coroutine[None, None, None]) -> None:
    """Run until all have ended; one that ends sets stop for the others. Raises what the first failed with."""
    tasks = [asyncio.create_task(loop) for loop in loops]
    for task in tasks:
        task.add_done_callback(lambda _task: stop.set())
    try:
        await asyncio.wait(tasks)
    finally:
        stop.set()
        await asyncio.wait(tasks)
    for task in tasks:
        task.result()


async def follow(database: Database, channel: str, stop: asyncio.Event, apply: Callable[[], Awaitable[None]]) -> None:
    """Call apply at once, whenever the channel tells of changes, and every second. While the database is away all stays
    as it is. channel: of services.gallery."""
    while not stop.is_set():
        try:
            async with database.changes(channel) as changes:
                await apply_changes(changes, stop, apply)
        except ServiceUnavailable as error:
            logger.warning("changes (%s) wait for the database: %s", channel, error.message)
            await pause(stop, RETRY_SECONDS)


async def follow_cameras(database: Database, stop: asyncio.Event, apply: Callable[[], Awaitable[None]]) -> None:
    """Call apply whenever cameras change."""
    await follow(database, gallery.CAMERAS_CHANGED, stop, apply)


async def apply_changes(changes: AsyncIterator[str], stop: asyncio.Event, apply: Callable[[], Awaitable[None]]) -> None:
    """Call apply at once, at every notice, and every second, until stop is set."""
    notice = asyncio.ensure_future(anext(changes))
    stopped = asyncio.create_task(stop.wait())
    try:
        while not stop.is_set():
            await apply()
            await asyncio.wait({notice, stopped}, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if notice.done():
                notice.result()
                notice = asyncio.ensure_future(anext(changes))
    finally:
        stopped.cancel()
        notice.cancel()
        with contextlib.suppress(asyncio.CancelledError, AppError, StopAsyncIteration):
            await notice
