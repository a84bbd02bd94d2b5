"""Cameras of a playlist."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from sightline.schemas.base import In, Out, Text
from sightline.schemas.cameras import TimeZone

LONGEST_PLAYLIST = 2 * 1024 * 1024


class EntryState(StrEnum):
    """What becomes of an entry. ready: a dry run would add it. duplicate: a camera, or an entry before it, has the
    address."""

    READY = "ready"
    ADDED = "added"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


class CameraImportIn(In):
    """A playlist, and what its cameras shall be."""

    playlist: Text = Field(
        min_length=1,
        max_length=LONGEST_PLAYLIST,
        repr=False,
        description="Extended M3U: names in #EXTINF, one address per line. Logins in addresses are taken out and kept"
        " apart.",
        examples=["#EXTM3U\n#EXTINF:-1,Entrance\nrtsp://192.168.1.64:554/1\n"],
    )
    dry_run: bool = Field(default=True, description="Say what would happen, and add nothing.")
    lines: list[Annotated[int, Field(ge=1)]] | None = Field(
        None,
        max_length=10_000,
        description="Lines of the addresses that are meant; all where null. 500 are added at once.",
    )
    group_id: UUID | None = Field(None, description="Who sees them; null: everybody.")
    time_zone: TimeZone = Field("UTC", description="Where they hang.", examples=["Europe/Berlin"])
    detection_enabled: bool = Field(default=True, description="Whether they are watched.")


class CameraImportEntry(Out):
    """What becomes of one entry."""

    line: int = Field(description="Where its address stands in the playlist.")
    name: str = Field(description="As the camera is or would be called; a name that is taken gets a number.")
    stream_url: str = Field(description="Without login and secrets; empty where it cannot be read.")
    state: EntryState
    camera_id: UUID | None = Field(None, description="Of the camera that was added.")
    code: str | None = Field(None, description="Why not, as in a problem's code.", examples=["address_not_allowed"])
    detail: str | None = None
    hint: str | None = None


class CameraImportOut(Out):
    """What became of a playlist, in its order."""

    dry_run: bool
    items: Sequence[CameraImportEntry]
