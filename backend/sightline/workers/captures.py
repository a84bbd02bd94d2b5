"""Cameras that are captured: a thread each that reads and decodes, and one door to the frames of all."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sightline.core.config import CaptureSettings
from sightline.domain.frames import Frame
from sightline.media.capture import CaptureOptions
from sightline.media.ring import FrameRing, FrameRings
from sightline.media.supervisor import CameraSupervisor, ReconnectPolicy, SupervisorStatus, stop_all
from sightline.workers.camera_plan import CameraPlan

MEBIBYTE = 1024 * 1024


def supervise(plan: CameraPlan, ring: FrameRing, settings: CaptureSettings) -> CameraSupervisor:
    """What captures a camera as planned; not started yet."""
    options = CaptureOptions(
        sample_rate=settings.sample_rate,
        stall_timeout=settings.stall_timeout,
        transport=plan.transport,
        regions=plan.regions,
        realtime=plan.realtime,
        guard=plan.guard,
    )
    policy = ReconnectPolicy(
        settings.reconnect_delay, settings.reconnect_delay_max, attempts=settings.reconnect_attempts
    )
    return CameraSupervisor(plan.camera_id, plan.source, ring, options=options, policy=policy, loop=plan.loop)


@dataclass(frozen=True, slots=True)
class _Capture:
    plan: CameraPlan
    supervisor: CameraSupervisor


class Captures:
    """The cameras of one process. take() may be called on another thread than the rest."""

    def __init__(self, settings: CaptureSettings) -> None:
        self._settings = settings
        self._rings = FrameRings(settings.buffer_frames, settings.buffer_megabytes * MEBIBYTE)
        self._captures: dict[str, _Capture] = {}

    def replace(self, plans: Sequence[CameraPlan]) -> list[str]:
        """Capture these cameras from now on; those that stay as they are go on undisturbed. Ids of those that ended.

        Waits up to STOP_PATIENCE for threads that end.
        """
        wanted = {plan.camera_id: plan for plan in plans}
        gone = [name for name, capture in self._captures.items() if wanted.get(name) != capture.plan]
        self.stop(gone)
        for name, plan in wanted.items():
            if name not in self._captures:
                capture = _Capture(plan, supervise(plan, self._rings.add(name), self._settings))
                self._captures[name] = capture
                capture.supervisor.start()
        return gone

    def stop(self, camera_ids: Collection[str]) -> None:
        """End these and forget what waits of them."""
        gone = [self._captures.pop(name) for name in camera_ids if name in self._captures]
        stop_all([capture.supervisor for capture in gone])
        for capture in gone:
            self._rings.remove(capture.plan.camera_id)

    def take(self, count: int, timeout: float) -> list[Frame]:
        """Up to count frames, in turn over the cameras; waits so many seconds for the first one."""
        return self._rings.take_fair(count, timeout)

    def statuses(self) -> list[SupervisorStatus]:
        """How the cameras are."""
        return [capture.supervisor.status() for capture in tuple(self._captures.values())]
