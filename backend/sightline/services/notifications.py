"""Notification channels, what is queued on them, and trying one out.

What is due is a row of the outbox, written in the transaction of its alert. Rows of a match that waits for a second
person are held by the database, whoever writes them (migration 0012).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import DateTime, Interval, bindparam, delete, exists, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import WORKER, Database, Principal
from sightline.core.errors import AddressRefused, AppError, Conflict, DeliveryFailed, InvalidInput, NotFound
from sightline.core.sealing import Sealer
from sightline.models import AlertRuleChannel, ChannelHealth, DeliveryAttempt, NotificationChannel, NotificationOutbox
from sightline.schemas.channels import AnyChannel, CircuitState
from sightline.services import (
    channel_secrets,
    delivery_content,
    keyset,
    notification_senders,
    notification_texts,
    versions,
    web_push,
)
from sightline.services.keyset import PageOf, PageRequest
from sightline.services.notification_message import TEST, Notification, Receipt, Senders

COLUMNS = {"created_at": NotificationChannel.created_at, "name": NotificationChannel.name}
POSITIONS = {"created_at": "created_at", "name": "name"}
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
_CLOSE = text("UPDATE channel_health SET failures = 0, openings = 0, opened_until = NULL WHERE channel_id = :channel")


@dataclass(frozen=True, slots=True)
class HealthView:
    """How well a channel does; see schemas/channels.py."""

    circuit: CircuitState = CircuitState.CLOSED
    open_until: datetime | None = None
    failures: int = 0
    last_delivered_at: datetime | None = None
    last_failed_at: datetime | None = None
    last_error: str | None = None
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class ChannelView:
    """A channel without its secrets; what its kind does not have is None or empty."""

    id: UUID
    name: str
    kind: str
    is_active: bool
    paused_at: datetime | None
    include_pictures: bool
    rate_per_minute: int
    config: dict[str, object]
    has_secret: bool
    created_at: datetime
    updated_at: datetime
    health: HealthView = HealthView()

    @property
    def host(self) -> object:
        """Where it connects to, of an address that is sealed as a whole too."""
        return self.config.get(channel_secrets.SHOWN_HOST) or self.config.get("host")


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
    health = await _health(session, [channel.id for channel in page.items])
    return PageOf([_view(channel, health.get(channel.id)) for channel in page.items], page.next)


async def get_channel(session: AsyncSession, *, channel_id: UUID) -> ChannelView:
    """One channel. Raises NotFound."""
    return await _shown(session, await _found(session, channel_id))


async def create_channel(session: AsyncSession, *, given: AnyChannel, sealer: Sealer) -> ChannelView:
    """Keep a channel, its secrets sealed. Raises InvalidInput, AddressRefused, Conflict (the name is taken)."""
    channel_id = (await session.execute(text("SELECT uuidv7()"))).scalar_one()
    channel = NotificationChannel(id=channel_id, kind=given.kind.value)
    channel_secrets.fill(channel, given, sealer)
    session.add(channel)
    await session.flush()
    await session.refresh(channel)
    return _view(channel, None)


async def update_channel(
    session: AsyncSession, *, channel_id: UUID, given: AnyChannel, expected: datetime | None, sealer: Sealer
) -> ChannelView:
    """Replace a channel; secrets stay where none are given.

    Raises NotFound, PreconditionFailed, InvalidInput (another kind), AddressRefused, Conflict.
    """
    statement = select(NotificationChannel).where(NotificationChannel.id == channel_id)
    channel = await versions.lock(session, statement, expected=expected, noun="channel")
    if channel.kind != given.kind:
        raise InvalidInput(f"this channel is of kind {channel.kind}", hint="Make another one for another kind.")
    channel_secrets.fill(channel, given, sealer)
    await session.flush()
    await session.refresh(channel)
    return await _shown(session, channel)


async def pause_channel(session: AsyncSession, *, channel_id: UUID, paused: bool) -> ChannelView:
    """Let a channel's deliveries wait, or go on. What waits longer than its day is given up. Raises NotFound.

    Going on closes its circuit too: whoever presses the button says that the receiver is well again.
    """
    statement = select(NotificationChannel).where(NotificationChannel.id == channel_id)
    channel = await versions.lock(session, statement, expected=None, noun="channel")
    if paused:
        channel.paused_at = channel.paused_at or datetime.now(UTC)
    else:
        channel.paused_at = None
        await session.execute(_CLOSE, {"channel": channel_id})
    await session.flush()
    await session.refresh(channel)
    return await _shown(session, channel)


async def remove_channel(session: AsyncSession, *, channel_id: UUID) -> None:
    """Remove a channel with its deliveries. Raises NotFound, Conflict (a rule names it)."""
    statement = select(NotificationChannel).where(NotificationChannel.id == channel_id)
    await versions.lock(session, statement, expected=None, noun="channel")
    if await session.scalar(select(exists().where(AlertRuleChannel.channel_id == channel_id))):
        raise Conflict("an alert rule sends to this channel", hint="Take it out of the rules first, or switch it off.")
    await session.execute(delete(NotificationChannel).where(NotificationChannel.id == channel_id))


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
    """Tell a channel that this is a test, also one that is switched off or paused, and keep how it went.

    Takes the database, because no transaction stays open while somebody outside takes their time. Raises NotFound,
    SecretUnreadable, InvalidInput (a channel saved by another version).
    """
    async with database.session(principal) as session:
        channel = channel_secrets.opened(await _found(session, channel_id), sealer)
        browsers = await delivery_content.browsers_of(session, sealer, channel, alert_id=None)
        delivery_id: UUID = (await session.execute(text("SELECT uuidv7()"))).scalar_one()
    now, texts = datetime.now(UTC), notification_texts.of_test(channel)
    notification = Notification(delivery_id, TEST, now, texts.title, texts.text, language=channel.language.value)
    row = NotificationOutbox(id=delivery_id, channel_id=channel_id, is_test=True, attempts=1)
    receipt: Receipt | None = None
    try:
        receipt = await notification_senders.send(senders, channel, notification, now=now, browsers=browsers)
        detail, row.status, row.delivered_at = receipt.detail, "delivered", datetime.now(UTC)
    except (DeliveryFailed, AddressRefused) as error:
        detail = said(error)
        row.status, row.last_error = "failed", detail
    async with database.session(principal) as session:
        session.add(row)
        await session.flush()
        session.add(_attempt_of_test(row, detail, started=now))
    if receipt is not None and receipt.gone:
        async with database.session(WORKER) as session:  # they are other people's
            await web_push.note_pushes(session, told=(), gone=receipt.gone)
    return ChannelTest(row.status == "delivered", detail, delivery_id)


def said(error: AppError) -> str:
    """An error as one text for the log of deliveries."""
    return f"{error.message}. {error.hint}".strip()


def _attempt_of_test(row: NotificationOutbox, detail: str, *, started: datetime) -> DeliveryAttempt:
    took = round((datetime.now(UTC) - started).total_seconds() * 1000)
    return DeliveryAttempt(
        delivery_id=row.id, attempt=1, outcome=row.status, detail=detail, started_at=started, duration_ms=max(took, 0)
    )


async def _shown(session: AsyncSession, channel: NotificationChannel) -> ChannelView:
    return _view(channel, (await _health(session, [channel.id])).get(channel.id))


def _view(channel: NotificationChannel, health: HealthView | None) -> ChannelView:
    return ChannelView(
        id=channel.id,
        name=channel.name,
        kind=channel.kind,
        is_active=channel.is_active,
        paused_at=channel.paused_at,
        include_pictures=channel.include_pictures,
        rate_per_minute=channel.rate_per_minute,
        config=channel.config,
        has_secret=channel.secrets is not None,
        created_at=channel.created_at,
        updated_at=channel.updated_at,
        health=health or HealthView(),
    )


async def _health(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, HealthView]:
    waiting = (
        select(func.count())
        .where(NotificationOutbox.channel_id == ChannelHealth.channel_id, NotificationOutbox.status == "pending")
        .scalar_subquery()
    )
    statement = select(ChannelHealth, waiting, func.now()).where(ChannelHealth.channel_id.in_(ids))
    rows = (await session.execute(statement)).all()
    return {row[0].channel_id: _health_view(row[0], row[1], row[2]) for row in rows}


def _health_view(kept: ChannelHealth, waiting: int, now: datetime) -> HealthView:
    circuit = CircuitState.CLOSED
    if kept.opened_until is not None:
        circuit = CircuitState.OPEN if kept.opened_until > now else CircuitState.HALF_OPEN
    return HealthView(
        circuit,
        kept.opened_until,
        kept.failures,
        kept.last_delivered_at,
        kept.last_failed_at,
        kept.last_error,
        waiting,
    )


async def _found(session: AsyncSession, channel_id: UUID) -> NotificationChannel:
    channel = await session.get(NotificationChannel, channel_id)
    if channel is None:
        raise NotFound("no such channel", hint="It may have been removed; list the channels again.")
    return channel
