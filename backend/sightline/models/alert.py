"""Alerts, the rules behind them, how people are told, and how they arranged their screens."""

from uuid import UUID

from sqlalchemy import (
    JSON,
    REAL,
    BigInteger,
    Boolean,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
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
    unknown_person: Mapped[bool] = mapped_column(server_default=text("false"))
    unknown_after_seconds: Mapped[int] = mapped_column(server_default=text("10"))
    zone: Mapped[list[object] | None] = mapped_column(JSON(none_as_null=True))
    max_fmr: Mapped[float | None]
    frequency_count: Mapped[int | None]
    frequency_seconds: Mapped[int | None]
    frequency_place: Mapped[str | None]
    co_presence_subject_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("subjects.id", ondelete="CASCADE"), index=True
    )
    co_presence_seconds: Mapped[int | None]
    co_presence_place: Mapped[str | None]
    cooldown_scope: Mapped[str] = mapped_column(server_default=text("'subject_and_camera'"))
    snoozed_until: Mapped[Instant | None]
    quiet_hours: Mapped[Json | None] = mapped_column(JSON(none_as_null=True))
    is_escalated: Mapped[bool] = mapped_column(server_default=text("true"))
    escalation_policy_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("escalation_policies.id", ondelete="RESTRICT"), index=True
    )

    __table_args__ = (
        Index(
            "ix_alert_rules_schedule",
            "schedule",
            postgresql_using="gin",
            postgresql_ops={"schedule": "jsonb_path_ops"},
        ),
    )


class RuleQueueEntry(Base):
    """A sighting that rules have yet to look at. set_aside_at: it failed again and again, for this reason."""

    __tablename__ = "rule_queue"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    sighting_id: Mapped[UUID] = mapped_column(index=True)
    detected_at: Mapped[Instant]
    due_at: Mapped[Created]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    set_aside_at: Mapped[Instant | None]
    reason: Mapped[str | None]

    __table_args__ = (
        Index("ix_rule_queue_due_at", "due_at", "id", postgresql_where=text("set_aside_at IS NULL")),
        Index("ix_rule_queue_set_aside_at", "set_aside_at", postgresql_where=text("set_aside_at IS NOT NULL")),
    )


class Alert(Base):
    """A match that somebody should look at. severity: low to critical; status: new, acknowledged, resolved.

    similarity: the best of its sighting so far; identity: whom the sighting is taken for by now (same, other, unknown).
    """

    __tablename__ = "alerts"

    id: Mapped[NewId]
    sighting_id: Mapped[UUID | None]
    sighting_detected_at: Mapped[Instant | None]
    camera_id: Mapped[UUID] = mapped_column(ForeignKey("cameras.id", ondelete="RESTRICT"))
    subject_id: Mapped[UUID | None] = mapped_column(ForeignKey("subjects.id", ondelete="SET NULL"))
    watchlist_id: Mapped[int | None] = mapped_column(ForeignKey("watchlists.id", ondelete="SET NULL"), index=True)
    rule_id: Mapped[UUID | None] = mapped_column(ForeignKey("alert_rules.id", ondelete="SET NULL"))
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
    similarity: Mapped[float | None] = mapped_column(REAL)
    identity: Mapped[str] = mapped_column(server_default=text("'same'"))

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
        Index("ix_alerts_rule_id", "rule_id", text("matched_at DESC")),
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
    """What happened to an alert, and what people wrote. user_id None: the machine, or an account that is gone.

    delivery_id, channel: acknowledged by the link of that notification; step, severity: of an escalation.
    """

    __tablename__ = "alert_events"

    id: Mapped[NewId]
    alert_id: Mapped[UUID] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    kind: Mapped[str]
    note: Mapped[str] = mapped_column(server_default=text("''"))
    verdict: Mapped[str | None]
    assigned_to: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[Created]
    delivery_id: Mapped[UUID | None] = mapped_column(ForeignKey("notification_outbox.id", ondelete="SET NULL"))
    channel: Mapped[str | None]
    step: Mapped[int | None] = mapped_column(SmallInteger)
    severity: Mapped[str | None]

    __table_args__ = (
        Index("ix_alert_events_alert_id", "alert_id", "id"),
        UniqueConstraint("delivery_id", name="uq_alert_events_delivery_id"),
    )


class AlertRuleChannel(Base):
    """That a rule's alerts go to a channel."""

    __tablename__ = "alert_rule_channels"

    rule_id: Mapped[UUID] = mapped_column(ForeignKey("alert_rules.id", ondelete="CASCADE"), primary_key=True)
    channel_id: Mapped[UUID] = mapped_column(
        ForeignKey("notification_channels.id", ondelete="CASCADE"), primary_key=True, index=True
    )


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
