"""How long `sightline up` takes until a frame is analysed, and what an idle system needs.

    python -m tests.benchmarks.starting

prints JSON. cold: an empty data folder with the model pack in place, as after `make setup`; from the start of the
command, with a camera added as soon as it is ready, to the first analysed frame that is counted in the database (counts
are written once a second: the times hold up to 1.3 s of that). warm: the same folder, started again with its camera.
idle: no camera; the share of one core over IDLE_SECONDS and the proportional set size of the supervisor and everything
that it started.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from sightline.core.config import Settings
from sightline.core.database import SYSTEM, Database
from sightline.core.sealing import open_sealer
from sightline.services import cameras
from tests.support.guests import record_guest
from tests.support.machine import Machine, machine

SETTLE_SECONDS = 10.0
"""After the start: whatever a start leaves to be done is done by then."""

IDLE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Idle:
    """cpu_percent: of one core; pss_megabytes: of all processes, and of each."""

    cpu_percent: float
    pss_megabytes: float
    processes: dict[str, float]


@dataclass(frozen=True, slots=True)
class Starting:
    """Seconds from the start of the command; load: the machine's, at the end."""

    cold: float
    cold_ready: float
    warm: float
    warm_ready: float
    idle: Idle
    cores: int
    load: float


def main() -> None:
    """Measure and print."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sightline-starting-")))
        clip = record_guest(folder / "hall.mp4", seconds=8.0)
        sys.stdout.write(json.dumps(asdict(_measure(folder / "data", clip)), indent=2) + "\n")


def _measure(data_dir: Path, clip: Path) -> Starting:
    pack = Settings().packs_dir / "lite"
    with machine(data_dir, pack) as system:
        cold_ready = time.monotonic() - system.started_at
        asyncio.run(_add_camera(system, clip))
        cold = _first_frame(system) - system.started_at
    with machine(data_dir, pack) as system:
        warm_ready = time.monotonic() - system.started_at
        warm = _first_frame(system) - system.started_at
    with machine(data_dir.with_name("idle"), pack) as system:
        idle = _idle(system)
    return Starting(
        round(cold, 2),
        round(cold_ready, 2),
        round(warm, 2),
        round(warm_ready, 2),
        idle,
        os.cpu_count() or 1,
        os.getloadavg()[0],
    )


def _idle(system: Machine) -> Idle:
    time.sleep(SETTLE_SECONDS)
    family = system.family()
    before, began = sum(map(_cpu, family)), time.monotonic()
    time.sleep(IDLE_SECONDS)
    share = (sum(map(_cpu, family)) - before) / (time.monotonic() - began)
    sizes: dict[str, float] = {}
    for process in family:
        name = _name(process)
        sizes[name] = round(sizes.get(name, 0.0) + process.memory_full_info().pss / 1e6, 1)
    return Idle(round(share * 100, 2), round(sum(sizes.values()), 1), sizes)


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _name(process: psutil.Process) -> str:
    words = process.cmdline()
    if "sightline" in words:
        return " ".join(words[words.index("sightline") :][:3])
    return process.name()


async def _add_camera(system: Machine, clip: Path) -> None:
    url = system.settings.database.url
    database = Database(url.get_secret_value() if url else "", pool_size=1)
    async with database.session(SYSTEM) as session:
        await cameras.create(
            session, name="Hall", stream_url=clip.as_uri(), sealer=open_sealer(system.settings), config={"loop": True}
        )
    await database.dispose()


def _first_frame(system: Machine) -> float:
    """Wait for a camera that is watched by this start's worker and whose frames are counted; when that was."""
    asyncio.run(_forget_counts(system))
    counted = "SELECT 1 FROM camera_minute_counters WHERE frames > 0"
    system.until(lambda: asyncio.run(system.query(counted)), "the first analysed frame", 60)
    return time.monotonic()


async def _forget_counts(system: Machine) -> None:
    """Those of an earlier start; a frame of this one that was counted already counts a second later."""
    await system.query("DELETE FROM camera_minute_counters")


if __name__ == "__main__":
    main()
