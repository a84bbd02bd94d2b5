"""Leases: who shares what, and one holder at a time."""

from collections import Counter
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from sightline.bus.leases import LeaseTable, Look, spread
from sightline.bus.redis_streams import RedisBus
from sightline.core.errors import LeaseLost, ServiceUnavailable
from sightline.workers.embedded.valkey import ValkeyAddress

CAMERAS = st.lists(st.uuids(), max_size=30, unique=True)
MEMBERS = st.lists(st.text("abcdef-0123456789", min_size=1, max_size=12), min_size=1, max_size=6, unique=True)


@pytest_asyncio.fixture
async def redis(redis_server: ValkeyAddress) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_server.url, protocol=2) as client:
        await client.flushall()
        yield client
        await client.flushall()


@given(CAMERAS, MEMBERS)
def test_everybody_gets_as_many_give_or_take_one_and_all_agree(cameras: list[UUID], members: list[str]) -> None:
    owners = spread(cameras, members)
    assert owners == spread(reversed(cameras), reversed(members))
    assert owners.keys() == set(cameras)
    loads = Counter(dict.fromkeys(members, 0))
    loads.update(owners.values())
    assert max(loads.values()) - min(loads.values()) <= 1


def test_who_joins_takes_from_all_and_the_others_keep_nearly_everything() -> None:
    cameras = [UUID(int=number * 7919) for number in range(100)]
    before, after = spread(cameras, ["a", "b", "c"]), spread(cameras, ["a", "b", "c", "d"])
    moved = [camera for camera in cameras if before[camera] != after[camera]]
    assert Counter(after.values()) == {"a": 25, "b": 25, "c": 25, "d": 25}
    assert len(moved) <= 40  # 25 have to
    assert spread(cameras, []) == {}


@pytest.mark.asyncio
async def test_one_holder_at_a_time_and_the_fence_keeps_the_former_one_out(redis: Redis) -> None:
    camera, bus = uuid4(), RedisBus(redis)
    mine, other = (LeaseTable(redis, "detection", name, seconds=30) for name in ("mine", "other"))
    lease = await mine.take(camera, 7)
    assert lease is not None
    assert await other.take(camera, 8) is None
    assert await other.is_free([camera]) == [False]
    await bus.publish("faces:detected", [{"a": b"1"}], limit=10, fence=lease.fence)
    await mine.release([lease])
    newer = await other.take(camera, 9)
    assert newer is not None
    with pytest.raises(LeaseLost):
        await bus.publish("faces:detected", [{"a": b"2"}], limit=10, fence=lease.fence)
    await mine.release([lease])  # what is not ours stays as it is
    assert await mine.is_free([camera]) == [False]
    assert await redis.get(newer.key) == b"9:other"


@pytest.mark.asyncio
async def test_a_look_renews_shows_who_is_there_and_what_was_lost(redis: Redis) -> None:
    kept, gone = uuid4(), uuid4()
    mine, other = (LeaseTable(redis, "detection", name, seconds=30) for name in ("mine", "other"))
    leases = [lease for camera in (kept, gone) if (lease := await mine.take(camera, 1))]
    await redis.pexpire(leases[0].key, 1000)
    await redis.delete(leases[1].key)
    await other.look([])
    look = await mine.look(leases)
    assert set(look.members) == {"mine", "other"}
    assert look.lost == {gone}
    assert await redis.pttl(leases[0].key) > 20_000
    await other.leave()
    assert (await mine.look([])).members == ("mine",)


@pytest.mark.asyncio
async def test_leases_are_taken_and_kept_on_a_server_that_is_full(redis: Redis) -> None:
    """Or nobody would read what fills it."""
    mine, (one, other) = LeaseTable(redis, "detection", "mine"), (uuid4(), uuid4())
    held = await mine.take(one, 1)
    await redis.config_set("maxmemory", "1")
    try:
        taken = await mine.take(other, 2)
        assert held is not None
        assert taken is not None
        assert await mine.look([held, taken]) == Look(("mine",), frozenset())
        assert await mine.take(other, 3) is None
    finally:
        await redis.config_set("maxmemory", "256mb")


@pytest.mark.asyncio
async def test_a_member_that_falls_silent_is_one_no_longer(redis: Redis) -> None:
    await LeaseTable(redis, "ingestion", "silent", seconds=0.05).look([])
    living = LeaseTable(redis, "ingestion", "living", seconds=0.05)
    members = (await living.look([])).members
    while "silent" in members:
        members = (await living.look([])).members
    assert members == ("living",)


@pytest.mark.asyncio
async def test_without_redis_it_is_said(tmp_path_factory: pytest.TempPathFactory) -> None:
    async with Redis.from_url(f"unix://{tmp_path_factory.mktemp('none')}/nobody") as client:
        with pytest.raises(ServiceUnavailable):
            await LeaseTable(client, "ingestion", "one").look([])
