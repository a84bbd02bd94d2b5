"""How long it takes from a detection on the stream to a notification that is handed over.

    python -m tests.benchmarks.notified --seconds 60 --rate 10

runs `sightline demo --split` with two cameras and a mail server, sends known tracks through `faces:detected`, each of
which raises an alert by a rule and a mail, and prints a JSON summary. A track's time begins when Redis has taken its
first shot and ends when its delivery is on record, which is after the mail server took the mail.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from sightline.core.config import Settings
from tests.chaos.furnishing import furnish
from tests.chaos.replay import Replay
from tests.chaos.split_system import split_demo
from tests.support.machine import Machine

WARM_SECONDS = 5.0
"""Not counted: models and connections are used for the first time."""
LATEST_SECONDS = 15.0
"""For what was sent last to arrive."""

DELIVERED = (
    "SELECT a.sighting_id, extract(epoch FROM o.delivered_at)::float AS at FROM notification_outbox o"
    " JOIN alerts a ON a.id = o.alert_id WHERE o.level = 0 AND o.status = 'delivered' AND a.camera_id = $1"
)


async def measure(system: Machine, *, seconds: float, rate: float) -> dict[str, float | int]:
    """Send for so long, tracks per second; then compare when each was sent with when its mail was out."""
    _, camera_id = await furnish(system)
    replay, stop = Replay(system.settings, camera_id, pause=1.0 / rate), asyncio.Event()
    sending, began = asyncio.create_task(replay.run(stop)), time.monotonic()
    await asyncio.sleep(WARM_SECONDS + seconds)
    stop.set()
    await sending
    lasted = time.monotonic() - began
    await asyncio.sleep(LATEST_SECONDS)
    wall = time.time() - time.monotonic()
    delivered = {row["sighting_id"]: row["at"] for row in await system.query(DELIVERED, camera_id)}
    counted = {
        track.track_id: track.taken_at + wall
        for track in replay.tracks.values()
        if track.taken_at is not None and track.taken_at >= began + WARM_SECONDS
    }
    waits = np.array([delivered[one] - sent for one, sent in counted.items() if one in delivered])
    return {
        "tracks_per_second": round(len(replay.tracks) / lasted, 2),
        "counted": len(counted),
        "not_delivered": len(counted) - len(waits),
        "p50_ms": round(1000 * float(np.percentile(waits, 50))),
        "p95_ms": round(1000 * float(np.percentile(waits, 95))),
        "max_ms": round(1000 * float(waits.max())),
    }


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
