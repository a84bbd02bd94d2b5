"""`sightline bench api`: lists and statistics over two years of history, at a fixed rate, on a running server."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import httpx
import psutil
import typer
from rich.console import Console
from rich.table import Table

from sightline.commands.bench_load import (
    Callers,
    Cost,
    EndpointFigures,
    costs,
    deep_pages,
    figures,
    lists,
    many_connections,
    open_loop,
)
from sightline.commands.bench_world import Servers, Size, World, generate, running_servers
from sightline.commands.support import print_json
from sightline.core.config import load_settings
from sightline.core.database_setup import prepare_database
from sightline.core.errors import ServiceUnavailable

STARTING = 60.0
WARM_UP = 15.0
"""Seconds of the same load before the measured ones: connections are opened, plans made, pages read."""
ALONE = 4
"""Requests per endpoint whose processor time is measured."""
NO_LIMIT = 1_000_000_000
NO_PACK = "bench/1"


@dataclass(frozen=True, slots=True)
class LoadFigures:
    """rate: requests per second that were sent; *_cpu_ms: processor time per request, of the API and PostgreSQL;
    cores: what they took together. load: of the machine (one minute) before and after, all that it did included."""

    sightings: int
    templates: int
    alerts: int
    rate: float
    seconds: float
    requests: int
    errors: int
    api_cpu_ms: float
    database_cpu_ms: float
    cores: float
    load_before: float
    load_after: float
    slowest_p95_ms: float
    endpoints: tuple[EndpointFigures, ...]
    costs: tuple[Cost, ...]


@contextmanager
def opened_world(size: Size, *, keep: Path | None, reuse: Path | None) -> Iterator[tuple[Servers, World]]:
    """A generated house with its servers running: a new one, kept or thrown away, or one that was kept."""
    with running_servers(reuse or keep) as servers:
        if reuse is not None:
            world = World.load(reuse)
            # an older version may have left it
            asyncio.run(prepare_database(servers.admin_dsn, app_password=world.app_password))
            yield servers, world
            return
        Console(stderr=True).print(f"generating {size.sightings:,} sightings …", highlight=False)
        world = asyncio.run(generate(servers, size, model_version=installed_model()))
        world.save(servers.folder)
        yield servers, world


def installed_model() -> str:
    """The model whose templates the settings' pack makes, so that pictures can be searched among generated ones."""
    from sightline.services.match_rates import MatchRates  # noqa: PLC0415
    from sightline.vision.model_packs.store import PackStore  # noqa: PLC0415

    settings = load_settings()
    rates = MatchRates(PackStore.from_settings(settings), settings.recognition.pack)
    return rates.model_version or NO_PACK


@contextmanager
def running_api(servers: Servers, world: World) -> Iterator[tuple[str, int]]:
    """`sightline api` in a process of its own, with quotas that never bite: its address and process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    given = {
        "DATA_DIR": servers.folder,
        "DATABASE__URL": servers.app_dsn(world.app_password),
        "REDIS__URL": servers.redis_url,
        "API__PORT": port,
        **{f"API__RATE_LIMITS__{name}": NO_LIMIT for name in ("ADDRESS", "READS", "LOGIN", "SEARCH", "HISTORY")},
    }
    environment = {**os.environ, **{f"SIGHTLINE_{key}": str(value) for key, value in given.items()}}
    _link_packs(servers.folder)
    log = servers.folder / "logs" / "api.log"
    with log.open("ab") as output:
        words = [sys.executable, "-m", "sightline", "api"]
        child = subprocess.Popen(words, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(url, child, log)
        yield url, child.pid
    finally:
        child.terminate()
        child.wait(20)


def _link_packs(folder: Path) -> None:
    """The installed model packs, which a data folder of its own does not have."""
    ours = load_settings().packs_dir
    if ours.is_dir() and not (folder / "models").exists():
        (folder / "models").symlink_to(ours)


def _wait_until_ready(url: str, child: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + STARTING
    while time.monotonic() < deadline and child.poll() is None:
        try:
            if httpx.get(f"{url}/healthz", timeout=2).is_success:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise ServiceUnavailable("the API did not start", hint=f"See {log}.")


def cpu_seconds(pid: int) -> float:
    """Processor time so far of a process, its children, and those that have ended: connections beyond the pool's size
    do. By the scheduler's nanoseconds where Linux tells them."""
    parent = psutil.Process(pid)
    reaped = parent.cpu_times()
    total = float(reaped.children_user + reaped.children_system)
    for one in (parent, *parent.children(recursive=True)):
        try:
            total += _own_seconds(one)
        except (psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
            continue
    return total


def _own_seconds(one: psutil.Process) -> float:
    threads = Path(f"/proc/{one.pid}/task")
    if threads.is_dir():
        return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads.iterdir()) / 1e9
    times = one.cpu_times()
    return float(times.user + times.system)


