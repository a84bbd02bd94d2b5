"""Tracks of which everything is known, sent through `faces:detected`; one in ten is sent twice, as a bus may do.

A track is sent until Redis took it. After that it is for the system to keep, but where Redis lost its data: only then
it is sent again, as a producer does that keeps what it sends until it is on record.
"""

import asyncio
import contextlib
import random
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

TRY_SECONDS = 0.5
"""Between two tries to hand a track to Redis."""
TWICE = 0.1
AGAIN_SECONDS = 20.0
"""A track that was lost with Redis, and is not on record by then, is sent once more."""
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
    """A track that was sent. taken_at: when Redis took it first, by the monotonic clock; None: not yet. is_lost: it may
    have gone with Redis. message_id: of its first message in the stream."""

    track_id: UUID
    first_seen: datetime
    taken_at: float | None = None
    is_lost: bool = False
    message_id: str | None = None

    @property
    def last_seen(self) -> datetime:
        return self.first_seen + LENGTH


@dataclass(slots=True)
class Replay:
    """Sends one track a second for a camera. Its subject is the demo's guest."""

    settings: Settings
    camera_id: UUID
    pause: float = 1.0
    chance: random.Random = field(default_factory=lambda: random.Random(1))
    tracks: dict[UUID, Sent] = field(default_factory=dict)
    _crop: bytes = field(default_factory=guest_crop)

    async def run(self, stop: asyncio.Event) -> None:
        """Send until told to stop."""
        async with self._bus() as bus:
            while not stop.is_set():
                await self._send(bus, stop)
                await _pause(stop, self.pause)

    def taken(self, since: float, until: float = float("inf")) -> set[UUID]:
        """What Redis took in this time, by the monotonic clock."""
        return {one.track_id for one in self.tracks.values() if one.taken_at and since <= one.taken_at < until}

    def lost_but(self, safe: set[UUID]) -> None:
        """Redis lost its data: what was not on record before may be gone."""
        for track in self.tracks.values():
            track.is_lost = track.is_lost or track.track_id not in safe

    async def again(self, missing: set[UUID]) -> None:
        """Send those once more that were lost with Redis and should be on record by now; and those it never took."""
        now = monotonic()
        async with self._bus() as bus:
            for track in (self.tracks[one] for one in missing):
                if track.taken_at is None or (track.is_lost and now - track.taken_at > AGAIN_SECONDS):
                    await self._publish(bus, track)

    async def _send(self, bus: RedisBus, stop: asyncio.Event) -> None:
        """One more track, until Redis takes it."""
        now = datetime.now(UTC)
        track = Sent(uuid7(), now.replace(microsecond=now.microsecond // 1000 * 1000) - LENGTH)
        self.tracks[track.track_id] = track
        while not await self._publish(bus, track) and not stop.is_set():
            await _pause(stop, TRY_SECONDS)
        if self.chance.random() < TWICE:
            await self._publish(bus, track)

    async def _publish(self, bus: RedisBus, track: Sent) -> bool:
        messages = [encode_faces(message) for message in self._messages(track)]
        try:
            ids = await bus.publish(FACES, messages, limit=LIMIT)
        except ServiceUnavailable:
            return False
        if track.taken_at is None or track.is_lost:
            track.taken_at, track.is_lost, track.message_id = monotonic(), False, ids[0]
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


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
