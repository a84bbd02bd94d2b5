"""What a bus promises, held against the one in memory and the one on Redis."""

import asyncio

import pytest

from sightline.bus.poison import MAX_TRIES, is_spent, notes_of, own_fields, poison_of, spent_reason
from sightline.bus.ports import Consumer, Fence
from sightline.core.errors import LeaseLost
from tests.bus.conftest import Ground, said, texts

pytestmark = pytest.mark.asyncio

ANA, BEN = Consumer("detection", "ana"), Consumer("detection", "ben")
OTHER = Consumer("onlookers", "eve")
GATE, YARD, DOOR = "camera:gate:frames", "camera:yard:frames", "camera:door:frames"
MANY = 10_000


async def test_messages_come_in_order_and_are_gone_once_acknowledged(ground: Ground) -> None:
    bus = ground.bus
    ids = await bus.publish(GATE, said("a", "b", "c"), limit=10)
    assert await bus.waiting(GATE, "detection") == 3
    got = await bus.read(ANA, [GATE], count=2, wait=0)
    assert texts(got) == ["a", "b"]
    assert [message.id for message in got] == list(ids[:2])
    assert [message.tries for message in got] == [1, 1]
    assert await bus.waiting(GATE, "detection") == 1
    await bus.acknowledge(ANA, got)
    assert texts(await bus.read(ANA, [GATE], count=2, wait=0)) == ["c"]
    assert await bus.read(ANA, [GATE], count=2, wait=0) == []
    assert await bus.claim(BEN, [GATE], idle=60, count=9) == []


async def test_each_member_of_a_group_gets_its_own_and_each_group_gets_all(ground: Ground) -> None:
    await ground.bus.publish(GATE, said("a", "b", "c", "d"), limit=10)
    mine = await ground.bus.read(ANA, [GATE], count=2, wait=0)
    yours = await ground.second.read(BEN, [GATE], count=9, wait=0)
    assert texts(mine) + texts(yours) == ["a", "b", "c", "d"]
    await ground.bus.acknowledge(ANA, mine)
    assert texts(await ground.second.read(OTHER, [GATE], count=9, wait=0)) == [
        "c",
        "d",
    ]  # to what is left


async def test_what_another_group_still_needs_is_not_deleted(ground: Ground) -> None:
    bus = ground.bus
    assert await bus.read(OTHER, [GATE], count=1, wait=0) == []
    await bus.publish(GATE, said("a", "b"), limit=10)
    await bus.acknowledge(ANA, await bus.read(ANA, [GATE], count=9, wait=0))
    assert texts(await bus.read(OTHER, [GATE], count=9, wait=0)) == ["a", "b"]


async def test_a_group_that_comes_late_may_begin_with_what_comes(ground: Ground) -> None:
    bus = ground.bus
    await bus.publish(GATE, said("before"), limit=10)
    assert await bus.read(ANA, [GATE], count=9, wait=0, from_start=False) == []
    await bus.publish(GATE, said("after"), limit=10)
    assert texts(await bus.read(ANA, [GATE], count=9, wait=0, from_start=False)) == ["after"]


async def test_a_full_batch_is_taken_fairly_from_many_streams(ground: Ground) -> None:
    bus = ground.bus
    for stream, words in ((GATE, "abcdefgh"), (YARD, "ABCD"), (DOOR, "1")):
        await bus.publish(stream, said(*words), limit=20)
    got = await bus.read(ANA, [GATE, YARD, DOOR], count=6, wait=0)
    assert sorted(texts(got)) == sorted(["a", "b", "A", "B", "1", *({"c", "C"} & set(texts(got)))])
    rest = await bus.read(ANA, [GATE, YARD, DOOR], count=99, wait=0)
    whole = texts([message for message in [*got, *rest] if message.stream == GATE])
    assert whole == list("abcdefgh")


async def test_no_stream_starves_where_there_are_more_than_a_batch_holds(ground: Ground) -> None:
    streams = [f"camera:{number}:frames" for number in range(30)]
    for stream in streams:
        await ground.bus.publish(stream, said(*"abcd"), limit=20)
    seen = [message.stream for _ in range(8) for message in await ground.bus.read(ANA, streams, count=4, wait=0)]
    assert len(seen) == 32
    assert len(set(seen)) >= 28


