"""Deliveries: notifications on their way, or at its end, and each attempt."""

from collections.abc import Sequence
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from sightline.schemas.base import Out, UtcDatetime
from sightline.schemas.channels import ChannelKind


class DeliveryStatus(StrEnum):
    """How far a notification has come. held: its match waits for a second person; cancelled: that person refused, or
    the alert was acknowledged before its escalation went out."""

    HELD = "held"
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"


class AttemptOutcome(StrEnum):
    """refused: trying again is of no use."""

    DELIVERED = "delivered"
    FAILED = "failed"
    REFUSED = "refused"


class DeliveryAttemptOut(Out):
    """One attempt."""

    attempt: int
    outcome: AttemptOutcome
    detail: str = Field(description="What the other side said, or why it was not reached.")
    started_at: UtcDatetime
    duration_ms: int


class DeliveryOut(Out):
    """A notification on its way, or at its end."""

    id: UUID = Field(description="Receivers see it too, the same in every attempt.")
    created_at: UtcDatetime
    status: DeliveryStatus
    is_test: bool
    alert_id: UUID | None
    channel_id: UUID
    channel_name: str | None = Field(description="Null: the channel is not shown to you.")
    channel_kind: ChannelKind | None
    level: int = Field(description="0: the alert was raised; n: step n of its escalation.")
    attempts: int
    next_attempt_at: UtcDatetime | None = Field(description="Of pending ones.")
    give_up_at: UtcDatetime | None = Field(description="Of pending ones: when it is tried no longer.")
    last_error: str | None
    delivered_at: UtcDatetime | None
    log: Sequence[DeliveryAttemptOut] = Field(description="Its attempts, the newest first; 20 at most.")
