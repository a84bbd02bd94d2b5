"""Tells the rest of the system what was committed, through Redis pub/sub. No pictures, no names: ids only."""

import json
import logging
from collections.abc import Mapping
from uuid import UUID

import redis.asyncio
from redis.exceptions import RedisError

from sightline.core.config import RedisSettings
from sightline.services.sightings import Recorded

logger = logging.getLogger(__name__)

CHANNEL = "sightline:events"


class EventPublisher:
    """Publishes after the commit. What is lost with Redis is only the news: rows are read from the database."""

    def __init__(self, settings: RedisSettings) -> None:
        url = settings.url.get_secret_value() if settings.url else ""
        password = settings.password.get_secret_value() if settings.password else None
        self._client = redis.asyncio.Redis.from_url(url, password=password, socket_timeout=settings.timeout, protocol=2)

    async def publish(self, recorded: Recorded, cameras: Mapping[UUID, UUID]) -> None:
        """Say which sightings are new or changed, and which alerts were raised."""
        news = [
            *(_sighting("created", track_id, cameras[track_id]) for track_id in recorded.created),
            *(_sighting("updated", track_id, cameras[track_id]) for track_id in recorded.updated),
            *(
                {
                    "type": "alert",
                    "id": str(alert.id),
                    "sighting_id": str(alert.sighting_id),
                    "camera_id": str(alert.camera_id),
                    "severity": alert.severity,
                }
                for alert in recorded.alerts
            ),
        ]
        await self._send(news)

    async def publish_camera(self, camera_id: UUID, status: str) -> None:
        """Say that a camera's status changed."""
        await self._send([{"type": "camera", "id": str(camera_id), "camera_id": str(camera_id), "status": status}])

    async def close(self) -> None:
        """Hang up."""
        await self._client.aclose()

    async def _send(self, news: list[dict[str, str]]) -> None:
        if not news:
            return
        try:
            async with self._client.pipeline(transaction=False) as pipe:
                for message in news:
                    pipe.publish(CHANNEL, json.dumps(message))
                await pipe.execute()
        except (RedisError, OSError) as error:
            logger.warning("events could not be published: %s", type(error).__name__)


def _sighting(change: str, track_id: UUID, camera_id: UUID) -> dict[str, str]:
    return {"type": "sighting", "change": change, "id": str(track_id), "camera_id": str(camera_id)}
