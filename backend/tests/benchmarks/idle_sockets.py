"""What a thousand idle WebSockets cost one API process.

    python -m tests.benchmarks.idle_sockets [--connections 1000]

prints JSON: proportional set size and CPU of the API process of a running `sightline up`, before the connections and
while they idle, subscribed to every topic; then how long one event takes until every connection has it (milliseconds
from its addition in Redis, 200 of which the hub gathers on purpose; clients and server share the machine's cores).
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import UUID

import httpx
import psutil
from websockets.asyncio.client import ClientConnection, connect

from sightline.core.config import Settings
from sightline.core.database import SYSTEM, Database, Role
from sightline.core.redis import open_redis
from sightline.core.sealing import open_sealer
from sightline.services import cameras, users
from sightline.services.events import Event, EventKind, publish
from tests.support.machine import Machine, machine

IDLE_SECONDS = 60.0
"""Four heartbeats, each of which checks the login."""
USERS = 20
PASSWORD = "of-the-benchmark-only"


@dataclass(frozen=True, slots=True)
class Figures:
    """Megabytes (10^6) are the API process's proportional set size; cpu_percent: of one core."""

    connections: int
    users: int
    before_megabytes: float
    with_megabytes: float
    each_kilobytes: float
    idle_cpu_percent: float
    told_p50_ms: float
    told_last_ms: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--connections", type=int, default=1000)
    connections = int(parser.parse_args().connections)
    with (
        tempfile.TemporaryDirectory(prefix="sightline-sockets-") as folder,
        machine(Path(folder) / "data", Settings().packs_dir / "lite") as system,
    ):
        figures = asyncio.run(_measure(system, connections))
    sys.stdout.write(json.dumps(asdict(figures), indent=2) + "\n")


async def _measure(system: Machine, count: int) -> Figures:
    camera_id = await _prepare(system)
    api = _api_process(system)
    async with AsyncExitStack() as stack:
        tokens = [await _token(system, f"watcher-{number}") for number in range(USERS)]
        await asyncio.sleep(5)
        before = api.memory_full_info().pss
        sockets = [await stack.enter_async_context(_socket(system, tokens[n % USERS])) for n in range(count)]
        await asyncio.gather(*(_until_subscribed(one) for one in sockets))
        busy, began = _cpu(api), time.monotonic()
        await asyncio.sleep(IDLE_SECONDS)
        share = (_cpu(api) - busy) / (time.monotonic() - began)
        after = api.memory_full_info().pss
        told = await _tell_all(system, sockets, camera_id)
    return Figures(
        count,
        USERS,
        round(before / 1e6, 1),
        round(after / 1e6, 1),
        round((after - before) / count / 1e3, 1),
        round(share * 100, 1),
        round(told[len(told) // 2] * 1000),
        round(told[-1] * 1000),
    )


async def _prepare(system: Machine) -> UUID:
    """Users, and a camera that tells something."""
    url = system.settings.database.url
    database = Database(url.get_secret_value() if url else "", pool_size=1)
    async with database.session(SYSTEM) as session:
        for number in range(USERS):
            await users.create(session, username=f"watcher-{number}", role=Role.OPERATOR, password=PASSWORD)
        sealer = open_sealer(system.settings)
        camera = await cameras.create(
            session, name="Hall", stream_url="rtsp://192.0.2.1/none", sealer=sealer, config={}
        )
        camera.detection_enabled = False  # nobody tries to reach it
    await database.dispose()
    return camera.id


async def _token(system: Machine, username: str) -> str:
    async with httpx.AsyncClient(base_url=system.settings.api.url) as client:
        answer = await client.post("/v1/auth/login", json={"username": username, "password": PASSWORD})
        return str(answer.raise_for_status().json()["access_token"])


def _socket(system: Machine, token: str) -> connect:
    address = system.settings.api.url.replace("http://", "ws://") + "/v1/ws?topics=detections,alerts,cameras,jobs"
    return connect(
        address, additional_headers={"Authorization": f"Bearer {token}"}, compression=None, ping_interval=None
    )


async def _until_subscribed(connection: ClientConnection) -> None:
    while json.loads(await connection.recv())["type"] != "subscribed":
        pass


async def _tell_all(system: Machine, sockets: list[ClientConnection], camera_id: UUID) -> list[float]:
    """Seconds until each connection had the event, sorted."""
    waiting = [asyncio.create_task(_until_told(one)) for one in sockets]
    await asyncio.sleep(1)
    redis = open_redis(system.settings.redis)
    began = time.monotonic()
    await publish(redis, Event(EventKind.CAMERA, camera_id))
    moments = await asyncio.gather(*waiting)
    await redis.aclose()
    return sorted(moment - began for moment in moments)


async def _until_told(connection: ClientConnection) -> float:
    while json.loads(await connection.recv())["type"] != "event":
        pass
    return time.monotonic()


def _api_process(system: Machine) -> psutil.Process:
    pid = system.pid("api")
    assert pid is not None
    return psutil.Process(pid)


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


if __name__ == "__main__":
    main()
