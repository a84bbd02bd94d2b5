"""Telling a broker: an event per alert, what came last per camera, and Home Assistant how to show both.

Topics below the channel's prefix:

    status                      online, or offline by the last will of the worker that stays connected
    event                       every notification, tests included, as the webhook's JSON; not retained
    cameras/<id>/alert          the same per camera; event_type is the severity
    cameras/<id>/last_alert     the latest one, retained
    cameras/<id>/picture        JPEG, retained; only where the channel carries pictures

Each is published with QoS 1 (at least once) and carries the delivery's id.
"""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import aiomqtt
from aiomqtt.exceptions import MqttConnectError

from sightline import __version__
from sightline.core import outbound
from sightline.core.errors import DeliveryFailed
from sightline.core.outbound import OutboundPolicy
from sightline.schemas.channels import MqttChannelIn
from sightline.services.chat_bodies import webhook_body
from sightline.services.notification_message import Notification, Place, Receipt, Senders

ONLINE: Final = "online"
OFFLINE: Final = "offline"
SEVERITIES: Final = ("low", "medium", "high", "critical")


@dataclass(frozen=True, slots=True)
class Published:
    """A message to a topic."""

    topic: str
    payload: str | bytes
    retain: bool = False


class _NamedContext(ssl.SSLContext):
    """Checks the certificate of a host's name on a connection to the address that was checked. timeout: seconds."""

    host = ""
    timeout = 10.0

    def wrap_socket(self, *args, **options):  # type: ignore[no-untyped-def]
        """Shakes hands at once: the library would leave the socket open where that fails."""
        wrapped = super().wrap_socket(*args, **{**options, "server_hostname": self.host})
        wrapped.settimeout(self.timeout)
        try:
            wrapped.do_handshake()
        except BaseException:
            wrapped.close()
            raise
        return wrapped


async def send(senders: Senders, channel: MqttChannelIn, notification: Notification) -> Receipt:
    """Publish it, and wait until the broker has it. Raises DeliveryFailed, AddressRefused."""
    messages = published(channel, notification)
    try:
        async with asyncio.timeout(senders.policy.timeout), connected(channel, senders.policy) as client:
            for message in messages:
                await client.publish(message.topic, message.payload, qos=1, retain=message.retain)
    except TimeoutError as error:
        raise DeliveryFailed(
            f"the broker did not answer within {senders.policy.timeout:g} s", hint="Check host and port."
        ) from error
    except aiomqtt.MqttError as error:
        raise _failure(error) from error
    return Receipt(f"the broker took {len(messages)} messages")


@asynccontextmanager
async def connected(
    channel: MqttChannelIn, policy: OutboundPolicy, *, will: aiomqtt.Will | None = None
) -> AsyncIterator[aiomqtt.Client]:
    """A connection to the channel's broker, at an address that the policy permits.

    Raises AddressRefused, DeliveryFailed (no such name, or no authority in ca), aiomqtt.MqttError.
    """
    address = await outbound.pinned(channel.host, channel.port, policy)
    client = aiomqtt.Client(
        address,
        channel.port,
        username=channel.username,
        password=channel.password,
        will=will,
        timeout=policy.timeout,
        tls_context=_tls(channel, policy.timeout) if channel.tls else None,
    )
    async with client:
        yield client


def published(channel: MqttChannelIn, notification: Notification) -> tuple[Published, ...]:
    """What one notification is to a broker; entities come before what they show."""
    prefix, body = channel.topic_prefix, json.loads(webhook_body(notification))
    body.pop("picture", None)
    event = json.dumps(body, ensure_ascii=False)
    everybody = Published(f"{prefix}/event", event)
    place = notification.place
    if place is None:
        return (everybody,)
    base = f"{prefix}/cameras/{place.camera_id}"
    last = json.dumps({**body, "event_type": notification.severity}, ensure_ascii=False)
    messages = [*discovery(channel, place), everybody, Published(f"{base}/alert", last)]
    messages.append(Published(f"{base}/last_alert", last, retain=True))
    if notification.picture is not None:
        messages.append(Published(f"{base}/picture", notification.picture, retain=True))
    return tuple(messages)


def discovery(channel: MqttChannelIn, place: Place) -> tuple[Published, ...]:
    """How Home Assistant shows a camera (home-assistant.io/integrations/mqtt, "MQTT discovery"): an event, the moment
    of the last alert, and its picture."""
    if channel.discovery_prefix is None:
        return ()
    base, key = f"{channel.topic_prefix}/cameras/{place.camera_id}", f"sightline_{place.camera_id.hex}"
    shared = {
        "availability_topic": f"{channel.topic_prefix}/status",
        "device": {
            "identifiers": [key], "name": place.camera, "manufacturer": "Sightline", "sw_version": __version__,
        },
        "origin": {"name": "Sightline", "sw_version": __version__},
    }  # fmt: skip
    entities: dict[str, dict[str, object]] = {
        "event": {"name": "Alert", "state_topic": f"{base}/alert", "event_types": SEVERITIES},
        "sensor": {
            "name": "Last alert", "state_topic": f"{base}/last_alert", "device_class": "timestamp",
            "value_template": "{{ value_json.created_at }}", "json_attributes_topic": f"{base}/last_alert",
        },
    }  # fmt: skip
    if channel.include_pictures:
        entities["image"] = {"name": "Last picture", "image_topic": f"{base}/picture", "content_type": "image/jpeg"}
    return tuple(
        Published(
            f"{channel.discovery_prefix}/{component}/{key}/alert/config",
            json.dumps({**shared, **entity, "unique_id": f"{key}_{component}"}),
            retain=True,
        )
        for component, entity in entities.items()
    )


def _tls(channel: MqttChannelIn, timeout: float) -> ssl.SSLContext:
    context = _NamedContext(ssl.PROTOCOL_TLS_CLIENT)
    context.host, context.timeout = channel.host, timeout
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        if channel.ca is None:
            context.load_default_certs()
        else:
            context.load_verify_locations(cadata=channel.ca)
    except (ssl.SSLError, ValueError) as error:
        raise DeliveryFailed("ca holds no certificate that can be read", hint="Give it as PEM.") from error
    return context


def _failure(error: aiomqtt.MqttError) -> DeliveryFailed:
    if isinstance(error, MqttConnectError):
        return DeliveryFailed("the broker refuses the connection", hint="Check user and password.")
    cause = type(error.__cause__ or error).__name__
    return DeliveryFailed(f"the broker was not reached ({cause})", hint="Check host, port and certificate.")
