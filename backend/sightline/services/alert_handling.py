"""What people do with an alert: new, acknowledged, resolved. Each step is kept in its history, with who and when.

One alert is changed by one at a time (its row is locked): of two people who acknowledge it at once the second one is
told that somebody was faster. Doing the same thing twice changes nothing.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import translate
from sightline.core.errors import AppError, ApprovalRequired, Conflict, InvalidInput
from sightline.models import Alert, AlertEvent
from sightline.schemas.bulk import BulkItem
from sightline.services import alerts

NOT_THAT_PERSON = ("false_match", "test")
"""Verdicts after which nothing may leave the house any more."""

Step = Callable[[UUID], Awaitable[object]]


async def acknowledge(session: AsyncSession, *, alert_id: UUID, user_id: UUID | None, note: str = "") -> Alert:
    """Say that somebody looks at it. Raises NotFound, Conflict (somebody else does, or it is resolved)."""
    alert = await _locked(session, alert_id)
    if alert.status == "acknowledged" and alert.acknowledged_by == user_id:
        return alert
    if alert.status != "new":
        raise _conflict(alert)
    alert.status, alert.acknowledged_at, alert.acknowledged_by = "acknowledged", datetime.now(UTC), user_id
    return await _noted(session, alert, AlertEvent(kind="acknowledged", user_id=user_id, note=note))


async def resolve(
    session: AsyncSession, *, alert_id: UUID, user_id: UUID | None, verdict: str, note: str = ""
) -> Alert:
    """Close it, acknowledged or not. Raises NotFound, Conflict (resolved by another, or with another verdict).

    A false match or a test that waits for a second person is refused by that: nobody is told any more.
    """
    alert = await _locked(session, alert_id)
    if alert.status == "resolved" and (alert.resolved_by, alert.verdict) == (user_id, verdict):
        return alert
    if alert.status == "resolved":
        raise _conflict(alert)
    alert.status, alert.resolved_at, alert.resolved_by, alert.verdict = "resolved", datetime.now(UTC), user_id, verdict
    if alert.verification == "pending" and verdict in NOT_THAT_PERSON:
        _verify(alert, user_id, confirmed=False)
    return await _noted(session, alert, AlertEvent(kind="resolved", user_id=user_id, note=note, verdict=verdict))


async def reopen(session: AsyncSession, *, alert_id: UUID, user_id: UUID | None, note: str = "") -> Alert:
    """Take a resolved one up again, as far as it was; its verdict goes. Raises NotFound, Conflict (it is open)."""
    alert = await _locked(session, alert_id)
    if alert.status != "resolved":
        raise _conflict(alert)
    alert.status = "new" if alert.acknowledged_at is None else "acknowledged"
    alert.resolved_at = alert.resolved_by = alert.verdict = None
    return await _noted(session, alert, AlertEvent(kind="reopened", user_id=user_id, note=note))


async def assign(
    session: AsyncSession, *, alert_id: UUID, user_id: UUID | None, assigned_to: UUID | None, note: str = ""
) -> Alert:
    """Say who looks after it. Raises NotFound, Conflict (resolved), InvalidInput (who may not handle this alert)."""
    alert = await _locked(session, alert_id)
    if alert.status == "resolved":
        raise _conflict(alert)
    if alert.assigned_to == assigned_to:
        return alert
    known = {person.id for person in await alerts.assignees(session, alert_id=alert_id)}
    if assigned_to is not None and assigned_to not in known:
        raise InvalidInput(
            "nobody of that id may handle this alert", hint="Choose one of GET /v1/alerts/{id}/assignees."
        )
    alert.assigned_to = assigned_to
    event = AlertEvent(kind="assigned", user_id=user_id, note=note, assigned_to=assigned_to)
    return await _noted(session, alert, event)


async def comment(session: AsyncSession, *, alert_id: UUID, user_id: UUID | None, note: str) -> Alert:
    """Add to the history. Raises NotFound."""
    alert = await _locked(session, alert_id)
    return await _noted(session, alert, AlertEvent(kind="commented", user_id=user_id, note=note))


async def verify(
    session: AsyncSession, *, alert_id: UUID, user_id: UUID | None, confirmed: bool, note: str = ""
) -> Alert:
    """Say as the second person whether it is that subject; what was held back leaves now, or never.

    The first person is who acknowledged it. Raises NotFound, Conflict (nothing to verify, nobody acknowledged it
    yet), ApprovalRequired (the same person).
    """
    alert = await _locked(session, alert_id)
    if alert.verification != "pending":
        raise Conflict(f"the alert's verification is {alert.verification}", hint="There is nothing to confirm.")
    if alert.acknowledged_at is None:
        raise Conflict("nobody has acknowledged the alert", hint="Acknowledge it; then another person verifies it.")
    if alert.acknowledged_by == user_id:
        raise ApprovalRequired("you acknowledged this alert yourself", hint="Ask another person to verify it.")
    _verify(alert, user_id, confirmed=confirmed)
    return await _noted(session, alert, AlertEvent(kind=alert.verification, user_id=user_id, note=note))


async def each(session: AsyncSession, *, alert_ids: Sequence[UUID], step: Step) -> tuple[BulkItem, ...]:
    """Take a step with several; each stands alone. Answers in the order of alert_ids."""
    done: dict[UUID, BulkItem] = {}
    for alert_id in sorted(set(alert_ids)):  # one order for everybody, so that two calls cannot lock each other out
        done[alert_id] = await _alone(session, alert_id, step)
    return tuple(done[alert_id] for alert_id in alert_ids)


async def _alone(session: AsyncSession, alert_id: UUID, step: Step) -> BulkItem:
    try:
        async with session.begin_nested():
            await step(alert_id)
    except AppError as error:
        return BulkItem(id=alert_id, done=False, code=error.code, detail=error.message)
    except DBAPIError as error:
        known = translate(error)
        if not isinstance(known, AppError) or error.connection_invalidated:
            raise
        return BulkItem(id=alert_id, done=False, code=known.code, detail=known.message)
    return BulkItem(id=alert_id, done=True)


async def _locked(session: AsyncSession, alert_id: UUID) -> Alert:
    statement = select(Alert).where(Alert.id == alert_id).with_for_update().execution_options(populate_existing=True)
    alert = (await session.scalars(statement)).one_or_none()
    if alert is None:
        raise alerts.missing(alert_id)
    return alert


async def _noted(session: AsyncSession, alert: Alert, event: AlertEvent) -> Alert:
    """Write both. A comment alone is a new version too, for the history is part of what is shown."""
    event.alert_id = alert.id
    session.add(event)
    await session.flush()
    await session.execute(update(Alert).where(Alert.id == alert.id).values(updated_at=func.clock_timestamp()))
    await session.refresh(alert)
    return alert


def _verify(alert: Alert, user_id: UUID | None, *, confirmed: bool) -> None:
    alert.verification = "confirmed" if confirmed else "refused"
    alert.verified_at, alert.verified_by = datetime.now(UTC), user_id


def _conflict(alert: Alert) -> Conflict:
    return Conflict(f"the alert is {alert.status}", hint="Read it again; its history says who did what.")
