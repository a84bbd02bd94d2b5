"""Kills parts of a running demo with SIGKILL, one per round, and looks at what became of the records.

    python -m tests.chaos.rounds --rounds 20 --seed 7

prints a JSON summary: seconds to recovery per round, sightings that were acknowledged, lost ones, doubled ones. A
sighting is acknowledged once anybody could read it. A part has recovered when it runs again and answers, and every
camera has given frames that were analysed, counted and committed after the kill.
"""

import argparse
import asyncio
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from uuid import UUID

import asyncpg
import httpx
import psutil

from sightline.core.config import Settings
from sightline.core.errors import ServiceUnavailable
from sightline.workers.embedded.machine import check_redis
from tests.support.guests import record_guest
from tests.support.machine import PARTS, Machine, machine
from tests.support.ports import free_port

PROMISE = 10.0
"""Seconds within which everything works again."""

GIVE_UP = 60.0
SETTLED = 1.5
"""Seconds after a kill until what was counted before it has reached the database."""

CALM = (2.0, 6.0)
"""Seconds between two kills, by chance: recognition is then under way, and a part may be hit soon after its start."""

AWAY = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, httpx.HTTPError, ServiceUnavailable)
"""What asking a part raises while it is down."""


@dataclass(frozen=True, slots=True)
class Round:
    """One kill. seconds None: it had not recovered after GIVE_UP seconds."""

    part: str
    seconds: float | None


@dataclass(slots=True)
class Summary:
    """What the rounds showed. acknowledged: sightings that were read at any time."""

    rounds: list[Round] = field(default_factory=list)
    acknowledged: int = 0
    lost: int = 0
    doubled: int = 0
    changed_birth: int = 0

    @property
    def slowest(self) -> float | None:
        """Seconds, None where one never recovered."""
        times = [one.seconds for one in self.rounds]
        return None if None in times else max((one for one in times if one is not None), default=0.0)

    @property
    def held(self) -> bool:
        """Whether every promise was."""
        in_time = self.slowest is not None and self.slowest <= PROMISE
        return in_time and not (self.lost or self.doubled or self.changed_birth)

    def as_json(self) -> str:
        """For docs/evaluation.md."""
        return json.dumps({**asdict(self), "slowest": self.slowest, "held": self.held}, indent=2)


class Chaos:
    """The rounds over one machine."""

    def __init__(self, system: Machine, seed: int) -> None:
        self._system = system
        self._random = random.Random(seed)
        self._read: dict[UUID, datetime] = {}
        self.summary = Summary()

    async def run(self, rounds: int) -> Summary:
        """Every part once in random order, then again, for so many rounds."""
        assert await self._recovered({}) is not None, "the demo shows nothing"
        parts: list[str] = []
        for _ in range(rounds):
            parts = parts or self._random.sample(sorted(PARTS), len(PARTS))
            await self._round(parts.pop())
        await self._look_back()
        return self.summary

    async def _round(self, part: str) -> None:
        await asyncio.sleep(self._random.uniform(*CALM))
        await self._acknowledge()
        pid = self._system.pid(part)
        assert pid is not None, f"{part} does not run"
        before, began = await self._frames(), time.monotonic()
        psutil.Process(pid).kill()
        await asyncio.sleep(SETTLED)
        recovered = await self._recovered(await self._frames_now_or(before))
        seconds = None if recovered is None else round(recovered - began, 2)
        self.summary.rounds.append(Round(part, seconds))
        sys.stderr.write(f"{part}: {seconds} s\n")

    async def _recovered(self, before: dict[UUID, int]) -> float | None:
        """Wait until all parts answer and all cameras gave more frames than before; when that was (monotonic)."""
        deadline = time.monotonic() + GIVE_UP
        checks: list[Callable[[], Awaitable[bool]]] = [
            self._parts_run, self._api_ready, self._redis_answers, lambda: self._cameras_analysed(before)
        ]  # fmt: skip
        while time.monotonic() < deadline:
            checks = [check for check in checks if not await _holds(check)]
            if not checks:
                return time.monotonic()
            await asyncio.sleep(0.1)
        return None

    async def _parts_run(self) -> bool:
        return all(self._system.pid(part) is not None for part in PARTS)

    async def _api_ready(self) -> bool:
        async with httpx.AsyncClient() as client:
            reply = await client.get(f"http://127.0.0.1:{self._system.port}/readyz", timeout=2)
        return reply.status_code == HTTPStatus.OK

    async def _redis_answers(self) -> bool:
        return bool(await check_redis(self._system.settings.redis))

    async def _cameras_analysed(self, before: dict[UUID, int]) -> bool:
        now = await self._frames()
        return bool(now) and all(frames > before.get(camera, 0) for camera, frames in now.items())

    async def _frames(self) -> dict[UUID, int]:
        """Frames that were analysed and counted in the database so far, per camera."""
        rows = await self._system.query(
            "SELECT c.id, coalesce(sum(m.frames), 0)::int AS frames FROM cameras c"
            " LEFT JOIN camera_minute_counters m ON m.camera_id = c.id GROUP BY 1"
        )
        return {row["id"]: row["frames"] for row in rows}

    async def _frames_now_or(self, before: dict[UUID, int]) -> dict[UUID, int]:
        try:
            return await self._frames()
        except AWAY:
            return before

    async def _acknowledge(self) -> None:
        rows = await self._system.query("SELECT id, detected_at FROM sightings")
        for row in rows:
            if self._read.setdefault(row["id"], row["detected_at"]) != row["detected_at"]:
                self.summary.changed_birth += 1

    async def _look_back(self) -> None:
        """Everything that was ever read is there, once."""
        read = set(self._read)
        await self._acknowledge()
        rows = await self._system.query("SELECT id, count(*) AS n FROM sightings GROUP BY 1")
        self.summary.acknowledged = len(read)
        self.summary.lost = len(read - {row["id"] for row in rows})
        self.summary.doubled = sum(row["n"] > 1 for row in rows)


async def _holds(check: Callable[[], Awaitable[bool]]) -> bool:
    try:
        return await check()
    except AWAY:
        return False


@contextmanager
def demo(folder: Path, lite_pack: Path) -> Iterator[Machine]:
    """`sightline demo`, with clips that need no download: the first guest comes and goes at both cameras."""
    clips = folder / "data" / "clips"
    clips.mkdir(parents=True)
    for name in ("entrance.mp4", "corridor.mp4"):
        record_guest(clips / name, seconds=6.0, present=3.0, title=name)
    with machine(folder / "data", lite_pack, "demo", "--camera-port", str(free_port())) as running:
        yield running


def main() -> None:
    """Run and print the summary; exit code 1 where a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(2)))
    chosen = parser.parse_args()
    sys.stderr.write(f"seed {chosen.seed}\n")
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="sightline-chaos-"))
        running = stack.enter_context(demo(Path(folder), Settings().packs_dir / "lite"))
        summary = asyncio.run(Chaos(running, chosen.seed).run(chosen.rounds))
    sys.stdout.write(summary.as_json() + "\n")
    sys.exit(not summary.held)


if __name__ == "__main__":
    main()
