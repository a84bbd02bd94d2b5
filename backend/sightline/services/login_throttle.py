"""Slows down guessing: a growing delay per account and address, and a wider one per address.

An attempt is counted before its password is looked at, so that many at once gain nothing. Names and addresses are
kept as digests only. Without Redis nobody logs in: the guard fails closed.
"""

import asyncio
import hashlib
from dataclasses import dataclass

from redis.asyncio import Redis

from sightline.core.errors import TooManyAttempts
from sightline.core.redis import redis_errors


@dataclass(frozen=True, slots=True)
class ThrottlePolicy:
    """free attempts without delay, then 1, 2, 4 … seconds up to longest; forgotten after memory seconds of peace."""

    free: int
    longest: int = 900
    memory: int = 3600


PER_ACCOUNT = ThrottlePolicy(free=3)
"""A person mistypes two or three times; the twelfth guess already waits the full quarter of an hour."""
PER_ADDRESS = ThrottlePolicy(free=30)
"""An office behind one address shares these."""

HASHES_AT_ONCE = 2
"""argon2id takes 64 MiB each; logins beyond wait, so that a flood of them costs no more memory."""

_ADMIT = """
local wait = redis.call('PTTL', KEYS[1])
if wait > 0 then return wait end
local failures = redis.call('INCR', KEYS[2])
redis.call('EXPIRE', KEYS[2], ARGV[3])
local over = failures - tonumber(ARGV[1])
if over > 0 then
    local delay = math.min(tonumber(ARGV[2]), 2 ^ math.min(over - 1, 30))
    redis.call('SET', KEYS[1], '', 'EX', math.floor(delay))
end
return 0
"""


class LoginThrottle:
    """Counts attempts in Redis, so that every API process sees them."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self.hashing = asyncio.Semaphore(HASHES_AT_ONCE)

    async def admit(self, *, username: str, address: str) -> None:
        """Count an attempt as failed for now. Raises TooManyAttempts, ServiceUnavailable."""
        await self._count(_keys("address", address), PER_ADDRESS)
        await self._count(_keys("account", username.lower(), address), PER_ACCOUNT)

    async def clear(self, *, username: str, address: str) -> None:
        """The attempt was right: forget what was counted. Raises ServiceUnavailable."""
        with redis_errors():
            await self._redis.delete(*_keys("account", username.lower(), address), *_keys("address", address))

    async def _count(self, keys: tuple[str, str], policy: ThrottlePolicy) -> None:
        with redis_errors():
            arguments = (str(policy.free), str(policy.longest), str(policy.memory))
            wait_ms = int(await self._redis.eval(_ADMIT, len(keys), *keys, *arguments))
        if wait_ms > 0:
            seconds = -(-wait_ms // 1000)
            raise TooManyAttempts(
                f"too many failed attempts; the next one is possible in {seconds} s",
                hint="Wait, then try again. An administrator can reset a forgotten password.",
                retry_after=seconds,
            )


def _keys(kind: str, *parts: str) -> tuple[str, str]:
    digest = hashlib.sha256("\0".join((kind, *parts)).encode()).hexdigest()
    return f"login:wait:{digest}", f"login:failed:{digest}"
