"""Groups of cameras."""

from uuid import UUID

from pydantic import Field

from sightline.schemas.base import In, Out, Text, UtcDatetime
from sightline.schemas.cameras import Name


class CameraGroupIn(In):
    """A group; PUT replaces all of it."""

    name: Name = Field(examples=["Vaults"])
    description: Text = Field("", max_length=1000)


class CameraGroupOut(Out):
    """A group. Users who are members see its cameras, sightings and alerts (see users)."""

    id: UUID
    name: str
    description: str
    cameras: int = Field(description="How many you see in it.")
    created_at: UtcDatetime
    updated_at: UtcDatetime


class GroupCamerasIn(In):
    """Which cameras are in the group."""

    camera_ids: list[UUID] = Field(max_length=5000, description="All of them; others leave the group.")