async def test_a_reader_waits_for_the_first_message_only(ground: Ground) -> None:
    reading = asyncio.create_task(ground.bus.read(ANA, [GATE, YARD], count=9, wait=30))
    await asyncio.sleep(0.05)
    await ground.second.publish(YARD, said("at last"), limit=10)
    assert texts(await reading) == ["at last"]


async def test_nothing_to_read_is_no_error(ground: Ground) -> None:
    assert await ground.bus.read(ANA, [], count=9, wait=0) == []
    assert await ground.bus.read(ANA, [GATE], count=9, wait=0.02) == []
    assert await ground.bus.claim(ANA, [], idle=0, count=9) == []
    assert await ground.bus.claim(ANA, [YARD], idle=0, count=9) == []
    assert await ground.bus.kept([]) == []
    await ground.bus.acknowledge(ANA, [])
    await ground.bus.discard([])


async def test_abandoned_messages_are_claimed_and_their_tries_counted(ground: Ground) -> None:
    await ground.bus.publish(GATE, said("a", "b"), limit=10)
    lost = await ground.bus.read(ANA, [GATE], count=9, wait=0)
    assert await ground.second.claim(BEN, [GATE], idle=60, count=9) == []
    claimed = await ground.second.claim(BEN, [GATE, YARD], idle=0, count=1)
    assert [(message.id, message.tries, message.fields["text"]) for message in claimed] == [(lost[0].id, 2, b"a")]
    assert [message.tries for message in await ground.bus.claim(ANA, [GATE], idle=0, count=9)] == [3, 2]
    await ground.second.acknowledge(BEN, claimed)
    assert texts(await ground.bus.claim(ANA, [GATE], idle=0, count=9)) == ["b"]


async def test_who_is_still_at_work_keeps_its_messages_and_no_try_is_counted(ground: Ground) -> None:
    bus = ground.bus
    await bus.publish(GATE, said("a", "b"), limit=10)
    mine = await bus.read(ANA, [GATE], count=9, wait=0)
    await asyncio.sleep(0.6)
    await bus.hold(ANA, mine[:1])
    assert texts(await ground.second.claim(BEN, [GATE], idle=0.5, count=9)) == ["b"]
    assert [message.tries for message in await bus.claim(BEN, [GATE], idle=0, count=1)] == [2]
    await ground.lose_everything()
    await bus.hold(ANA, mine)


async def test_a_full_stream_drops_its_oldest_and_counts_what_nobody_read(ground: Ground) -> None:
    bus = ground.bus
    await bus.publish(GATE, said(*"abcde"), limit=3)
    assert await bus.dropped(GATE) == 2
    assert await bus.waiting(GATE, "detection") == 3
    got = await bus.read(ANA, [GATE], count=2, wait=0)
    assert texts(got) == ["c", "d"]
    await bus.publish(GATE, said("f"), limit=3)  # c leaves, which was read
    assert await bus.dropped(GATE) == 2
    await bus.publish(GATE, said(*"ghij"), limit=3)  # e, f, g leave unread
    assert await bus.dropped(GATE) == 5
    assert await bus.waiting(GATE, "detection") == 3
    await bus.publish(GATE, said("k"), limit=3)
    assert await bus.dropped(GATE) == 6
    assert await bus.claim(BEN, [GATE], idle=0, count=9) == []  # c, d: read, lost with their reader
    assert await bus.dropped(GATE) == 8
    assert texts(await bus.read(BEN, [GATE], count=9, wait=0)) == ["i", "j", "k"]


async def test_a_reader_that_keeps_up_loses_nothing(ground: Ground) -> None:
    for number in range(50):
        await ground.bus.publish(GATE, said(str(number)), limit=2)
        got = await ground.bus.read(ANA, [GATE], count=9, wait=0)
        assert texts(got) == [str(number)]
        await ground.bus.acknowledge(ANA, got)
    assert await ground.bus.dropped(GATE) == 0


async def test_a_writer_that_lost_its_lease_is_refused(ground: Ground) -> None:
    mine = Fence("lease:ingestion:gate", 41)
    with pytest.raises(LeaseLost):
        await ground.bus.publish(GATE, said("too early"), limit=9, fence=mine)
    await ground.hold(mine)
    await ground.bus.publish(GATE, said("in time"), limit=9, fence=mine)
    await ground.hold(Fence(mine.lease, 42))
    with pytest.raises(LeaseLost):
        await ground.bus.publish(GATE, said("too late"), limit=9, fence=mine)
    with pytest.raises(LeaseLost):
        await ground.bus.publish(GATE, said("no prefix"), limit=9, fence=Fence(mine.lease, 4))
    assert texts(await ground.bus.read(ANA, [GATE], count=9, wait=0)) == ["in time"]


