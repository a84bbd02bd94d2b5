"""What only a real server does: run out of memory, hold something else, be away, delete behind our back."""

import asyncio
from pathlib import Path

import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from sightline.bus.poison import POISON_BYTES, POISON_LIMIT, notes_of, own_fields, poison_of
from sightline.bus.ports import FACES, Consumer, Delivery
from sightline.bus.redis_streams import RedisBus
from sightline.core.config import RedisSettings
from sightline.core.errors import ServiceUnavailable, StreamFull
from sightline.core.redis import open_redis
from tests.bus.conftest import said, texts

pytestmark = pytest.mark.asyncio

ANA, BEN = Consumer("recognition", "ana"), Consumer("recognition", "ben")
EVE = Consumer("onlookers", "eve")
GATE, YARD = "camera:gate:frames", "camera:yard:frames"


@pytest.fixture
def bus(redis: Redis) -> RedisBus:
    return RedisBus(redis)


async def test_a_full_server_refuses_and_what_waits_can_still_be_drained(bus: RedisBus, redis: Redis) -> None:
    await bus.publish(FACES, said(*("x" * 10_000 for _ in range(20))), limit=10_000)
    (spent,) = await bus.read(ANA, [FACES], count=1, wait=0)
    await redis.config_set("maxmemory", "1mb")
    with pytest.raises(StreamFull):
        await bus.publish(FACES, said("one more"), limit=10_000)
    with pytest.raises(StreamFull):
        await bus.keep("frame:1", b"picture", seconds=5)
    assert len(await bus.read(EVE, [FACES], count=1, wait=0)) == 1  # also for a new group
    assert [message.id for message in await bus.claim(BEN, [FACES], idle=0, count=9)] == [spent.id]
    drained = await bus.read(ANA, [FACES], count=99, wait=0)
    await bus.set_aside(BEN, spent, "poison is out of the way also then")
    await bus.acknowledge(ANA, drained)
    await bus.acknowledge(EVE, await bus.claim(EVE, [FACES], idle=0, count=1))
    await bus.acknowledge(EVE, await bus.read(EVE, [FACES], count=99, wait=0))
    assert (len(drained), await redis.xlen(FACES), await redis.xlen(poison_of(FACES))) == (19, 0, 1)
    await redis.config_set("maxmemory", "256mb")
    assert len(await bus.publish(FACES, said("again"), limit=10_000)) == 1


async def test_a_key_that_is_no_stream_is_passed_over(bus: RedisBus, redis: Redis) -> None:
    await redis.set(GATE, "a third party's mistake")
    await bus.publish(YARD, said("a"), limit=9)
    assert texts(await bus.read(ANA, [GATE, YARD], count=9, wait=0)) == ["a"]
    assert len(await bus.claim(BEN, [GATE, YARD], idle=0, count=9)) == 1
    assert await bus.read(ANA, [GATE], count=9, wait=0.01) == []
    assert await bus.waiting(GATE, "recognition") == 0
    with pytest.raises(ServiceUnavailable, match="something else"):
        await bus.publish(GATE, said("b"), limit=9)
    reading = asyncio.create_task(bus.read(ANA, [GATE, YARD], count=9, wait=30))
    await bus.publish(YARD, said("c"), limit=9)
    assert texts(await reading) == ["c"]


async def test_acknowledged_pictures_do_not_linger(bus: RedisBus, redis: Redis) -> None:
    for _ in range(20):
        await bus.publish(FACES, said(*("x" * 1000 for _ in range(50))), limit=10_000)
        await bus.acknowledge(ANA, await bus.read(ANA, [FACES], count=99, wait=0))
    assert await redis.xlen(FACES) == 0
    assert await redis.ttl(FACES) > 0


async def test_a_group_that_nobody_reads_any_more_holds_nothing_back_for_long(bus: RedisBus, redis: Redis) -> None:
    await bus.read(EVE, [FACES], count=9, wait=0)
    await redis.xadd(FACES, {"text": "old"}, id="1000-1")
    await bus.publish(FACES, said("new"), limit=9)
    await bus.acknowledge(ANA, await bus.read(ANA, [FACES], count=9, wait=0))
    assert texts(await bus.read(EVE, [FACES], count=9, wait=0)) == ["new"]


async def test_messages_that_somebody_else_deleted_are_counted_and_raise_nothing(bus: RedisBus, redis: Redis) -> None:
    ids = await bus.publish(FACES, said(*"abcd"), limit=9)
    taken = await bus.read(ANA, [FACES], count=2, wait=0)
    await redis.xdel(FACES, ids[0], ids[2])
    assert 0 <= await bus.waiting(FACES, "recognition") <= 1  # the server itself does not know it now
    assert texts(await bus.claim(BEN, [FACES], idle=0, count=9)) == ["b"]
    assert await bus.dropped(FACES) == 1
    assert texts(await bus.read(ANA, [FACES], count=9, wait=0)) == ["d"]
    await bus.acknowledge(ANA, taken)
    await bus.publish(FACES, said("e"), limit=9)
    assert await bus.waiting(FACES, "recognition") == 1


