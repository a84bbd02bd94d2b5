"""`sightline worker`: the long-running processes, as `sightline up` or an orchestrator starts them."""

import asyncio
import logging
import os
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from sightline.core.config import MetricsSettings, Settings, load_settings
from sightline.core.database import Database
from sightline.core.errors import PortTaken
from sightline.core.redis import open_redis
from sightline.workers.embedded.machine import object_storage, running_settings

if TYPE_CHECKING:
    from sightline.pipeline.detect import RuleBook
    from sightline.pipeline.observe import ObserveStage
    from sightline.workers.surroundings import Surroundings

AUDIT_ANCHORS = "audit-anchors.jsonl"
"""In the data folder: heads of the audit chain, one line a day. Keep a copy on another machine."""
IDLE_TIMEOUT = 10.0
"""Seconds that a transaction of a worker may stand still: one that is frozen, or whose machine is gone, holds rows that
all others wait for. Ours take milliseconds; maintenance, which also computes in them, has no such limit."""

worker_app = typer.Typer(help="Long-running processes, as `sightline up` starts them.", no_args_is_help=True)


@worker_app.callback()
def worker(
    context: typer.Context,
    metrics_port: Annotated[
        int | None,
        typer.Option(
            help="Serve /metrics, /readyz and /healthz at this port; 0: any free one.",
            min=0,
            max=65535,
            show_default="SIGHTLINE_METRICS__PORT",
        ),
    ] = None,
) -> None:
    """Long-running processes, as `sightline up` or an orchestrator starts them. They end on SIGTERM."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    _serve_metrics(context, metrics_port, load_settings().metrics)


def _serve_metrics(context: typer.Context, asked: int | None, settings: MetricsSettings) -> None:
    """Until the command ends. Raises PortTaken for a port that was asked for here.

    One that the environment names may be given to several processes of a machine: the first one has it, and alerts do
    not wait for that to be put right.
    """
    port = settings.port if asked is None else asked
    if port is None:
        return
    from sightline.core.metrics_server import MetricsServer  # noqa: PLC0415 - only who serves them loads the library

    try:
        context.with_resource(MetricsServer(settings.host, port))
    except PortTaken as error:
        if asked is not None:
            raise
        logging.getLogger(__name__).error("%s. %s", error.message, error.hint)


@worker_app.command()
def fused(
    index: Annotated[int, typer.Option(help="This worker's number, from 0.", min=0)] = 0,
    count: Annotated[int, typer.Option(help="How many such workers there are.", min=1)] = 1,
) -> None:
    """Watch this worker's share of the cameras, recognise, and record sightings and alerts."""
    if index >= count:
        raise typer.BadParameter(f"--index must be below --count, got {index} of {count}")
    asyncio.run(_fused(running_settings(load_settings()), index, count))


Name = Annotated[
    str | None, typer.Option(help="Of this process among those of its kind.", show_default="host and process id")
]


@worker_app.command()
def ingestion(name: Name = None) -> None:
    """Capture this worker's share of the cameras, and put their frames on the bus. Start as many as you like."""
    asyncio.run(_ingestion(running_settings(load_settings()), name or default_name()))


@worker_app.command()
def detection(name: Name = None) -> None:
    """Find and track faces in the frames of this worker's share of the cameras. Start as many as you like."""
    asyncio.run(_detection(running_settings(load_settings()), name or default_name()))


@worker_app.command()
def recognition(name: Name = None) -> None:
    """Name the faces that detection saw, and record sightings and alerts. Start as many as you like."""
    asyncio.run(_recognition(running_settings(load_settings()), name or default_name()))


@worker_app.command("alert-engine")
def alert_engine() -> None:
    """Evaluate alert rules, deliver notifications, escalate what nobody acknowledges. Start as many as you like."""
    asyncio.run(_alert_engine(running_settings(load_settings())))


@worker_app.command()
def maintenance() -> None:
    """Seal the audit log, make partitions ahead, apply retention, remove objects that are due."""
    asyncio.run(_maintenance(running_settings(load_settings())))


async def _fused(settings: Settings, index: int, count: int) -> None:
    from sightline.workers.events import EventPublisher  # noqa: PLC0415
    from sightline.workers.recognition import RecognitionWorker, Share  # noqa: PLC0415 - loads the tracker
    from sightline.workers.settings import run_with_current_settings  # noqa: PLC0415
    from sightline.workers.snapshots import SnapshotMaker  # noqa: PLC0415

    client = open_redis(settings.redis)
    try:
        async with _database(settings) as database:
            share = Share(index, count)
            storage = object_storage(settings)
            publisher = EventPublisher(client)

            async def watch(chosen: Settings, stop: asyncio.Event) -> None:
                pictures = SnapshotMaker(client)
                worker = RecognitionWorker(chosen, database, storage, publisher, snapshots=pictures, share=share)
                await worker.run(stop)

            await run_with_current_settings(settings, database, _until_signal(), watch)
    finally:
        await client.aclose()


async def _ingestion(settings: Settings, name: str) -> None:
    from sightline.workers.ingestion import IngestionWorker  # noqa: PLC0415 - loads the decoder
    from sightline.workers.settings import run_with_current_settings  # noqa: PLC0415

    async with _surroundings(settings, name) as around:

        async def capture(chosen: Settings, stop: asyncio.Event) -> None:
            await IngestionWorker(chosen, around).run(stop)

        await run_with_current_settings(settings, around.database, _until_signal(), capture)


