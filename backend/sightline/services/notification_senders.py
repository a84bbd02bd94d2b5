"""Telling somebody outside, on any kind of channel; for the test button, and for the worker that empties the outbox.

A webhook's request is signed as Stripe signs its own: the signature covers a timestamp and the body, so that it can
neither be forged nor be sent again later.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

from sightline import __version__
from sightline.core import outbound
from sightline.core.errors import DeliveryRefused
from sightline.core.outbound import OutboundRequest
from sightline.schemas.channels import (
    AnyChannel,
    EmailChannelIn,
    MqttChannelIn,
    SlackChannelIn,
    TeamsChannelIn,
    WebhookChannelIn,
    WebPushChannelIn,
)
from sightline.services import mail_sender, mqtt_sender, vendor_sender, web_push_sender
from sightline.services.chat_bodies import slack_body, teams_body, webhook_body
from sightline.services.notification_message import Browser, Notification, Receipt, Senders

SIGNATURE_HEADER = "Sightline-Signature"
DELIVERY_HEADER = "Sightline-Delivery"
NOBODY: frozenset[str] = frozenset()


async def send(
    senders: Senders,
    channel: AnyChannel,
    notification: Notification,
    *,
    now: datetime,
    reached: frozenset[str] = NOBODY,
    browsers: tuple[Browser, ...] = (),
) -> Receipt:
    """Tell it, within the policy's time; what the other side said. reached: who had it in attempts before.

    Raises DeliveryFailed, DeliveryRefused (trying again is of no use), AddressRefused.
    """
    if isinstance(channel, EmailChannelIn):
        return await mail_sender.send(senders, channel, notification, reached)
    if isinstance(channel, MqttChannelIn):
        return await mqtt_sender.send(senders, channel, notification)
    if isinstance(channel, WebPushChannelIn):
        return await web_push_sender.send(senders, browsers, notification, reached, now=now)
    if isinstance(channel, WebhookChannelIn | SlackChannelIn | TeamsChannelIn):
        return await _post(senders, channel, notification, now)
    return await vendor_sender.send(senders, channel, notification, reached)


def signature(secret: str, body: bytes, *, now: datetime) -> str:
    """t=<seconds>,v1=<hex>: HMAC-SHA256 of "<seconds>.<body>". Receivers refuse a t of more than five minutes ago."""
    seconds = int(now.timestamp())
    digest = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


async def _post(
    senders: Senders,
    channel: WebhookChannelIn | SlackChannelIn | TeamsChannelIn,
    notification: Notification,
    now: datetime,
) -> Receipt:
    if channel.url is None:
        raise DeliveryRefused("the channel has no address", hint="Save it with its url again.")
    body = _body(channel, notification)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"Sightline/{__version__}",
        DELIVERY_HEADER: str(notification.id),
        **_signed(channel, body, now),
    }
    request = OutboundRequest(channel.url, body, headers)
    return Receipt(f"the server answered {await outbound.post(request, senders.policy, transport=senders.transport)}")


def _body(channel: WebhookChannelIn | SlackChannelIn | TeamsChannelIn, notification: Notification) -> bytes:
    if isinstance(channel, SlackChannelIn):
        return slack_body(notification)
    return teams_body(notification) if isinstance(channel, TeamsChannelIn) else webhook_body(notification)


def _signed(
    channel: WebhookChannelIn | SlackChannelIn | TeamsChannelIn, body: bytes, now: datetime
) -> Mapping[str, str]:
    if not isinstance(channel, WebhookChannelIn):
        return {}
    return {SIGNATURE_HEADER: signature(channel.secret or "", body, now=now)}
