"""The bus inside one process: for tests, and for stages that run together. Same manners as on Redis."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count as counted
from time import monotonic

from sightline.bus.poison import POISON_LIMIT, poison_of, poisoned
from sightline.bus.ports import Consumer, Delivery, Fence, Fields
from sightline.core.errors import LeaseLost


@dataclass(slots=True, eq=False)
class _Entry:
    number: int
    fields: Fields

    @property
    def id(self) -> str:
        return f"{self.number}-0"


@dataclass(slots=True)
class _Pending:
    """A message that a member read: what it held, who has it, when and how often it was given out."""

    entry: _Entry
    member: str
    given_at: float
    tries: int = 1


@dataclass(slots=True)
class _Group:
    last: int
    pending: dict[int, _Pending] = field(default_factory=dict)


@dataclass(slots=True)
class _Stream:
    entries: list[_Entry] = field(default_factory=list)
    groups: dict[str, _Group] = field(default_factory=dict)
    dropped: int = 0

    def unread(self, group: _Group) -> Iterator[_Entry]:
        return (entry for entry in self.entries if entry.number > group.last)

    def trim(self, limit: int) -> None:
        """Drop the oldest, and count those that some group had not read."""
        excess = max(0, len(self.entries) - limit)
        seen = min((group.last for group in self.groups.values()), default=0)
        self.dropped += sum(entry.number > seen for entry in self.entries[:excess])
        del self.entries[:excess]

    def forget_acknowledged(self) -> None:
        """Drop what every group is done with."""
        floor = min(min((*group.pending, group.last + 1)) for group in self.groups.values())
        self.entries = [entry for entry in self.entries if entry.number >= floor]

    def take(self, consumer: Consumer, entry: _Entry) -> None:
        """Give it out."""
        group = self.groups[consumer.group]
        group.last = entry.number
        group.pending[entry.number] = _Pending(entry, consumer.name, monotonic())


class MemoryBus:
    """Streams in memory. leases: value per key as the lease holders write it, "<token>:<holder>"."""

    def __init__(self) -> None:
        self.leases: dict[str, str] = {}
        self._streams: dict[str, _Stream] = {}
        self._values: dict[str, tuple[float, bytes]] = {}
        self._numbers = counted(1)
        self._joined: set[tuple[str, str]] = set()
        self._turn = 0
        self._arrived = asyncio.Condition()

    async def publish(
        self, stream: str, messages: Sequence[Fields], *, limit: int, fence: Fence | None = None
    ) -> Sequence[str]:
        """As Bus.publish says."""
        if fence is not None and self.leases.get(fence.lease, "").partition(":")[0] != str(fence.token):
            raise LeaseLost(f"{fence.lease} is not held with token {fence.token} any more")
        entries = [_Entry(next(self._numbers), dict(message)) for message in messages]
        held = self._streams.setdefault(stream, _Stream())
        held.entries.extend(entries)
        held.trim(limit)
        async with self._arrived:
            self._arrived.notify_all()
        return [entry.id for entry in entries]

    async def read(
        self, consumer: Consumer, streams: Sequence[str], *, count: int, wait: float, from_start: bool = True
    ) -> list[Delivery]:
        """As Bus.read says."""
        found = self._read(consumer, streams, count, from_start=from_start)
        until = monotonic() + wait
        while not found and (left := until - monotonic()) > 0:
            async with self._arrived:
                try:
                    await asyncio.wait_for(self._arrived.wait(), left)
                except TimeoutError:
                    break
            found = self._read(consumer, streams, count, from_start=from_start)
        return found

    async def claim(self, consumer: Consumer, streams: Sequence[str], *, idle: float, count: int) -> list[Delivery]:
        """As Bus.claim says."""
        found: list[Delivery] = []
        for stream in streams:
            held = self._streams.get(stream, _Stream())
            group = held.groups.get(consumer.group, _Group(0))
            for number, pending in sorted(group.pending.items()):
                if len(found) == count or monotonic() - pending.given_at < idle:
                    continue
                if pending.entry not in held.entries:
                    held.dropped += 1
                    del group.pending[number]
                    continue
                pending.member = consumer.name
                pending.given_at, pending.tries = monotonic(), pending.tries + 1
                found.append(Delivery(stream, pending.entry.id, pending.entry.fields, pending.tries))
        return found

    async def hold(self, consumer: Consumer, deliveries: Sequence[Delivery]) -> None:
        """As Bus.hold says."""
        for delivery in deliveries:
            group = self._streams.get(delivery.stream, _Stream()).groups.get(consumer.group, _Group(0))
            pending = group.pending.get(_number(delivery))
            if pending is not None and pending.member == consumer.name:
                pending.given_at = monotonic()

    async def acknowledge(self, consumer: Consumer, deliveries: Sequence[Delivery]) -> None:
        """As Bus.acknowledge says."""
        for delivery in deliveries:
            held = self._streams.get(delivery.stream, _Stream())
            if consumer.group in held.groups:
                held.groups[consumer.group].pending.pop(_number(delivery), None)
        for stream in {delivery.stream for delivery in deliveries}:
            if self._streams.get(stream, _Stream()).groups:
                self._streams[stream].forget_acknowledged()

    async def set_aside(self, consumer: Consumer, delivery: Delivery, reason: str) -> None:
        """As Bus.set_aside says. Nothing happens to a message that somebody else is done with."""
        group = self._streams.get(delivery.stream, _Stream()).groups.get(consumer.group, _Group(0))
        if all(pending.entry.id != delivery.id for pending in group.pending.values()):
            return
        fields = poisoned(consumer, delivery, reason, datetime.now(UTC))
        await self.publish(poison_of(delivery.stream), [fields], limit=POISON_LIMIT)
        await self.acknowledge(consumer, [delivery])

    async def discard(self, streams: Sequence[str]) -> None:
        """As Bus.discard says."""
        for stream in streams:
            self._streams.pop(stream, None)

    async def dropped(self, stream: str) -> int:
        """As Bus.dropped says."""
        return self._streams.get(stream, _Stream()).dropped

    async def waiting(self, stream: str, group: str) -> int:
        """As Bus.waiting says."""
        held = self._streams.get(stream, _Stream())
        return sum(1 for _ in held.unread(held.groups.get(group, _Group(0))))

    async def keep(self, name: str, data: bytes, *, seconds: float) -> None:
        """As Bus.keep says."""
        now = monotonic()
        self._values = {name: value for name, value in self._values.items() if value[0] > now}
        self._values[name] = (now + seconds, data)

    async def kept(self, names: Sequence[str]) -> list[bytes | None]:
        """As Bus.kept says."""
        now = monotonic()
        return [
            self._values[name][1] if name in self._values and self._values[name][0] > now else None for name in names
        ]

    def lose_everything(self) -> None:
        """As a server that starts anew without its data."""
        self._streams.clear()
        self._values.clear()
        self.leases.clear()

    def _read(self, consumer: Consumer, streams: Sequence[str], count: int, *, from_start: bool) -> list[Delivery]:
        """One message of each stream in turn until there are enough; the next call begins at another stream."""
        found: list[Delivery] = []
        turn = self._turn % len(streams) if streams else 0
        order = [*streams[turn:], *streams[:turn]]
        self._turn += count
        while len(found) < count:
            before = len(found)
            for stream in order:
                if len(found) < count:
                    found += self._next(consumer, stream, from_start=from_start)
            if len(found) == before:
                break
        return found

    def _next(self, consumer: Consumer, stream: str, *, from_start: bool) -> list[Delivery]:
        held = self._streams.setdefault(stream, _Stream())
        if consumer.group not in held.groups:
            at_once = from_start or (stream, consumer.group) in self._joined or not held.entries
            last = 0 if at_once else held.entries[-1].number
            held.groups[consumer.group] = _Group(last)
        self._joined.add((stream, consumer.group))
        group = held.groups[consumer.group]
        entry = next(held.unread(group), None)
        if entry is None:
            return []
        held.take(consumer, entry)
        return [Delivery(stream, entry.id, entry.fields)]


def _number(delivery: Delivery) -> int:
    return int(delivery.id.partition("-")[0])