async def _detection(settings: Settings, name: str) -> None:
    from sightline.workers.analysis import load_pack  # noqa: PLC0415 - loads the models' runtime
    from sightline.workers.detection import DetectionWorker  # noqa: PLC0415
    from sightline.workers.settings import run_with_current_settings  # noqa: PLC0415
    from sightline.workers.wiring import build_observing  # noqa: PLC0415

    async with _surroundings(settings, name) as around:

        async def detect(chosen: Settings, stop: asyncio.Event) -> None:
            def make_stage(rules: "RuleBook") -> "ObserveStage":
                return build_observing(load_pack(chosen), chosen, rules=rules)

            await DetectionWorker(chosen, around, make_stage).run(stop)

        await run_with_current_settings(settings, around.database, _until_signal(), detect)


async def _recognition(settings: Settings, name: str) -> None:
    from sightline.core import metrics  # noqa: PLC0415
    from sightline.workers.analysis import load_pack  # noqa: PLC0415 - loads the models' runtime
    from sightline.workers.settings import run_with_current_settings  # noqa: PLC0415
    from sightline.workers.split_recognition import SplitRecognitionWorker  # noqa: PLC0415
    from sightline.workers.track_memory import TrackStore  # noqa: PLC0415
    from sightline.workers.track_settling import Services  # noqa: PLC0415

    metrics.PROCESS.expect("models")
    async with _surroundings(settings, name) as around:
        services = Services(
            around.database, object_storage(settings), around.bus, TrackStore(around.client), around.publisher
        )

        async def recognise(chosen: Settings, stop: asyncio.Event) -> None:
            models = await asyncio.to_thread(load_pack, chosen)
            metrics.PROCESS.ready("models")
            await SplitRecognitionWorker(chosen, services, models=models, name=name).run(stop)

        await run_with_current_settings(settings, around.database, _until_signal(), recognise)


@asynccontextmanager
async def _surroundings(settings: Settings, name: str) -> "AsyncIterator[Surroundings]":
    from sightline.bus.redis_streams import RedisBus  # noqa: PLC0415
    from sightline.workers.events import EventPublisher  # noqa: PLC0415
    from sightline.workers.surroundings import Surroundings  # noqa: PLC0415

    client = open_redis(settings.redis)
    try:
        async with _database(settings) as database:
            yield Surroundings(database, client, RedisBus(client), EventPublisher(client), name)
    finally:
        await client.aclose()


def default_name() -> str:
    """Tells a process from all others that run now."""
    return f"{socket.gethostname()}-{os.getpid()}"


async def _alert_engine(settings: Settings) -> None:
    from sightline.workers.alert_engine import AlertEngine  # noqa: PLC0415 - loads what speaks to channels
    from sightline.workers.settings import run_with_current_settings  # noqa: PLC0415

    client = open_redis(settings.redis)
    try:
        async with _database(settings, connections=8) as database:

            async def alarm(chosen: Settings, stop: asyncio.Event) -> None:
                await AlertEngine(chosen, database, object_storage(chosen), client).run(stop)

            await run_with_current_settings(settings, database, _until_signal(), alarm)
    finally:
        await client.aclose()


async def _maintenance(settings: Settings) -> None:
    from sightline.services.erasure import ErasureServices  # noqa: PLC0415
    from sightline.services.receipts import open_signer  # noqa: PLC0415
    from sightline.workers.audit_sealer import AuditSealer  # noqa: PLC0415
    from sightline.workers.erasures import complete_erasures  # noqa: PLC0415
    from sightline.workers.gallery_upkeep import GalleryUpkeep  # noqa: PLC0415
    from sightline.workers.job_handlers import HANDLERS  # noqa: PLC0415
    from sightline.workers.jobs import JobServices, JobWorker  # noqa: PLC0415
    from sightline.workers.maintenance import MaintenanceWorker  # noqa: PLC0415

    client = open_redis(settings.redis)
    try:
        async with _database(settings, connections=8, idle_timeout=0) as database:
            storage, anchors = object_storage(settings), settings.data_dir / AUDIT_ANCHORS
            keeper = MaintenanceWorker(database, storage, settings.retention, anchors=anchors)
            jobs = JobWorker(JobServices(database, storage, client, settings), HANDLERS)
            erasing = ErasureServices(database, storage, client, open_signer(settings), settings.api.url)
            stop = _until_signal()
            await asyncio.gather(
                keeper.run(stop),
                AuditSealer(database).run(stop),
                jobs.run(stop),
                complete_erasures(erasing, stop),
                GalleryUpkeep(database, storage, settings).run(stop),
            )
    finally:
        await client.aclose()


@asynccontextmanager
async def _database(
    settings: Settings, *, connections: int = 4, idle_timeout: float = IDLE_TIMEOUT
) -> AsyncIterator[Database]:
    """connections: at most; two of them stay open."""
    url = settings.database.url
    dsn = url.get_secret_value() if url else ""
    database = Database(dsn, pool_size=2, max_overflow=connections - 2, idle_timeout=idle_timeout)
    try:
        yield database
    finally:
        await database.dispose()


def _until_signal() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
