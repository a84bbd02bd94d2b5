"""How people are told: channels, how well each does, what is due on it, and browsers that receive pushes."""

from uuid import UUID

from sqlalchemy import ARRAY, ForeignKey, Index, SmallInteger, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from sightline.models.base import Base, Created, Instant, Json, NewId

NEWEST = (text("created_at DESC"), text("id DESC"))


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
    rate_per_minute: Mapped[int] = mapped_column(server_default=text("30"))
    paused_at: Mapped[Instant | None]
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


class ChannelHealth(Base):
    """How a channel does. failures, openings: in a row; opened_until: of its circuit; rate_at: when the next
    delivery is in time."""

    __tablename__ = "channel_health"

    channel_id: Mapped[UUID] = mapped_column(
        ForeignKey("notification_channels.id", ondelete="CASCADE"), primary_key=True
    )
    failures: Mapped[int] = mapped_column(server_default=text("0"))
    openings: Mapped[int] = mapped_column(server_default=text("0"))
    opened_until: Mapped[Instant | None]
    rate_at: Mapped[Created]
    last_delivered_at: Mapped[Instant | None]
    last_failed_at: Mapped[Instant | None]
    last_error: Mapped[str | None]
    updated_at: Mapped[Created]


class NotificationOutbox(Base):
    """A notification that is due; written with its alert, delivered afterwards. A test tells of no alert.

    status: held (an unconfirmed match), pending, delivered, failed, cancelled (a refused match). level: 0 when the
    alert is raised, n at step n of its escalation. reached: those of several recipients that have it already.
    """

    __tablename__ = "notification_outbox"

    id: Mapped[NewId]
    alert_id: Mapped[UUID | None] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"))
    channel_id: Mapped[UUID] = mapped_column(ForeignKey("notification_channels.id", ondelete="CASCADE"))
    is_test: Mapped[bool] = mapped_column(server_default=text("false"))
    status: Mapped[str] = mapped_column(server_default=text("'pending'"))
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    level: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    next_attempt_at: Mapped[Created]
    claimed_until: Mapped[Instant | None]
    give_up_at: Mapped[Instant] = mapped_column(server_default=text("now() + interval '24 hours'"))
    reached: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    last_error: Mapped[str | None]
    delivered_at: Mapped[Instant | None]
    created_at: Mapped[Created]
    updated_at: Mapped[Created]

    __table_args__ = (
        UniqueConstraint("alert_id", "channel_id", "level", name="uq_notification_outbox_alert_channel_level"),
        Index(
            "ix_notification_outbox_due",
            "channel_id",
            "next_attempt_at",
            postgresql_where=text("status = 'pending'"),
        ),
        Index("ix_notification_outbox_channel_id", "channel_id", *NEWEST),
    )


class DeliveryAttempt(Base):
    """That a delivery was tried, and what came of it: delivered, failed, or refused for good."""

    __tablename__ = "delivery_attempts"

    id: Mapped[NewId]
    delivery_id: Mapped[UUID] = mapped_column(ForeignKey("notification_outbox.id", ondelete="CASCADE"))
    attempt: Mapped[int]
    outcome: Mapped[str]
    detail: Mapped[str]
    started_at: Mapped[Instant]
    duration_ms: Mapped[int]

    __table_args__ = (Index("ix_delivery_attempts_delivery_id", "delivery_id", "id"),)


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
