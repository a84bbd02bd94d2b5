"""Quotas per minute in Redis, so that all API processes count together: per user, API key or address, and class.

A window that slides, by two counters each, in one round trip and by Redis' clock; the library limits takes two to tell
what is left. Without Redis classes that guard secrets and people's faces are closed, everything else is open: an
operator must still see alerts.
"""

import hashlib
import logging
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from redis.asyncio import Redis

from sightline.core.config import RateLimitSettings
from sightline.core.errors import RateLimited, ServiceUnavailable
from sightline.core.redis import redis_errors

WINDOW_SECONDS = 60
PREFIX = "rate"

log = logging.getLogger(__name__)

_HIT: Final = """
-- KEYS[1]: a hash of w, the number of a whole window, and what was admitted in it (c) and in the one before (p).
-- ARGV: limit, seconds of a window. Of the window before counts the share that still lies within the last 60 seconds.
local limit, seconds = tonumber(ARGV[1]), tonumber(ARGV[2])
local clock = redis.call('TIME')
local now = (tonumber(clock[1]) + tonumber(clock[2]) / 1000000) / seconds
local window = math.floor(now)
local kept = redis.call('HMGET', KEYS[1], 'w', 'c', 'p')
local current, previous = 0, 0
if tonumber(kept[1]) == window then
    current, previous = tonumber(kept[2]), tonumber(kept[3])
elseif tonumber(kept[1]) == window - 1 then
    previous = tonumber(kept[2])
end
local spent = math.floor(previous * (window + 1 - now)) + current
local admitted = 0
if spent < limit then
    admitted, current, spent = 1, current + 1, spent + 1
    redis.call('HSET', KEYS[1], 'w', window, 'c', current, 'p', previous)
    redis.call('EXPIRE', KEYS[1], 2 * seconds)
end
return {admitted, math.max(0, limit - spent), math.ceil((window + 1 - now) * seconds)}
"""
"""As Cloudflare counts (blog, "How we built rate limiting capable of scaling to millions of domains", 2017)."""


class RateClass(StrEnum):
    """Requests that share a quota; the names of the settings api.rate_limits."""

    ADDRESS = "address"
    READS = "reads"
    WRITES = "writes"
    PICTURES = "pictures"
    LOGIN = "login"
    SEARCH = "search"
    HISTORY = "history"
    EXPORTS = "exports"
    PROBE = "probe"
    UPLOADS = "uploads"


CLOSED = frozenset({RateClass.LOGIN, RateClass.SEARCH, RateClass.HISTORY, RateClass.PROBE})
"""Refused while nobody can count: guessing passwords, looking people up, making the server open addresses."""


@dataclass(frozen=True, slots=True)
class Quota:
    """What is left. reset: seconds until the window has moved on."""

    admitted: bool
    rate_class: RateClass
    limit: int
    remaining: int
    reset: int

    def refusal(self) -> RateLimited:
        """In words, where it is used up."""
        return RateLimited(
            f"more than {self.limit} requests per minute ({self.rate_class.value})",
            hint=f"Wait {self.reset} s, then go on more slowly.",
            retry_after=self.reset,
        )


class RateLimits:
    """Counts requests."""

    def __init__(self, redis: Redis, settings: RateLimitSettings) -> None:
        self._script = redis.register_script(_HIT)
        self._limits = {kind: int(getattr(settings, kind.value)) for kind in RateClass}
        self._silent = False

    async def charge(self, rate_class: RateClass, who: str) -> Quota | None:
        """Count one request of somebody; None where nobody can count and the class is open then.

        Raises ServiceUnavailable where the class is closed then.
        """
        try:
            with redis_errors():
                quota = await self._hit(rate_class, who)
        except ServiceUnavailable:
            if rate_class in CLOSED:
                raise
            self._complain()
            return None
        self._silent = False
        return quota

    async def _hit(self, rate_class: RateClass, who: str) -> Quota:
        digest = hashlib.sha256(who.encode()).hexdigest()[:32]  # no address lies in Redis
        limit = self._limits[rate_class]
        answer: list[int] = await self._script(
            keys=[f"{PREFIX}:{rate_class.value}:{digest}"], args=[limit, WINDOW_SECONDS]
        )
        admitted, remaining, reset = answer
        return Quota(
            bool(admitted), rate_class, limit, remaining if admitted else 0, min(WINDOW_SECONDS, max(1, reset))
        )

    def _complain(self) -> None:
        """Once per outage."""
        if not self._silent:
            log.warning("requests are not counted: Redis does not answer")
        self._silent = True
