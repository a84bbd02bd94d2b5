"""Telling others what a request changed: after its transaction is committed, and after its answer was sent.

    async def endpoint(session: SessionDep, after: AfterCommitDep) -> ...:
        alert = await alerts.acknowledge(session, ...)
        after.publish(Event(EventKind.ALERT, alert.id))

A request that fails publishes nothing: its answer comes from an error handler, which runs no tasks of the endpoint.
Redis being down does not undo what is committed: it is logged, and whoever watches reads the records again.
"""

import logging
from typing import Annotated

from fastapi import BackgroundTasks, Depends
from redis.asyncio import Redis

from sightline.api.deps import ResourcesDep
from sightline.core.errors import ServiceUnavailable
from sightline.services import events
from sightline.services.events import Event

log = logging.getLogger("sightline.api")


class AfterCommit:
    """Collects the events of one request; each is told once, in the order in which they came."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._events: dict[Event, None] = {}

    def publish(self, *told: Event) -> None:
        """Tell these when the request is done."""
        self._events |= dict.fromkeys(told)

    async def run(self) -> None:
        """The request is done."""
        if not self._events:
            return
        try:
            await events.publish(self._redis, *self._events)
        except ServiceUnavailable as error:
            log.warning("%d events were not told: %s", len(self._events), error.message)


async def after_commit(opened: ResourcesDep, background: BackgroundTasks) -> AfterCommit:
    """What this request tells others."""
    collected = AfterCommit(opened.redis)
    background.add_task(collected.run)
    return collected


AfterCommitDep = Annotated[AfterCommit, Depends(after_commit)]
