"""The bus on Redis Streams (Redis 7 or Valkey 8, one primary). Each step is one script inside the server."""

import asyncio
import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from sightline.bus import scripts
from sightline.bus.poison import POISON_AGE, POISON_LIMIT, poison_of, poisoned
from sightline.bus.ports import Consumer, Delivery, Fence, Fields
from sightline.core.errors import LeaseLost, ServiceUnavailable
from sightline.core.redis import redis_errors

logger = logging.getLogger(__name__)

UNTOUCHED_SECONDS = int(POISON_AGE.total_seconds())
"""A stream that nobody writes goes with what it holds: it shows people, and its camera or its reader is gone."""
OTHERS_SECONDS = 3600
"""Age up to which what we are done with waits for groups that are not ours."""
SILENT_SECONDS = 3600
"""A member without messages that did not read for so long is forgotten: every restart makes a new one."""
AT_ONCE = 1000
"""Ids in one command; the server's Lua takes some 7,000."""
KEPT = "kept:"
"""Begins the keys of values that are kept: a message that names one cannot name any other key of the server."""
LEAST_WAIT = 0.05
"""Seconds between two looks at streams that cannot be waited for."""


@dataclass(frozen=True, slots=True)
class _Look:
    """What one step of reading gave: messages, and the streams that can be waited for."""

    found: list[Delivery]
    readable: list[str]


class RedisBus:
    """Streams of a Redis server. client: from core.redis.open_redis; closed by who opened it."""

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._publish = client.register_script(scripts.PUBLISH)
        self._read = client.register_script(scripts.READ)
        self._claim = client.register_script(scripts.CLAIM)
        self._hold = client.register_script(scripts.HOLD)
        self._acknowledge = client.register_script(scripts.ACKNOWLEDGE)
        self._set_aside = client.register_script(scripts.SET_ASIDE)
        self._waiting = client.register_script(scripts.WAITING)
        self._turn = 0
        self._joined: set[tuple[str, str]] = set()
        self._unusable: frozenset[str] = frozenset()
        self._surplus: dict[Consumer, list[Delivery]] = {}

    async def publish(
        self, stream: str, messages: Sequence[Fields], *, limit: int, fence: Fence | None = None
    ) -> Sequence[str]:
        """As Bus.publish says."""
        keys = [stream, dropped_of(stream), *([fence.lease] if fence else [])]
        arguments: list[str | int | bytes] = [limit, UNTOUCHED_SECONDS, fence.token if fence else "", len(messages)]
        for message in messages:
            arguments += [len(message), *flat(message)]
        with bus_errors(stream):
            return [id_.decode() for id_ in await self._publish(keys, arguments)]

    async def read(
        self, consumer: Consumer, streams: Sequence[str], *, count: int, wait: float, from_start: bool = True
    ) -> list[Delivery]:
        """As Bus.read says."""
        found = self._take_surplus(consumer, streams, count)
        until = monotonic() + wait
        while True:
            look = await self._look(consumer, streams, count - len(found), from_start=from_start)
            found += look.found
            left = until - monotonic()
            if found or left <= 0:
                return found
            found = await self._wait(consumer, look.readable, count, min(left, self._patience))

    async def claim(self, consumer: Consumer, streams: Sequence[str], *, idle: float, count: int) -> list[Delivery]:
        """As Bus.claim says."""
        if not streams:
            return []
        keys = [key for stream in streams for key in (stream, poison_of(stream), dropped_of(stream))]
        arguments: list[str | int] = [consumer.group, consumer.name, _ms(idle), count]
        arguments += [oldest_poison(), SILENT_SECONDS * 1000]
        with bus_errors(consumer.group):
            claimed = await self._claim(keys, arguments)
        return [
            Delivery(streams[number - 1], id_.decode(), fields_of(flat_fields), tries)
            for number, id_, flat_fields, tries in claimed
        ]

    async def hold(self, consumer: Consumer, deliveries: Sequence[Delivery]) -> None:
        """As Bus.hold says."""
        with bus_errors(consumer.group):
            for stream, ids in _by_stream(deliveries):
                await self._hold([stream], [consumer.group, consumer.name, *ids])

    async def acknowledge(self, consumer: Consumer, deliveries: Sequence[Delivery]) -> None:
        """As Bus.acknowledge says."""
        with bus_errors(consumer.group):
            for stream, ids in _by_stream(deliveries):
                await self._acknowledge([stream], [consumer.group, _before(OTHERS_SECONDS), *ids])

    async def set_aside(self, consumer: Consumer, delivery: Delivery, reason: str) -> None:
        """As Bus.set_aside says. Nothing happens to a message that somebody else is done with."""
        fields = poisoned(consumer, delivery, reason, datetime.now(UTC))
        arguments: list[str | int | bytes] = [consumer.group, _before(OTHERS_SECONDS), delivery.id]
        arguments += [POISON_LIMIT, oldest_poison(), UNTOUCHED_SECONDS, *flat(fields)]
        with bus_errors(delivery.stream):
            await self._set_aside([delivery.stream, poison_of(delivery.stream)], arguments)
        logger.warning("message %s of %s was set aside: %s", delivery.id, delivery.stream, reason)

    async def discard(self, streams: Sequence[str]) -> None:
        """As Bus.discard says."""
        if streams:
            with bus_errors(streams[0]):
                await self._client.unlink(*(key for stream in streams for key in (stream, dropped_of(stream))))

    async def dropped(self, stream: str) -> int:
        """As Bus.dropped says."""
        with bus_errors(stream):
            return int(await self._client.get(dropped_of(stream)) or 0)

    async def waiting(self, stream: str, group: str) -> int:
        """As Bus.waiting says."""
        with bus_errors(stream):
            return int(await self._waiting([stream], [group]))

    async def keep(self, name: str, data: bytes, *, seconds: float) -> None:
        """As Bus.keep says."""
        with bus_errors(name):
            await self._client.set(KEPT + name, data, px=max(1, _ms(seconds)))

    async def kept(self, names: Sequence[str]) -> list[bytes | None]:
        """As Bus.kept says."""
        if not names:
            return []
        with bus_errors(names[0]):
            values: list[bytes | None] = await self._client.mget([KEPT + name for name in names])  # type: ignore[assignment]
        return values

    @property
    def _patience(self) -> float:
        """Seconds to block in one command: well below the time after which the client gives the server up."""
        timeout: float | None = self._client.connection_pool.connection_kwargs.get("socket_timeout")
        return timeout / 2 if timeout else 5.0

    async def _look(self, consumer: Consumer, streams: Sequence[str], count: int, *, from_start: bool) -> _Look:
        """What is there now, one message of each stream in turn; the next call begins at another stream."""
        if not streams or count <= 0:
            return _Look([], list(streams))
        turn = self._turn % len(streams)
        self._turn += count
        order = [*streams[turn:], *streams[:turn]]
        begins = ["0" if from_start or (stream, consumer.group) in self._joined else "$" for stream in order]
        with bus_errors(consumer.group):
            reply = await self._read(order, [consumer.group, consumer.name, count, UNTOUCHED_SECONDS, *begins])
        found = [Delivery(order[at - 1], id_.decode(), fields_of(fields)) for at, id_, fields in reply[0]]
        unusable = frozenset(order[at - 1] for at in reply[1])
        readable = [stream for stream in order if stream not in unusable]
        self._joined.update((stream, consumer.group) for stream in readable)
        self._tell(unusable, reply[2] if len(reply) > 2 else b"")
        return _Look(found, readable)

    def _tell(self, unusable: frozenset[str], problem: bytes) -> None:
        """Say once of streams that cannot be read: the others go on."""
        for stream in sorted(unusable - self._unusable):
            logger.error("%s cannot be read and is passed over: %s", stream, _name(problem))
        self._unusable = unusable

    async def _wait(self, consumer: Consumer, streams: Sequence[str], count: int, seconds: float) -> list[Delivery]:
        """Wait for the first message. Where several streams get one at once more may come than are wanted."""
        if not streams:
            await asyncio.sleep(min(seconds, LEAST_WAIT))
            return []
        try:
            with bus_errors(consumer.group):
                reply: Any = await self._client.xreadgroup(
                    consumer.group, consumer.name, dict.fromkeys(streams, ">"), count=1, block=max(1, _ms(seconds))
                )
        except _Unreadable:
            await asyncio.sleep(LEAST_WAIT)  # the server lost a stream or its group: the next look makes them again
            return []
        found = [
            Delivery(stream.decode(), id_.decode(), {_name(name): value for name, value in (fields or {}).items()})
            for stream, entries in reply or []
            for id_, fields in entries
        ]
        self._surplus[consumer] = found[count:]
        return found[:count]

    def _take_surplus(self, consumer: Consumer, streams: Sequence[str], count: int) -> list[Delivery]:
        """What came last time beyond what was wanted; that of other streams is left for others to claim."""
        held = [delivery for delivery in self._surplus.pop(consumer, []) if delivery.stream in streams]
        if held[count:]:
            self._surplus[consumer] = held[count:]
        return held[:count]


