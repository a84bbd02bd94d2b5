"""Access to Redis or Valkey: one client per process, and its failures in our words."""

from collections.abc import Iterator
from contextlib import contextmanager

from redis.asyncio import Redis
from redis.exceptions import AuthenticationError, RedisError, ResponseError

from sightline.core.config import RedisSettings
from sightline.core.errors import ServiceUnavailable, StreamFull

FULL = ("OOM", "command not allowed when used memory")
"""Begins what a server says whose maxmemory is used up; the second as a script hears it."""


def open_redis(settings: RedisSettings) -> Redis:
    """A client with a pool of connections; nothing is connected yet. Close it with aclose()."""
    url = settings.url.get_secret_value() if settings.url else ""
    if not url:
        raise ServiceUnavailable(
            "no address of a Redis server is known", hint="start `sightline up`, or set SIGHTLINE_REDIS__URL"
        )
    client: Redis = Redis.from_url(
        url,
        protocol=2,
        socket_timeout=settings.timeout,
        health_check_interval=15,  # a subscription notices a server that fell silent
        max_connections=settings.max_connections,
        password=settings.password.get_secret_value() if settings.password else None,
    )
    return client


@contextmanager
def redis_errors() -> Iterator[None]:
    """Raise ServiceUnavailable, without the address, which may hold a password; StreamFull of a server that is full."""
    try:
        yield
    except AuthenticationError as error:
        raise ServiceUnavailable(
            "the Redis server wants another password", hint="check SIGHTLINE_REDIS__PASSWORD"
        ) from error
    except (RedisError, OSError) as error:
        if isinstance(error, ResponseError) and str(error).startswith(FULL):
            raise StreamFull(
                "the Redis server has no memory left",
                hint="Raise its maxmemory, or start workers that read what waits: `sightline streams list`.",
            ) from error
        raise ServiceUnavailable(
            "the Redis server does not answer", hint="try again; if it stays, see `sightline doctor`"
        ) from error
