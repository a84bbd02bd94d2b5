"""Ingestion and detection together: real cameras, models, Valkey and PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from pydantic import SecretStr
from redis.asyncio import Redis
from sqlalchemy import text

from sightline.bus import codec
from sightline.bus.poison import notes_of, poison_of
from sightline.bus.ports import FACES, Consumer, frames_of
from sightline.bus.redis_streams import RedisBus
from sightline.core.config import RedisSettings, Settings, WorkerSettings
from sightline.core.database import SYSTEM, WORKER, Database
from sightline.core.errors import LeaseLost
from sightline.core.redis import open_redis
from sightline.domain.messages import FacesMessage, FrameMessage
from sightline.media.capture import CameraSession
from sightline.media.sources import parse_source
from sightline.pipeline.detect import RuleBook
from sightline.pipeline.observe import ObserveStage
from sightline.services import camera_leases, cameras
from sightline.services.camera_leases import CameraState
from sightline.vision.crops import encode_jpeg
from sightline.vision.images import load_image
from sightline.vision.loading import Models, load_models
from sightline.vision.model_packs.store import PackStore
from sightline.vision.runtime import RuntimeOptions
from sightline.workers import detection as detection_module
from sightline.workers.detection import DetectionWorker
from sightline.workers.embedded.valkey import ValkeyAddress
from sightline.workers.events import EventPublisher
from sightline.workers.ingestion import IngestionWorker
from sightline.workers.surroundings import Surroundings
from sightline.workers.wiring import build_observing
from tests.support.database import SEALER
from tests.support.guests import record_guest

PATIENCE = 40.0
"""Seconds in which something must happen on a busy machine; the promise is 5 s for cameras."""

Worker = IngestionWorker | DetectionWorker


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record_guest(tmp_path_factory.mktemp("clip") / "hall.mp4", seconds=30.0)


@pytest.fixture(scope="module")
def models(lite_pack: Path) -> Models:
    pack = PackStore(lite_pack.parent).get("lite")
    return load_models(pack.folder, pack.manifest, RuntimeOptions(threads=1))


@dataclass
class House:
    """What workers stand on, and what they write."""

    settings: Settings
    database: Database
    client: Redis
    models: Models
    heard: list[FacesMessage] = field(default_factory=list)

    def around(self, name: str) -> Surroundings:
        return Surroundings(self.database, self.client, RedisBus(self.client), EventPublisher(self.client), name)

    def ingestion(self, name: str = "ingestion") -> IngestionWorker:
        return IngestionWorker(self.settings, self.around(name))

    def detection(
        self, name: str = "detection", make: Callable[[RuleBook], ObserveStage] | None = None
    ) -> DetectionWorker:
        def real(rules: RuleBook) -> ObserveStage:
            return build_observing(self.models, self.settings, rules=rules)

        return DetectionWorker(self.settings, self.around(name), make or real)

    async def add_camera(self, name: str, clip: Path, **config: object) -> UUID:
        async with self.database.session(SYSTEM) as session:
            camera = await cameras.create(session, name=name, stream_url=clip.as_uri(), sealer=SEALER, config=config)
            return camera.id

    async def query(self, sql: str, **values: object) -> list[Any]:
        async with self.database.session(SYSTEM) as session:
            return list((await session.execute(text(sql), values)).all())

    async def status(self, camera: UUID) -> str:
        (row,) = await self.query("SELECT status FROM cameras WHERE id = :id", id=camera)
        return str(row.status)

    async def listen(self) -> list[FacesMessage]:
        """All that was told so far."""
        consumer, bus = Consumer("test", "ear"), RedisBus(self.client)
        while found := await bus.read(consumer, [FACES], count=100, wait=0.01):
            self.heard += [codec.decode_faces(one.fields) for one in found]
            await bus.acknowledge(consumer, found)
        return self.heard

    async def until(self, true: Callable[[], Awaitable[object]]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not await true():
                await asyncio.sleep(0.05)

    async def until_status(self, camera: UUID, status: str) -> None:
        async def is_so() -> bool:
            return await self.status(camera) == status

        await self.until(is_so)

    async def until_heard(self, is_it: Callable[[FacesMessage], bool]) -> FacesMessage:
        async def is_there() -> bool:
            return any(is_it(one) for one in await self.listen())

        await self.until(is_there)
        return next(one for one in self.heard if is_it(one))


@asynccontextmanager
async def working(*workers: Worker) -> AsyncIterator[asyncio.Event]:
    stop = asyncio.Event()
    running = [asyncio.create_task(worker.run(stop)) for worker in workers]
    try:
        yield stop
    finally:
        stop.set()
        await asyncio.gather(*running)


@pytest_asyncio.fixture
async def house(
    database: Database, models: Models, tmp_path: Path, redis_server: ValkeyAddress
) -> AsyncIterator[House]:
    settings = Settings(data_dir=tmp_path, workers=WorkerSettings(lease_seconds=2.0))
    client = open_redis(RedisSettings(url=SecretStr(redis_server.url)))
    await client.flushall()
    yield House(settings, database, client, models)
    await client.flushall()
    await client.aclose()


def confirmed(message: FacesMessage) -> bool:
    return any(track.confirmed for track in message.tracks)


@pytest.mark.asyncio
async def test_a_guest_is_told_of_with_crops_that_can_be_aligned(house: House, clip: Path) -> None:
    hall = await house.add_camera("Hall", clip)
    async with working(house.ingestion(), house.detection()):
        first = await house.until_heard(confirmed)
        await house.until_status(hall, "active")
    assert first.camera_id == hall
    assert first.frame_size == (640, 360)
    (face,) = {face.track_id: face for face in first.detections}.values()
    assert face.landmarks is not None
    crop = load_image(face.face_crop)
    assert (face.landmarks >= 0).all()
    assert (face.landmarks < (crop.shape[1], crop.shape[0])).all()
    assert face.confidence > 0.5
    references = [one.frame_ref for one in first.detections if one.frame_ref]
    (kept,) = await RedisBus(house.client).kept(references[-1:])
    assert kept is not None
    assert load_image(kept).shape == (360, 640, 3)
    last = (await house.listen())[-1]
    assert last.closed  # the worker left, while it still held the camera
    assert [track.ended for track in last.tracks] == [True]
    assert await house.status(hall) == "inactive"
    (counted,) = await house.query(
        "SELECT sum(frames) AS frames, sum(detections) AS faces, sum(tracks) AS tracks FROM camera_minute_counters"
    )
    assert counted.tracks == 1
    assert counted.frames >= counted.faces > 3
    assert await house.client.keys("lease:*") == []
    assert await house.client.keys("workers:*") == []


@pytest.mark.asyncio
async def test_cameras_are_followed_while_workers_run(house: House, clip: Path) -> None:
    hall = await house.add_camera("Hall", clip)
    async with working(house.ingestion(), house.detection()):
        await house.until_status(hall, "active")
        yard = await house.add_camera("Yard", clip, privacy=[[[0, 0], [1, 1]]])
        await house.until_status(yard, "error")
        await house.query("UPDATE cameras SET config = '{}' WHERE id = :id RETURNING id", id=yard)
        await house.until_status(yard, "active")
        await house.until_heard(lambda told: told.camera_id == yard and confirmed(told))
        await house.query("UPDATE cameras SET detection_enabled = false WHERE id = :id RETURNING id", id=yard)
        await house.until_status(yard, "inactive")
        await house.until_heard(lambda told: told.camera_id == yard and told.closed)

        async def is_discarded() -> bool:
            return await house.client.xlen(frames_of(yard)) == 0

        await house.until(is_discarded)
        assert await house.status(hall) == "active"


@pytest.mark.asyncio
async def test_a_second_worker_takes_its_share_and_leaves_it_again(house: House, clip: Path) -> None:
    names = [await house.add_camera(name, clip) for name in ("Hall", "Yard")]

    async def owners() -> set[str]:
        values = [await house.client.get(f"lease:detection:{camera}") for camera in names]
        return {bytes(value).decode().partition(":")[2] for value in values if isinstance(value, bytes)}

    async def shared() -> bool:
        return await owners() == {"one", "two"}

    async def alone() -> bool:
        return await owners() == {"one"}

    async with working(house.detection("one")):
        await house.until(alone)
        async with working(house.detection("two")):
            await house.until(shared)
        await house.until(alone)


@pytest.mark.asyncio
async def test_frames_of_strangers_work_and_what_is_none_is_set_aside(
    house: House, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A third party states no media time, and stamps whole seconds."""
    monkeypatch.setattr(detection_module, "QUIET_SECONDS", 1.0)
    hall = await house.add_camera("Hall", tmp_path / "nowhere.mp4")
    bus, stream = RedisBus(house.client), frames_of(hall)
    begin = datetime(2024, 1, 20, 14, 25, 30, tzinfo=UTC)
    session = CameraSession(parse_source(str(clip)))
    pictures = [encode_jpeg(frame.pixels.bgr()) for _, frame in zip(range(20), session.frames(), strict=False)]
    good = [
        FrameMessage(hall, begin + timedelta(seconds=number // 5), picture, number)
        for number, picture in enumerate(pictures)
    ]
    bad = [
        replace(good[0], frame_data=b"\xff\xd8\xff no picture"),
        replace(good[0], frame_data=b"GIF89a"),
        replace(good[0], camera_id=UUID(int=1)),
    ]
    fields = [codec.encode_frame(message) for message in (*bad, *good)]
    fields += [{"camera_id": b"?"}, {**fields[-1], "schema": b"99"}]
    async with working(house.detection()):
        await bus.publish(stream, fields, limit=100)
        told = await house.until_heard(confirmed)
        await house.until_heard(lambda message: message.closed)  # nothing came for a while
    assert told.timestamp.replace(minute=0, second=0) == begin.replace(minute=0, second=0)
    consumer = Consumer("test", "eye")
    aside = await bus.read(consumer, [poison_of(stream)], count=10, wait=0.01)
    reasons = [notes_of(one.fields)["reason"] for one in aside]
    assert len(reasons) == 5
    assert any("newer" in reason or "schema" in reason for reason in reasons)
    assert await bus.waiting(stream, "detection") == 0


@pytest.mark.asyncio
async def test_what_a_dead_worker_had_read_is_taken_up_by_the_next(
    house: House, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall = await house.add_camera("Hall", clip)
    died = asyncio.Event()

    async def dies(*_: object) -> None:
        died.set()
        raise RuntimeError("the model broke")

    with monkeypatch.context() as patched:
        patched.setattr(DetectionWorker, "_observe", dies)
        async with working(house.ingestion()):
            broken = asyncio.create_task(house.detection("broken").run(asyncio.Event()))
            await died.wait()
            with pytest.raises(RuntimeError, match="the model broke"):
                await broken
    pending = await house.client.xpending(frames_of(hall), "detection")
    assert pending["pending"] > 0

    async def is_taken_up() -> bool:
        return bool((await house.client.xpending(frames_of(hall), "detection"))["pending"] == 0)

    async with working(house.detection("next")):
        await house.until(is_taken_up)


@pytest.mark.asyncio
async def test_a_slow_detector_slows_its_cameras_and_says_so(
    house: House, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two frames a second from a camera of five; then it is as fast as ever."""
    hall = await house.add_camera("Hall", clip, loop=True)
    slow, observe = True, DetectionWorker._observe

    async def slowly(worker: DetectionWorker, batch: Sequence[Any]) -> None:
        await observe(worker, batch)
        if slow:
            await asyncio.sleep(0.5 * len(batch))

    monkeypatch.setattr(DetectionWorker, "_observe", slowly)
    monkeypatch.setattr(detection_module, "BATCH_FRAMES", 2)
    # Faster than it is in the product, so that nobody waits: what counts is that it goes down, is said, and comes back.
    monkeypatch.setattr(detection_module, "STEER_SECONDS", 0.2)

    async def rate() -> float | None:
        (row,) = await house.query("SELECT sample_rate_now FROM cameras WHERE id = :id", id=hall)
        return None if row.sample_rate_now is None else float(row.sample_rate_now)

    async def is_slowed() -> bool:
        now = await rate()
        return now is not None and now < 3.0

    async def is_back() -> bool:
        return await rate() == 5.0

    async with working(house.ingestion(), house.detection()):
        await house.until(is_slowed)
        slow = False
        await house.until(is_back)
    assert await rate() is None


@pytest.mark.asyncio
async def test_the_states_of_a_paused_worker_are_refused(house: House, clip: Path) -> None:
    hall = await house.add_camera("Hall", clip)
    async with house.database.session(WORKER) as session:
        old, new = [await camera_leases.next_token(session) for _ in range(2)]
        await camera_leases.put_state(session, state=CameraState(hall, "active", sample_rate_now=2.5), token=new)
    with pytest.raises(LeaseLost):
        async with house.database.session(WORKER) as session:
            await camera_leases.put_state(session, state=CameraState(hall, "error", "late"), token=old)
    assert await house.status(hall) == "active"
