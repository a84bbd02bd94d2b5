"""Where a track's time goes between Redis and its mail, seen from outside: by the group's position, notices, and rows.

Moments are seconds since the epoch, of one machine's clock.
"""

import asyncio
import contextlib
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg
import numpy as np
import psutil
from redis.asyncio import Redis

from sightline.bus.ports import FACES
from sightline.core.redis import open_redis
from sightline.workers.split_recognition import GROUP
from tests.support.machine import Machine

LOOK_SECONDS = 0.02
"""Between two looks at how far recognition has read: so much may its stage be too long, and the next too short."""
STAGES = ("read", "named", "recorded", "taken_by_rules", "alerted", "claimed", "handed_over")
"""Each ends with: recognition took the first shot off the stream; its transaction began (faces are embedded, pictures
stored); the sighting is committed; a rule engine's transaction began; alert and delivery are committed; a delivery
worker begins to send; the mail server took the mail, and that goes on record."""

_NOTICES = ("sightline_rules", "sightline_deliveries")
_SEEN = "SELECT id FROM sightings WHERE camera_id = $1 AND detected_at > now() - interval '1 minute'"
_DUE = (
    "SELECT a.sighting_id FROM notification_outbox o JOIN alerts a ON a.id = o.alert_id"
    " WHERE o.level = 0 AND o.created_at > now() - interval '1 minute' AND a.camera_id = $1"
)
_DONE = """
    SELECT a.sighting_id, extract(epoch FROM s.created_at)::float AS named,
        extract(epoch FROM o.created_at)::float AS ruled, extract(epoch FROM t.started_at)::float AS sending,
        extract(epoch FROM o.delivered_at)::float AS delivered
    FROM notification_outbox o JOIN alerts a ON a.id = o.alert_id JOIN sightings s ON s.id = a.sighting_id
    JOIN delivery_attempts t ON t.delivery_id = o.id AND t.outcome = 'delivered'
    WHERE o.level = 0 AND o.status = 'delivered' AND a.camera_id = $1
"""


@dataclass(frozen=True, slots=True)
class Way:
    """One track's: when Redis took it, and seconds per stage."""

    taken_at: float
    stages: tuple[float, ...]

    @property
    def total(self) -> float:
        return float(sum(self.stages))


@dataclass(slots=True)
class Watch:
    """Notes when things are seen first."""

    system: Machine
    camera_id: UUID
    _read: list[tuple[float, tuple[int, int]]] = field(default_factory=list)
    _recorded: dict[UUID, float] = field(default_factory=dict)
    _alerted: dict[UUID, float] = field(default_factory=dict)

    @contextlib.asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Look until left."""
        tasks = [asyncio.create_task(self._follow_group()), asyncio.create_task(self._follow_rows())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        for task in tasks:
            if not task.cancelled():
                task.result()

    async def ways(self, taken: dict[UUID, tuple[float, str]]) -> dict[UUID, Way]:
        """Of those of these tracks that were delivered. taken: when Redis took each, and the id of its first message.

        What was committed and not seen by us counts to the stage that follows.
        """
        ways = {}
        for row in await self.system.query(_DONE, self.camera_id):
            track_id = row["sighting_id"]
            if track_id not in taken:
                continue
            at, message_id = taken[track_id]
            moments = [
                at, self._read_at(message_id, row["named"]), row["named"], self._recorded.get(track_id, row["named"]),
                row["ruled"], self._alerted.get(track_id, row["ruled"]), row["sending"], row["delivered"],
            ]  # fmt: skip
            ways[track_id] = Way(at, tuple(float(stage) for stage in np.diff(moments)))
        return ways

    def _read_at(self, message_id: str, latest: float) -> float:
        wanted = _number(message_id)
        return min(next((at for at, last in self._read if last >= wanted), latest), latest)

    async def _follow_group(self) -> None:
        client: Redis = open_redis(self.system.settings.redis)
        try:
            while True:
                groups = await client.xinfo_groups(FACES)
                last = next((one["last-delivered-id"] for one in groups if one["name"] == GROUP.encode()), b"0-0")
                self._read.append((time.time(), _number(last.decode())))
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            await client.aclose()

    async def _follow_rows(self) -> None:
        """A commit is told at once; one query then says what is new."""
        url = self.system.settings.database.admin_url
        assert url is not None
        connection, told = await asyncpg.connect(url.get_secret_value()), asyncio.Event()
        try:
            for channel in _NOTICES:
                await connection.add_listener(channel, lambda *_: told.set())
            while True:
                await told.wait()
                told.clear()
                for sql, seen in ((_SEEN, self._recorded), (_DUE, self._alerted)):
                    at = time.time()
                    for (track_id,) in await connection.fetch(sql, self.camera_id):
                        seen.setdefault(track_id, at)
        finally:
            await connection.close(timeout=2)


def cores_used(system: Machine) -> dict[str, float]:
    """Processor seconds of each kind of process so far; of PostgreSQL also those of connections that ended."""
    used: defaultdict[str, float] = defaultdict(float, all_of_the_machine=sum(psutil.cpu_times()[:3]))
    for process in system.family():
        with contextlib.suppress(psutil.NoSuchProcess):
            words, times = process.cmdline(), process.cpu_times()
            seconds = times.user + times.system
            if process.name().startswith("postgres"):
                ended = times.children_user + times.children_system if "-D" in words else 0.0
                used["postgres"] += seconds + ended
            elif "worker" in words:
                used[words[words.index("worker") + 1]] += seconds
            else:
                used["valkey" if "valkey" in words[0] else "other"] += seconds
    return used


def summary(ways: Sequence[Way], since: float) -> dict[str, object]:
    """Shares of the stages, and the slowest tracks. since: what `at_seconds` counts from."""
    stages = np.array([way.stages for way in ways])
    totals = np.array([way.total for way in ways])
    slowest = sorted(ways, key=lambda way: way.total, reverse=True)[:10]
    return {
        **spread(totals),
        "stages": {name: spread(stages[:, number]) for number, name in enumerate(STAGES)},
        "slowest": [
            {
                "at_seconds": round(way.taken_at - since, 1),
                "ms": round(1000 * way.total),
                **{name: round(1000 * seconds) for name, seconds in zip(STAGES, way.stages, strict=True)},
            }
            for way in slowest
        ],
    }


def spread(seconds: "np.typing.NDArray[np.float64]") -> dict[str, int]:
    """Median, 95th percentile and largest, ms."""
    low, high = (round(1000 * float(np.percentile(seconds, share))) for share in (50, 95))
    return {"p50_ms": low, "p95_ms": high, "max_ms": round(1000 * float(seconds.max()))}


def _number(message_id: str) -> tuple[int, int]:
    """A stream's id, in order."""
    moment, _, count = message_id.partition("-")
    return int(moment), int(count or 0)
