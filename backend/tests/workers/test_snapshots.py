"""Snapshots: made of cameras that somebody looks at, of the newest frame, and of no other."""

from uuid import uuid4

import cv2
import numpy as np
import pytest
from redis.asyncio import Redis

from sightline.domain.frames import ArrayPixels, Frame
from sightline.services import snapshots
from sightline.workers.embedded.valkey import ValkeyAddress
from sightline.workers.snapshots import SnapshotMaker


def frame(camera_id: str, brightness: int) -> Frame:
    image = np.full((48, 64, 3), brightness, np.uint8)
    return Frame(camera_id, 0, 0.0, 0.0, 64, 48, image[:, :, 0], ArrayPixels(image))


@pytest.mark.asyncio
async def test_only_cameras_that_are_looked_at_are_shown(redis_server: ValkeyAddress) -> None:
    looked_at, other = uuid4(), uuid4()
    async with Redis.from_url(redis_server.url, protocol=2) as redis:
        await redis.flushdb()
        maker = SnapshotMaker(redis)
        maker.note([frame(str(looked_at), 10), frame(str(other), 20)])
        await maker.deliver()
        assert await redis.keys("sightline:snapshot:*") == []
        assert await snapshots._picture(redis, looked_at, patience=0) is None
        await maker.deliver()
        maker.note([frame(str(looked_at), 10), frame(str(other), 20), frame(str(looked_at), 200)])
        await maker.deliver()
        picture = await snapshots._picture(redis, looked_at, patience=0)
        assert picture is not None
        decoded = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
        assert decoded is not None
        assert abs(int(decoded.mean()) - 200) <= 2
        assert len(await redis.keys("sightline:snapshot:*")) == 1
        assert 0 < await redis.ttl(f"sightline:snapshot:{looked_at}") <= snapshots.LIVES


@pytest.mark.asyncio
async def test_without_redis_the_worker_goes_on(redis_server: ValkeyAddress) -> None:
    async with Redis.from_url("unix:///nobody/listens/here") as redis:
        maker = SnapshotMaker(redis)
        maker.note([frame(str(uuid4()), 10)])
        await maker.deliver()
