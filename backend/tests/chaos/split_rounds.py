"""Kills or freezes parts of a running system in split mode, one or two per round, and looks at the records.

    python -m tests.chaos.split_rounds --rounds 50 --seed 7

Two cameras play over RTSP, every kind of worker has two replicas, and a replay of tracks of which everything is known
runs through `faces:detected`. Of ingestion and detection mostly the replica is hit that holds a camera. A part that is
frozen (SIGSTOP) goes on after a while (SIGCONT), a worker later than its lease lasts. The embedded Redis keeps nothing
on disk: killed, it has lost its data. Prints a JSON summary.

The system has recovered when every camera has given frames that were analysed, counted and committed well after the
hit, every track that Redis had taken before is told by mail (those that went with its data are not waited for), and one
that was sent after it is, too: at most 15 s after the hit, or after a server was let go on.
"""

import argparse
import asyncio
import contextlib
import os
import random
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from sightline.core.config import Settings
from tests.chaos.furnishing import furnish
from tests.chaos.replay import Replay
from tests.chaos.rounds import AWAY
from tests.chaos.split_system import PARTS, Hit, Mail, Parts, lost_with_redis, split_demo
from tests.chaos.split_truth import STEPS, Round, Summary, Truth, errors_since
from tests.support.machine import Machine

GIVE_UP = 90.0
CALM = (2.0, 6.0)
"""Seconds before a round."""
TWO_AT_ONCE = 0.2
"""Of the rounds."""
SETTLED = 3.0
"""Seconds after a hit until what was under way before it is counted: only what comes later shows that it goes on."""
COUNTED = 1.5
"""Seconds after which a database that is back has what was counted while it was away."""
ANSWERED = 0.3
"""Seconds after which no answer of a killed Redis is under way any more."""
DRAIN_SECONDS = 240.0
"""What waited for a mail server is tried again after pauses that grow."""
STEP_SECONDS = 5


