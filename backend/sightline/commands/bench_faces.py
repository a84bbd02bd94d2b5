"""`sightline bench faces`: recognition and recording in split mode, as fast as they go, against the embedder alone."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import numpy as np
import typer
from redis.asyncio import Redis
from rich.console import Console
from rich.table import Table
from sqlalchemy import text
from uuid_utils.compat import uuid7

from sightline.bus import inspection
from sightline.bus.codec import encode_faces
from sightline.bus.poison import poison_of
from sightline.bus.ports import FACES, Fields
from sightline.bus.redis_streams import RedisBus
from sightline.commands.bench_api import cpu_seconds
from sightline.commands.bench_world import Servers, running_servers
from sightline.commands.support import print_json
from sightline.core.config import RedisSettings, Settings, load_settings
from sightline.core.database import SYSTEM, Database
from sightline.core.database_setup import prepare_database
from sightline.core.errors import ImageRejected, InvalidInput, ServiceUnavailable
from sightline.core.redis import open_redis
from sightline.core.sealing import open_sealer
from sightline.domain.arrays import FloatArray, ImageArray
from sightline.domain.messages import DetectedFace, FacesMessage
from sightline.domain.quality import CaptureQuality
from sightline.domain.tracks import Box, TrackState
from sightline.services import cameras, subjects
from sightline.workers.embedded.process import end, spawn

if TYPE_CHECKING:
    from sightline.vision.loading import Models

PASSWORD = "bench-password"  # noqa: S105  of a database that is thrown away
PER_TRACK = 5
"""Detections of a track: as many shots as the best-shot rule lets through of somebody who walks by."""
WAITING = 400
"""Messages that wait in the stream at most: workers are never idle, and Redis stays small."""
CHUNK = 50
ALONE_SECONDS = 8.0
GROUP = "recognition"
WORKER_STOP_SECONDS = 30.0
PATIENCE = 120.0
"""Seconds without any progress after which a run has failed."""
A_MILLION_A_DAY = 1_000_000 / 86_400
PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp"})
FACE_PX = 120.0
"""Longer side of a face: somebody four metres from a full HD camera."""
SHIFT = 0.4
"""px by which landmarks are moved at random, so that no two crops are alike and no embedding is remembered."""


@dataclass(frozen=True, slots=True, eq=False)
class _Face:
    """A real face: its crop as JPEG with landmarks (5, 2) px, its box in the frame, and its template."""

    jpeg: bytes
    landmarks: FloatArray
    box: Box
    frame_size: tuple[int, int]
    quality: CaptureQuality
    template: FloatArray


@dataclass(frozen=True, slots=True)
class _Alone:
    """The embedder alone: faces per second, and CPU seconds per face."""

    rate: float
    cpu: float


@dataclass(frozen=True, slots=True)
class FacesFigures:
    """Rates in faces per second. ratio: of faces_per_second to embedder_alone, both with the same number of processes;
    headroom: how many times a million detections a day that is. memory_mb_early, memory_mb_late: proportional set size
    of all workers, the most in the second and in the last quarter of the run; redis_mb_early, redis_mb_late: likewise
    what Redis holds. worker_cpu_ms,
    database_cpu_ms, embedder_cpu_ms: CPU time per face, which others on the machine change little; cpu_ratio: the
    embedder's over that of workers and database."""

    detections: int
    tracks: int
    workers: int
    seconds: float
    faces_per_second: float
    embedder_alone: float
    ratio: float
    worker_cpu_ms: float
    database_cpu_ms: float
    embedder_cpu_ms: float
    cpu_ratio: float
    headroom: float
    sightings: int
    stored_detections: int
    named: int
    set_aside: int
    waiting: int
    memory_mb_early: float
    memory_mb_late: float
    redis_mb_early: float
    redis_mb_late: float


@dataclass(slots=True)
class _Held:
    """Memory in MB, as often as somebody looked: of the workers together, and of Redis."""

    pids: Sequence[int]
    client: Redis
    workers: list[float] = field(default_factory=list)
    redis: list[float] = field(default_factory=list)

    async def look(self) -> None:
        self.workers.append(_memory_mb(self.pids))
        self.redis.append(int((await self.client.info("memory"))["used_memory"]) / 1024**2)


