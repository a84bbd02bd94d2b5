"""One subscription to Redis per process, handed on to every browser that watches.

A watcher holds at most LIMIT records that wait to be told; the same record waits once. Who is slower than that is
let go and comes back by itself. After a lost connection watchers are told to look again, since events may be missing.
"""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from redis.asyncio import Redis
from redis.exceptions import RedisError

from sightline.core.errors import InvalidInput
from sightline.services.events import CHANNEL, Event, decode

LIMIT = 500
"""Records that wait for one watcher: about a minute of a busy machine."""
GATHER_SECONDS = 0.2
"""Events of this time are told together: a person sees no difference, the database does."""
POLL_SECONDS = 1.0
"""How soon a closed hub is noticed: a cancellation that comes while redis-py connects is lost in it (8.1.0)."""
SHORTEST_PAUSE = 1.0
LONGEST_PAUSE = 8.0

log = logging.getLogger("sightline.api.hub")


@dataclass(frozen=True, slots=True)
class Batch:
    """What a watcher is to be told. look_again: events may have been missed."""

    events: tuple[Event, ...] = ()
    look_again: bool = False


class Watcher:
    """One browser's place in the hub."""

    def __init__(self) -> None:
        self.ended = False
        self._waiting: dict[Event, None] = {}
        self._look_again = False
        self._wake = asyncio.Event()

    def offer(self, event: Event) -> None:
        """Add an event; the watcher ends where too many wait."""
        self._waiting.pop(event, None)
        self._waiting[event] = None
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
        batch = Batch(tuple(self._waiting), self._look_again)
        self._waiting.clear()
        self._look_again = False
        if not self.ended:
            self._wake.clear()
        return batch


class Hub:
    """Keeps the subscription alive and hands events on."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._watchers: set[Watcher] = set()
        self._closed = False
        self._pause = SHORTEST_PAUSE

    @contextmanager
    def watch(self) -> Iterator[Watcher]:
        """A place in the hub for as long as the block lasts."""
        watcher = Watcher()
        self._watchers.add(watcher)
        if self._closed:
            watcher.end()
        try:
            yield watcher
        finally:
            self._watchers.discard(watcher)

    def close(self) -> None:
        """Let every watcher go, so that the server can stop."""
        self._closed = True
        for watcher in tuple(self._watchers):
            watcher.end()

    async def run(self) -> None:
        """Listen until closed, over lost connections."""
        while not self._closed:
            try:
                await self._listen()
            except (RedisError, OSError) as error:
                lost = type(error).__name__
                log.warning("events: the Redis server is lost (%s), next attempt in %.0f s", lost, self._pause)
                await asyncio.sleep(self._pause)
                self._pause = min(2 * self._pause, LONGEST_PAUSE)

    async def _listen(self) -> None:
        """One connection; raises when it is lost."""
        async with self._redis.pubsub() as channel:
            await channel.subscribe(CHANNEL)
            self._pause = SHORTEST_PAUSE
            for watcher in tuple(self._watchers):
                watcher.look_again()
            while not self._closed:
                message = await channel.get_message(ignore_subscribe_messages=True, timeout=POLL_SECONDS)
                if message is not None:
                    self._hand_on(message["data"])

    def _hand_on(self, data: bytes) -> None:
        try:
            event = decode(data)
        except InvalidInput as error:
            log.warning("events: %s", error.message)
            return
        for watcher in tuple(self._watchers):
            watcher.offer(event)