class _Unreadable(ServiceUnavailable):
    """A stream or its group is gone, or its key holds something else."""


@contextmanager
def bus_errors(what: str) -> Iterator[None]:
    """The server's refusals in our words. what: the stream or group that was worked on."""
    try:
        with redis_errors():
            yield
    except ServiceUnavailable as error:
        refusal = str(error.__cause__) if isinstance(error.__cause__, ResponseError) else ""
        if "LEASELOST" in refusal:
            raise LeaseLost(f"{what}: another worker holds its lease now") from error
        if any(word in refusal for word in ("WRONGTYPE", "NOGROUP", "UNBLOCKED", "wrong kind of value")):
            raise _Unreadable(
                f"{what}: its key in the Redis server is gone or holds something else than a stream",
                hint="Delete the key; nothing but Sightline may write there.",
            ) from error
        raise


def dropped_of(stream: str) -> str:
    """Where the number of messages that a stream dropped is counted."""
    return stream + ":dropped"


def oldest_poison() -> str:
    """Id below which poison messages are deleted."""
    return _before(UNTOUCHED_SECONDS)


def flat(fields: Fields) -> Iterable[str | bytes]:
    """Names and values in turn, as commands take them."""
    return (part for field in fields.items() for part in field)


def fields_of(reply: Sequence[bytes] | None) -> Fields:
    """Names and values in turn, as scripts give them."""
    parts = reply or []
    return {_name(name): value for name, value in zip(parts[::2], parts[1::2], strict=True)}


def _by_stream(deliveries: Sequence[Delivery]) -> Iterator[tuple[str, list[str]]]:
    """Ids per stream, in portions that one command takes."""
    ids: dict[str, list[str]] = {}
    for delivery in deliveries:
        ids.setdefault(delivery.stream, []).append(delivery.id)
    return (
        (stream, whole[begin : begin + AT_ONCE])
        for stream, whole in ids.items()
        for begin in range(0, len(whole), AT_ONCE)
    )


def _name(name: bytes) -> str:
    return name.decode("utf-8", "replace")


def _before(seconds: float) -> str:
    """The lowest id of messages that are at most so old."""
    moment = datetime.now(UTC) - timedelta(seconds=seconds)
    return f"{int(moment.timestamp() * 1000)}-0"


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
