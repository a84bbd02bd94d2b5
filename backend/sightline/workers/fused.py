"""The fused worker: captures, detects, tracks and names for its cameras in one process.

Each camera has a thread that reads and decodes; one thread, the caller's, analyses frames of all of them
in turn. PyAV and ONNX Runtime release the interpreter's lock, so that the threads share the cores.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sightline.core.config import CaptureSettings
from sightline.domain.frames import Frame
from sightline.domain.tracks import TrackEvent
from sightline.media.ring import FrameRing, FrameRings
from sightline.media.supervisor import CameraState, CameraSupervisor, SupervisorStatus, stop_all
from sightline.pipeline.chain import Pipeline
from sightline.workers.camera_plan import CameraPlan
from sightline.workers.captures import supervise

BATCH_FRAMES = 4
"""Frames per run of the detector: more adds delay and memory, and saves nothing measurable on a CPU."""

IDLE_SECONDS = 0.25
"""How long the analysing thread waits for a frame before it looks whether it shall stop."""

LOOK_AFTER_SECONDS = 1.0
"""How often the analysing thread looks for cameras that are gone."""

MEBIBYTE = 1024 * 1024

OnEvents = Callable[[Sequence[TrackEvent]], None]
"""Told what happened, after every batch in which something did."""

OnFrames = Callable[[Sequence[Frame]], None]
"""Told which frames are about to be analysed."""


@dataclass(frozen=True, slots=True)
class _Camera:
    plan: CameraPlan
    ring: FrameRing
    supervisor: CameraSupervisor


class FusedWorker:
    """Watches its cameras until stop is set or, unless it is to stay, until all of them have ended. Use once.

    stay: wait for more cameras when there are none. on_frames is told of every batch before its events, so that
    a listener knows which moment of the clock a media time stands for.
    """

    def __init__(
        self,
        plans: Sequence[CameraPlan],
        pipeline: Pipeline,
        settings: CaptureSettings,
        *,
        on_events: OnEvents,
        on_frames: OnFrames | None = None,
        stay: bool = False,
    ) -> None:
        self._pipeline = pipeline
        self._settings = settings
        self._on_events = on_events
        self._on_frames = on_frames
        self._stay = stay
        self._rings = FrameRings(settings.buffer_frames, settings.buffer_megabytes * MEBIBYTE)
        self._cameras: dict[str, _Camera] = {}
        self._lock = threading.Lock()
        self._wanted: Sequence[CameraPlan] | None = None
        self._open: set[str] = set()
        self._stopping = False  # no Event: its lock would deadlock two signals that arrive as one
        self._look_after = 0.0
        self.processed: dict[str, int] = {}
        for plan in plans:
            self._add(plan)

    def run(self) -> None:
        """Analyse until the end; then all tracks have been ended. Raises what a stage raises."""
        for camera in self._cameras.values():
            camera.supervisor.start()
        try:
            while not self._stopping and (self._stay or not self._rings.exhausted):
                self._follow_plans()
                self._analyse()
                self._end_tracks_of_lost_cameras()
        finally:
            stop_all([camera.supervisor for camera in self._cameras.values()])
            for camera_id in sorted(self._open):
                self._tell(self._pipeline.close(camera_id))

    def stop(self) -> None:
        """End run() soon. Any thread, or a signal handler, may call this."""
        self._stopping = True

    def replace_cameras(self, plans: Sequence[CameraPlan]) -> None:
        """Watch these cameras from now on: those that stay as they are go on undisturbed. Any thread may call this."""
        with self._lock:
            self._wanted = tuple(plans)

    def statuses(self) -> list[SupervisorStatus]:
        """How the cameras are."""
        return [camera.supervisor.status() for camera in tuple(self._cameras.values())]

    def _follow_plans(self) -> None:
        with self._lock:
            wanted, self._wanted = self._wanted, None
        if wanted is None:
            return
        plans = {plan.camera_id: plan for plan in wanted}
        gone = [camera for camera_id, camera in self._cameras.items() if plans.get(camera_id) != camera.plan]
        stop_all([camera.supervisor for camera in gone])
        for camera in gone:
            self._remove(camera.plan.camera_id)
        for plan in plans.values():
            if plan.camera_id not in self._cameras:
                self._add(plan)
                self._cameras[plan.camera_id].supervisor.start()

    def _add(self, plan: CameraPlan) -> None:
        ring = self._rings.add(plan.camera_id)
        supervisor = supervise(plan, ring, self._settings)
        self._cameras[plan.camera_id] = _Camera(plan, ring, supervisor)
        self._open.add(plan.camera_id)
        self.processed[plan.camera_id] = 0

    def _remove(self, camera_id: str) -> None:
        del self._cameras[camera_id], self.processed[camera_id]
        self._rings.remove(camera_id)
        self._open.discard(camera_id)
        self._tell(self._pipeline.close(camera_id))

    def _analyse(self) -> None:
        frames = self._rings.take_fair(BATCH_FRAMES, IDLE_SECONDS)
        if not frames:
            return
        if self._on_frames is not None:
            self._on_frames(frames)
        self._tell(self._pipeline.process(frames))
        for frame in frames:
            self._open.add(frame.camera_id)
            self.processed[frame.camera_id] += 1

    def _end_tracks_of_lost_cameras(self) -> None:
        """A camera that gives no frames cannot end its tracks by time; its loss does."""
        if time.monotonic() < self._look_after:
            return
        self._look_after = time.monotonic() + LOOK_AFTER_SECONDS
        for camera_id, camera in self._cameras.items():
            lost = camera.supervisor.status().state not in (CameraState.ONLINE, CameraState.CONNECTING)
            if lost and camera_id in self._open and not camera.ring.waiting:
                self._open.discard(camera_id)
                self._tell(self._pipeline.close(camera_id))

    def _tell(self, events: Sequence[TrackEvent]) -> None:
        if events:
            self._on_events(events)