async def measure(url: str, world: World, pids: tuple[int, int], *, rate: float, seconds: float) -> LoadFigures:
    """Warm up, then measure. pids: of the API and of PostgreSQL."""
    async with many_connections(url) as client:
        callers = await Callers.log_in(client, world)
        mix = [*lists(world), *figures(world), *await deep_pages(callers)]
        await open_loop(callers, mix, rate=rate, seconds=min(WARM_UP, seconds), seed=1)
        clocks = (partial(cpu_seconds, pids[0]), partial(cpu_seconds, pids[1]))
        alone = await costs(callers, mix, clocks, times=ALONE)
        before, used, begin = os.getloadavg()[0], [cpu_seconds(pid) for pid in pids], time.perf_counter()
        found = await open_loop(callers, mix, rate=rate, seconds=seconds)
        took = time.perf_counter() - begin
        api, database = (cpu_seconds(pid) - then for pid, then in zip(pids, used, strict=True))
    requests = sum(one.requests for one in found)
    return LoadFigures(
        sightings=world.size.sightings + world.size.templates,
        templates=world.size.templates,
        alerts=world.size.alerts,
        rate=rate,
        seconds=round(took, 1),
        requests=requests,
        errors=sum(one.errors for one in found),
        api_cpu_ms=round(1000 * api / requests, 2),
        database_cpu_ms=round(1000 * database / requests, 2),
        cores=round((api + database) / took, 2),
        load_before=round(before, 1),
        load_after=round(os.getloadavg()[0], 1),
        slowest_p95_ms=max(one.p95_ms for one in found),
        endpoints=found,
        costs=alone,
    )


Keep = Annotated[Path | None, typer.Option(help="Generate into this empty folder, and leave it there.")]
Reuse = Annotated[Path | None, typer.Option(help="Measure a world that --keep left; sizes are its own.")]
Sightings = Annotated[int, typer.Option(help="Sightings without template, over 24 months.", min=1000)]
Templates = Annotated[int, typer.Option(help="Sightings with a template besides.", min=0)]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object.")]


def sized(sightings: int, templates: int) -> Size:
    """Alerts, subjects and minutes in proportion, up to those of a full house."""
    whole = Size()
    share = min(1.0, sightings / whole.sightings)
    return Size(
        sightings=sightings,
        templates=templates,
        subjects=max(50, int(whole.subjects * min(1.0, share * 20))),
        alerts=max(100, int(whole.alerts * share)),
        minute_days=max(1, int(whole.minute_days * share)),
    )


def api(
    sightings: Sightings = 5_000_000,
    templates: Templates = 500_000,
    seconds: Annotated[float, typer.Option(help="Length of the measured window.", min=1)] = 180.0,
    rate: Annotated[float, typer.Option(help="Requests per second, however long answers take.", min=1)] = 30.0,
    keep: Keep = None,
    reuse: Reuse = None,
    as_json: AsJson = False,
) -> None:
    """Time and CPU per request of lists and statistics over two years, asked by an operator and an admin in turn.

    The load is open: requests go out at their planned moments, and times count from those.
    """
    with opened_world(sized(sightings, templates), keep=keep, reuse=reuse) as (servers, world):  # noqa: SIM117
        with running_api(servers, world) as (url, pid):
            found = asyncio.run(measure(url, world, (pid, servers.postgres_pid), rate=rate, seconds=seconds))
    if as_json:
        print_json(asdict(found))
        return
    table = Table("requests", "n", "errors", "p50 ms", "p95 ms", "max ms", "CPU API ms", "CPU database ms", box=None)
    alone = {one.name: one for one in found.costs}
    for one in sorted(found.endpoints, key=lambda one: -one.p95_ms):
        cost = alone[one.name]
        shown = (one.requests, one.errors, one.p50_ms, one.p95_ms, one.max_ms, cost.api_ms, cost.database_ms)
        table.add_row(one.name, *map(str, shown))
    console = Console(highlight=False)
    console.print(table)
    console.print(
        f"{found.requests} requests at {found.rate:g}/s, {found.errors} errors; CPU per request:"
        f" API {found.api_cpu_ms} ms, database {found.database_cpu_ms} ms; {found.cores} cores;"
        f" load {found.load_before} to {found.load_after}"
    )
