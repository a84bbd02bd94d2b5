"""Bounded queues between cameras and analysis: the newest frames win, and every loss is counted."""

import threading
import time
from collections import deque

from sightline.domain.frames import Frame

MAX_FRAMES = 30
MAX_BYTES = 64 * 1024 * 1024


class FrameRing:
    """Frames of one camera that wait for analysis, bounded by number and by bytes. Thread-safe.

    A frame counts as the bytes of its BGR picture, which it takes once it has been converted. One frame
    always fits, however large. Rings that share a condition can be waited on together (FrameRings).
    """

    def __init__(
        self,
        max_frames: int = MAX_FRAMES,
        max_bytes: int = MAX_BYTES,
        *,
        condition: threading.Condition | None = None,
    ) -> None:
        if max_frames < 1:
            raise ValueError(f"a ring holds at least one frame, got {max_frames}")
        self._max_frames = max_frames
        self._max_bytes = max_bytes
        self._changed = condition or threading.Condition()
        self._frames: deque[Frame] = deque()
        self._bytes = 0
        self._dropped = 0
        self._closed = False

    def put(self, frame: Frame, *, wait: bool = False) -> bool:
        """Add a frame. A full ring drops its oldest, or with wait blocks until there is room (files).

        False when the ring is closed and the frame was not taken.
        """
        with self._changed:
            if wait:
                self._changed.wait_for(lambda: self._closed or self._fits(frame))
            if self._closed:
                return False
            while not self._fits(frame):
                self._remove_oldest()
                self._dropped += 1
            self._frames.append(frame)
            self._bytes += _size(frame)
            self._changed.notify_all()
            return True

    def take(self, timeout: float | None = None) -> Frame | None:
        """The oldest frame; None after timeout seconds, or at once when the ring is closed and empty."""
        with self._changed:
            self._changed.wait_for(lambda: self._frames or self._closed, timeout)
            return self.take_waiting()

    def take_waiting(self) -> Frame | None:
        """The oldest frame if one waits, else None."""
        with self._changed:
            if not self._frames:
                return None
            frame = self._remove_oldest()
            self._changed.notify_all()
            return frame

    def close(self) -> None:
        """Accept no more frames and wake everybody who waits; frames that wait can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def clear(self) -> None:
        """Forget the frames that wait, without counting them as dropped (a consumer that stops)."""
        with self._changed:
            self._frames.clear()
            self._bytes = 0
            self._changed.notify_all()

    @property
    def closed(self) -> bool:
        """Whether no more frames come."""
        return self._closed

    @property
    def dropped(self) -> int:
        """Frames lost because analysis was too slow."""
        return self._dropped

    @property
    def bytes_waiting(self) -> int:
        """Bytes that the waiting frames count for."""
        return self._bytes

    @property
    def waiting(self) -> int:
        """Frames that wait."""
        return len(self._frames)

    def _fits(self, frame: Frame) -> bool:
        if not self._frames:
            return True
        return len(self._frames) < self._max_frames and self._bytes + _size(frame) <= self._max_bytes

    def _remove_oldest(self) -> Frame:
        frame = self._frames.popleft()
        self._bytes -= _size(frame)
        return frame


class FrameRings:
    """The rings of many cameras behind one door, so that one consumer waits on all of them."""

    def __init__(self, max_frames: int = MAX_FRAMES, max_bytes: int = MAX_BYTES) -> None:
        self._max_frames = max_frames
        self._max_bytes = max_bytes
        # Re-entrant: a fair round takes from each ring while it holds the lock of all.
        self._changed = threading.Condition(threading.RLock())
        self._rings: dict[str, FrameRing] = {}
        self._turn: deque[str] = deque()

    def add(self, camera_id: str) -> FrameRing:
        """A ring for one more camera. Raises ValueError for an id that has one."""
        with self._changed:
            if camera_id in self._rings:
                raise ValueError(f"camera {camera_id} has a ring already")
            ring = FrameRing(self._max_frames, self._max_bytes, condition=self._changed)
            self._rings[camera_id] = ring
            self._turn.append(camera_id)
            return ring

    def remove(self, camera_id: str) -> None:
        """Close a camera's ring and forget it with the frames in it."""
        with self._changed:
            self._turn.remove(camera_id)
            self._rings.pop(camera_id).close()

    def take_fair(self, max_frames: int, timeout: float | None = None) -> list[Frame]:
        """Up to max_frames frames, one per camera and round, the camera served longest ago first.

        Waits until there is one; empty after timeout seconds, or at once when all rings are closed and empty.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        with self._changed:
            while not (frames := self._take_rounds(max_frames)) and not self.exhausted:
                left = None if deadline is None else deadline - time.monotonic()
                if left is not None and left <= 0:
                    break
                self._changed.wait(left)
            return frames

    @property
    def exhausted(self) -> bool:
        """Whether nothing waits and nothing will come: every ring is closed and empty. True without rings."""
        with self._changed:
            return all(ring.closed and not ring.waiting for ring in self._rings.values())

    @property
    def dropped(self) -> dict[str, int]:
        """Frames lost, by camera."""
        with self._changed:
            return {camera_id: ring.dropped for camera_id, ring in self._rings.items()}

    def _take_rounds(self, max_frames: int) -> list[Frame]:
        frames: list[Frame] = []
        empty_in_a_row = 0
        while len(frames) < max_frames and empty_in_a_row < len(self._turn):
            camera_id = self._turn[0]
            self._turn.rotate(-1)
            frame = self._rings[camera_id].take_waiting()
            empty_in_a_row = 0 if frame else empty_in_a_row + 1
            if frame:
                frames.append(frame)
        return frames


def _size(frame: Frame) -> int:
    return frame.width * frame.height * 3
