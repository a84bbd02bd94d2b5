"""What the way between workers costs: `pytest tests/benchmarks/test_bench_bus.py --benchmark-only`."""

import asyncio
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import numpy as np
import pytest
from pydantic import SecretStr
from pytest_benchmark.fixture import BenchmarkFixture

from sightline.bus.codec import decode_faces, decode_frame, encode_faces, encode_frame
from sightline.bus.ports import FACES, Consumer, Fields, frames_of
from sightline.bus.redis_streams import RedisBus
from sightline.core.config import RedisSettings
from sightline.core.redis import open_redis
from sightline.domain.messages import DetectedFace, FacesMessage, FrameMessage
from sightline.domain.quality import CaptureQuality
from sightline.domain.tracks import TrackState
from sightline.workers.embedded.valkey import ValkeyAddress

CAMERA = UUID(int=7)
MOMENT = datetime(2024, 1, 20, 14, 25, 30, tzinfo=UTC)
FRAME = FrameMessage(CAMERA, MOMENT, os.urandom(60_000), 12345, 2469.0)
"""As large as a street at 640×360 in JPEG quality 92."""
FACE = DetectedFace(
    (100.0, 50.0, 60.0, 80.0),
    0.9,
    os.urandom(8_000),
    0.8,
    UUID(int=8),
    2469.0,
    np.full((5, 2), 33.3, np.float32),
    CaptureQuality(0.8, 30.0, 1.0, 1.0, 1.0, 0.9, 0.0, 0.0, 0.0),
    "frame:8:12345",
)
FACES_OF_A_FRAME = FacesMessage(
    CAMERA, MOMENT, (FACE, FACE), 2469.0, (640, 360), (TrackState(UUID(int=8), 2467.0, 2469.0, 10, FACE.bbox),)
)
READER = Consumer("bench", "one")
BATCH = 8
CAMERAS = 50


class Wire:
    """A bus, its loop, and what goes over it."""

    def __init__(self, address: ValkeyAddress) -> None:
        self.runner = asyncio.Runner()
        self.client = open_redis(RedisSettings(url=SecretStr(address.url)))
        self.bus = RedisBus(self.client)

    def go(self, streams: list[str], stream: str, messages: list[Fields]) -> int:
        """Publish, read, acknowledge; how many came."""
        return self.runner.run(self._go(streams, stream, messages))

    async def _go(self, streams: list[str], stream: str, messages: list[Fields]) -> int:
        await self.bus.publish(stream, messages, limit=1000)
        got = await self.bus.read(READER, streams, count=len(messages), wait=1)
        await self.bus.acknowledge(READER, got)
        return len(got)

    def close(self) -> None:
        self.runner.run(self._end())
        self.runner.close()

    async def _end(self) -> None:
        await self.client.flushall()
        await self.client.aclose()


@pytest.fixture
def wire(redis_server: ValkeyAddress) -> Iterator[Wire]:
    wire = Wire(redis_server)
    yield wire
    wire.close()


@pytest.mark.benchmark(group="bus: a frame of 60 kB")
def test_frame_to_fields(benchmark: BenchmarkFixture) -> None:
    assert benchmark(encode_frame, FRAME)


@pytest.mark.benchmark(group="bus: a frame of 60 kB")
def test_fields_to_frame(benchmark: BenchmarkFixture) -> None:
    assert benchmark(decode_frame, encode_frame(FRAME)) == FRAME


@pytest.mark.benchmark(group="bus: two faces with crops of 8 kB")
def test_faces_to_fields(benchmark: BenchmarkFixture) -> None:
    assert benchmark(encode_faces, FACES_OF_A_FRAME)


@pytest.mark.benchmark(group="bus: two faces with crops of 8 kB")
def test_fields_to_faces(benchmark: BenchmarkFixture) -> None:
    assert len(benchmark(decode_faces, encode_faces(FACES_OF_A_FRAME)).detections) == 2


@pytest.mark.benchmark(group="bus: over Valkey and back")
def test_a_batch_of_frames_with_fifty_cameras_to_look_at(benchmark: BenchmarkFixture, wire: Wire) -> None:
    streams = [frames_of(UUID(int=number)) for number in range(CAMERAS)]
    assert benchmark(wire.go, streams, streams[7], [encode_frame(FRAME)] * BATCH) == BATCH


@pytest.mark.benchmark(group="bus: over Valkey and back")
def test_a_batch_of_faces(benchmark: BenchmarkFixture, wire: Wire) -> None:
    assert benchmark(wire.go, [FACES], FACES, [encode_faces(FACES_OF_A_FRAME)] * BATCH) == BATCH
