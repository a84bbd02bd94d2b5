"""One reader of the event stream per process, handed on to everybody who watches.

A watcher holds at most LIMIT records that wait to be told; the same record waits once, at its newest place. Who is
slower than that is let go and comes back by itself. Where events may be missing, watchers are told to look again.
"""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

from redis.asyncio import Redis
from redis.exceptions import RedisError

from sightline.core.errors import ServiceUnavailable
from sightline.core.redis import redis_errors
from sightline.services import events
from sightline.services.events import STREAM, Entry, Event, EventId

LIMIT = 500
"""Records that wait for one watcher: about a minute of a busy machine."""
GATHER_SECONDS = 0.2
"""Events of this time are told together: a person sees no difference, the database does."""
POLL_MS = 1000
"""How soon a closed hub is noticed: a cancellation that comes while redis-py connects is lost in it (8.1.0)."""
SHORTEST_PAUSE = 1.0
LONGEST_PAUSE = 8.0

log = logging.getLogger("sightline.api.hub")


@dataclass(frozen=True, slots=True)
class Batch:
    """What a watcher is to be told, in order. look_again: events may have been missed."""

    entries: tuple[Entry, ...] = ()
    look_again: bool = False

    @property
    def events(self) -> tuple[Event, ...]:
        """The events without their places."""
        return tuple(entry.event for entry in self.entries)


class Watcher:
    """A place in the hub."""

    def __init__(self) -> None:
        self.ended = False
        self._waiting: dict[Event, EventId] = {}
        self._look_again = False
        self._wake = asyncio.Event()

    def offer(self, entry: Entry) -> None:
        """Add an event; the watcher ends where too many wait."""
        self._waiting.pop(entry.event, None)
        self._waiting[entry.event] = entry.id
        if len(self._waiting) > LIMIT:
            self.end()
        self._wake.set()

    def look_again(self) -> None:
        """Say that events may be missing."""
        self._look_again = True
        self._wake.set()

    def end(self) -> None:
        """Let the watcher go."""
        self.ended = True
        self._waiting.clear()
        self._wake.set()

    async def next(self, timeout: float) -> Batch:
        """What came up; an empty batch after timeout seconds of quiet, or when the watcher has ended."""
        try:
            async with asyncio.timeout(timeout):
                await self._wake.wait()
        except TimeoutError:
            return Batch()
        if not self.ended:
            await asyncio.sleep(GATHER_SECONDS)
        batch = Batch(tuple(Entry(place, event) for event, place in self._waiting.items()), self._look_again)
        self._waiting.clear()
        self._look_again = False
        if not self.ended:
            self._wake.clear()
        return batch


class Hub:
    """Reads the stream on and on, over lost connections, and hands events on."""

    def __init__(self, redis: Redis) -> None:
        self.position: EventId | None = None
        """The last event that was read; None before the first connection."""
        self._redis = redis
        self._watchers: set[Watcher] = set()
        self._closed = False
        self._pause = SHORTEST_PAUSE

    @contextmanager
    def watch(self) -> Iterator[Watcher]:
        """A place in the hub for as long as the block lasts."""
        watcher = self.add()
        try:
            yield watcher
        finally:
            self.remove(watcher)

    def add(self) -> Watcher:
        """A place in the hub from now on, until remove()."""
        watcher = Watcher()
        self._watchers.add(watcher)
        if self._closed:
            watcher.end()
        return watcher

    def remove(self, watcher: Watcher) -> None:
        """Give up a place."""
        self._watchers.discard(watcher)

    async def past(self, after: EventId) -> Batch:
        """What came after an event that somebody saw last. Raises ServiceUnavailable."""
        with redis_errors():
            if await events.is_gap(self._redis, after):
                return Batch(look_again=True)
            reply = await self._redis.xrange(STREAM, min=f"({after}", count=LIMIT + 1)
        found, _ = events.entries(events.rows(reply))
        if len(found) > LIMIT:
            return Batch(look_again=True)
        newest = {entry.event: entry for entry in found}
        return Batch(tuple(entry for entry in found if newest[entry.event] is entry))

    def close(self) -> None:
        """Let every watcher go, so that the server can stop."""
        self._closed = True
        for watcher in tuple(self._watchers):
            watcher.end()

    async def run(self) -> None:
        """Read until closed."""
        while not self._closed:
            try:
                await self._begin()
                while not self._closed:
                    await self._read()
            except (RedisError, OSError, ServiceUnavailable) as error:
                lost = type(error).__name__
                log.warning("events: the Redis server is lost (%s), next attempt in %.0f s", lost, self._pause)
                await asyncio.sleep(self._pause)
                self._pause = min(2 * self._pause, LONGEST_PAUSE)

    async def _begin(self) -> None:
        """Find the place to read from: where we were, or the end where that is gone."""
        if self.position is None:
            self.position = await events.last_id(self._redis)
        elif await events.is_gap(self._redis, self.position):
            self.position = await events.last_id(self._redis)
            for watcher in tuple(self._watchers):
                watcher.look_again()
        self._pause = SHORTEST_PAUSE

    async def _read(self) -> None:
        """Hand on what is new; returns after a while of quiet. Raises RedisError where the server is lost."""
        place = self.position or events.BEGINNING
        reply = await self._redis.xread({STREAM: place}, count=LIMIT, block=POLL_MS)
        for _, rows in cast("list[tuple[bytes, events.Rows]]", reply or []):
            self.position = EventId(rows[-1][0].decode("ascii"))
            self._hand_on(rows)

    def _hand_on(self, rows: events.Rows) -> None:
        good, wrong = events.entries(rows)
        for error in wrong:
            log.warning("events: %s", error.message)
        for entry in good:
            for watcher in tuple(self._watchers):
                watcher.offer(entry)
