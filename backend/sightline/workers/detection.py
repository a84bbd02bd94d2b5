"""`sightline worker detection`: finds and tracks faces in the frames of its share of the cameras."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from time import monotonic
from uuid import UUID

from sightline.bus import codec
from sightline.bus.leases import LeaseTable
from sightline.bus.poison import is_spent, spent_reason
from sightline.bus.ports import FACES, Consumer, Delivery, Fields, frames_of
from sightline.core import metrics
from sightline.core.config import Settings
from sightline.core.database import WORKER
from sightline.core.errors import LeaseLost, MessageInvalid, ServiceUnavailable
from sightline.domain.tracks import Observation
from sightline.pipeline.detect import RuleBook
from sightline.pipeline.observe import ObserveStage
from sightline.services import camera_leases
from sightline.workers.camera_leases import CameraLeases
from sightline.workers.camera_plans import rules_of
from sightline.workers.clock import pause
from sightline.workers.detection_counts import DetectionCounts
from sightline.workers.face_telling import FaceTeller, Told
from sightline.workers.frame_intake import Arrived, FrameIntake, Opened, open_frame
from sightline.workers.pacing import PaceBoard, Pacer
from sightline.workers.surroundings import Surroundings
from sightline.workers.together import follow_cameras, run_together

logger = logging.getLogger(__name__)

STAGE = "detection"
BATCH_FRAMES = 8
"""Frames per round, over all cameras (specification, 4.2)."""
WAIT_SECONDS = 0.25
"""How long a round waits for a frame."""
QUIET_SECONDS = 5.0
"""Without a frame, after which a camera counts as gone and its tracks end: a stall that heals is shorter."""
KEPT_SECONDS = 60
"""How long a whole frame is kept for recognition."""
RETRY_SECONDS = 0.2
"""Pause before news is sent again."""
STEER_SECONDS = 1.0
"""How often the pace is looked after and counters are written."""

DETECTED = metrics.counter("frames_detected", "Frames that went through detection.")
POISON = metrics.counter("frames_set_aside", "Frames that were set aside because they cannot be used.")
WAITING = metrics.gauge("frames_waiting", "Frames that wait for this worker.")
CAMERAS = metrics.gauge("detection_cameras", "Cameras whose frames this worker analyses.")

MakeStage = Callable[[RuleBook], ObserveStage]
"""Loads and warms the models; on a thread. The rules are of the cameras, and may change."""


class DetectionWorker:
    """One worker process. run() lives until stop is set; what the models raise ends it.

    A camera's frames are read by one worker at a time, in order; nothing is published without the camera's lease.
    Frames are acknowledged once what they showed is published, so that a worker that dies leaves them to the next.
    """

    def __init__(self, settings: Settings, around: Surroundings, make_stage: MakeStage) -> None:
        self._settings = settings
        self._database = around.database
        self._bus = around.bus
        self._make_stage = make_stage
        self._consumer = Consumer(STAGE, around.name)
        table = LeaseTable(around.client, STAGE, around.name, seconds=settings.workers.lease_seconds)
        self._leases = CameraLeases(table, around.next_token, self)
        self._board = PaceBoard(around.client)
        self._pacer = Pacer(settings.capture.sample_rate, settings.workers.least_sample_rate)
        self._rules = RuleBook()
        self._counts = DetectionCounts(around.database)
        self._intake = FrameIntake()
        self._teller = FaceTeller()
        self._working = asyncio.Lock()
        self._fresh: set[UUID] = set()
        self._stage: ObserveStage | None = None
        self._last: dict[UUID, tuple[datetime, float]] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Analyse until stop is set. Cameras are taken once the models are warm."""
        metrics.PROCESS.expect("models", "database", "redis")
        self._stage = await asyncio.to_thread(self._make_stage, self._rules)
        metrics.PROCESS.ready("models")
        await run_together(
            stop,
            follow_cameras(self._database, stop, self._follow),
            self._leases.run(stop),
            self._work(stop),
            self._steer(stop),
        )
        await self._counts.write()

    async def take_over(self, cameras: Collection[UUID], /) -> None:
        """What the worker before us read and never got done with comes first; leases do not wait for it."""
        self._fresh.update(cameras)

    async def hand_over(self, cameras: Collection[UUID], /) -> None:
        """End all tracks, and say so while we may."""
        async with self._working:
            for camera_id in cameras:
                await self._close(camera_id)

    async def drop(self, cameras: Collection[UUID], /) -> None:
        """Forget all tracks: who holds the lease now begins anew, and recognition ends what nobody tells of."""
        async with self._working:
            for camera_id in cameras:
                await asyncio.to_thread(self._observer.close, str(camera_id))
                self._forget(camera_id)

    @property
    def _observer(self) -> ObserveStage:
        if self._stage is None:
            raise RuntimeError("the models are not loaded yet")
        return self._stage

    async def _follow(self) -> None:
        async with self._database.session(WORKER) as session:
            cameras = await camera_leases.watched(session)
        rules = {camera.id: rules_of(camera, self._settings) for camera in cameras}
        usable = {camera_id: own for camera_id, own in rules.items() if own is not None}
        for camera_id, own in usable.items():
            self._rules.put(str(camera_id), own)
        self._leases.want(usable)
        metrics.PROCESS.ready("database")

    async def _work(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            streams = [frames_of(camera_id) for camera_id in self._leases.current()]
            if not streams:
                await pause(stop, WAIT_SECONDS)
                continue
            try:
                found = await self._left_behind()
                if not found:
                    found = await self._bus.read(self._consumer, streams, count=BATCH_FRAMES, wait=WAIT_SECONDS)
                metrics.PROCESS.ready("redis")
                async with self._working:
                    await self._handle(found)
                    await self._end_quiet_cameras()
            except ServiceUnavailable as error:
                metrics.PROCESS.unready("redis")
                logger.warning("frames wait: %s", error.message)
                await pause(stop, RETRY_SECONDS)

    async def _left_behind(self) -> list[Delivery]:
        """Frames that a former worker of a camera read; ours may have come to us again, after a loss of the lease."""
        fresh = self._fresh & self._leases.current().keys()
        if not fresh:
            return []
        streams = [frames_of(camera_id) for camera_id in fresh]
        found = await self._bus.claim(self._consumer, streams, idle=0.0, count=BATCH_FRAMES)
        if not found:
            self._fresh -= fresh
        return found

    async def _handle(self, found: Sequence[Delivery]) -> None:
        """Take frames through detection and tell. Raises ServiceUnavailable; nothing of these is acknowledged then."""
        opened = await asyncio.gather(*(self._open(delivery) for delivery in found))
        batch: list[Arrived] = []
        for arrived in (self._intake.arrived(one) for one in opened if one is not None):
            if arrived is not None and arrived.restarts:
                await self._observe(batch)
                batch = []
                await self._end_tracks(UUID(arrived.frame.camera_id))
            if arrived is not None:
                batch.append(arrived)
        await self._observe(batch)
        await self._bus.acknowledge(self._consumer, found)

    async def _open(self, delivery: Delivery) -> Opened | None:
        """The frame; what cannot be one is set aside."""
        try:
            if is_spent(delivery):
                raise MessageInvalid(spent_reason(delivery))
            camera_id = UUID(delivery.stream.split(":")[1])
            return await asyncio.to_thread(open_frame, camera_id, delivery)
        except MessageInvalid as error:
            POISON.inc()
            logger.warning("a message on %s is set aside: %s", delivery.stream, error.message)
            await self._bus.set_aside(self._consumer, delivery, error.message)
            return None

    async def _observe(self, batch: Sequence[Arrived]) -> None:
        if not batch:
            return
        observations = await asyncio.to_thread(self._observer.process, [one.frame for one in batch])
        for arrived, seen in zip(batch, observations, strict=True):
            self._last[UUID(seen.camera_id)] = (arrived.timestamp, monotonic())
            self._counts.add(seen)
        DETECTED.inc(len(batch))
        news = [(seen, one.timestamp) for one, seen in zip(batch, observations, strict=True) if seen.is_news]
        await self._tell(news)

    async def _end_tracks(self, camera_id: UUID) -> None:
        """End a camera's tracks and say so."""
        closing = await asyncio.to_thread(self._observer.close, str(camera_id))
        moment, _ = self._last.get(camera_id, (datetime.now(UTC), 0.0))
        await self._tell([(seen, moment) for seen in closing])

    async def _close(self, camera_id: UUID) -> None:
        await self._end_tracks(camera_id)
        self._forget(camera_id)

    def _forget(self, camera_id: UUID) -> None:
        self._intake.forget(camera_id)
        self._last.pop(camera_id, None)

    async def _end_quiet_cameras(self) -> None:
        now = monotonic()
        for camera_id in [one for one, (_, at) in self._last.items() if now - at > QUIET_SECONDS]:
            await self._close(camera_id)

    async def _tell(self, news: Iterable[tuple[Observation, datetime]]) -> None:
        told = await asyncio.gather(*(asyncio.to_thread(self._teller.told, seen, moment) for seen, moment in news))
        by_camera: dict[UUID, list[Told]] = defaultdict(list)
        for one in told:
            by_camera[one.message.camera_id].append(one)
        for camera_id, messages in by_camera.items():
            frames = {name: data for one in messages for name, data in one.frames.items()}
            await self._keep(frames)
            await self._publish(camera_id, [codec.encode_faces(one.message) for one in messages])

    async def _keep(self, frames: Mapping[str, bytes]) -> None:
        """Without a kept frame a sighting has its face only."""
        for name, data in frames.items():
            try:
                await self._bus.keep(name, data, seconds=KEPT_SECONDS)
            except ServiceUnavailable as error:
                logger.warning("a frame is not kept: %s", error.message)

    async def _publish(self, camera_id: UUID, fields: Sequence[Fields]) -> None:
        """News waits for Redis as long as the camera is ours; after that it is somebody else's to tell."""
        while lease := self._leases.of(camera_id):
            try:
                limit = self._settings.workers.faces_waiting
                await self._bus.publish(FACES, fields, limit=limit, fence=lease.fence)
            except LeaseLost:
                self._leases.reject(camera_id)
            except ServiceUnavailable as error:
                metrics.PROCESS.unready("redis")
                logger.warning("news of faces waits: %s", error.message)
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return

    async def _steer(self, stop: asyncio.Event) -> None:
        """Keep the cameras at a pace that we keep up with, and write counters."""
        while not stop.is_set():
            await pause(stop, STEER_SECONDS)
            cameras = list(self._leases.current())
            CAMERAS.set(len(cameras))
            try:
                waiting = sum([await self._bus.waiting(frames_of(camera_id), STAGE) for camera_id in cameras])
                WAITING.set(waiting)
                pace = self._pacer.see(waiting, len(cameras))
                await self._board.put(dict.fromkeys(cameras, pace))
            except ServiceUnavailable as error:
                logger.warning("cameras keep their pace: %s", error.message)
            await self._counts.write()
