"""Workers that share cameras: who joins, leaves, is paused, or loses Redis."""

import asyncio
from collections.abc import AsyncIterator, Collection
from itertools import count
from uuid import UUID

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from sightline.bus.leases import LeaseTable
from sightline.core.errors import DatabaseUnreachable, ServiceUnavailable
from sightline.workers.camera_leases import CameraLeases
from sightline.workers.embedded.valkey import ValkeyAddress

CAMERAS = [UUID(int=number * 104_729 + 1) for number in range(6)]
SECONDS = 30.0


class Clock:
    """A monotonic clock that tests turn."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Member:
    """A worker, and what its leases told it."""

    def __init__(self, client: Redis, name: str, tokens: "count[int]", seconds: float = SECONDS) -> None:
        self.clock, self.told, self.database_is_away = Clock(), list[tuple[str, UUID]](), False
        self.tokens = tokens
        table = LeaseTable(client, "detection", name, seconds=seconds)
        self.leases = CameraLeases(table, self.next_token, self, clock=self.clock)
        self.leases.want(CAMERAS)

    async def next_token(self) -> int:
        if self.database_is_away:
            raise DatabaseUnreachable("away")
        return next(self.tokens)

    async def take_over(self, cameras: Collection[UUID], /) -> None:
        self.told += [("take", camera) for camera in cameras]

    async def hand_over(self, cameras: Collection[UUID], /) -> None:
        assert set(cameras) <= self.held  # something may still be written for them
        self.told += [("hand", camera) for camera in cameras]

    async def drop(self, cameras: Collection[UUID], /) -> None:
        assert not set(cameras) & self.held
        self.told += [("drop", camera) for camera in cameras]

    @property
    def held(self) -> set[UUID]:
        return set(self.leases.current())

    def kinds(self) -> set[str]:
        return {kind for kind, _ in self.told}


@pytest_asyncio.fixture
async def redis(redis_server: ValkeyAddress) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_server.url, protocol=2) as client:
        await client.flushall()
        yield client
        await client.flushall()


async def rounds(number: int, *members: Member) -> None:
    for _ in range(number):
        for member in members:
            await member.leases.round()


@pytest.mark.asyncio
async def test_three_workers_share_and_nothing_moves_while_they_stay(redis: Redis) -> None:
    tokens = count(1)
    first, second, third = members = [Member(redis, name, tokens) for name in ("one", "two", "three")]
    await rounds(3, first)
    assert first.held == set(CAMERAS)
    await rounds(4, first, second)
    assert len(first.held) == len(second.held) == 3
    assert first.held | second.held == set(CAMERAS)
    await rounds(4, *members)
    assert [len(member.held) for member in members] == [2, 2, 2]
    assert set.union(*(member.held for member in members)) == set(CAMERAS)
    for member in members:
        member.told.clear()
    await rounds(5, *members)
    assert [member.told for member in members] == [[], [], []]
    stop = asyncio.Event()
    stop.set()
    await third.leases.run(stop)
    assert third.kinds() == {"hand"}
    await rounds(3, first, second)
    assert first.held | second.held == set(CAMERAS)
    assert "drop" not in first.kinds() | second.kinds()


@pytest.mark.asyncio
async def test_who_was_paused_writes_nothing_and_begins_anew(redis: Redis) -> None:
    """SIGSTOP for longer than a lease: time has passed at both ends, and others hold its cameras by now."""
    tokens = count(1)
    paused, other = Member(redis, "paused", tokens), Member(redis, "other", tokens)
    await rounds(3, paused)
    old = paused.leases.current()
    paused.clock.now += SECONDS
    assert paused.held == set()
    assert paused.leases.of(CAMERAS[0]) is None
    for lease in old.values():
        await redis.delete(lease.key)
    await redis.zrem("workers:detection", "paused")
    await rounds(3, other)
    assert other.held == set(CAMERAS)
    assert min(lease.token for lease in other.leases.current().values()) > max(lease.token for lease in old.values())
    paused.told.clear()
    await paused.leases.round()
    assert {kind for kind, _ in paused.told} == {"drop"}
    await rounds(3, other, paused)
    assert len(paused.held) == len(other.held) == 3


@pytest.mark.asyncio
async def test_a_redis_that_lost_its_data_moves_nothing(redis: Redis) -> None:
    """Every lease is taken again under a higher token before anybody else would take it."""
    tokens = count(1)
    first, second = Member(redis, "one", tokens), Member(redis, "two", tokens)
    await rounds(4, first, second)
    before = {member: (member.held, dict(member.leases.current())) for member in (first, second)}
    first.told.clear()
    second.told.clear()
    await redis.flushall()
    await rounds(3, first, second)
    for member, (held, leases) in before.items():
        assert (member.held, member.told) == (held, [])
        assert all(member.leases.current()[camera].token > lease.token for camera, lease in leases.items())


@pytest.mark.asyncio
async def test_a_write_that_was_refused_costs_the_lease(redis: Redis) -> None:
    member = Member(redis, "one", count(1))
    await rounds(2, member)
    lease = member.leases.current()[CAMERAS[0]]
    await redis.set(lease.key, "99:other")
    member.leases.reject(CAMERAS[0])
    assert member.leases.of(CAMERAS[0]) is None
    await member.leases.round()
    assert member.told[-1] == ("drop", CAMERAS[0])
    assert member.held == set(CAMERAS[1:])


@pytest.mark.asyncio
async def test_cameras_that_are_gone_are_handed_over_and_new_ones_taken(redis: Redis) -> None:
    member = Member(redis, "one", count(1))
    await rounds(2, member)
    added = UUID(int=5)
    member.leases.want([*CAMERAS[1:], added])
    await rounds(2, member)
    assert member.told[-2:] == [("hand", CAMERAS[0]), ("take", added)]
    assert await redis.get(f"lease:detection:{CAMERAS[0]}") is None


@pytest.mark.asyncio
async def test_without_the_database_what_is_held_is_renewed(redis: Redis) -> None:
    member = Member(redis, "one", count(1))
    await rounds(2, member)
    member.database_is_away = True
    member.clock.now += SECONDS - 1
    await member.leases.round()
    member.clock.now += SECONDS - 1
    assert member.held == set(CAMERAS)


@pytest.mark.asyncio
async def test_without_redis_leases_end_by_the_own_clock(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    member, stop = Member(redis, "one", count(1)), asyncio.Event()
    await rounds(2, member)

    async def nobody(*_: object) -> None:
        member.clock.now += SECONDS
        stop.set()
        raise ServiceUnavailable("nobody answers")

    monkeypatch.setattr(LeaseTable, "look", nobody)
    await member.leases.run(stop)
    assert member.kinds() == {"take", "drop"}
    assert member.held == set()
