"""Numbers for the first page."""

from uuid import UUID

from sightline.schemas.base import Out, UtcDatetime


class MinuteOut(Out):
    """What all visible cameras counted in one minute."""

    minute: UtcDatetime
    frames: int
    detections: int
    tracks: int
    recognitions: int


class CameraNowOut(Out):
    """One camera now; frames and detections of the last whole minute."""

    camera_id: UUID
    in_view: int
    sightings_today: int
    frames: int
    detections: int


class DashboardOut(Out):
    """minutes: the last hour, oldest first, without gaps."""

    as_of: UtcDatetime
    in_view: int
    sightings_today: int
    recognised_today: int
    open_alerts: int
    minutes: tuple[MinuteOut, ...]
    cameras: tuple[CameraNowOut, ...]
