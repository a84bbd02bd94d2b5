"""Notification channels: ways on which alerts leave the house."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import EmailStr, Field

from sightline.schemas.base import In, Out, Text, UtcDatetime


class ChannelKind(StrEnum):
    """How people are told."""

    EMAIL = "email"
    WEBHOOK = "webhook"


class DeliveryStatus(StrEnum):
    """How far a notification has come. held: its match waits for a second person; cancelled: that person refused."""

    HELD = "held"
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"


class _ChannelIn(In):
    name: Annotated[Text, Field(min_length=1, max_length=100, examples=["Guards at gate 2"])]
    is_active: bool = True
    include_pictures: bool = Field(
        default=False, description="Send the picture of the sighting too. It leaves the house; this is on record."
    )


class EmailChannelIn(_ChannelIn):
    """Mails by the mail server of the environment (SIGHTLINE_SMTP__…)."""

    kind: Literal[ChannelKind.EMAIL]
    recipients: Annotated[tuple[EmailStr, ...], Field(min_length=1, max_length=50)]


class WebhookChannelIn(_ChannelIn):
    """A POST to an address, signed with a shared secret."""

    kind: Literal[ChannelKind.WEBHOOK]
    url: Annotated[str, Field(min_length=1, max_length=2000)] | None = Field(
        None,
        repr=False,
        description="https:// or http:// address without a login; sealed and never shown. Null in an update: as is.",
        examples=["https://hooks.example.org/sightline"],
    )
    secret: Annotated[Text, Field(min_length=16, max_length=256)] | None = Field(
        None,
        repr=False,
        description=(
            "Signs each request: Sightline-Signature: t=<seconds since 1970>,v1=<hex HMAC-SHA256 of t, a full stop and"
            " the body>. Never shown. Null in an update: as is."
        ),
        examples=["whsec_5f3a0c1e9b7d4e2a"],
    )


ChannelIn = Annotated[EmailChannelIn | WebhookChannelIn, Field(discriminator="kind")]


class ChannelOut(Out):
    """A channel; addresses and secrets of webhooks are not shown."""

    id: UUID
    name: str
    kind: ChannelKind
    is_active: bool
    include_pictures: bool
    recipients: Sequence[str] = Field(description="Of mails.")
    host: str | None = Field(description="Of a webhook.")
    has_secret: bool
    created_at: UtcDatetime
    updated_at: UtcDatetime


class ChannelTestOut(Out):
    """How a test went."""

    delivered: bool
    detail: str = Field(description="What happened, or why not.")
    delivery_id: UUID


class DeliveryOut(Out):
    """A notification on its way, or at its end."""

    id: UUID
    created_at: UtcDatetime
    status: DeliveryStatus
    is_test: bool
    alert_id: UUID | None
    attempts: int
    next_attempt_at: UtcDatetime | None = Field(description="Of pending ones.")
    last_error: str | None
    delivered_at: UtcDatetime | None
