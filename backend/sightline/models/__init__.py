"""SQLAlchemy's view of the tables, one file per noun. Relationships are loaded explicitly or not at all."""

from sightline.models.alert import (
    Alert,
    AlertRule,
    AlertRuleChannel,
    NotificationChannel,
    NotificationOutbox,
)
from sightline.models.audit import AuditLink, AuditLog, AuditPayload
from sightline.models.base import Base
from sightline.models.camera import Camera, CameraCredentials, CameraGroup, UserCameraGroup
from sightline.models.sighting import CameraMinuteCounter, ObjectDeletion, Sighting
from sightline.models.subject import Image, Subject, Watchlist
from sightline.models.user import ApiKey, RefreshToken, Setting, User

__all__ = [
    "Alert",
    "AlertRule",
    "AlertRuleChannel",
    "ApiKey",
    "AuditLink",
    "AuditLog",
    "AuditPayload",
    "Base",
    "Camera",
    "CameraCredentials",
    "CameraGroup",
    "CameraMinuteCounter",
    "Image",
    "NotificationChannel",
    "NotificationOutbox",
    "ObjectDeletion",
    "RefreshToken",
    "Setting",
    "Sighting",
    "Subject",
    "User",
    "UserCameraGroup",
    "Watchlist",
]
