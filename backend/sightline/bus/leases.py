"""Leases on cameras, and who shares them: one worker at a time writes for a camera, and everybody knows whose it is.

In Redis, for a stage (ingestion, detection):

    lease:<stage>:<camera id>   "<token>:<holder>", ends by itself; see Fence
    workers:<stage>             sorted set: members by when they were last heard of, ms of the server's clock
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final, cast
from uuid import UUID

from redis.asyncio import Redis

from sightline.bus.ports import Fence
from sightline.bus.scripts import ALSO_WHEN_FULL
from sightline.core.redis import redis_errors

_LOOK: Final = (
    ALSO_WHEN_FULL
    + """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
local kept = {}
for place = 2, #KEYS do
    if redis.call('GET', KEYS[place]) == ARGV[place + 1] then
        kept[place - 1] = redis.call('PEXPIRE', KEYS[place], ARGV[2])
    else
        kept[place - 1] = 0
    end
end
return {redis.call('ZRANGE', KEYS[1], 0, -1), kept}
"""
)
_TAKE: Final = ALSO_WHEN_FULL + "return redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2])"
_RELEASE: Final = """
for place = 1, #KEYS do
    if redis.call('GET', KEYS[place]) == ARGV[place] then redis.call('DEL', KEYS[place]) end
end
"""


@dataclass(frozen=True, slots=True)
class Lease:
    """That a camera is ours for now. token: fencing token, higher than of everybody who held it before."""

    camera_id: UUID
    key: str
    token: int

    @property
    def fence(self) -> Fence:
        """What goes with every write."""
        return Fence(self.key, self.token)


@dataclass(frozen=True, slots=True)
class Look:
    """What a look showed. members: names of all workers of the stage; lost: leases that are not ours any more."""

    members: tuple[str, ...]
    lost: frozenset[UUID]


class LeaseTable:
    """The leases of a stage as one member sees them. Everything raises ServiceUnavailable.

    seconds: how long a lease holds after it was taken or renewed, and a member after it was heard of.
    """

    def __init__(self, client: Redis, stage: str, member: str, *, seconds: float = 10.0) -> None:
        self.member = member
        self.seconds = seconds
        self._client = client
        self._stage = stage
        self._members = f"workers:{stage}"
        self._look = client.register_script(_LOOK)
        self._take = client.register_script(_TAKE)
        self._release = client.register_script(_RELEASE)

    async def look(self, held: Collection[Lease]) -> Look:
        """Say that we live, renew what we hold, and see who else is there."""
        leases = list(held)
        with redis_errors():
            members, kept = await self._look(
                [self._members, *(lease.key for lease in leases)],
                [self.member, self._milliseconds, *(self._value(lease) for lease in leases)],
            )
        lost = (lease.camera_id for lease, is_kept in zip(leases, kept, strict=True) if not is_kept)
        return Look(tuple(cast("bytes", name).decode() for name in members), frozenset(lost))

    async def take(self, camera_id: UUID, token: int) -> Lease | None:
        """A lease, or None where somebody holds it."""
        lease = Lease(camera_id, f"lease:{self._stage}:{camera_id}", token)
        with redis_errors():
            taken = await self._take([lease.key], [self._value(lease), self._milliseconds])
        return lease if taken else None

    async def is_free(self, camera_ids: Sequence[UUID]) -> list[bool]:
        """Of which nobody holds the lease."""
        if not camera_ids:
            return []
        with redis_errors():
            values = await self._client.mget([f"lease:{self._stage}:{camera_id}" for camera_id in camera_ids])
        return [value is None for value in values]

    async def release(self, leases: Collection[Lease]) -> None:
        """Let others have them at once; those that are not ours any more stay as they are."""
        if leases:
            with redis_errors():
                await self._release([lease.key for lease in leases], [self._value(lease) for lease in leases])

    async def leave(self) -> None:
        """Be a member no longer."""
        with redis_errors():
            await self._client.zrem(self._members, self.member)

    @property
    def _milliseconds(self) -> int:
        return round(self.seconds * 1000)

    def _value(self, lease: Lease) -> bytes:
        return f"{lease.token}:{self.member}".encode()


def spread(cameras: Iterable[UUID], members: Iterable[str]) -> Mapping[UUID, str]:
    """Whose each camera is: as many for everybody, give or take one, and few move when a member comes or goes.

    Rendezvous hashing with bounds: the best pairs of camera and member come first, until a member has its share. All
    who know the same cameras and members come to the same answer, in whatever order they know them.
    """
    wanted, workers = set(cameras), set(members)
    if not workers:
        return {}
    least, extras = divmod(len(wanted), len(workers))
    pairs = sorted(((_weight(camera, member), camera, member) for camera in wanted for member in workers), reverse=True)
    owners: dict[UUID, str] = {}
    loads: Counter[str] = Counter()
    for _, camera, member in pairs:
        if camera in owners or loads[member] > least or (loads[member] == least and not extras):
            continue
        extras -= loads[member] == least
        owners[camera] = member
        loads[member] += 1
    return owners


def _weight(camera: UUID, member: str) -> bytes:
    return blake2b(camera.bytes + member.encode(), digest_size=8).digest()
