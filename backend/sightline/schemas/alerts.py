"""Alerts."""

from enum import StrEnum
from uuid import UUID

from sightline.schemas.base import Out, UtcDatetime


class AlertStatus(StrEnum):
    """How far an alert has come."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class AlertOut(Out):
    """A match that somebody should look at."""

    id: UUID
    created_at: UtcDatetime
    matched_at: UtcDatetime
    severity: str
    status: AlertStatus
    message: str
    camera_id: UUID
    camera_name: str
    sighting_id: UUID | None
    subject_id: UUID | None
    subject_name: str | None
