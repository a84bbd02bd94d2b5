"""Tells the rest of the system what was committed, through Redis. What is lost with Redis is only the news."""

import logging
from collections.abc import Sequence
from uuid import UUID

from redis.asyncio import Redis

from sightline.core.errors import ServiceUnavailable
from sightline.services.events import Event, EventKind, publish
from sightline.services.sightings import Recorded

logger = logging.getLogger(__name__)


class EventPublisher:
    """Publishes after the commit, and goes on where Redis is gone: readers look into the database anyway."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def publish(self, recorded: Recorded) -> None:
        """Say which sightings are new or changed, and which alerts were raised."""
        sightings = [Event(EventKind.SIGHTING, one) for one in (*recorded.created, *recorded.updated)]
        await self._tell(*sightings, *(Event(EventKind.ALERT, alert.id) for alert in recorded.alerts))

    async def publish_alert(self, alert_id: UUID) -> None:
        """Say that an alert changed."""
        await self._tell(Event(EventKind.ALERT, alert_id))

    async def publish_alerts(self, alert_ids: Sequence[UUID]) -> None:
        """Say that alerts are new or changed."""
        await self._tell(*(Event(EventKind.ALERT, one) for one in alert_ids))

    async def publish_camera(self, camera_id: UUID) -> None:
        """Say that a camera's status changed."""
        await self._tell(Event(EventKind.CAMERA, camera_id))

    async def _tell(self, *events: Event) -> None:
        try:
            await publish(self._client, *events)
        except ServiceUnavailable as error:
            logger.warning("events could not be published: %s", error.message)
