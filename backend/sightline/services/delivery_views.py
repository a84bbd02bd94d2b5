"""Deliveries as people see them: per channel, per alert, with their attempts; and sending one again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Row, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.errors import Conflict, NotFound
from sightline.models import Alert, DeliveryAttempt, NotificationChannel, NotificationOutbox
from sightline.services import keyset
from sightline.services.keyset import PageOf, PageRequest

COLUMNS: Final = {"created_at": NotificationOutbox.created_at}
POSITIONS: Final = {"created_at": "created_at"}
LOG_LENGTH: Final = 20
"""Attempts that are shown of one delivery: the newest."""

_NAMES = text("SELECT id, name, kind FROM channel_names WHERE id = ANY(:ids)")
_REPLAY = text(
    """
    UPDATE notification_outbox SET status = 'pending', next_attempt_at = now(),
        give_up_at = now() + interval '24 hours', claimed_until = NULL, delivered_at = NULL, reached = '{}',
        attempts = 0
    WHERE id = :id AND channel_id = :channel AND status IN ('delivered', 'failed') AND NOT is_test RETURNING id
    """
)


@dataclass(frozen=True, slots=True)
class AttemptView:
    """One attempt."""

    attempt: int
    outcome: str
    detail: str
    started_at: datetime
    duration_ms: int


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """A delivery with its channel's name, where the principal may know it, and its newest attempts."""

    id: UUID
    created_at: datetime
    status: str
    is_test: bool
    alert_id: UUID | None
    channel_id: UUID
    channel_name: str | None
    channel_kind: str | None
    level: int
    attempts: int
    next_attempt_at: datetime | None
    give_up_at: datetime | None
    last_error: str | None
    delivered_at: datetime | None
    log: tuple[AttemptView, ...]


async def of_channel(
    session: AsyncSession, *, channel_id: UUID, request: PageRequest, statuses: Sequence[str] = ()
) -> PageOf[DeliveryView]:
    """What was and is to be told on a channel. Raises NotFound."""
    if await session.get(NotificationChannel, channel_id) is None:
        raise NotFound("no such channel", hint="It may have been removed; list the channels again.")
    statement = select(NotificationOutbox).where(NotificationOutbox.channel_id == channel_id)
    if statuses:
        statement = statement.where(NotificationOutbox.status.in_(statuses))
    page = await keyset.fetch(
        session, statement, request, columns=COLUMNS, positions=POSITIONS, row_id=NotificationOutbox.id
    )
    return PageOf(await _views(session, page.items), page.next)


async def of_alert(session: AsyncSession, *, alert_id: UUID) -> Sequence[DeliveryView]:
    """Who was told of an alert, and who is to be; the oldest first. Raises NotFound."""
    if await session.scalar(select(Alert.id).where(Alert.id == alert_id)) is None:
        raise NotFound("no such alert", hint="It may have been removed, or belong to a camera of another group.")
    statement = select(NotificationOutbox).where(NotificationOutbox.alert_id == alert_id)
    ordered = statement.order_by(NotificationOutbox.level, NotificationOutbox.id)
    return await _views(session, (await session.scalars(ordered)).all())


async def replay(session: AsyncSession, *, channel_id: UUID, delivery_id: UUID) -> DeliveryView:
    """Send a delivery that came to its end once more, under the same id. Raises NotFound, Conflict."""
    changed = await session.scalar(_REPLAY, {"id": delivery_id, "channel": channel_id})
    statement = select(NotificationOutbox).where(
        NotificationOutbox.id == delivery_id, NotificationOutbox.channel_id == channel_id
    )
    row = (await session.scalars(statement)).one_or_none()
    if row is None:
        raise NotFound("no such delivery on this channel", hint="List the channel's deliveries.")
    if changed is None:
        raise Conflict(
            "only deliveries of alerts that were delivered or failed can be sent again",
            hint="Others are on their way, or were cancelled; press the test button for a test.",
        )
    return (await _views(session, [row]))[0]


async def _views(session: AsyncSession, rows: Sequence[NotificationOutbox]) -> list[DeliveryView]:
    if not rows:
        return []
    names = {one.id: one for one in await session.execute(_NAMES, {"ids": list({row.channel_id for row in rows})})}
    statement = select(DeliveryAttempt).where(DeliveryAttempt.delivery_id.in_([row.id for row in rows]))
    logs: dict[UUID, list[AttemptView]] = {}
    for one in await session.scalars(statement.order_by(DeliveryAttempt.id.desc())):
        log = logs.setdefault(one.delivery_id, [])
        if len(log) < LOG_LENGTH:
            log.append(AttemptView(one.attempt, one.outcome, one.detail, one.started_at, one.duration_ms))
    return [_view(row, names.get(row.channel_id), tuple(logs.get(row.id, ()))) for row in rows]


def _view(
    row: NotificationOutbox, channel: Row[tuple[object, ...]] | None, log: tuple[AttemptView, ...]
) -> DeliveryView:
    waits = row.status == "pending"
    return DeliveryView(
        id=row.id,
        created_at=row.created_at,
        status=row.status,
        is_test=row.is_test,
        alert_id=row.alert_id,
        channel_id=row.channel_id,
        channel_name=None if channel is None else channel.name,
        channel_kind=None if channel is None else channel.kind,
        level=row.level,
        attempts=row.attempts,
        next_attempt_at=row.next_attempt_at if waits else None,
        give_up_at=row.give_up_at if waits else None,
        last_error=row.last_error,
        delivered_at=row.delivered_at,
        log=log,
    )
