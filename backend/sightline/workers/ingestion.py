"""`sightline worker ingestion`: captures its share of the cameras and puts their frames on the bus."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sightline.bus import codec
from sightline.bus.leases import LeaseTable
from sightline.bus.ports import frames_of
from sightline.core import metrics
from sightline.core.config import Settings
from sightline.core.database import SYSTEM, WORKER
from sightline.core.errors import LeaseLost, ServiceUnavailable
from sightline.core.sealing import open_sealer
from sightline.domain.frames import Frame
from sightline.domain.messages import FrameMessage
from sightline.services import camera_secrets, cameras
from sightline.services.camera_leases import CameraState
from sightline.workers.camera_leases import CameraLeases
from sightline.workers.camera_plans import PlannedCamera, RefusedCamera, plan_cameras
from sightline.workers.camera_states import StateWriter, in_words
from sightline.workers.captures import Captures
from sightline.workers.clock import MediaClock, pause
from sightline.workers.pacing import PaceBoard, Thinning
from sightline.workers.snapshots import SnapshotMaker
from sightline.workers.surroundings import Surroundings
from sightline.workers.together import follow_cameras, run_together

logger = logging.getLogger(__name__)

STAGE = "ingestion"
BATCH_FRAMES = 8
"""Frames that are encoded side by side: a JPEG of 1080p takes about 10 ms of a core."""
IDLE_SECONDS = 0.25
"""How long a round waits for a frame."""
REPORT_SECONDS = 1.0
"""How often states, paces and snapshots are looked after."""

SENT = metrics.counter("frames_sent", "Frames that were put on the bus.")
LOST = metrics.counter("frames_lost", "Frames that could not be put on the bus.", "reason")
CAMERAS = metrics.gauge("ingestion_cameras", "Cameras that this worker captures.")


class IngestionWorker:
    """One worker process. run() lives until stop is set.

    Cameras are captured while their lease holds; nothing is written without one, and everything carries its token.
    """

    def __init__(self, settings: Settings, around: Surroundings) -> None:
        self._settings = settings
        self._database = around.database
        self._bus = around.bus
        self._sealer = open_sealer(settings)
        table = LeaseTable(around.client, STAGE, around.name, seconds=settings.workers.lease_seconds)
        self._leases = CameraLeases(table, around.next_token, self)
        self._states = StateWriter(around.database, around.publisher, self._leases)
        self._board = PaceBoard(around.client)
        self._thinning = Thinning()
        self._paces: Mapping[UUID, float] = {}
        self._snapshots = SnapshotMaker(around.client)
        self._clock = MediaClock()
        self._captures = Captures(settings.capture)
        self._changing = asyncio.Lock()
        self._sealed = False
        self._planned: Mapping[UUID, PlannedCamera] = {}
        self._refused: Mapping[UUID, RefusedCamera] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Capture and send until stop is set."""
        metrics.PROCESS.expect("database", "redis")
        over = asyncio.Event()
        sending = asyncio.create_task(self._send(over))
        sending.add_done_callback(lambda _task: stop.set())
        try:
            await run_together(
                stop,
                follow_cameras(self._database, stop, self._follow),
                self._leases.run(stop),
                self._report(stop),
            )
        finally:
            over.set()
            await asyncio.to_thread(self._captures.stop, [str(camera_id) for camera_id in self._planned])
            await sending

    async def take_over(self, _cameras: Collection[UUID]) -> None:
        """Capture these too."""
        await self._capture()

    async def hand_over(self, cameras: Collection[UUID]) -> None:
        """Capture these no longer; of those that nobody shall watch, nothing is left."""
        await self._end(cameras)
        gone = [camera_id for camera_id in cameras if camera_id not in self._planned.keys() | self._refused.keys()]
        try:
            await self._states.write([CameraState(camera_id, "inactive", "not watched") for camera_id in cameras])
            if gone:
                await self._bus.discard([frames_of(camera_id) for camera_id in gone])
        except ServiceUnavailable as error:
            logger.warning("cameras were left without a word: %s", error.message)
        self._states.forget(list(cameras))

    async def drop(self, cameras: Collection[UUID]) -> None:
        """Capture these no longer; others may do so already."""
        await self._end(cameras)
        self._states.forget(list(cameras))

    async def _end(self, cameras: Collection[UUID]) -> None:
        names = [str(camera_id) for camera_id in cameras]
        async with self._changing:
            await asyncio.to_thread(self._captures.stop, names)
        for name in names:
            self._thinning.forget(name)

    async def _follow(self) -> None:
        await self._seal_logins()
        async with self._database.session(WORKER) as session:
            sources = await cameras.sources(session, sealer=self._sealer)
        planned, refused = plan_cameras(sources, self._settings)
        self._planned = {UUID(camera.plan.camera_id): camera for camera in planned}
        self._refused = {camera.source.id: camera for camera in refused}
        self._leases.want(source.id for source in sources)
        metrics.PROCESS.ready("database")
        await self._capture()

    async def _seal_logins(self) -> None:
        """Once: of cameras that were added before logins were sealed, or with an older key."""
        if self._sealed:
            return
        async with self._database.session(SYSTEM) as session:
            await camera_secrets.seal_plain(session, self._sealer)
        self._sealed = True

    async def _capture(self) -> None:
        """Capture what is ours, as it is planned now."""
        async with self._changing:
            held = self._leases.current().keys()
            plans = [camera.plan for camera_id, camera in self._planned.items() if camera_id in held]
            gone = await asyncio.to_thread(self._captures.replace, plans)
        CAMERAS.set(len(plans))
        for name in gone:
            self._thinning.forget(name)

    async def _send(self, over: asyncio.Event) -> None:
        while not over.is_set():
            frames = await asyncio.to_thread(self._captures.take, BATCH_FRAMES, IDLE_SECONDS)
            if not frames:
                await asyncio.sleep(IDLE_SECONDS / 10)  # without cameras there is nothing to wait for
                continue
            self._clock.note(frames)
            self._snapshots.note(frames)
            frames = [frame for frame in frames if self._leases.of(UUID(frame.camera_id))]
            messages = await asyncio.gather(*(self._message(frame) for frame in self._thinning.choose(frames)))
            by_camera: dict[UUID, list[FrameMessage]] = defaultdict(list)
            for message in messages:
                by_camera[message.camera_id].append(message)
            await asyncio.gather(*(self._publish(camera_id, sent) for camera_id, sent in by_camera.items()))

    async def _message(self, frame: Frame) -> FrameMessage:
        data = await asyncio.to_thread(_jpeg, frame, self._settings.workers.frame_quality)
        return FrameMessage(
            UUID(frame.camera_id),
            self._clock.moment(frame.camera_id, frame.media_time),
            data,
            frame.sequence,
            media_time=frame.media_time,
            discontinuity=frame.discontinuity,
        )

    async def _publish(self, camera_id: UUID, messages: Sequence[FrameMessage]) -> None:
        """Frames that cannot be sent now are lost: newer ones come."""
        lease = self._leases.of(camera_id)
        if lease is None:
            LOST.labels("lease").inc(len(messages))
            return
        fields = [codec.encode_frame(message) for message in messages]
        limit = self._settings.capture.buffer_frames
        try:
            await self._bus.publish(frames_of(camera_id), fields, limit=limit, fence=lease.fence)
        except LeaseLost:
            self._leases.reject(camera_id)
            LOST.labels("lease").inc(len(messages))
        except ServiceUnavailable as error:
            metrics.PROCESS.unready("redis")
            LOST.labels(error.code).inc(len(messages))
        else:
            metrics.PROCESS.ready("redis")
            SENT.inc(len(messages))

    async def _report(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                self._paces = await self._board.get(list(self._leases.current()))
                self._thinning.set(self._paces)
                metrics.PROCESS.ready("redis")
                await self._states.write(self._words())
            except ServiceUnavailable as error:
                logger.warning("camera states wait to be written: %s", error.message)
            await self._snapshots.deliver()
            await pause(stop, REPORT_SECONDS)

    def _words(self) -> list[CameraState]:
        rate = self._settings.capture.sample_rate
        rates = {str(camera_id): round(pace * rate, 1) for camera_id, pace in self._paces.items()}
        refused = [CameraState(camera_id, "error", camera.error) for camera_id, camera in self._refused.items()]
        return [*refused, *(in_words(status, rates) for status in self._captures.statuses())]


def _jpeg(frame: Frame, quality: int) -> bytes:
    from sightline.vision.crops import encode_jpeg  # noqa: PLC0415 - OpenCV, which a worker without cameras spares

    return encode_jpeg(frame.pixels.bgr(), quality)
