"""How cameras are, in words for the database, written under the lease of whoever watches them."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from uuid import UUID

from sightline.core.database import WORKER, Database
from sightline.core.errors import LeaseLost
from sightline.media.supervisor import CameraState as Capture
from sightline.media.supervisor import SupervisorStatus
from sightline.services import camera_leases
from sightline.services.camera_leases import CameraState
from sightline.workers.camera_leases import CameraLeases
from sightline.workers.events import EventPublisher

logger = logging.getLogger(__name__)

SEEN_SECONDS = 30.0
"""How often a state that stays as it is is written again."""


def in_words(status: SupervisorStatus, rates: Mapping[str, float]) -> CameraState:
    """A camera's state as the database knows states, and why. rates: frames per second that go on, by camera."""
    info = status.info
    word, message = status_words(status)
    return CameraState(
        UUID(status.camera_id),
        word,
        message,
        fps=info.fps if info else None,
        resolution=f"{info.width}x{info.height}" if info else None,
        sample_rate_now=rates.get(status.camera_id) if status.state is Capture.ONLINE else None,
    )


def status_words(status: SupervisorStatus) -> tuple[str, str]:
    """active, inactive or error, and why."""
    reason = status.last_failure.error.message if status.last_failure else ""
    match status.state:
        case Capture.ONLINE:
            return "active", ""
        case Capture.ERROR:
            return "error", reason
        case Capture.RECONNECTING:
            return "inactive", f"reconnecting: {reason}"
        case Capture.CONNECTING:
            return "inactive", "connecting"
        case Capture.ENDED | Capture.STOPPED:
            return "inactive", "ended"


@dataclass(frozen=True, slots=True)
class _Written:
    state: CameraState
    at: float


class StateWriter:
    """Writes what is new; a camera whose lease is lost is left to its new worker."""

    def __init__(self, database: Database, publisher: EventPublisher, leases: CameraLeases) -> None:
        self._database = database
        self._publisher = publisher
        self._leases = leases
        self._written: dict[UUID, _Written] = {}

    def forget(self, cameras: Sequence[UUID]) -> None:
        """Others write for these now."""
        for camera_id in cameras:
            self._written.pop(camera_id, None)

    async def write(self, states: Sequence[CameraState]) -> None:
        """Write those that changed, and others once in a while. Raises ServiceUnavailable."""
        for state in states:
            known = self._written.get(state.camera_id)
            is_news = known is None or known.state != state
            is_old = known is None or monotonic() - known.at > SEEN_SECONDS
            lease = self._leases.of(state.camera_id)
            if lease is None or not (is_news or is_old):
                continue
            try:
                async with self._database.session(WORKER) as session:
                    await camera_leases.put_state(session, state=state, token=lease.token)
            except LeaseLost:
                self._leases.reject(state.camera_id)
                continue
            self._written[state.camera_id] = _Written(state, monotonic())
            if is_news:
                await self._publisher.publish_camera(state.camera_id)
