"""Alerts, the rules behind them, how people are told, and how they arranged their screens."""

from uuid import UUID

from sqlalchemy import (
    JSON,
    REAL,
    Boolean,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from sightline.models.base import Base, Created, Instant, Json, NewId
from sightline.models.camera import Camera
from sightline.models.subject import Subject

NEWEST = (text("created_at DESC"), text("id DESC"))
SEVERITY_RANK = "CASE severity WHEN 'critical' THEN 4 WHEN 'high' THEN 3 WHEN 'medium' THEN 2 ELSE 1 END"


class AlertRule(Base):
    """When an alert is raised beyond the watchlists' own. A condition that is None holds for everything."""

    __tablename__ = "alert_rules"

    id: Mapped[NewId]
    name: Mapped[str]
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    camera_id: Mapped[UUID | None] = mapped_column(ForeignKey("cameras.id", ondelete="CASCADE"), index=True)
    group_id: Mapped[UUID | None] = mapped_column(ForeignKey("camera_groups.id", ondelete="CASCADE"), index=True)
    watchlist_id: Mapped[int | None] = mapped_column(ForeignKey("watchlists.id", ondelete="CASCADE"), index=True)
    subject_id: Mapped[UUID | None] = mapped_column(ForeignKey("subjects.id", ondelete="CASCADE"), index=True)
    min_confidence: Mapped[float | None] = mapped_column(REAL)
    severity: Mapped[str | None]
    cooldown_seconds: Mapped[int] = mapped_column(server_default=text("300"))
    schedule: Mapped[Json] = mapped_column(server_default=text("'{}'"))
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[Created]
    updated_at: Mapped[Created]

    __table_args__ = (
        Index(
            "ix_alert_rules_schedule",
            "schedule",
            postgresql_using="gin",
            postgresql_ops={"schedule": "jsonb_path_ops"},
        ),
    )


class Alert(Base):
    """A match that somebody should look at. severity: low to critical; status: new, acknowledged, resolved."""

    __tablename__ = "alerts"

    id: Mapped[NewId]
    sighting_id: Mapped[UUID | None]
    sighting_detected_at: Mapped[Instant | None]
    camera_id: Mapped[UUID] = mapped_column(ForeignKey("cameras.id", ondelete="RESTRICT"))
    subject_id: Mapped[UUID | None] = mapped_column(ForeignKey("subjects.id", ondelete="SET NULL"))
    watchlist_id: Mapped[int | None] = mapped_column(ForeignKey("watchlists.id", ondelete="SET NULL"), index=True)
    rule_id: Mapped[UUID | None] = mapped_column(ForeignKey("alert_rules.id", ondelete="SET NULL"), index=True)
    severity: Mapped[str]
    message: Mapped[str]
    status: Mapped[str] = mapped_column(server_default=text("'new'"))
    acknowledged: Mapped[bool] = mapped_column(Boolean, Computed("acknowledged_at IS NOT NULL", persisted=True))
    matched_at: Mapped[Instant]
    acknowledged_at: Mapped[Instant | None]
    acknowledged_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    resolved_at: Mapped[Instant | None]
    resolved_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    anonymised_at: Mapped[Instant | None]
    created_at: Mapped[Created]
    updated_at: Mapped[Created]
    assigned_to: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    verdict: Mapped[str | None]
    verification: Mapped[str] = mapped_column(server_default=text("'not_needed'"))
    verified_at: Mapped[Instant | None]
    verified_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    severity_rank: Mapped[int] = mapped_column(SmallInteger, Computed(SEVERITY_RANK, persisted=True))

    camera: Mapped[Camera] = relationship(lazy="raise")
    subject: Mapped[Subject | None] = relationship(lazy="raise")

    __table_args__ = (
        ForeignKeyConstraint(
            ["sighting_id", "sighting_detected_at"],
            ["sightings.id", "sightings.detected_at"],
            name="alerts_sighting_fkey",
            match="FULL",
        ),
        Index("ix_alerts_sighting", "sighting_id", "sighting_detected_at"),
        Index("ix_alerts_cooldown", "subject_id", "camera_id", text("matched_at DESC")),
        Index("ix_alerts_created_at", *NEWEST),
        Index("ix_alerts_assigned_to", "assigned_to", *NEWEST),
        Index("ix_alerts_status", "status", *NEWEST),
        Index("ix_alerts_open", "severity", "camera_id", postgresql_where=text("status <> 'resolved'")),
        Index("ix_alerts_verdict", "verdict", *NEWEST, postgresql_where=text("verdict IS NOT NULL")),
        Index("ix_alerts_severity_rank", text("severity_rank DESC"), text("id DESC")),
        Index("ix_alerts_subject_id", "subject_id", *NEWEST),
        Index("ix_alerts_camera_id", "camera_id", *NEWEST),
    )


class AlertEvent(Base):
    """What happened to an alert, and what people wrote. user_id None: the machine, or an account that is gone."""

    __tablename__ = "alert_events"

    id: Mapped[NewId]
    alert_id: Mapped[UUID] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    kind: Mapped[str]
    note: Mapped[str] = mapped_column(server_default=text("''"))
    verdict: Mapped[str | None]
    assigned_to: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[Created]

    __table_args__ = (Index("ix_alert_events_alert_id", "alert_id", "id"),)


class NotificationChannel(Base):
    """A way to tell people. secrets: sealed (core/sealing.py); they never leave the service but to the addressee."""

    __tablename__ = "notification_channels"

    id: Mapped[NewId]
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    config: Mapped[Json] = mapped_column(server_default=text("'{}'"))
    secrets: Mapped[bytes | None]
    include_pictures: Mapped[bool] = mapped_column(server_default=text("false"))
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    created_at: Mapped[Created]
    updated_at: Mapped[Created]

    __table_args__ = (
        Index(
            "ix_notification_channels_config",
            "config",
            postgresql_using="gin",
            postgresql_ops={"config": "jsonb_path_ops"},
        ),
    )


class AlertRuleChannel(Base):
    """That a rule's alerts go to a channel."""

    __tablename__ = "alert_rule_channels"

    rule_id: Mapped[UUID] = mapped_column(ForeignKey("alert_rules.id", ondelete="CASCADE"), primary_key=True)
    channel_id: Mapped[UUID] = mapped_column(
        ForeignKey("notification_channels.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class NotificationOutbox(Base):
    """A notification that is due; written with its alert, delivered afterwards. A test tells of no alert.

    status: held (an unconfirmed match), pending, delivered, failed, cancelled (a refused match).
    """

    __tablename__ = "notification_outbox"

    id: Mapped[NewId]
    alert_id: Mapped[UUID | None] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"))
    channel_id: Mapped[UUID] = mapped_column(ForeignKey("notification_channels.id", ondelete="CASCADE"))
    is_test: Mapped[bool] = mapped_column(server_default=text("false"))
    status: Mapped[str] = mapped_column(server_default=text("'pending'"))
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    next_attempt_at: Mapped[Created]
    last_error: Mapped[str | None]
    delivered_at: Mapped[Instant | None]
    created_at: Mapped[Created]
    updated_at: Mapped[Created]

    __table_args__ = (
        UniqueConstraint("alert_id", "channel_id", name="uq_notification_outbox_alert_channel"),
        Index(
            "ix_notification_outbox_due",
            "next_attempt_at",
            postgresql_where=text("status = 'pending'"),
        ),
        Index("ix_notification_outbox_channel_id", "channel_id", *NEWEST),
    )


class PushSubscription(Base):
    """A browser that receives pushes. secrets: sealed, its address and keys; endpoint_hash: SHA-256 of the address."""

    __tablename__ = "push_subscriptions"

    id: Mapped[NewId]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    endpoint_hash: Mapped[bytes] = mapped_column(unique=True)
    host: Mapped[str]
    device: Mapped[str] = mapped_column(server_default=text("''"))
    secrets: Mapped[bytes]
    expires_at: Mapped[Instant | None]
    last_used_at: Mapped[Instant | None]
    created_at: Mapped[Created]
    updated_at: Mapped[Created]


class Layout(Base):
    """How somebody arranged a screen; content is for the page alone."""

    __tablename__ = "layouts"

    id: Mapped[NewId]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str]
    kind: Mapped[str]
    content: Mapped[Json] = mapped_column(JSON)
    is_shared: Mapped[bool] = mapped_column(server_default=text("false"))
    is_default: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[Created]
    updated_at: Mapped[Created]

    __table_args__ = (
        Index("uq_layouts_name", "user_id", "kind", text("lower(name)"), unique=True),
        Index("uq_layouts_default", "user_id", "kind", unique=True, postgresql_where=text("is_default")),
        Index("ix_layouts_shared", text("lower(name)"), "id", postgresql_where=text("is_shared")),
    )
