"""A window that slides: who comes at once, who comes after a while, and what is left in Redis of them."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
import pytest_asyncio
from pydantic import SecretStr
from redis.asyncio import Redis

from sightline.core.config import RateLimitSettings, RedisSettings
from sightline.core.redis import open_redis
from sightline.services.rate_limits import PREFIX, WINDOW_SECONDS, RateClass, RateLimits
from sightline.workers.embedded.valkey import ValkeyAddress

pytestmark = pytest.mark.asyncio
LIMIT = 10


@pytest_asyncio.fixture
async def redis(redis_server: ValkeyAddress) -> AsyncIterator[Redis]:
    client = open_redis(RedisSettings(url=SecretStr(redis_server.url)))
    yield client
    await client.aclose()


@pytest.fixture
def limits(redis: Redis) -> RateLimits:
    return RateLimits(redis, RateLimitSettings(reads=LIMIT))


async def _admitted(limits: RateLimits, who: str, times: int) -> int:
    answers = await asyncio.gather(*(limits.charge(RateClass.READS, who) for _ in range(times)))
    return sum(answer.admitted for answer in answers if answer is not None)


async def _key(redis: Redis, before: set[bytes | str]) -> bytes:
    (key,) = set(await redis.keys(f"{PREFIX}:*")) - before
    assert isinstance(key, bytes)
    return key


async def _at(redis: Redis) -> float:
    """Windows since 1970, by Redis' clock."""
    seconds, microseconds = await redis.time()
    return (seconds + microseconds / 1e6) / WINDOW_SECONDS


async def test_of_many_at_once_as_many_are_admitted_as_may_be(limits: RateLimits, redis: Redis) -> None:
    who, begins = str(uuid4()), await _at(redis)
    admitted = await _admitted(limits, who, 3 * LIMIT)
    assert admitted == LIMIT or int(await _at(redis)) > int(begins)
    refused = await limits.charge(RateClass.READS, who)
    assert refused is not None
    assert (refused.admitted, refused.limit, refused.remaining) == (False, LIMIT, 0)
    assert 1 <= refused.reset <= WINDOW_SECONDS
    assert await _admitted(limits, str(uuid4()), 1) == 1, "somebody else"


async def test_what_was_asked_in_the_window_before_counts_by_the_share_that_lies_within_a_minute(
    limits: RateLimits, redis: Redis
) -> None:
    before, who = set(await redis.keys(f"{PREFIX}:*")), str(uuid4())
    assert await _admitted(limits, who, 1) == 1
    key = await _key(redis, before)
    begins = await _at(redis)
    await redis.hset(key, mapping={"w": int(begins) - 1, "c": LIMIT, "p": 3})
    admitted = await _admitted(limits, who, 2 * LIMIT)
    ends = await _at(redis)
    if int(begins) == int(ends):
        least, most = (LIMIT - int(LIMIT * (int(begins) + 1 - at)) for at in (begins, ends))
        assert least <= admitted <= most


async def test_older_windows_are_forgotten_and_nothing_stays(limits: RateLimits, redis: Redis) -> None:
    before, who = set(await redis.keys(f"{PREFIX}:*")), str(uuid4())
    assert await _admitted(limits, who, LIMIT) == LIMIT
    key = await _key(redis, before)
    assert who.encode() not in key
    assert 0 < await redis.ttl(key) <= 2 * WINDOW_SECONDS
    await redis.hset(key, mapping={"w": int(await _at(redis)) - 2, "c": LIMIT, "p": LIMIT})
    assert await _admitted(limits, who, LIMIT + 5) == LIMIT
