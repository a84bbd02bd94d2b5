"""Server-sent events: what a user may see of what happens, told as it happens (WHATWG HTML, section 9.2).

Each event is read again from the database under the user's own rights, so nobody is told of what they may not see.
"""

import asyncio
import logging
from collections.abc import AsyncIterator

from pydantic import BaseModel
from starlette.responses import StreamingResponse
from starlette.types import Message, Send

from sightline.api import callers, records
from sightline.api.hub import Batch, Watcher
from sightline.api.permissions import Permission, allows
from sightline.api.resources import Resources
from sightline.core.database import Principal
from sightline.services.sessions import ActiveSession

HEARTBEAT_SECONDS = 15.0
"""Proxies close a silent connection after 30 to 60 s; the login is checked as often."""
SEND_SECONDS = 10.0
"""Who does not take an event within this time is let go."""
RETRY_MS = 2000

log = logging.getLogger("sightline.api.live")


class EventStream(StreamingResponse):
    """text/event-stream that ends where its reader has stopped reading."""

    media_type = "text/event-stream"

    async def stream_response(self, send: Send) -> None:
        """As the base class, with a time limit on every piece."""

        async def in_time(message: Message) -> None:
            async with asyncio.timeout(SEND_SECONDS):
                await send(message)

        try:
            await super().stream_response(in_time)
        except TimeoutError:
            log.info("events: a watcher was too slow and is let go")


def event_stream(opened: Resources, acting: Principal, current: ActiveSession) -> EventStream:
    """The answer to GET /v1/events."""
    headers = {"X-Accel-Buffering": "no"}  # nginx would hold events back
    return EventStream(_told(opened, acting, current), headers=headers)


async def _told(opened: Resources, acting: Principal, current: ActiveSession) -> AsyncIterator[str]:
    sees = allows(current, Permission.SEE_PICTURES)
    with opened.hub.watch() as watcher:
        yield f"retry: {RETRY_MS}\nevent: hello\ndata: {{}}\n\n"
        async for batch in _batches(opened, watcher, current):
            if batch.look_again:
                yield _frame("look-again")
            if batch.entries:
                for told in await records.read(opened, acting, batch.entries, with_pictures=sees):
                    if any(allows(current, records.NEEDED[topic]) for topic in told.topics):
                        yield _frame(told.kind.value, told.record)
            elif not batch.look_again:
                yield ": still here\n\n"


async def _batches(opened: Resources, watcher: Watcher, current: ActiveSession) -> AsyncIterator[Batch]:
    """Until the watcher is let go or the login ends."""
    loop = asyncio.get_running_loop()
    checked_at = loop.time()
    while True:
        batch = await watcher.next(HEARTBEAT_SECONDS)
        if watcher.ended:
            return
        if loop.time() - checked_at >= HEARTBEAT_SECONDS - 1:
            if not await callers.still(opened, current):
                return
            checked_at = loop.time()
        yield batch


def _frame(name: str, data: BaseModel | None = None) -> str:
    return f"event: {name}\ndata: {data.model_dump_json() if data else '{}'}\n\n"
