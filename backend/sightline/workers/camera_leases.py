"""A worker's share of the cameras: taken, renewed, handed over to who joins, dropped when it could not be renewed."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from sightline.bus.leases import Lease, LeaseTable, spread
from sightline.core.errors import ServiceUnavailable
from sightline.workers.clock import pause

logger = logging.getLogger(__name__)

ROUNDS = 10
"""Rounds in the time that a lease holds: several may fail before it is lost, and who joins is seen soon."""
LONGEST_ROUND = 0.5
"""Seconds between two rounds, at most: from the end of a lease it takes two until another worker has the camera, and
all shall work again 15 s after a worker died. A camera that was added shall be watched within 5 s."""

NextToken = Callable[[], Awaitable[int]]
"""Gives a fencing token that is higher than all before. Raises ServiceUnavailable."""


class LeaseHolder(Protocol):
    """Who works under the leases. Nothing of it may raise what a service's failure raises."""

    async def take_over(self, cameras: Collection[UUID], /) -> None:
        """These are ours from now on."""
        ...

    async def hand_over(self, cameras: Collection[UUID], /) -> None:
        """End the work for these cameras; their leases still hold."""
        ...

    async def drop(self, cameras: Collection[UUID], /) -> None:
        """Others may hold these by now: forget them without a word."""
        ...


@dataclass(slots=True)
class _Held:
    lease: Lease
    until: float


class CameraLeases:
    """The leases of one worker. run() keeps them; of() is what every write asks first.

    A lease ends by this process's own monotonic clock, counted from before it was asked for: earlier than in Redis. So
    a worker that was paused knows, before it writes anything, that others may have its cameras.
    """

    def __init__(
        self,
        table: LeaseTable,
        next_token: NextToken,
        holder: LeaseHolder,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._table = table
        self._next_token = next_token
        self._holder = holder
        self._clock = clock
        self._held: dict[UUID, _Held] = {}
        self._rejected: set[UUID] = set()
        self._wanted: frozenset[UUID] | None = None
        self._share: frozenset[UUID] = frozenset()
        self._spread: tuple[object, frozenset[UUID]] = (None, frozenset())

    def want(self, cameras: Iterable[UUID]) -> None:
        """All cameras that there are to share. Before it is said nothing is taken."""
        self._wanted = frozenset(cameras)

    def of(self, camera_id: UUID) -> Lease | None:
        """The lease under which something may be written now, if any."""
        held = self._held.get(camera_id)
        return held.lease if held and camera_id not in self._rejected and self._clock() < held.until else None

    def current(self) -> dict[UUID, Lease]:
        """All that hold now."""
        leases = ((camera_id, self.of(camera_id)) for camera_id in tuple(self._held))
        return {camera_id: lease for camera_id, lease in leases if lease}

    def reject(self, camera_id: UUID) -> None:
        """A write under this lease was refused: another holds it."""
        self._rejected.add(camera_id)

    async def run(self, stop: asyncio.Event) -> None:
        """Keep the share until stop is set, then hand all over."""
        while not stop.is_set():
            try:
                await self.round()
            except ServiceUnavailable as error:
                logger.warning("leases wait: %s", error.message)
            await self._drop_expired()
            await pause(stop, min(LONGEST_ROUND, self._table.seconds / ROUNDS))
        await self._leave()

    async def round(self) -> None:
        """One round: renew, give away what is another's share, take what is ours. Raises ServiceUnavailable."""
        if self._wanted is None:
            return
        asked = self._clock()
        look = await self._table.look([held.lease for held in self._held.values()])
        lost = (look.lost | self._rejected) & self._held.keys()
        for camera_id in self._held.keys() - lost:
            self._held[camera_id].until = asked + self._table.seconds
        before, self._share = self._share, self._share_of(look.members)
        await self._mend(lost, asked)
        # A change must stand for two rounds: where Redis lost its data, members come back one by one.
        await self._give_away(self._held.keys() - (self._share | before))
        await self._take((self._share & before) - self._held.keys())

    def _share_of(self, members: tuple[str, ...]) -> frozenset[UUID]:
        """Worked out anew only when something changed."""
        key = (self._wanted, members)
        if self._spread[0] != key:
            owners = spread(self._wanted or (), members)
            mine = frozenset(camera for camera, member in owners.items() if member == self._table.member)
            self._spread = (key, mine)
        return self._spread[1]

    async def _mend(self, lost: Collection[UUID], asked: float) -> None:
        """Take again what Redis forgot, where nobody else can have had it meanwhile; drop the rest."""
        for camera_id in lost:
            held = self._held[camera_id]
            lease = None
            if camera_id in self._share and self._clock() < held.until:
                lease = await self._table.take(camera_id, await self._next_token())
            self._rejected.discard(camera_id)
            if lease is None:
                await self._drop([held])
            else:
                self._held[camera_id] = _Held(lease, asked + self._table.seconds)

    async def _give_away(self, cameras: Collection[UUID]) -> None:
        leaving = [self._held[camera_id].lease for camera_id in cameras]
        if not leaving:
            return
        await self._holder.hand_over([lease.camera_id for lease in leaving])
        for lease in leaving:
            del self._held[lease.camera_id]
        await self._table.release(leaving)

    async def _take(self, cameras: Collection[UUID]) -> None:
        wanted = sorted(cameras)
        free = await self._table.is_free(wanted)
        for camera_id in (camera_id for camera_id, is_free in zip(wanted, free, strict=True) if is_free):
            token, asked = await self._next_token(), self._clock()
            lease = await self._table.take(camera_id, token)
            if lease is not None:
                self._held[camera_id] = _Held(lease, asked + self._table.seconds)
                await self._holder.take_over([camera_id])

    async def _drop(self, held: Iterable[_Held]) -> None:
        gone = [one.lease.camera_id for one in held]
        if not gone:
            return
        logger.warning("lost the leases of %d cameras", len(gone))
        for camera_id in gone:
            del self._held[camera_id]
            self._rejected.discard(camera_id)
        await self._holder.drop(gone)

    async def _drop_expired(self) -> None:
        await self._drop([held for held in self._held.values() if self._clock() >= held.until])

    async def _leave(self) -> None:
        await self._drop_expired()
        try:
            await self._give_away(list(self._held))
            await self._table.leave()
        except ServiceUnavailable as error:
            logger.warning("leases end by themselves: %s", error.message)
