"""Time of the workers: from a camera's media time to the clock on the wall, and pauses that end with the worker."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from threading import Lock

from sightline.domain.frames import Frame


class MediaClock:
    """Knows for each camera which moment its media times stand for.

    The moment of a frame is when it was received. Only differences within a camera's media time are used for a
    track's later moments, so that a wall clock that is set back cannot make a track end before it begins.
    """

    def __init__(self, wall: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic) -> None:
        """wall: seconds since 1970; monotonic: the clock of Frame.received_at."""
        self._wall = wall
        self._monotonic = monotonic
        self._offsets: dict[str, float] = {}
        self._lock = Lock()

    def note(self, frames: Sequence[Frame]) -> None:
        """Learn from frames that were just taken for analysis."""
        boot = self._wall() - self._monotonic()
        with self._lock:
            for frame in frames:
                self._offsets[frame.camera_id] = boot + frame.received_at - frame.media_time

    def moment(self, camera_id: str, media_time: float) -> datetime:
        """When this media time was, UTC. Raises KeyError for a camera that has given no frame."""
        with self._lock:
            seconds = self._offsets[camera_id] + media_time
        return datetime.fromtimestamp(seconds, UTC)


def later(moment: datetime, seconds: float) -> datetime:
    """A moment so many seconds on, never earlier than the moment itself."""
    return moment + timedelta(seconds=max(seconds, 0.0))


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Wait, but not longer than until stop is set; a last round then still takes place."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
