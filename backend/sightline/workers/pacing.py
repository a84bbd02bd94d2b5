"""Backpressure: a detector that falls behind slows its cameras down, all alike, before their frames cost anything.

Detection writes a pace per camera into Redis (`pace:<camera id>`, a share of the sample rate from 0 to 1, kept for a
few seconds); ingestion leaves frames out by it, spread evenly. Where nobody says a pace it is 1: then frames are
dropped by the bound of their stream.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, cast
from uuid import UUID

from redis.asyncio import Redis

from sightline.core import metrics
from sightline.core.redis import redis_errors
from sightline.domain.frames import Frame

LIVES: Final = 10
"""Seconds that a pace holds: a detector that died slows nobody down."""

BEHIND_SECONDS: Final = 1.0
"""Of frames that wait per camera, from which on the pace falls: a match shall be told within 5 s."""
CALM_SECONDS: Final = 0.4
"""Of frames that wait, below which the pace rises: two frames of five a second."""
FALL: Final = 0.7
RISE: Final = 0.05
"""Down by a factor, up by a step, once a second: a queue of 6 s is gone before it overflows, and full speed is back
after 20 s."""

SHRINKS: Final = 0.9
"""Share of the queue of a second ago below which it shrinks."""

PACE: Final = metrics.gauge("detection_pace", "Share of the sample rate that this worker's cameras run at.")
LEFT_OUT: Final = metrics.counter("frames_left_out", "Frames that were left out because detection was behind.")


class Pacer:
    """The pace of one detector's cameras. rate: frames per second of a camera; least: below which it does not fall."""

    def __init__(self, rate: float, least: float) -> None:
        self._rate = rate
        self._least = min(least / rate, 1.0)
        self._waited: int | None = None
        self.pace = 1.0

    def see(self, waiting: int, cameras: int) -> float:
        """Once a second: frames that wait for the detector, over so many cameras; the pace from now on.

        A queue that shrinks by itself slows nobody down: a worker that begins, or comes back, has one.
        """
        behind = waiting / (max(cameras, 1) * self._rate * self.pace)
        is_behind = behind > BEHIND_SECONDS
        if is_behind and self._waited is not None and waiting >= SHRINKS * self._waited:
            self.pace = max(self.pace * FALL, self._least)
        elif behind < CALM_SECONDS:
            self.pace = min(self.pace + RISE, 1.0)
        self._waited = waiting if is_behind else None
        PACE.set(self.pace)
        return self.pace


class PaceBoard:
    """Where detection writes paces and ingestion reads them. Raises ServiceUnavailable."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def put(self, paces: Mapping[UUID, float]) -> None:
        """Say how fast these cameras shall be."""
        if not paces:
            return
        with redis_errors():
            async with self._client.pipeline(transaction=False) as pipeline:
                for camera_id, pace in paces.items():
                    pipeline.set(_key(camera_id), f"{pace:.3f}", ex=LIVES)
                await pipeline.execute()

    async def get(self, cameras: Sequence[UUID]) -> dict[UUID, float]:
        """The paces that are said; 1 for all others, and for what is none."""
        if not cameras:
            return {}
        with redis_errors():
            said = await self._client.mget([_key(camera_id) for camera_id in cameras])
        return {camera_id: _pace(cast("bytes | None", text)) for camera_id, text in zip(cameras, said, strict=True)}


class Thinning:
    """Leaves frames out, spread evenly. A break in time that a left out frame carried goes on with the next one."""

    def __init__(self) -> None:
        self._paces: Mapping[UUID, float] = {}
        self._credit: dict[str, float] = {}
        self._broken: set[str] = set()

    def set(self, paces: Mapping[UUID, float]) -> None:
        """Go by these paces from now on."""
        self._paces = dict(paces)

    def choose(self, frames: Sequence[Frame]) -> list[Frame]:
        """Those that go on."""
        return [chosen for frame in frames if (chosen := self._passed(frame))]

    def forget(self, camera_id: str) -> None:
        """Drop what is known of a camera."""
        self._credit.pop(camera_id, None)
        self._broken.discard(camera_id)

    def _passed(self, frame: Frame) -> Frame | None:
        name = frame.camera_id
        # The first frame always goes on; 1e-6: a tenth ten times is not quite one.
        credit = self._credit.get(name, 1.0) + self._paces.get(UUID(name), 1.0)
        if frame.discontinuity:
            self._broken.add(name)
        if credit < 1.0 - 1e-6:
            self._credit[name] = credit
            LEFT_OUT.inc()
            return None
        self._credit[name] = min(credit - 1.0, 1.0)
        broken = name in self._broken
        self._broken.discard(name)
        return replace(frame, discontinuity=broken)


def _key(camera_id: UUID) -> str:
    return f"pace:{camera_id}"


def _pace(text: bytes | None) -> float:
    """What is no share of 1 counts as 1."""
    try:
        pace = float(text) if text is not None else 1.0
    except ValueError:
        return 1.0
    return pace if 0.0 < pace <= 1.0 else 1.0
