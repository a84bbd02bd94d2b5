"""SQLAlchemy's view of the tables, one file per noun. Relationships are loaded explicitly or not at all."""

from sightline.models.alert import (
    Alert,
    AlertEvent,
    AlertRule,
    AlertRuleChannel,
    Layout,
    RuleQueueEntry,
)
from sightline.models.audit import AuditLink, AuditLog, AuditPayload, AuditPending
from sightline.models.base import Base
from sightline.models.camera import Camera, CameraCredentials, CameraGroup, UserCameraGroup
from sightline.models.erasure import Erasure
from sightline.models.escalation import AlertEscalation, EscalationPolicy
from sightline.models.idempotency_key import IdempotencyKey
from sightline.models.job import Job
from sightline.models.notification import (
    ChannelHealth,
    DeliveryAttempt,
    NotificationChannel,
    NotificationOutbox,
    PushSubscription,
)
from sightline.models.sighting import CameraMinuteCounter, ObjectDeletion, SearchRequest, Sighting, SightingCorrection
from sightline.models.statistic import StatisticBinChange, StatisticBins, StatisticChange, StatisticDay
from sightline.models.subject import Image, ImageTemplate, Subject, SubjectMerge, Watchlist
from sightline.models.user import ApiKey, RefreshToken, SecondFactor, Setting, User

__all__ = [
    "Alert",
    "AlertEscalation",
    "AlertEvent",
    "AlertRule",
    "AlertRuleChannel",
    "ApiKey",
    "AuditLink",
    "AuditLog",
    "AuditPayload",
    "AuditPending",
    "Base",
    "Camera",
    "CameraCredentials",
    "CameraGroup",
    "CameraMinuteCounter",
    "ChannelHealth",
    "DeliveryAttempt",
    "Erasure",
    "EscalationPolicy",
    "IdempotencyKey",
    "Image",
    "ImageTemplate",
    "Job",
    "Layout",
    "NotificationChannel",
    "NotificationOutbox",
    "ObjectDeletion",
    "PushSubscription",
    "RefreshToken",
    "RuleQueueEntry",
    "SearchRequest",
    "SecondFactor",
    "Setting",
    "Sighting",
    "SightingCorrection",
    "StatisticBinChange",
    "StatisticBins",
    "StatisticChange",
    "StatisticDay",
    "Subject",
    "SubjectMerge",
    "User",
    "UserCameraGroup",
    "Watchlist",
]
