"""Web Push (RFC 8030, 8291, 8292): browsers that are told of alerts while the page is closed."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from sightline.schemas.base import In, Out, Text, UtcDatetime


class PushKeyOut(Out):
    """What a browser needs to subscribe."""

    public_key: str = Field(description="applicationServerKey: a point of P-256, uncompressed, in base64url.")


class PushKeysIn(In):
    """The browser's keys (RFC 8291), as PushSubscription.toJSON() gives them."""

    p256dh: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{87}=?$", repr=False, description="65 bytes in base64url.")]
    auth: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{22}(==)?$", repr=False, description="16 bytes in base64url.")]


class PushSubscriptionIn(In):
    """PushSubscription.toJSON() of a browser, and what to call it."""

    endpoint: Annotated[
        str,
        Field(
            min_length=1, max_length=2000, repr=False, description="https:// address of the browser's push service.",
            examples=["https://push.example.com/send/dGhpcyBpcyBhIGNhcGFiaWxpdHk"],
        ),
    ]  # fmt: skip
    expiration_time: int | None = Field(
        None, alias="expirationTime", ge=0, le=253_402_300_799_000, description="Milliseconds since 1970."
    )
    keys: PushKeysIn
    device: Annotated[Text, Field(max_length=100, examples=["Front desk, Firefox"])] = ""


class PushSubscriptionOut(Out):
    """A browser of yours that is told of alerts. Its address is a capability, and not shown."""

    id: UUID
    host: str = Field(description="Of the push service.", examples=["updates.push.services.mozilla.com"])
    device: str
    created_at: UtcDatetime
    expires_at: UtcDatetime | None
    last_used_at: UtcDatetime | None
