"""Both buses, to which everything that a bus promises applies."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from pydantic import SecretStr
from redis.asyncio import Redis

from sightline.bus.memory import MemoryBus
from sightline.bus.ports import Bus, Delivery, Fence
from sightline.bus.redis_streams import RedisBus
from sightline.core.config import RedisSettings
from sightline.core.redis import open_redis
from sightline.workers.embedded.valkey import ValkeyAddress


@dataclass(frozen=True)
class Ground:
    """A bus, and what tests do behind its back. second: the same streams as another process sees them."""

    bus: Bus
    second: Bus
    client: Redis | None = None

    async def hold(self, fence: Fence) -> None:
        """As the holder of a lease writes it."""
        value = f"{fence.token}:somebody"
        if self.client is None:
            assert isinstance(self.bus, MemoryBus)
            self.bus.leases[fence.lease] = value
        else:
            await self.client.set(fence.lease, value)

    async def lose_everything(self) -> None:
        """As a server that starts anew."""
        if self.client is None:
            assert isinstance(self.bus, MemoryBus)
            self.bus.lose_everything()
        else:
            await self.client.flushall()


@pytest_asyncio.fixture
async def redis(redis_server: ValkeyAddress) -> AsyncIterator[Redis]:
    client = open_redis(RedisSettings(url=SecretStr(redis_server.url)))
    await client.flushall()
    yield client
    await client.config_set("maxmemory", "256mb")
    await client.flushall()
    await client.aclose()


@pytest.fixture(params=["memory", "redis"])
def ground(request: pytest.FixtureRequest) -> Ground:
    if request.param == "memory":
        bus = MemoryBus()
        return Ground(bus, bus)
    client: Redis = request.getfixturevalue("redis")
    return Ground(RedisBus(client), RedisBus(client), client)


def texts(deliveries: list[Delivery]) -> list[str]:
    """What messages say that `said` made."""
    return [delivery.fields["text"].decode() for delivery in deliveries]


def said(*words: str) -> list[dict[str, bytes]]:
    """Messages that say something."""
    return [{"text": word.encode()} for word in words]
