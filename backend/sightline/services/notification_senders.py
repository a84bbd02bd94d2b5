"""Telling somebody outside, by mail or webhook; for the test button, and for whoever empties the outbox.

A webhook's request is signed as Stripe signs its own: the signature covers a timestamp and the body, so that it can
neither be forged nor be sent again later.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from uuid import UUID

import aiosmtplib
import httpx

from sightline import __version__
from sightline.core import outbound
from sightline.core.config import SmtpSettings
from sightline.core.errors import DeliveryFailed
from sightline.core.outbound import OutboundPolicy, OutboundRequest

SIGNATURE_HEADER = "Sightline-Signature"
DELIVERY_HEADER = "Sightline-Delivery"


@dataclass(frozen=True, slots=True)
class EmailTarget:
    """Who gets a mail."""

    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WebhookTarget:
    """Where a request goes, and what signs it."""

    url: str = field(repr=False)
    secret: str = field(repr=False)


Target = EmailTarget | WebhookTarget


@dataclass(frozen=True, slots=True)
class Notification:
    """What is told. id: the delivery's, the same in every attempt. kind: "alert.raised" or "channel.test"; data: ids
    and short texts for programs, text: sentences for people. Neither names a person or holds a picture."""

    id: UUID
    kind: str
    created_at: datetime
    title: str
    text: str
    data: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Senders:
    """What sending needs. transport: in place of the network, for tests."""

    smtp: SmtpSettings
    policy: OutboundPolicy
    transport: httpx.AsyncBaseTransport | None = None


async def send(senders: Senders, target: Target, notification: Notification, *, now: datetime) -> str:
    """Tell it, within the policy's time; what the other side said. Raises DeliveryFailed, AddressRefused."""
    if isinstance(target, EmailTarget):
        return await _mail(senders, target, notification)
    body = webhook_body(notification)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"Sightline/{__version__}",
        DELIVERY_HEADER: str(notification.id),
        SIGNATURE_HEADER: signature(target.secret, body, now=now),
    }
    request = OutboundRequest(target.url, body, headers)
    return f"the server answered {await outbound.post(request, senders.policy, transport=senders.transport)}"


def signature(secret: str, body: bytes, *, now: datetime) -> str:
    """t=<seconds>,v1=<hex>: HMAC-SHA256 of "<seconds>.<body>". Receivers refuse a t of more than five minutes ago."""
    seconds = int(now.timestamp())
    digest = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


def webhook_body(notification: Notification) -> bytes:
    """The event as JSON."""
    event = {
        "id": str(notification.id),
        "type": notification.kind,
        "created_at": notification.created_at.isoformat(),
        "title": notification.title,
        "text": notification.text,
        "data": dict(notification.data),
    }
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def mail(notification: Notification, sender: str) -> EmailMessage:
    """The mail. Recipients do not see each other."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = "undisclosed-recipients:;"
    message["Subject"] = " ".join(notification.title.split())  # a line break would end the header
    message["Date"] = format_datetime(notification.created_at)
    message["Message-ID"] = make_msgid(str(notification.id), domain=sender.rpartition("@")[2] or "localhost")
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office replies
    message.set_content(notification.text)
    return message


async def _mail(senders: Senders, target: EmailTarget, notification: Notification) -> str:
    smtp = senders.smtp
    if smtp.host is None:
        raise DeliveryFailed("no mail server is set", hint="Set SIGHTLINE_SMTP__HOST and the others of its group.")
    try:
        refused, _ = await aiosmtplib.send(
            mail(notification, smtp.sender),
            sender=smtp.sender,
            recipients=list(target.recipients),
            hostname=smtp.host,
            port=smtp.port,
            username=smtp.user,
            password=smtp.password.get_secret_value() if smtp.password else None,
            use_tls=smtp.security == "tls",
            start_tls=smtp.security == "starttls",
            timeout=senders.policy.timeout,
        )
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        code = f" {error.code}" if isinstance(error, aiosmtplib.SMTPResponseException) else ""
        raise DeliveryFailed(
            f"the mail server did not take it ({type(error).__name__}{code})",
            hint="Check host, port, security and login in SIGHTLINE_SMTP__….",
        ) from error
    if refused:
        raise DeliveryFailed(
            f"the mail server refused {len(refused)} of {len(target.recipients)} recipients", hint="Check them."
        )
    return f"the mail server took it for {len(target.recipients)} recipients"