async def test_poison_is_set_aside_with_its_reason(ground: Ground) -> None:
    bus = ground.bus
    await bus.publish(GATE, said("bad", "good"), limit=9)
    bad, good = await bus.read(ANA, [GATE], count=9, wait=0)
    await bus.set_aside(ANA, bad, "timestamp: is missing")
    await bus.acknowledge(ANA, [good])
    assert await bus.claim(BEN, [GATE], idle=0, count=9) == []
    (aside,) = await bus.read(OTHER, [poison_of(GATE)], count=9, wait=0)
    notes = notes_of(aside.fields)
    assert own_fields(aside.fields) == {"text": b"bad"}
    assert (notes["reason"], notes["tries"], notes["consumer"], notes["group"], notes["id"]) == (
        "timestamp: is missing", "1", "ana", "detection", bad.id,
    )  # fmt: skip
    assert notes["moved_at"].endswith("Z")


async def test_what_kills_its_reader_is_set_aside_before_it_kills_the_next(ground: Ground) -> None:
    await ground.bus.publish(GATE, said("deadly"), limit=9)
    deliveries = await ground.bus.read(ANA, [GATE], count=9, wait=0)
    lives = 0
    while not is_spent(deliveries[0]):
        lives += 1
        deliveries = await ground.second.claim(BEN, [GATE], idle=0, count=9)
    assert lives == MAX_TRIES
    await ground.second.set_aside(BEN, deliveries[0], spent_reason(deliveries[0]))
    (aside,) = await ground.bus.read(OTHER, [poison_of(GATE)], count=9, wait=0)
    assert notes_of(aside.fields)["reason"].startswith("delivered 3 times")


async def test_values_are_kept_for_a_while(ground: Ground) -> None:
    bus = ground.bus
    await bus.keep("frame:1", b"picture", seconds=60)
    await bus.keep("frame:2", b"gone", seconds=0.01)
    await asyncio.sleep(0.03)
    assert await ground.second.kept(["frame:1", "frame:2", "frame:3"]) == [b"picture", None, None]


async def test_a_server_that_lost_its_data_is_filled_anew(ground: Ground) -> None:
    bus = ground.bus
    await bus.publish(GATE, said("a", "b"), limit=9)
    lost = await bus.read(ANA, [GATE], count=1, wait=0)
    await ground.lose_everything()
    await bus.acknowledge(ANA, lost)
    await bus.set_aside(ANA, lost[0], "of another life")
    assert await bus.waiting(GATE, "detection") == 0
    assert await bus.dropped(GATE) == 0
    await bus.publish(GATE, said("c"), limit=9)  # before the group is there again
    assert texts(await bus.read(ANA, [GATE], count=9, wait=0, from_start=False)) == ["c"]


async def test_a_reader_that_waits_outlives_the_loss_of_all_data(ground: Ground) -> None:
    reading = asyncio.create_task(ground.bus.read(ANA, [GATE, YARD], count=9, wait=30))
    await asyncio.sleep(0.05)
    await ground.lose_everything()
    await asyncio.sleep(0.05)
    await ground.second.publish(GATE, said("again"), limit=9)
    assert texts(await reading) == ["again"]


async def test_streams_of_a_camera_that_is_gone_are_discarded(ground: Ground) -> None:
    await ground.bus.publish(GATE, said(*"abc"), limit=2)
    await ground.bus.discard([GATE, YARD])
    assert await ground.bus.waiting(GATE, "detection") == 0
    assert await ground.bus.dropped(GATE) == 0


async def test_thousands_of_messages_reach_two_readers_once_each(ground: Ground) -> None:
    words = [str(number) for number in range(MANY)]
    for begin in range(0, MANY, 500):
        await ground.bus.publish(GATE, said(*words[begin : begin + 500]), limit=MANY)

    async def drain(member: Consumer) -> list[str]:
        taken: list[str] = []
        bus = ground.bus if member == ANA else ground.second
        while got := await bus.read(member, [GATE, YARD], count=128, wait=0):
            taken += texts(got)
            await bus.acknowledge(member, got)
        return taken

    one, other = await asyncio.gather(drain(ANA), drain(BEN))
    assert sorted(one + other, key=int) == words
    assert await ground.bus.dropped(GATE) == 0
    assert await ground.bus.waiting(GATE, "detection") == 0