class SplitChaos:
    """The rounds over one machine."""

    def __init__(self, system: Machine, mail: Mail, seed: int, *, calm: tuple[float, float] = CALM) -> None:
        self._calm = calm
        self._system = system
        self._mail = mail
        self._random = random.Random(seed)
        self._parts = Parts(system, mail, self._random)
        self._read: dict[str, set[UUID]] = {"sightings": set(), "alerts": set()}
        self._replay: Replay
        self._watched: set[UUID] = set()
        self._told: set[UUID] = set()
        self.summary = Summary()

    async def run(self, rounds: int) -> Summary:
        """Every part once in random order, then again, for so many rounds; in some rounds two at once."""
        await self._prepare()
        stop = asyncio.Event()
        sending = asyncio.create_task(self._replay.run(stop))
        try:
            assert await self._recovered(time.monotonic(), is_waited_for=False) is not None, "the system shows nothing"
            parts: list[str] = []
            for _ in range(rounds):
                parts = parts or self._random.sample(PARTS, len(PARTS))
                hit = [parts.pop()]
                if self._random.random() < TWO_AT_ONCE:
                    hit.append(self._random.choice([part for part in PARTS if part != hit[0]]))
                await self._round(self._parts.choose(hit))
            recovered_at = datetime.now().astimezone()
        finally:
            stop.set()
            await sending
            await self._parts.thawed()
        await self._drain()
        await Truth(self._system, self._replay, self._mail, self.summary).compare(self._read)
        self.summary.set_aside += await self._parts.set_aside()
        self.summary.errors = errors_since(self._system.data_dir / "logs", recovered_at)
        return self.summary

    async def _prepare(self) -> None:
        self._watched, camera_id = await furnish(self._system, steps=(STEP_SECONDS,) * STEPS)
        self._replay = Replay(self._system.settings, camera_id)

    async def _round(self, hits: list[Hit]) -> None:
        await asyncio.sleep(self._random.uniform(*self._calm))
        await self._acknowledge()
        safe = await self._closed()
        began = await self._parts.strike(hits)
        if lost_with_redis(hits):
            await asyncio.sleep(ANSWERED)
            self._replay.lost_but(safe)
        recovered = await self._recovered(began)
        seconds = None if recovered is None else round(recovered - began, 2)
        self.summary.rounds.append(Round(tuple(str(hit) for hit in hits), seconds))
        sys.stderr.write(f"{datetime.now(UTC):%H:%M:%S} {', '.join(str(hit) for hit in hits)}: {seconds} s\n")
        await self._parts.thawed()

    async def _recovered(self, began: float, *, is_waited_for: bool = True) -> float | None:
        """Wait until cameras were analysed and tracks have made their way to their mails; when that was (monotonic).

        is_waited_for: also for tracks that were sent before.
        """
        deadline = time.monotonic() + GIVE_UP
        before = await self._settled_frames(began, deadline)
        left = {"frames", "earlier", "later"} if is_waited_for else {"frames", "later"}
        while left and time.monotonic() < deadline:
            await asyncio.sleep(0.2)
            with contextlib.suppress(*AWAY):
                left = {one for one in left if not await self._holds(one, began, before)}
        if left:
            sys.stderr.write(f"in vain for {sorted(left)}\n")
        return None if left else time.monotonic()

    async def _holds(self, what: str, began: float, before: dict[UUID, int]) -> bool:
        if what == "frames":
            now = await self._frames()
            return all(now.get(camera, 0) > before.get(camera, 0) for camera in self._watched)
        if what == "later":
            return bool(await self._told_of(self._replay.taken(began)))
        lost = {track.track_id for track in self._replay.tracks.values() if track.is_lost}
        earlier = self._replay.taken(0.0, began) - lost - self._told
        self._told |= await self._told_of(earlier)
        return earlier <= self._told

    async def _settled_frames(self, began: float, deadline: float) -> dict[UUID, int]:
        """How many frames were counted once what was under way at the hit is."""
        await asyncio.sleep(max(0.0, began + SETTLED - time.monotonic()))
        was_away = False
        while time.monotonic() < deadline:
            with contextlib.suppress(*AWAY):
                frames = await self._frames()
                if not was_away:
                    return frames
                was_away = False
                await asyncio.sleep(COUNTED)
                continue
            was_away = True
            await asyncio.sleep(0.2)
        raise TimeoutError("the database stays away")

    async def _told_of(self, tracks: set[UUID]) -> set[UUID]:
        """Of which of these tracks the mail server took the alert."""
        rows = await self._system.query(
            "SELECT o.id, a.sighting_id FROM notification_outbox o JOIN alerts a ON a.id = o.alert_id"
            " WHERE a.sighting_id = ANY($1)",
            list(tracks),
        )
        took = self._mail.deliveries().keys()
        return {row["sighting_id"] for row in rows if str(row["id"]) in took}

    async def _frames(self) -> dict[UUID, int]:
        """Frames that were analysed and counted in the database so far, per camera."""
        rows = await self._system.query(
            "SELECT camera_id, sum(frames)::int AS frames FROM camera_minute_counters GROUP BY 1"
        )
        return {row["camera_id"]: row["frames"] for row in rows}

    async def _acknowledge(self) -> None:
        """Whoever read it now was told; it must stay."""
        for table, known in self._read.items():
            known |= {row["id"] for row in await self._system.query(f"SELECT id FROM {table}")}  # noqa: S608 - ours

    async def _drain(self) -> None:
        """Cameras off; until the replay is on record, timers are done and mails are out."""
        await self._system.query("UPDATE cameras SET detection_enabled = false")
        deadline = time.monotonic() + DRAIN_SECONDS
        while time.monotonic() < deadline:
            missing = set(self._replay.tracks) - await self._closed()
            if not missing and not await self._waiting():
                return
            await self._replay.again(missing)
            await asyncio.sleep(1)
        sys.stderr.write(f"not drained: {len(missing)} tracks are not over, {await self._waiting()} things wait\n")

    async def _closed(self) -> set[UUID]:
        rows = await self._system.query("SELECT id FROM sightings WHERE closed_at IS NOT NULL")
        return {row["id"] for row in rows}

    async def _waiting(self) -> int:
        (row,) = await self._system.query(
            "SELECT (SELECT count(*) FROM notification_outbox WHERE status = 'pending')"
            " + (SELECT count(*) FROM alert_escalations e WHERE e.done_at IS NULL)"
            " + (SELECT count(*) FROM rule_queue WHERE set_aside_at IS NULL AND due_at <= now()) AS n"
        )
        return int(row["n"])


def main() -> None:
    """Run and print the summary; exit code 1 where a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(2)))
    parser.add_argument("--keep", type=Path, help="folder for the data, kept")
    chosen = parser.parse_args()
    sys.stderr.write(f"seed {chosen.seed}, {datetime.now(UTC):%H:%M:%S}\n")
    with ExitStack() as stack:
        folder = chosen.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sightline-chaos-")))
        running, mail = stack.enter_context(split_demo(folder, Settings().packs_dir / "lite"))
        summary = asyncio.run(SplitChaos(running, mail, chosen.seed).run(chosen.rounds))
    sys.stdout.write(summary.as_json() + "\n")
    sys.exit(not summary.held)


if __name__ == "__main__":
    main()
