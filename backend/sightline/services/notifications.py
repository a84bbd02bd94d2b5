"""Notification channels, what is due on them, and trying one out.

What is due is a row of the outbox, written in the transaction of its alert. Rows of a match that waits for a second
person are held by the database, whoever writes them (migration 0012).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import DateTime, Interval, bindparam, delete, exists, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core import outbound
from sightline.core.database import Database, Principal
from sightline.core.errors import AddressRefused, AppError, Conflict, DeliveryFailed, InvalidInput, NotFound
from sightline.core.sealing import Sealer
from sightline.models import AlertRuleChannel, NotificationChannel, NotificationOutbox
from sightline.schemas.channels import ChannelKind, EmailChannelIn, WebhookChannelIn
from sightline.services import keyset, notification_senders, versions
from sightline.services.keyset import PageOf, PageRequest
from sightline.services.notification_senders import EmailTarget, Notification, Senders, Target, WebhookTarget

ChannelGiven = EmailChannelIn | WebhookChannelIn
COLUMNS = {"created_at": NotificationChannel.created_at, "name": NotificationChannel.name}
POSITIONS = {"created_at": "created_at", "name": "name"}
DELIVERY_COLUMNS = {"created_at": NotificationOutbox.created_at}
DELIVERY_POSITIONS = {"created_at": "created_at"}

GIVE_UP_AFTER = timedelta(hours=24)
"""How long a delivery is tried, from the moment it may go out."""

_QUEUE = text(
    """
    INSERT INTO notification_outbox (alert_id, channel_id, level, next_attempt_at, give_up_at)
    SELECT :alert, c.id, :level, greatest(coalesce(:not_before, now()), now()),
        greatest(coalesce(:not_before, now()), now()) + :patience
    FROM notification_channels c WHERE c.id = ANY(:channels) AND c.is_active
    ON CONFLICT (alert_id, channel_id, level) DO NOTHING RETURNING id
    """
).bindparams(bindparam("not_before", type_=DateTime(timezone=True)), bindparam("patience", type_=Interval))


@dataclass(frozen=True, slots=True)
class ChannelView:
    """A channel without its secrets. host: of a webhook."""

    id: UUID
    name: str
    kind: str
    is_active: bool
    include_pictures: bool
    recipients: tuple[str, ...]
    host: str | None
    has_secret: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ChannelTest:
    """How a test went."""

    delivered: bool
    detail: str
    delivery_id: UUID


async def list_channels(session: AsyncSession, *, request: PageRequest) -> PageOf[ChannelView]:
    """Channels by name or age."""
    page = await keyset.fetch(
        session,
        select(NotificationChannel),
        request,
        columns=COLUMNS,
        positions=POSITIONS,
        row_id=NotificationChannel.id,
    )
    return PageOf([_view(channel) for channel in page.items], page.next)


async def get_channel(session: AsyncSession, *, channel_id: UUID) -> ChannelView:
    """One channel. Raises NotFound."""
    return _view(await _found(session, channel_id))


async def create_channel(session: AsyncSession, *, given: ChannelGiven, sealer: Sealer) -> ChannelView:
    """Keep a channel, its secrets sealed. Raises InvalidInput, AddressRefused, Conflict (the name is taken)."""
    if isinstance(given, WebhookChannelIn) and (given.url is None or given.secret is None):
        raise InvalidInput("a webhook needs its url and a secret", hint="Give both; they are not shown again.")
    channel_id = (await session.execute(text("SELECT uuidv7()"))).scalar_one()
    channel = NotificationChannel(id=channel_id, kind=given.kind.value)
    _fill(channel, given, sealer)
    session.add(channel)
    await session.flush()
    await session.refresh(channel)
    return _view(channel)


async def update_channel(
    session: AsyncSession, *, channel_id: UUID, given: ChannelGiven, expected: datetime | None, sealer: Sealer
) -> ChannelView:
    """Replace a channel; url and secret stay where none are given.

    Raises NotFound, PreconditionFailed, InvalidInput (another kind), AddressRefused, Conflict.
    """
    statement = select(NotificationChannel).where(NotificationChannel.id == channel_id)
    channel = await versions.lock(session, statement, expected=expected, noun="channel")
    if channel.kind != given.kind:
        raise InvalidInput(f"this channel is of kind {channel.kind}", hint="Make another one for another kind.")
    _fill(channel, given, sealer)
    await session.flush()
    await session.refresh(channel)
    return _view(channel)


async def remove_channel(session: AsyncSession, *, channel_id: UUID) -> None:
    """Remove a channel with its deliveries. Raises NotFound, Conflict (a rule names it)."""
    statement = select(NotificationChannel).where(NotificationChannel.id == channel_id)
    await versions.lock(session, statement, expected=None, noun="channel")
    if await session.scalar(select(exists().where(AlertRuleChannel.channel_id == channel_id))):
        raise Conflict("an alert rule sends to this channel", hint="Take it out of the rules first, or switch it off.")
    await session.execute(delete(NotificationChannel).where(NotificationChannel.id == channel_id))


async def list_deliveries(
    session: AsyncSession, *, channel_id: UUID, request: PageRequest, statuses: Sequence[str] = ()
) -> PageOf[NotificationOutbox]:
    """What was and is to be told on a channel. Raises NotFound."""
    await _found(session, channel_id)
    statement = select(NotificationOutbox).where(NotificationOutbox.channel_id == channel_id)
    if statuses:
        statement = statement.where(NotificationOutbox.status.in_(statuses))
    return await keyset.fetch(
        session,
        statement,
        request,
        columns=DELIVERY_COLUMNS,
        positions=DELIVERY_POSITIONS,
        row_id=NotificationOutbox.id,
    )


async def send_notifications(
    session: AsyncSession,
    *,
    alert_id: UUID,
    channel_ids: Sequence[UUID],
    level: int = 0,
    not_before: datetime | None = None,
) -> tuple[UUID, ...]:
    """Queue an alert on those of these channels that are switched on, each once per level; the ids of what is due.

    In the alert's transaction: what is queued is delivered afterwards, and never lost. level: 0 when the alert is
    raised, n at step n of its escalation. not_before: the end of quiet hours.
    """
    if not channel_ids:
        return ()
    values = {
        "alert": alert_id, "channels": list(channel_ids), "level": level,
        "not_before": not_before, "patience": GIVE_UP_AFTER,
    }  # fmt: skip
    return tuple(await session.scalars(_QUEUE, values))


async def send_test(
    database: Database, principal: Principal, *, channel_id: UUID, senders: Senders, sealer: Sealer
) -> ChannelTest:
    """Tell a channel that this is a test, also one that is switched off, and keep how it went. Raises NotFound.

    Takes the database, because no transaction stays open while somebody outside takes their time.
    """
    async with database.session(principal) as session:
        target = target_of(await _found(session, channel_id), sealer)
        delivery_id: UUID = (await session.execute(text("SELECT uuidv7()"))).scalar_one()
    now = datetime.now(UTC)
    notification = Notification(
        delivery_id, "channel.test", now, "Sightline: test", "This is a test. Somebody pressed the button."
    )
    row = NotificationOutbox(id=delivery_id, channel_id=channel_id, is_test=True, attempts=1)
    try:
        detail = await notification_senders.send(senders, target, notification, now=now)
        row.status, row.delivered_at = "delivered", datetime.now(UTC)
    except (DeliveryFailed, AddressRefused) as error:
        detail = _said(error)
        row.status, row.last_error = "failed", detail
    async with database.session(principal) as session:
        session.add(row)
    return ChannelTest(row.status == "delivered", detail, delivery_id)


def target_of(channel: NotificationChannel, sealer: Sealer) -> Target:
    """Whom a channel tells; for senders only. Raises SecretUnreadable."""
    if channel.kind == ChannelKind.EMAIL:
        return EmailTarget(_recipients(channel))
    opened = json.loads(sealer.open(channel.secrets or b"", context=_context(channel)))
    return WebhookTarget(str(opened["url"]), str(opened["secret"]))


def _fill(channel: NotificationChannel, given: ChannelGiven, sealer: Sealer) -> None:
    channel.name, channel.is_active, channel.include_pictures = given.name, given.is_active, given.include_pictures
    if isinstance(given, EmailChannelIn):
        channel.config = {"recipients": list(given.recipients)}
        return
    if given.url is None and given.secret is None:
        return
    kept = {} if channel.secrets is None else json.loads(sealer.open(channel.secrets, context=_context(channel)))
    kept |= {name: value for name, value in (("url", given.url), ("secret", given.secret)) if value is not None}
    channel.config = {"host": outbound.parse(kept["url"]).hostname}
    channel.secrets = sealer.seal(json.dumps(kept).encode(), context=_context(channel))


def _view(channel: NotificationChannel) -> ChannelView:
    host = channel.config.get("host")
    return ChannelView(
        id=channel.id,
        name=channel.name,
        kind=channel.kind,
        is_active=channel.is_active,
        include_pictures=channel.include_pictures,
        recipients=_recipients(channel),
        host=None if host is None else str(host),
        has_secret=channel.secrets is not None,
        created_at=channel.created_at,
        updated_at=channel.updated_at,
    )


def _recipients(channel: NotificationChannel) -> tuple[str, ...]:
    found = channel.config.get("recipients", [])
    return tuple(str(one) for one in found) if isinstance(found, list) else ()


def _context(channel: NotificationChannel) -> str:
    return f"channel:{channel.id}"


def _said(error: AppError) -> str:
    return f"{error.message}. {error.hint}".strip()


async def _found(session: AsyncSession, channel_id: UUID) -> NotificationChannel:
    channel = await session.get(NotificationChannel, channel_id)
    if channel is None:
        raise NotFound("no such channel", hint="It may have been removed; list the channels again.")
    return channel
