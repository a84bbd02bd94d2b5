"""The fused worker: captures, detects, tracks and names for its cameras in one process.

Each camera has a thread that reads and decodes; one thread, the caller's, analyses frames of all of them
in turn. PyAV and ONNX Runtime release the interpreter's lock, so that the threads share the cores.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sightline.core.config import CaptureSettings
from sightline.domain.regions import Regions
from sightline.domain.tracks import TrackEvent
from sightline.media.capture import CaptureOptions
from sightline.media.ring import FrameRings
from sightline.media.sources import Source, Transport
from sightline.media.supervisor import CameraState, CameraSupervisor, ReconnectPolicy, SupervisorStatus
from sightline.pipeline.chain import Pipeline

BATCH_FRAMES = 4
"""Frames per run of the detector: more adds delay and memory, and saves nothing measurable on a CPU."""

IDLE_SECONDS = 0.25
"""How long the analysing thread waits for a frame before it looks whether it shall stop."""

LOOK_AFTER_SECONDS = 1.0
"""How often the analysing thread looks for cameras that are gone."""

MEBIBYTE = 1024 * 1024

OnEvents = Callable[[Sequence[TrackEvent]], None]
"""Told what happened, after every batch in which something did."""


@dataclass(frozen=True, slots=True)
class CameraPlan:
    """A camera that a worker shall watch."""

    camera_id: str
    source: Source
    regions: Regions = field(default_factory=Regions)
    transport: Transport = Transport.TCP
    loop: bool = False
    realtime: bool = False


class FusedWorker:
    """Watches its cameras until they end or stop is set. Use once."""

    def __init__(
        self, plans: Sequence[CameraPlan], pipeline: Pipeline, settings: CaptureSettings, *, on_events: OnEvents
    ) -> None:
        self._pipeline = pipeline
        self._on_events = on_events
        self._rings = FrameRings(settings.buffer_frames, settings.buffer_megabytes * MEBIBYTE)
        self._ring = {plan.camera_id: self._rings.add(plan.camera_id) for plan in plans}
        self._supervisors = [self._supervisor(plan, settings) for plan in plans]
        self._open = {plan.camera_id for plan in plans}
        self._stop = threading.Event()
        self._look_after = 0.0
        self.processed: dict[str, int] = dict.fromkeys(self._open, 0)

    def run(self) -> None:
        """Analyse until every camera has ended or stop() was called; then all tracks have been ended."""
        for supervisor in self._supervisors:
            supervisor.start()
        try:
            while not (self._stop.is_set() or self._rings.exhausted):
                self._analyse()
                self._end_tracks_of_lost_cameras()
        finally:
            for supervisor in self._supervisors:
                supervisor.stop()
            for camera_id in sorted(self._open):
                self._tell(self._pipeline.close(camera_id))

    def stop(self) -> None:
        """End run() soon. Any thread, or a signal handler, may call this."""
        self._stop.set()

    def statuses(self) -> list[SupervisorStatus]:
        """How the cameras are."""
        return [supervisor.status() for supervisor in self._supervisors]

    def _supervisor(self, plan: CameraPlan, settings: CaptureSettings) -> CameraSupervisor:
        options = CaptureOptions(
            sample_rate=settings.sample_rate,
            stall_timeout=settings.stall_timeout,
            transport=plan.transport,
            regions=plan.regions,
            realtime=plan.realtime,
        )
        policy = ReconnectPolicy(
            settings.reconnect_delay, settings.reconnect_delay_max, attempts=settings.reconnect_attempts
        )
        ring = self._ring[plan.camera_id]
        return CameraSupervisor(plan.camera_id, plan.source, ring, options=options, policy=policy, loop=plan.loop)

    def _analyse(self) -> None:
        frames = self._rings.take_fair(BATCH_FRAMES, IDLE_SECONDS)
        if not frames:
            return
        self._tell(self._pipeline.process(frames))
        for frame in frames:
            self._open.add(frame.camera_id)
            self.processed[frame.camera_id] += 1

    def _end_tracks_of_lost_cameras(self) -> None:
        """A camera that gives no frames cannot end its tracks by time; its loss does."""
        if time.monotonic() < self._look_after:
            return
        self._look_after = time.monotonic() + LOOK_AFTER_SECONDS
        for supervisor in self._supervisors:
            lost = supervisor.status().state not in (CameraState.ONLINE, CameraState.CONNECTING)
            if lost and supervisor.camera_id in self._open and not self._ring[supervisor.camera_id].waiting:
                self._open.discard(supervisor.camera_id)
                self._tell(self._pipeline.close(supervisor.camera_id))

    def _tell(self, events: Sequence[TrackEvent]) -> None:
        if events:
            self._on_events(events)
