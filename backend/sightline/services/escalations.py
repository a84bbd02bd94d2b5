"""Escalation at work: steps that are due, how far an alert's has come, and acknowledging by a notification's link.

Timers are rows that triggers on alerts write (migration 0020): whoever raises, acknowledges, resolves or reopens an
alert sets or stops them in the same transaction.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.models import AlertEscalation, AlertRule, EscalationPolicy
from sightline.services import notifications
from sightline.services.acknowledge_links import Grant

_NEXT = text("SELECT alert_id, step, channel_ids FROM escalate_next()")
_SECONDS = text(
    "SELECT extract(epoch FROM min(due_at) - clock_timestamp())::float8 FROM alert_escalations WHERE done_at IS NULL"
)
_LINK = text(
    "SELECT state, severity, camera, matched_at, acknowledged_at, verification"
    " FROM acknowledge_by_link(:alert, :delivery, :press)"
)


@dataclass(frozen=True, slots=True)
class Escalated:
    """A step that was taken. told: the notifications that are due on it."""

    alert_id: UUID
    step: int
    told: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class EscalationState:
    """How far an alert's escalation has come, as schemas.alerts.EscalationOut."""

    policy_id: UUID | None
    policy_name: str | None
    step: int
    steps: int
    next_at: datetime | None


class LinkState(StrEnum):
    """What somebody with a link finds."""

    OPEN = "open"
    DONE = "done"
    USED = "used"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class LinkedAlert:
    """What a link tells of its alert: no person, no list. verification "pending": a second person must confirm."""

    state: LinkState
    severity: str
    camera: str
    matched_at: datetime
    acknowledged_at: datetime | None
    verification: str


async def escalate_next(session: AsyncSession) -> Escalated | None:
    """Take the step that is due longest: severity, history, notifications, next timer. None: nothing is due.

    In a transaction of its own, for the alert stays locked until its end. Any number of engines may do so.
    """
    row = (await session.execute(_NEXT)).one_or_none()
    if row is None:
        return None
    told = await notifications.send_notifications(
        session, alert_id=row.alert_id, channel_ids=row.channel_ids, level=row.step
    )
    return Escalated(row.alert_id, row.step, told)


async def seconds_to_next(session: AsyncSession) -> float | None:
    """Until the next timer ends, by the database's clock; negative for one that is late, None where there is none."""
    found: float | None = await session.scalar(_SECONDS)
    return found


async def state_of(session: AsyncSession, *, alert_id: UUID, rule_id: UUID | None) -> EscalationState:
    """How far it has come. rule_id: of the alert."""
    rule = select(AlertRule.is_escalated, AlertRule.escalation_policy_id).where(AlertRule.id == rule_id).subquery()
    named = select(rule.c.escalation_policy_id).scalar_subquery()
    statement = select(EscalationPolicy).where(
        or_(EscalationPolicy.id == named, named.is_(None) & EscalationPolicy.is_default),
        func.coalesce(select(rule.c.is_escalated).scalar_subquery(), True),
    )
    policy = (await session.scalars(statement)).one_or_none()
    timers = (await session.scalars(select(AlertEscalation).where(AlertEscalation.alert_id == alert_id))).all()
    return EscalationState(
        None if policy is None else policy.id,
        None if policy is None else policy.name,
        max((timer.step for timer in timers if timer.done_at is not None), default=0),
        0 if policy is None else len(policy.steps),
        next((timer.due_at for timer in timers if timer.done_at is None), None),
    )


async def look(session: AsyncSession, *, grant: Grant) -> LinkedAlert | None:
    """What a link stands for; None where alert or delivery are gone. Changes nothing. Needs the role auth."""
    return await _linked(session, grant, press=False)


async def acknowledge(session: AsyncSession, *, grant: Grant) -> LinkedAlert | None:
    """Acknowledge the alert of a link, for nobody by name. Only the state DONE says that this call did so."""
    return await _linked(session, grant, press=True)


async def _linked(session: AsyncSession, grant: Grant, *, press: bool) -> LinkedAlert | None:
    values = {"alert": grant.alert_id, "delivery": grant.delivery_id, "press": press}
    row = (await session.execute(_LINK, values)).one_or_none()
    return None if row is None else LinkedAlert(LinkState(row.state), *row[1:])
