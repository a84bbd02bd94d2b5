"""Snapshots of cameras for whoever looks at them now: at most one a second, and only while somebody does."""

import asyncio
import logging
import threading
from collections.abc import Sequence
from uuid import UUID

from redis.asyncio import Redis

from sightline.core.errors import ServiceUnavailable
from sightline.domain.frames import Frame
from sightline.services import snapshots

logger = logging.getLogger(__name__)


class SnapshotMaker:
    """note() keeps the newest frame of cameras that are looked at; deliver() makes pictures of them and hands them on.

    Frames come with privacy masks black. One picture of 1080p takes about 10 ms.
    """

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._wanted: frozenset[str] = frozenset()
        self._frames: dict[str, Frame] = {}

    def note(self, frames: Sequence[Frame]) -> None:
        """On the analysing thread: which frames are about to be analysed."""
        if not self._wanted:
            return
        with self._lock:
            self._frames |= {frame.camera_id: frame for frame in frames if frame.camera_id in self._wanted}

    async def deliver(self) -> None:
        """About once a second. Without Redis nobody looks."""
        with self._lock:
            frames, self._frames = self._frames, {}
        try:
            self._wanted = frozenset(str(one) for one in await snapshots.wanted(self._client))
            for camera_id, frame in frames.items():
                picture = await asyncio.to_thread(_jpeg, frame)
                await snapshots.put(self._client, camera_id=UUID(camera_id), picture=picture)
        except ServiceUnavailable as error:
            logger.warning("no snapshots: %s", error.message)


def _jpeg(frame: Frame) -> bytes:
    from sightline.vision.crops import encode_jpeg  # noqa: PLC0415 - loads OpenCV, which a worker without cameras spares

    return encode_jpeg(frame.pixels.bgr(), quality=80)
