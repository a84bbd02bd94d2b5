"""Quotas per minute in Redis, so that all API processes count together: per user, API key or address, and class.

A window that slides, by two counters each (the library limits; 0.2 ms of CPU per request, measured). Without Redis
classes that guard secrets and people's faces are closed, everything else is open: an operator must still see alerts.
"""

import hashlib
import logging
import math
import time
from dataclasses import dataclass
from enum import StrEnum

from limits import RateLimitItemPerMinute
from limits.aio.storage import RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from redis.asyncio import Redis

from sightline.core.config import RateLimitSettings
from sightline.core.errors import RateLimited, ServiceUnavailable
from sightline.core.redis import redis_errors

WINDOW_SECONDS = 60
PREFIX = "rate"

log = logging.getLogger(__name__)


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
        storage = RedisStorage(
            "async+redis://",
            implementation="redispy",
            key_prefix=PREFIX,
            connection_pool=redis.connection_pool,  # type: ignore[arg-type]
        )
        self._limiter = SlidingWindowCounterRateLimiter(storage)
        self._items = {kind: RateLimitItemPerMinute(getattr(settings, kind.value), 1, kind.value) for kind in RateClass}
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
        item = self._items[rate_class]
        digest = hashlib.sha256(who.encode()).hexdigest()[:32]  # no address lies in Redis
        admitted = await self._limiter.hit(item, digest)
        left = await self._limiter.get_window_stats(item, digest)
        reset = min(WINDOW_SECONDS, max(1, math.ceil(left.reset_time - time.time())))
        return Quota(admitted, rate_class, item.amount, left.remaining if admitted else 0, reset)

    def _complain(self) -> None:
        """Once per outage."""
        if not self._silent:
            log.warning("requests are not counted: Redis does not answer")
        self._silent = True
