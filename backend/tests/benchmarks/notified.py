"""How long it takes from a detection on the stream to a notification that is handed over, and which stage takes it.

    python -m tests.benchmarks.notified --seconds 60 --rate 10

runs `sightline demo --split` with two cameras and a mail server, sends known tracks through `faces:detected`, each of
which raises an alert by a rule and a mail, and prints a JSON summary. A track's time begins when Redis has taken its
first shot and ends when its delivery is on record, which is after the mail server took the mail. Stages are told in
notified_stages.STAGES. Counting begins some seconds after every recognition worker has loaded its models: how long they
take for that, and how long what was sent meanwhile had to wait, is said apart.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path
from uuid import UUID

import numpy as np

from sightline.bus.ports import FACES
from sightline.commands.up import REPLICAS
from sightline.core.config import Settings
from sightline.core.redis import open_redis
from sightline.workers.split_recognition import GROUP
from tests.benchmarks.notified_stages import Watch, cores_used, spread, summary
from tests.chaos.furnishing import furnish
from tests.chaos.replay import Replay
from tests.chaos.split_system import split_demo
from tests.support.machine import Machine

WARM_SECONDS = 10.0
"""Not counted, after the last worker has loaded: what waited for it is caught up with, and everything is used for the
first time."""
LATEST_SECONDS = 15.0
"""For what was sent last to arrive."""


async def measure(system: Machine, *, seconds: float, rate: float) -> dict[str, object]:
    """Send for so long, tracks per second; then compare when each was sent with when its mail was out."""
    _, camera_id = await furnish(system)
    replay, stop = Replay(system.settings, camera_id, pause=1.0 / rate), asyncio.Event()
    watch = Watch(system, camera_id)
    sending, began = asyncio.create_task(replay.run(stop)), time.time()
    await _until_recognition_reads(system)
    async with watch.watching():
        loaded = time.time()
        await asyncio.sleep(WARM_SECONDS)
        since, used = time.time(), cores_used(system)
        await asyncio.sleep(seconds)
        until, used_then = time.time(), cores_used(system)
        stop.set()
        await sending
        await asyncio.sleep(LATEST_SECONDS)
    taken = _taken(replay)
    ways = await watch.ways(taken)
    counted = {track_id for track_id, (at, _) in taken.items() if since <= at < until}
    early = np.array([way.total for way in ways.values() if way.taken_at < loaded])
    return {
        "starting_seconds": round(loaded - began, 1),
        "while_starting": spread(early) if len(early) else None,
        "tracks_per_second": round(len(counted) / (until - since), 2),
        "counted": len(counted),
        "not_delivered": len(counted - ways.keys()),
        **summary([ways[track_id] for track_id in counted & ways.keys()], since),
        "cores": {name: round((used_then[name] - used[name]) / (until - since), 2) for name in sorted(used_then)},
    }


def _taken(replay: Replay) -> dict[UUID, tuple[float, str]]:
    """When Redis took each track, and its first message's id."""
    wall = time.time() - time.monotonic()
    return {
        track.track_id: (track.taken_at + wall, track.message_id)
        for track in replay.tracks.values()
        if track.taken_at is not None and track.message_id is not None
    }


async def _until_recognition_reads(system: Machine) -> None:
    """Until every replica has asked for messages, which it does with models and gallery loaded."""
    client = open_redis(system.settings.redis)
    try:
        while True:
            groups = await client.xinfo_groups(FACES) if await client.exists(FACES) else []
            if any(group["name"] == GROUP.encode() and group["consumers"] >= REPLICAS for group in groups):
                return
            await asyncio.sleep(0.1)
    finally:
        await client.aclose()


def main() -> None:
    """Run and print the summary."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rate", type=float, default=10.0, help="tracks per second")
    chosen = parser.parse_args()
    packs = Settings().packs_dir / "lite"
    with (
        tempfile.TemporaryDirectory(prefix="sightline-bench-") as folder,
        split_demo(Path(folder), packs) as (system, _),
    ):
        summary = asyncio.run(measure(system, seconds=chosen.seconds, rate=chosen.rate))
    sys.stdout.write(json.dumps(summary, indent=2) + "\n")


if __name__ == "__main__":
    main()
