"""What PostgreSQL knows of workers that share cameras: fencing tokens, which cameras there are, and how they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.errors import LeaseLost
from sightline.models import Camera


@dataclass(frozen=True, slots=True)
class WatchedCamera:
    """A camera whose frames are to be analysed. config: as CameraConfig reads it."""

    id: UUID
    recognition_enabled: bool
    config: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class CameraState:
    """How a camera is: active, inactive or error, and why. sample_rate_now: frames per second that go to detection."""

    camera_id: UUID
    status: str
    message: str = ""
    fps: float | None = None
    resolution: str | None = None
    sample_rate_now: float | None = None


async def next_token(session: AsyncSession) -> int:
    """A fencing token, higher than all before; survives a Redis that lost its data."""
    return int(await session.scalar(text("SELECT next_lease_token()")) or 0)


async def watched(session: AsyncSession) -> tuple[WatchedCamera, ...]:
    """Cameras to analyse, without their addresses: detection opens none."""
    statement = (
        select(Camera.id, Camera.recognition_enabled, Camera.config)
        .where(Camera.removed_at.is_(None), Camera.detection_enabled)
        .order_by(Camera.id)
    )
    return tuple(WatchedCamera(*row) for row in await session.execute(statement))


async def put_state(session: AsyncSession, *, state: CameraState, token: int) -> None:
    """Say how a camera is; message must hold no login. Raises LeaseLost: a worker with a newer lease did so since."""
    statement = text(
        "SELECT put_camera_state(:id, :status, :message, cast(:fps AS real), :resolution, cast(:rate AS real), :token)"
    )
    values = {
        "id": state.camera_id,
        "status": state.status,
        "message": state.message,
        "fps": state.fps,
        "resolution": state.resolution,
        "rate": state.sample_rate_now,
        "token": token,
    }
    if not await session.scalar(statement, values):
        raise LeaseLost("another worker watches this camera now", hint="Nothing is to be done: that one writes.")