async def test_what_somebody_else_took_over_cannot_be_held(bus: RedisBus, redis: Redis) -> None:
    await bus.publish(FACES, said(*"ab"), limit=9)
    mine = await bus.read(ANA, [FACES], count=9, wait=0)
    await bus.claim(BEN, [FACES], idle=0, count=1)
    await bus.hold(ANA, mine)
    pending = await redis.xpending_range(FACES, "recognition", "-", "+", 9)
    assert [(entry["consumer"], entry["times_delivered"]) for entry in pending] == [(b"ben", 2), (b"ana", 1)]


async def test_a_message_cannot_name_other_keys_of_the_server(bus: RedisBus, redis: Redis) -> None:
    await redis.set("session:7", "somebody's login")
    assert await bus.kept(["session:7"]) == [None]


async def test_a_foreign_message_is_read_whatever_it_holds(bus: RedisBus, redis: Redis) -> None:
    await redis.xadd(FACES, {b"\xff\xfe": b"\x00", b"": b""}, id="7-18446744073709551614")
    (message,) = await bus.read(ANA, [FACES], count=9, wait=0)
    assert message.fields == {"\ufffd\ufffd": b"\x00", "": b""}
    await bus.set_aside(ANA, message, "camera_id: is missing")
    await bus.acknowledge(ANA, [message])
    assert await bus.waiting(FACES, "recognition") == 0


async def test_many_streams_may_get_a_message_while_one_waits(bus: RedisBus, redis: Redis) -> None:
    streams = [f"camera:{number}:frames" for number in range(12)]
    await bus.read(ANA, streams, count=2, wait=0)
    reading = asyncio.create_task(bus.read(ANA, streams, count=2, wait=30))
    await asyncio.sleep(0.05)
    async with redis.pipeline(transaction=True) as pipe:
        for stream in streams:
            pipe.xadd(stream, {"text": stream})
        await pipe.execute()
    seen = texts(await reading)
    assert 0 < len(seen) <= 2
    while got := texts(await bus.read(ANA, streams, count=2, wait=0)):
        assert len(got) <= 2
        seen += got
    assert sorted(seen) == sorted(streams)


async def test_poison_is_bounded_in_number_in_size_and_in_age(bus: RedisBus, redis: Redis) -> None:
    await redis.xadd(poison_of(FACES), {"text": "of last month"}, id="1000-1")
    await bus.publish(FACES, [{"camera_id": b"x", "detections": b"y" * (POISON_BYTES + 1)}], limit=9)
    (large,) = await bus.read(ANA, [FACES], count=9, wait=0)
    await bus.set_aside(ANA, large, "detections: " + "z" * 9999)
    (aside,) = await bus.read(EVE, [poison_of(FACES)], count=9, wait=0)
    assert own_fields(aside.fields) == {"camera_id": b"x"}
    assert notes_of(aside.fields)["cut"] == f"detections ({POISON_BYTES + 1} bytes)"
    assert len(notes_of(aside.fields)["reason"]) == 500
    for _ in range(POISON_LIMIT + 5):
        await bus.publish(FACES, said("bad"), limit=9)
        await bus.set_aside(BEN, (await bus.read(BEN, [FACES], count=9, wait=0))[0], "bad")
    assert await redis.xlen(poison_of(FACES)) == POISON_LIMIT
    await bus.set_aside(BEN, large, "twice")
    assert await redis.xlen(poison_of(FACES)) == POISON_LIMIT
    await redis.xadd(poison_of(YARD), {"text": "of last month"}, id="1000-1")
    await bus.claim(ANA, [YARD], idle=0, count=1)  # whoever works here clears up
    assert await redis.xlen(poison_of(YARD)) == 0


async def test_a_server_that_forgot_the_scripts_is_told_them_again(bus: RedisBus, redis: Redis) -> None:
    await bus.publish(FACES, said("a"), limit=9)
    await redis.script_flush()
    await bus.publish(FACES, said("b"), limit=9)
    assert texts(await bus.read(ANA, [FACES], count=9, wait=0)) == ["a", "b"]


async def test_a_server_that_is_away_is_a_service_that_is_unavailable(tmp_path: Path) -> None:
    nobody = RedisBus(open_redis(RedisSettings(url=SecretStr(f"unix://:secret@{tmp_path}/none.sock"))))
    for work in (
        nobody.publish(GATE, said("a"), limit=1),
        nobody.read(ANA, [GATE], count=1, wait=0),
        nobody.claim(ANA, [GATE], idle=0, count=1),
        nobody.acknowledge(ANA, [Delivery(GATE, "1-0", {})]),
        nobody.waiting(GATE, "recognition"),
        nobody.kept(["frame:1"]),
    ):
        with pytest.raises(ServiceUnavailable) as caught:
            await work
        assert "secret" not in str(caught.value)
