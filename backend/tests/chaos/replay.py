"""Tracks of which everything is known, sent through `faces:detected` until they are on record as they were sent."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from uuid import UUID

import numpy as np
from PIL import Image
from redis.asyncio import Redis
from uuid_utils.compat import uuid7

from sightline.bus.codec import encode_faces
from sightline.bus.ports import FACES
from sightline.bus.redis_streams import RedisBus
from sightline.core.config import Settings
from sightline.core.errors import ServiceUnavailable
from sightline.core.redis import open_redis
from sightline.domain.messages import DetectedFace, FacesMessage
from sightline.domain.tracks import TrackState
from sightline.vision.crops import encode_jpeg
from tests.support.guests import PORTRAIT

AGAIN_SECONDS = 20.0
"""A track that is not on record by then is sent once more, as a producer does that keeps what it sends."""
LENGTH = timedelta(seconds=3)
DETECTIONS = 15
BOX = (180.0, 60.0, 120.0, 150.0)
LIMIT = 10_000


def guest_crop() -> bytes:
    """The guest's face with surroundings, as JPEG, without landmarks: they are found again."""
    with Image.open(PORTRAIT) as portrait:
        picture = np.asarray(portrait.convert("RGB"))[30:340, 110:400, ::-1]
    return encode_jpeg(picture)


@dataclass(slots=True)
class Sent:
    """A track that was sent. sent_at: by the monotonic clock; times: how often."""

    track_id: UUID
    first_seen: datetime
    sent_at: float
    times: int = 1

    @property
    def last_seen(self) -> datetime:
        return self.first_seen + LENGTH


@dataclass(slots=True)
class Replay:
    """Sends one track a second for a camera. Its subject is the demo's guest."""

    settings: Settings
    camera_id: UUID
    pause: float = 1.0
    tracks: dict[UUID, Sent] = field(default_factory=dict)
    _crop: bytes = field(default_factory=guest_crop)

    async def run(self, stop: asyncio.Event) -> None:
        """Send until told to stop."""
        async with self._bus() as bus:
            while not stop.is_set():
                await self.send(bus)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), self.pause)

    async def send(self, bus: RedisBus) -> Sent | None:
        """One more track; None where Redis does not take it."""
        now = datetime.now(UTC)
        track = Sent(uuid7(), now.replace(microsecond=now.microsecond // 1000 * 1000) - LENGTH, monotonic())
        if not await self._publish(bus, track):
            return None
        self.tracks[track.track_id] = track
        return track

    async def again(self, missing: set[UUID]) -> None:
        """Send those once more that should be on record by now."""
        due = [self.tracks[one] for one in missing if monotonic() - self.tracks[one].sent_at > AGAIN_SECONDS]
        async with self._bus() as bus:
            for track in due:
                if await self._publish(bus, track):
                    track.sent_at, track.times = monotonic(), track.times + 1

    async def _publish(self, bus: RedisBus, track: Sent) -> bool:
        messages = [encode_faces(message) for message in self._messages(track)]
        try:
            await bus.publish(FACES, messages, limit=LIMIT)
        except ServiceUnavailable:
            return False
        return True

    def _messages(self, track: Sent) -> list[FacesMessage]:
        """Confirmed with a shot, and ended: media time is seconds since the epoch."""
        begin, end = track.first_seen.timestamp(), track.last_seen.timestamp()
        seen = TrackState(track.track_id, begin, begin + 1, 5, BOX, shots=1, confirmed=True)
        face = DetectedFace(BOX, 0.95, self._crop, 0.9, track.track_id, begin + 1)
        first = FacesMessage(
            self.camera_id, track.first_seen + timedelta(seconds=1), (face,), begin + 1, (640, 360), (seen,)
        )
        over = TrackState(track.track_id, begin, end, DETECTIONS, BOX, shots=1, ended=True)
        return [first, FacesMessage(self.camera_id, track.last_seen, (), end, (640, 360), (over,))]

    @contextlib.asynccontextmanager
    async def _bus(self) -> AsyncIterator[RedisBus]:
        client: Redis = open_redis(self.settings.redis)
        try:
            yield RedisBus(client)
        finally:
            await client.aclose()
