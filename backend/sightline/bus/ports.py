"""The bus as workers see it. memory.py and redis_streams.py implement it; one conformance suite runs on both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

FACES = "faces:detected"
"""Stream of what detection saw (specification, 4.2)."""

Fields = Mapping[str, bytes]
"""A message as the stream holds it: one field per top-level key."""


def frames_of(camera_id: UUID) -> str:
    """Stream of a camera's frames (specification, 4.1)."""
    return f"camera:{camera_id}:frames"


@dataclass(frozen=True, slots=True)
class Fence:
    """Proof that the writer still holds the lease under which it writes: key of the lease, and its fencing token."""

    lease: str
    token: int


@dataclass(frozen=True, slots=True)
class Consumer:
    """Who reads: a member of a group. Each message of a stream goes to one member of each group."""

    group: str
    name: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message that was read and is not acknowledged yet. tries: how often it was delivered, 1 at first."""

    stream: str
    id: str
    fields: Fields = field(repr=False)
    tries: int = 1


class Bus(Protocol):
    """Streams of messages. Everything raises ServiceUnavailable when the server does not answer."""

    async def publish(
        self, stream: str, messages: Sequence[Fields], *, limit: int, fence: Fence | None = None
    ) -> Sequence[str]:
        """Append messages; ids in order. The oldest beyond limit are dropped, and counted (see dropped).

        fence is checked in the same step. Raises LeaseLost when another holds the lease now, StreamFull when the
        server has no memory left.
        """
        ...

    async def read(
        self, consumer: Consumer, streams: Sequence[str], *, count: int, wait: float, from_start: bool = True
    ) -> list[Delivery]:
        """Up to count new messages over all streams, fairly; waits so many seconds for the first one.

        Makes streams and groups that are missing, also those that the server lost. from_start: a new group gets what
        the stream holds already, else only what comes.
        """
        ...

    async def claim(self, consumer: Consumer, streams: Sequence[str], *, idle: float, count: int) -> list[Delivery]:
        """Take over messages that were read by a member of the group so many seconds ago and never acknowledged."""
        ...

    async def hold(self, consumer: Consumer, deliveries: Sequence[Delivery]) -> None:
        """Still at work on these, for example because the database is away: they are not abandoned, and no try is
        counted. What another member took over meanwhile stays theirs."""
        ...

    async def acknowledge(self, consumer: Consumer, deliveries: Sequence[Delivery]) -> None:
        """These are done with. What every group of a stream is done with is deleted from it: it shows people."""
        ...

    async def set_aside(self, consumer: Consumer, delivery: Delivery, reason: str) -> None:
        """Move a poison message, with its reason, to where people look at it (`sightline streams`); acknowledged."""
        ...

    async def discard(self, streams: Sequence[str]) -> None:
        """Delete streams with all that waits in them, for example because their camera is gone."""
        ...

    async def dropped(self, stream: str) -> int:
        """Messages that a full stream lost before each group read them and was done, since the stream began."""
        ...

    async def waiting(self, stream: str, group: str) -> int:
        """Messages that no member of the group has read yet."""
        ...

    async def keep(self, name: str, data: bytes, *, seconds: float) -> None:
        """Keep a value for a while: a whole frame that recognition may ask for."""
        ...

    async def kept(self, names: Sequence[str]) -> list[bytes | None]:
        """Values that were kept; None for those that are gone."""
        ...
