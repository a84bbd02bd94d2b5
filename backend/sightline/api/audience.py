"""Who listens on WebSockets: one reading of the records per user, handed on to all of that user's connections.

A connection holds at most LIMIT messages that wait to be sent. Who is slower is let go, and comes back by itself.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from uuid import UUID

from sightline.api.hub import Batch, Watcher
from sightline.api.records import Told, read
from sightline.api.resources import Resources
from sightline.core.database import Principal, Role
from sightline.core.errors import ServiceUnavailable
from sightline.schemas.ws import EventOut, Gap, Topic
from sightline.services.events import EventId

LIMIT = 1000
"""Messages that wait for one connection: about a minute of a busy site on every topic, 1 MB."""
MOST_PER_USER = 100
"""Connections of one user: every tab of a control room, and no more than one user's share of a process."""
IDLE_SECONDS = 30.0

log = logging.getLogger("sightline.api.audience")


class Outbox:
    """What waits to be sent on one connection."""

    def __init__(self) -> None:
        self.overflowed = False
        self._wanted: dict[Topic, frozenset[UUID] | None] = {}
        self._waiting: deque[str] = deque()
        self._wake = asyncio.Event()

    @property
    def topics(self) -> list[Topic]:
        """What is subscribed to."""
        return [topic for topic in Topic if topic in self._wanted]

    def subscribe(self, topics: Iterable[Topic], cameras: Iterable[UUID] | None) -> None:
        """Take these in from now on. cameras: of these only; None: of all."""
        chosen = None if cameras is None else frozenset(cameras)
        self._wanted.update(dict.fromkeys(topics, chosen))

    def unsubscribe(self, topics: Iterable[Topic]) -> None:
        """Take these in no more."""
        for topic in topics:
            self._wanted.pop(topic, None)

    def put(self, message: str) -> None:
        """Add a message; too many of them end the connection."""
        if len(self._waiting) >= LIMIT:
            self.overflowed = True
            self._waiting.clear()
        else:
            self._waiting.append(message)
        self._wake.set()

    def offer(self, told: Told, texts: dict[Topic, str]) -> None:
        """Add an event once for each topic that wants it. texts: it as JSON, per topic."""
        for topic in told.topics:
            if self._wants(topic, told.camera_id):
                self.put(texts[topic])

    def gap(self) -> None:
        """Say that events are missing, where anything is subscribed to."""
        if self._wanted:
            self.put(Gap().model_dump_json())

    async def take(self) -> list[str]:
        """All that waits, as soon as there is something."""
        await self._wake.wait()
        self._wake.clear()
        taken = list(self._waiting)
        self._waiting.clear()
        return taken

    def _wants(self, topic: Topic, camera_id: UUID | None) -> bool:
        if topic not in self._wanted:
            return False
        cameras = self._wanted[topic]
        return cameras is None or camera_id is None or camera_id in cameras


def texts_of(told: Told) -> dict[Topic, str]:
    """An event as JSON, per topic."""
    return {
        topic: EventOut(id=told.id, topic=topic, data=told.record).model_dump_json(warnings="error")
        for topic in told.topics
    }


class Audience:
    """The connections of one user in one role, all of which may see pictures or none."""

    def __init__(self, opened: Resources, acting: Principal, *, sees: bool) -> None:
        self.outboxes: set[Outbox] = set()
        self._opened = opened
        self._acting = acting
        self._sees = sees
        self._watcher = opened.hub.add()  # now, not when run() begins: no event is to fall in between

    async def run(self) -> None:
        """Tell until cancelled. Where the hub lets us go, or the database is away, say that events are missing."""
        try:
            while True:
                await self._follow(self._watcher)
                self._opened.hub.remove(self._watcher)
                self._watcher = self._opened.hub.add()
                for outbox in tuple(self.outboxes):
                    outbox.gap()
                await asyncio.sleep(1)  # a hub that closes lets everybody go at once
        finally:
            self._opened.hub.remove(self._watcher)

    async def tell_past(self, outbox: Outbox, after: EventId) -> None:
        """Tell one connection what came after the last event that it saw. Raises ServiceUnavailable."""
        batch = await self._opened.hub.past(after)
        if batch.look_again:
            outbox.gap()
        for told in await self._read(batch) if batch.entries else ():
            outbox.offer(told, texts_of(told))

    async def _read(self, batch: Batch) -> list[Told]:
        return await read(self._opened, self._acting, batch.entries, with_pictures=self._sees)

    async def _follow(self, watcher: Watcher) -> None:
        while not watcher.ended:
            batch = await watcher.next(IDLE_SECONDS)
            if batch.look_again:
                for outbox in tuple(self.outboxes):
                    outbox.gap()
            if not batch.entries:
                continue
            try:
                found = await self._read(batch)
            except ServiceUnavailable as error:
                log.warning("events cannot be told: %s", error.message)
                return
            for told in found:
                texts = texts_of(told)
                for outbox in tuple(self.outboxes):
                    outbox.offer(told, texts)


class Audiences:
    """Every user's audience; it lives as long as one of its connections."""

    def __init__(self, opened: Resources) -> None:
        self._opened = opened
        self._known: dict[tuple[UUID | None, Role, bool], tuple[Audience, asyncio.Task[None]]] = {}

    @property
    def connections(self) -> int:
        """Connections in all."""
        return sum(len(audience.outboxes) for audience, _ in self._known.values())

    def is_full_for(self, acting: Principal) -> bool:
        """Whether a user has as many connections as one may have."""
        own = [audience for (user_id, *_), (audience, _) in self._known.items() if user_id == acting.user_id]
        return sum(len(audience.outboxes) for audience in own) >= MOST_PER_USER

    @asynccontextmanager
    async def join(self, acting: Principal, outbox: Outbox, *, sees: bool) -> AsyncIterator[Audience]:
        """A place for one connection for as long as the block lasts. sees: whether it may see pictures."""
        key = (acting.user_id, acting.role, sees)
        if key not in self._known:
            audience = Audience(self._opened, acting, sees=sees)
            self._known[key] = audience, asyncio.create_task(audience.run(), name=f"audience {acting.role.value}")
        audience, task = self._known[key]
        audience.outboxes.add(outbox)
        try:
            yield audience
        finally:
            audience.outboxes.discard(outbox)
            if not audience.outboxes and self._known.get(key, (None,))[0] is audience:
                del self._known[key]
                task.cancel()
