"""Cameras."""

from uuid import UUID

from pydantic import Field

from sightline.schemas.base import Out, UtcDatetime


class CameraOut(Out):
    """A camera and how it is; its address is not shown."""

    id: UUID
    name: str
    location: str
    status: str = Field(description="active, inactive or error.")
    status_message: str = Field(description="Reason of the last failure, empty where there is none.")
    fps: float | None
    resolution: str | None
    last_seen_at: UtcDatetime | None = Field(description="When somebody was last seen by it.")
