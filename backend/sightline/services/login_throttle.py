"""Slows down guessing: a growing delay per account and address, one per address, and one per account from anywhere.

An attempt is counted before its password is looked at, so that many at once gain nothing. Names and addresses are
kept as digests only; of an IPv6 address its network counts, for a machine has all of its addresses. The delay of an
account from anywhere stops guesses that come from thousands of addresses; so that such an attack does not lock its
owner out, it does not hold for addresses that they logged in from before.
Without Redis nobody logs in: the guard fails closed.
"""

import asyncio
import hashlib
from dataclasses import dataclass

from redis.asyncio import Redis

from sightline.core.client_address import source_of
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
ANYWHERE = ThrottlePolicy(free=50, longest=300, memory=6 * 3600)
"""NIST SP 800-63B-4, 3.2.2, allows 100 failures in a row; then 288 guesses a day are left to all addresses together."""
KNOWN_DAYS = 30

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

    async def admit(self, *, account: str, address: str) -> None:
        """Count an attempt as failed for now. account: its id, or the name where there is none.

        Raises TooManyAttempts, ServiceUnavailable.
        """
        source = source_of(address)
        await self._count(_keys("address", source), PER_ADDRESS)
        await self._count(_keys("account", account, source), PER_ACCOUNT)
        with redis_errors():
            known = await self._redis.exists(_known(account, source))
        if not known:
            await self._count(_keys("anywhere", account), ANYWHERE)

    async def clear(self, *, account: str, address: str) -> None:
        """The attempt was right: forget what was counted here, and know the address. Raises ServiceUnavailable.

        What was counted for the account from anywhere stays: its owner's login is no reason to let others guess on.
        """
        source = source_of(address)
        with redis_errors():
            await self._redis.delete(*_keys("account", account, source), *_keys("address", source))
            await self._redis.set(_known(account, source), "", ex=KNOWN_DAYS * 24 * 3600)

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
    digest = _digest(kind, *parts)
    return f"login:wait:{digest}", f"login:failed:{digest}"


def _known(account: str, address: str) -> str:
    return f"login:known:{_digest('known', account, address)}"


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