def faces(
    count: Annotated[int, typer.Option(help="Detections.", min=100)] = 2_000,
    workers: Annotated[int, typer.Option(help="Recognition workers.", min=1)] = 2,
    pictures: Annotated[Path | None, typer.Option(help="Folder of pictures with faces; else the demo's guest.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Detections with real crops through the stream of faces, on PostgreSQL and Valkey of their own.

    Fails where a track is missing or doubled, or where anything is left in the stream.
    """
    settings = load_settings()
    console = Console(stderr=True, highlight=False)
    shown = _faces(settings, pictures)
    console.print(f"{len(shown)} faces; measuring the embedder alone on {workers} processes …")
    alone = _embedder_alone(workers)
    console.print(f"{alone.rate:.0f} faces/s; now {count} detections by {workers} workers …")
    with running_servers(None) as servers:
        figures = asyncio.run(_measure(servers, settings, shown, count - count % PER_TRACK, workers, alone))
    if as_json:
        print_json(asdict(figures))
    else:
        table = Table("figure", "value", box=None)
        for name, value in asdict(figures).items():
            table.add_row(name, str(value))
        Console(highlight=False).print(table)
    _check(figures)


def _check(figures: FacesFigures) -> None:
    wrong = [
        words
        for is_wrong, words in (
            (figures.sightings != figures.tracks, f"{figures.sightings} sightings of {figures.tracks} tracks"),
            (figures.stored_detections != figures.detections, f"{figures.stored_detections} detections on record"),
            (figures.set_aside > 0, f"{figures.set_aside} messages set aside"),
            (figures.waiting > 0, f"{figures.waiting} messages left"),
        )
        if is_wrong
    ]
    if wrong:
        raise ServiceUnavailable(f"not everything was stored once: {', '.join(wrong)}", hint="See the workers' logs.")


async def _measure(
    servers: Servers, settings: Settings, shown: Sequence[_Face], count: int, workers: int, alone: _Alone
) -> FacesFigures:
    await prepare_database(servers.admin_dsn, app_password=PASSWORD)
    database = Database(servers.app_dsn(PASSWORD))
    client = open_redis(RedisSettings(url=servers.redis_url))
    bus = RedisBus(client)
    try:
        camera_id = await _people(database, servers, shown, settings)
        messages = _messages(camera_id, shown, count)
        with _workers(servers, settings, workers) as pids:
            await _until_ready(client, pids)
            held = _Held(pids, client)
            begin, cpu = time.monotonic(), sum(cpu_seconds(pid) for pid in pids)
            database_cpu = cpu_seconds(servers.postgres_pid)
            await _publish(bus, messages, held)
            await _until_drained(client, held)
            seconds = time.monotonic() - begin
            cpu = (sum(cpu_seconds(pid) for pid in pids) - cpu) / count
            database_cpu = (cpu_seconds(servers.postgres_pid) - database_cpu) / count
        found = await _stored(database)
        aside = int(await client.xlen(poison_of(FACES)))
        left = int(await client.xlen(FACES))
    finally:
        await client.aclose()
        await database.dispose()
    rate = count / seconds
    return FacesFigures(
        detections=count,
        tracks=count // PER_TRACK,
        workers=workers,
        seconds=round(seconds, 1),
        faces_per_second=round(rate, 1),
        embedder_alone=round(alone.rate, 1),
        ratio=round(rate / alone.rate, 3),
        worker_cpu_ms=round(cpu * 1000, 2),
        database_cpu_ms=round(database_cpu * 1000, 2),
        embedder_cpu_ms=round(alone.cpu * 1000, 2),
        cpu_ratio=round(alone.cpu / (cpu + database_cpu), 3),
        headroom=round(rate / A_MILLION_A_DAY, 1),
        sightings=found[0],
        stored_detections=found[1],
        named=found[2],
        set_aside=aside,
        waiting=left,
        memory_mb_early=_early(held.workers),
        memory_mb_late=_late(held.workers),
        redis_mb_early=_early(held.redis),
        redis_mb_late=_late(held.redis),
    )


def _early(samples: Sequence[float]) -> float:
    """The most in the second quarter."""
    quarter = max(len(samples) // 4, 1)
    return round(max(samples[quarter : 2 * quarter] or samples), 1)


def _late(samples: Sequence[float]) -> float:
    """The most in the last quarter."""
    return round(max(samples[-max(len(samples) // 4, 1) :]), 1)


def _faces(settings: Settings, folder: Path | None) -> list[_Face]:
    """The principal faces of the pictures."""
    from sightline.vision.images import load_image  # noqa: PLC0415 - loads the models' libraries
    from sightline.workers.demo import portrait_of_guest  # noqa: PLC0415

    models = _models(settings.recognition.pack)
    paths = [portrait_of_guest()] if folder is None else sorted(folder.iterdir())
    found = []
    for path in (path for path in paths if path.suffix.lower() in PICTURES):
        try:
            face = _face(load_image(path), models)
        except ImageRejected:
            continue
        if face is not None:
            found.append(face)
    if not found:
        raise InvalidInput(f"no face was found in {folder}", hint="Give a folder of pictures that show faces.")
    return found


def _face(image: ImageArray, models: "Models") -> _Face | None:
    from sightline.pipeline.best_shot import box_of  # noqa: PLC0415
    from sightline.services.enrolment import embed_face  # noqa: PLC0415
    from sightline.services.face_images import find_faces, principal_face  # noqa: PLC0415
    from sightline.vision.crops import MARGIN, encode_jpeg, face_crop  # noqa: PLC0415
    from sightline.vision.images import reduced  # noqa: PLC0415

    image, _ = reduced(image, 1600)
    found = find_faces(image, models.detector)
    index = principal_face(found, image)
    if index is None:
        return None
    longer = max(box_of(found, index)[2:])
    image, _ = reduced(image, max(round(max(image.shape[:2]) * min(FACE_PX / longer, 1.0)), 64))
    seen = find_faces(image, models.detector)
    index = principal_face(seen, image)
    if index is None:
        return None
    box = box_of(seen, index)
    corner = np.maximum(np.array(box[:2]) - MARGIN * max(box[2:]), 0).astype(int)
    (quality,) = models.quality.assess(
        seen.take(np.array([index])), models.aligner.align(image, seen.landmarks[index][None])
    )
    return _Face(
        encode_jpeg(face_crop(image, box)),
        np.asarray(seen.landmarks[index] - corner, np.float32),
        box,
        (image.shape[1], image.shape[0]),
        quality,
        embed_face(image, seen.landmarks[index], models),
    )


def _messages(camera_id: UUID, shown: Sequence[_Face], count: int) -> Iterator[Fields]:
    """One face per message; tracks one after the other, each confirmed by its first message and ended by its last."""
    random, began = np.random.default_rng(7), datetime.now(UTC)
    for track in range(count // PER_TRACK):
        face, track_id, first = shown[track % len(shown)], uuid7(), track * 0.01
        for shot in range(PER_TRACK):
            now = first + shot * 0.2
            landmarks = face.landmarks + random.uniform(-SHIFT, SHIFT, (5, 2)).astype(np.float32)
            quality = replace(face.quality, score=float(random.uniform(0.5, 1.0)))
            state = TrackState(
                track_id, first, now, shot + 1, face.box, 1, confirmed=shot == 0, ended=shot == PER_TRACK - 1
            )
            seen = DetectedFace(face.box, 0.9, face.jpeg, quality.score, track_id, now, landmarks, quality)
            moment = began + timedelta(seconds=now)
            yield encode_faces(FacesMessage(camera_id, moment, (seen,), now, face.frame_size, (state,)))


async def _people(database: Database, servers: Servers, shown: Sequence[_Face], settings: Settings) -> UUID:
    """A camera, and every second face enrolled; the camera's id."""
    version = _models(settings.recognition.pack).embedder.model_version
    async with database.session(SYSTEM) as session:
        sealer = open_sealer(Settings(data_dir=servers.folder))
        camera = await cameras.create(session, name="Bench", stream_url="rtsp://camera.example/1", sealer=sealer)
        for number, face in enumerate(shown[::2]):
            subject = await subjects.create(session, name=f"Person {number}")
            await subjects.add_template(
                session, subject_id=subject.id, new=subjects.NewTemplate(face.template, version)
            )
        return camera.id


@contextmanager
def _workers(servers: Servers, settings: Settings, count: int) -> Iterator[list[int]]:
    """`sightline worker recognition` in processes of their own, one thread each for the models."""
    if not (servers.folder / "models").exists():
        (servers.folder / "models").symlink_to(settings.packs_dir)
    given = {
        "PYTHONPATH": Path(__file__).parents[2],  # they run in another folder
        "SIGHTLINE_DATA_DIR": servers.folder,
        "SIGHTLINE_DATABASE__URL": servers.app_dsn(PASSWORD),
        "SIGHTLINE_REDIS__URL": servers.redis_url,
        "SIGHTLINE_RECOGNITION__PACK": settings.recognition.pack,
    }
    environment = {**os.environ, **{name: str(value) for name, value in given.items()}}
    children = []
    try:
        for number in range(count):
            words = [sys.executable, "-m", "sightline", "worker", "recognition", "--name", f"bench-{number}"]
            children.append(spawn(words, env=environment, log=servers.folder / f"recognition-{number}.log"))
        yield [child.pid for child in children]
    finally:
        for child in children:
            child.terminate()
        for child in children:
            end(child, ((signal.SIGTERM, WORKER_STOP_SECONDS),))


async def _until_ready(client: Redis, pids: Sequence[int]) -> None:
    """Until each has joined the group: the time that models take to load is not theirs."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        _require_alive(pids)
        groups = [
            group for stream in await inspection.streams(client) if stream.name == FACES for group in stream.groups
        ]
        if any(group.name == GROUP and group.members >= len(pids) for group in groups):
            return
        await asyncio.sleep(0.2)
    raise ServiceUnavailable("the recognition workers did not start", hint="See `sightline doctor`.")


async def _publish(bus: RedisBus, messages: Iterator[Fields], held: _Held) -> None:
    chunk: list[Fields] = []
    for fields in messages:
        chunk.append(fields)
        if len(chunk) == CHUNK:
            while await bus.waiting(FACES, GROUP) > WAITING:
                _require_alive(held.pids)
                await held.look()
                await asyncio.sleep(0.25)
            await bus.publish(FACES, chunk, limit=10 * WAITING)
            chunk = []
    if chunk:
        await bus.publish(FACES, chunk, limit=10 * WAITING)


async def _until_drained(client: Redis, held: _Held) -> None:
    """Until the stream is empty: what is done with leaves it."""
    left, since = -1, time.monotonic()
    while (now := int(await client.xlen(FACES))) > 0:
        _require_alive(held.pids)
        if now != left:
            left, since = now, time.monotonic()
        if time.monotonic() - since > PATIENCE:
            return
        await held.look()
        await asyncio.sleep(0.1)


async def _stored(database: Database) -> tuple[int, int, int]:
    """Sightings that are over, their detections, and how many bear a name."""
    async with database.session(SYSTEM) as session:
        row = await session.execute(
            text(
                "SELECT count(*) FILTER (WHERE closed_at IS NOT NULL), sum(detections), count(subject_id)"
                " FROM sightings"
            )
        )
        over, detections, named = row.one()
        return int(over), int(detections or 0), int(named)


def _memory_mb(pids: Sequence[int]) -> float:
    """Proportional set size of processes."""
    total = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024


def _require_alive(pids: Sequence[int]) -> None:
    for pid in pids:
        if Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(") ")[2].startswith("Z"):
            raise ServiceUnavailable("a recognition worker has ended", hint="See its log.")


def _models(pack: str) -> "Models":
    from sightline.workers.analysis import load_pack  # noqa: PLC0415

    settings = load_settings()
    return load_pack(
        settings.model_copy(update={"recognition": settings.recognition.model_copy(update={"pack": pack})})
    )


def _embedder_alone(processes: int) -> _Alone:
    """The embedder with the views of a probe, in as many processes as there are workers."""
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        found = list(pool.map(_embed_for_a_while, [load_settings().recognition.pack] * processes))
    return _Alone(sum(one.rate for one in found), sum(one.cpu for one in found) / len(found))


def _embed_for_a_while(pack: str) -> _Alone:
    from sightline.domain.views import PROBE_VIEWS, embed_views  # noqa: PLC0415
    from sightline.pipeline.recognise import EMBED_BATCH  # noqa: PLC0415

    models = _models(pack)
    random = np.random.default_rng(3)
    crops = [random.integers(0, 255, (len(PROBE_VIEWS), 112, 112, 3)).astype(np.uint8) for _ in range(EMBED_BATCH)]
    embed_views(models.embedder, crops)
    begin, cpu, done = time.monotonic(), time.process_time(), 0
    while time.monotonic() - begin < ALONE_SECONDS:
        embed_views(models.embedder, crops)
        done += len(crops)
    return _Alone(done / (time.monotonic() - begin), (time.process_time() - cpu) / done)
