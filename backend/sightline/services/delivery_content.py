"""From a delivery that is due to what is said: read from the database as the worker, before anybody outside is told.

By default that is a link, without a picture and without a person's name. A picture is added where an administrator
switched it on for the channel, and each one that leaves is on record.
"""

import logging
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.config import Settings
from sightline.core.errors import ObjectNotFound, StorageError
from sightline.core.key_ring import KeyRing
from sightline.core.outbound import OutboundPolicy
from sightline.core.sealing import Sealer, open_sealer
from sightline.core.storage import ObjectStorage
from sightline.models import NotificationChannel
from sightline.schemas.channels import (
    AnyChannel,
    PushChannelIn,
    SlackChannelIn,
    SmsChannelIn,
    TeamsChannelIn,
    WebPushChannelIn,
)
from sightline.services import acknowledge_links, audit, channel_secrets, notification_texts, web_push
from sightline.services.notification_message import ESCALATED, RAISED, Browser, Notification, Place, Senders
from sightline.services.notification_texts import WORDS, Facts

logger = logging.getLogger(__name__)

WITHOUT_PICTURES = SlackChannelIn | TeamsChannelIn | SmsChannelIn | PushChannelIn | WebPushChannelIn
"""Kinds that could show a picture by an address only, which would have to be open to the world."""

_ALERT = text(
    """
    SELECT a.id, a.status, a.severity, a.matched_at, a.camera_id, c.name AS camera, a.subject_id,
        coalesce(l.name, '') AS watchlist, coalesce(r.name, '') AS rule, a.sighting_id, s.image_path
    FROM alerts a JOIN cameras c ON c.id = a.camera_id
        LEFT JOIN watchlists l ON l.id = a.watchlist_id LEFT JOIN alert_rules r ON r.id = a.rule_id
        LEFT JOIN sightings s ON s.id = a.sighting_id AND s.detected_at = a.sighting_detected_at
    WHERE a.id = :alert
    """
)
_BROWSERS = text("SELECT id, secrets FROM push_recipients(:alert, :people, :roles)")


@dataclass(frozen=True)
class DeliveryTools:
    """What writing and sending need beside the database."""

    settings: Settings
    storage: ObjectStorage
    sealer: Sealer
    links: KeyRing = field(repr=False)
    push_key: ec.EllipticCurvePrivateKey = field(repr=False)

    @classmethod
    def open(cls, settings: Settings, storage: ObjectStorage) -> "DeliveryTools":
        """With the keys of the environment or of the data folder. Raises ConfigInvalid, DataFolderUnusable."""
        return cls(
            settings,
            storage,
            open_sealer(settings),
            acknowledge_links.open_keys(settings),
            web_push.vapid_key(settings),
        )

    @property
    def senders(self) -> Senders:
        """By the environment's mail server and rules for outgoing connections."""
        policy = OutboundPolicy.from_settings(self.settings.notifications)
        return Senders(self.settings.smtp, policy, self.push_key)


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery that this worker has claimed. attempt: its number, from 1; it names the claim. is_probe: its channel
    failed, and the others wait for what comes of this one."""

    id: UUID
    alert_id: UUID | None
    channel_id: UUID
    level: int
    attempt: int
    created_at: datetime
    give_up_at: datetime
    reached: frozenset[str]
    is_probe: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """Ready to be sent."""

    channel: AnyChannel
    notification: Notification
    browsers: tuple[Browser, ...] = ()


async def written(session: AsyncSession, tools: DeliveryTools, *, due: Due, now: datetime) -> Letter | None:
    """What is said; None where nothing is to be said any more: the alert or channel is gone, or somebody has
    acknowledged the alert and this is a step of its escalation.

    Raises SecretUnreadable, InvalidInput (a channel saved by another version).
    """
    row = (await session.execute(_ALERT, {"alert": due.alert_id})).one_or_none()
    kept = await session.get(NotificationChannel, due.channel_id)
    if row is None or kept is None or (due.level > 0 and row.status != "new"):
        return None
    channel = channel_secrets.opened(kept, tools.sealer)
    notification = await _notification(session, tools, due=due, row=row, channel=channel, now=now)
    return Letter(channel, notification, await browsers_of(session, tools.sealer, channel, alert_id=due.alert_id))


async def browsers_of(
    session: AsyncSession, sealer: Sealer, channel: AnyChannel, *, alert_id: UUID | None
) -> tuple[Browser, ...]:
    """Browsers that a channel tells of this alert; of a test: all. None where the channel is of another kind."""
    if not isinstance(channel, WebPushChannelIn):
        return ()
    values = {"alert": alert_id, "people": list(channel.user_ids), "roles": list(channel.roles)}
    rows = await session.execute(_BROWSERS, values)
    return tuple(web_push.opened(row.id, row.secrets, sealer) for row in rows)


async def _notification(
    session: AsyncSession,
    tools: DeliveryTools,
    *,
    due: Due,
    row: Row[tuple[object, ...]],
    channel: AnyChannel,
    now: datetime,
) -> Notification:
    base = tools.settings.api.url
    link = f"{base}/alerts/{row.id}"
    acknowledge = None
    if row.status == "new":
        acknowledge = acknowledge_links.link(tools.links, base, alert_id=row.id, delivery_id=due.id, now=now)
    facts = Facts(
        alert_id=str(row.id),
        camera=row.camera,
        severity=row.severity,
        watchlist=row.watchlist,
        rule=row.rule,
        matched_at=row.matched_at,
        level=due.level,
        link=link,
        acknowledge_link=acknowledge or "",
    )
    texts, words = notification_texts.of_alert(channel, facts), WORDS[channel.language]
    return Notification(
        id=due.id,
        kind=ESCALATED if due.level else RAISED,
        created_at=due.created_at,
        title=texts.title,
        text=texts.text,
        data=_data(facts, camera_id=row.camera_id),
        link=link,
        acknowledge_link=acknowledge,
        link_text=words.open,
        acknowledge_text=words.acknowledge,
        language=channel.language.value,
        place=Place(row.camera_id, row.camera),
        severity=row.severity,
        picture=await _picture(session, tools, due=due, row=row, channel=channel),
    )


def _data(facts: Facts, *, camera_id: UUID) -> dict[str, str | None]:
    return {
        "alert_id": facts.alert_id,
        "camera_id": str(camera_id),
        "camera": facts.camera,
        "severity": facts.severity,
        "watchlist": facts.watchlist or None,
        "rule": facts.rule or None,
        "matched_at": facts.matched_at.isoformat(),
        "level": str(facts.level),
    }


async def _picture(
    session: AsyncSession, tools: DeliveryTools, *, due: Due, row: Row[tuple[object, ...]], channel: AnyChannel
) -> bytes | None:
    """The crop, where the channel carries pictures and it is still kept; that it leaves the house is recorded."""
    if not channel.include_pictures or row.image_path is None or isinstance(channel, WITHOUT_PICTURES):
        return None
    try:
        stored = await tools.storage.download(str(row.image_path))
    except ObjectNotFound:  # its time is over; the notification says what there is to say
        return None
    except StorageError as error:  # an alert counts for more than its picture, which the link shows later
        logger.warning("delivery %s goes without its picture: %s", due.id, error.message)
        return None
    await audit.record_event(
        session,
        action="EXPORT",
        table_name="sightings",
        record_id=str(row.sighting_id),
        details={"picture": "crop", "channel_id": str(due.channel_id), "delivery_id": str(due.id)},
        subject_id=row.subject_id,
    )
    return stored.data
