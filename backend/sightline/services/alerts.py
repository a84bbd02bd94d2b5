"""Alerts: reading them. alert_handling.py changes them; sightings.record_tracks() and alert_rules raise them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    MetaData,
    Select,
    Table,
    Text,
    Uuid,
    any_,
    bindparam,
    func,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from sightline.core.errors import NotFound
from sightline.models import Alert, AlertEvent, Camera, Subject, Watchlist
from sightline.services import keyset
from sightline.services.keyset import Order, PageOf, PageRequest

MOST_COUNTED = 10_000
"""A list's total stops there: nobody pages that far, and counting all would cost more than the page."""
MOST_HISTORY = 200

USER_NAMES = Table("user_names", MetaData(), Column("id", Uuid), Column("username", Text))
"""The view that everybody may read (migration 0005)."""
COLUMNS = {"created_at": Alert.created_at, "severity": Alert.severity_rank}
POSITIONS = {"created_at": "created_at", "severity": "severity_rank"}
OPEN = ("new", "acknowledged")
NEWEST_FIRST = Order("created_at", descending=True)


@dataclass(frozen=True, slots=True)
class AlertView:
    """An alert as lists show it; a name None: unknown to the principal, or erased. severity_rank: 4 is critical.

    similarity: the best of its sighting so far; identity: whom the sighting is taken for by now. sighting_detected_at:
    chooses the sighting's partition.
    """

    id: UUID
    created_at: datetime
    updated_at: datetime
    matched_at: datetime
    severity: str
    severity_rank: int
    status: str
    message: str
    camera_id: UUID
    camera_name: str
    sighting_id: UUID | None
    subject_id: UUID | None
    subject_name: str | None
    watchlist_id: int | None
    watchlist_name: str | None
    rule_id: UUID | None
    verification: str
    verified_at: datetime | None
    verified_by: UUID | None
    assigned_to: UUID | None
    assigned_to_name: str | None
    acknowledged_at: datetime | None
    acknowledged_by: UUID | None
    acknowledged_by_name: str | None
    resolved_at: datetime | None
    resolved_by: UUID | None
    resolved_by_name: str | None
    verdict: str | None
    similarity: float | None
    identity: str
    sighting_detected_at: datetime | None


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """Which alerts are meant; an empty tuple or None: any. since and until: of created_at, until excluded."""

    statuses: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    verdicts: tuple[str, ...] = ()
    verification: str | None = None
    camera_id: UUID | None = None
    group_id: UUID | None = None
    subject_id: UUID | None = None
    watchlist_id: int | None = None
    rule_id: UUID | None = None
    assigned_to: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    ids: tuple[UUID, ...] | None = None


@dataclass(frozen=True, slots=True)
class AlertEventView:
    """One thing that happened to an alert, with the names of who is meant.

    channel: acknowledged by the link of a notification on it; step, severity: of an escalation.
    """

    id: UUID
    created_at: datetime
    kind: str
    user_id: UUID | None
    user_name: str | None
    note: str
    verdict: str | None
    assigned_to: UUID | None
    assigned_to_name: str | None
    channel: str | None
    step: int | None
    severity: str | None


@dataclass(frozen=True, slots=True)
class AlertCount:
    """Open alerts: not looked at, looked at, assigned to the asking user, waiting for a second person."""

    new: int
    acknowledged: int
    mine: int
    unverified: int
    by_severity: dict[str, int]


@dataclass(frozen=True, slots=True)
class Assignee:
    """Somebody who may look after an alert."""

    id: UUID
    username: str


async def list_alerts(
    session: AsyncSession, *, where: AlertFilter, request: PageRequest, with_total: bool = False
) -> PageOf[AlertView]:
    """Alerts that the principal may see, by created_at or severity. The total stops at MOST_COUNTED.

    The page is cut before names are joined to it: with 200,000 alerts that is about 20 ms instead of 700.
    """
    statement = keyset.applied(select(Alert.id).where(*_conditions(where)), request, columns=COLUMNS, row_id=Alert.id)
    ids = (await session.scalars(statement)).all()
    rows = (await session.execute(_views_of_ids(), {"ids": ids})).all() if ids else ()
    views = {row.id: AlertView(*row) for row in rows}
    found = [views[one] for one in ids if one in views]
    page = keyset.split(found, request, POSITIONS)
    total = await count_up_to(session, where=where, most=MOST_COUNTED) if with_total else None
    return PageOf(page.items, page.next, total)


async def list_views(
    session: AsyncSession, *, where: AlertFilter | None = None, limit: int = 50
) -> tuple[AlertView, ...]:
    """The newest alerts, for streams of events."""
    statement = _views(where or AlertFilter()).order_by(Alert.created_at.desc(), Alert.id.desc()).limit(limit)
    return tuple(AlertView(*row) for row in (await session.execute(statement)).all())


async def get_view(session: AsyncSession, *, alert_id: UUID) -> AlertView:
    """One alert. Raises NotFound, also when the principal may not see it."""
    found = await list_views(session, where=AlertFilter(ids=(alert_id,)), limit=1)
    if not found:
        raise missing(alert_id)
    return found[0]


async def history(session: AsyncSession, *, alert_id: UUID) -> tuple[AlertEventView, ...]:
    """The latest MOST_HISTORY things that happened to an alert, the oldest first."""
    actor, assignee = USER_NAMES.alias("actor"), USER_NAMES.alias("assignee")
    statement = (
        select(
            AlertEvent.id,
            AlertEvent.created_at,
            AlertEvent.kind,
            AlertEvent.user_id,
            actor.c.username,
            AlertEvent.note,
            AlertEvent.verdict,
            AlertEvent.assigned_to,
            assignee.c.username,
            AlertEvent.channel,
            AlertEvent.step,
            AlertEvent.severity,
        )
        .outerjoin(actor, actor.c.id == AlertEvent.user_id)
        .outerjoin(assignee, assignee.c.id == AlertEvent.assigned_to)
        .where(AlertEvent.alert_id == alert_id)
        .order_by(AlertEvent.id.desc())
        .limit(MOST_HISTORY)
    )
    rows: Sequence[Sequence[Any]] = (await session.execute(statement)).all()
    return tuple(AlertEventView(*row) for row in reversed(rows))


async def count_up_to(session: AsyncSession, *, where: AlertFilter, most: int) -> int:
    """How many alerts there are, counted up to `most`."""
    some = select(Alert.id).where(*_conditions(where)).limit(most).subquery()
    return int(await session.scalar(select(func.count()).select_from(some)) or 0)


async def count_open(session: AsyncSession, *, user_id: UUID | None, where: AlertFilter | None = None) -> AlertCount:
    """How many open alerts there are for whoever asks. where: only of these; its statuses do not matter."""
    statement = (
        select(
            Alert.status,
            Alert.severity,
            func.count().label("alerts"),
            func.count().filter(Alert.assigned_to == user_id).label("mine"),
            func.count().filter(Alert.verification == "pending").label("unverified"),
        )
        .where(Alert.status.in_(OPEN), *_conditions(where or AlertFilter(), with_status=False))
        .group_by(Alert.status, Alert.severity)
    )
    rows = (await session.execute(statement)).all()
    by_severity = dict.fromkeys(("low", "medium", "high", "critical"), 0)
    for row in rows:
        by_severity[row.severity] += row.alerts
    by_status = {status: sum(row.alerts for row in rows if row.status == status) for status in OPEN}
    mine, unverified = sum(row.mine for row in rows), sum(row.unverified for row in rows)
    return AlertCount(by_status["new"], by_status["acknowledged"], mine, unverified, by_severity)


async def assignees(session: AsyncSession, *, alert_id: UUID) -> tuple[Assignee, ...]:
    """Who may look after an alert: active, in a role that handles alerts, and seeing its camera. Raises NotFound."""
    camera_id = await session.scalar(select(Alert.camera_id).where(Alert.id == alert_id))
    if camera_id is None:
        raise missing(alert_id)
    rows = (
        await session.execute(text("SELECT id, username FROM alert_handlers(:camera)"), {"camera": camera_id})
    ).all()
    return tuple(Assignee(row.id, row.username) for row in rows)


def missing(alert_id: UUID) -> NotFound:
    """To be raised."""
    return NotFound(f"no alert {alert_id}", hint="See the list of alerts.")


def _views(where: AlertFilter) -> Select[Any]:
    return _named(Alert).where(*_conditions(where))


@cache
def _views_of_ids() -> Select[Any]:
    """All of them before a name is joined: the planner looked each of 100 alerts up once per camera."""
    chosen = select(Alert).where(Alert.id == any_(bindparam("ids", type_=ARRAY(Uuid)))).cte("chosen")
    return _named(aliased(Alert, chosen.prefix_with("MATERIALIZED")))


def _named(of: type[Alert]) -> Select[Any]:
    assignee, acknowledger, resolver = (USER_NAMES.alias(name) for name in ("assignee", "acknowledger", "resolver"))
    columns: list[Any] = [
        of.id,
        of.created_at,
        of.updated_at,
        of.matched_at,
        of.severity,
        of.severity_rank,
        of.status,
        of.message,
        of.camera_id,
        Camera.name,
        of.sighting_id,
        of.subject_id,
        Subject.name,
        of.watchlist_id,
        Watchlist.name,
        of.rule_id,
        of.verification,
        of.verified_at,
        of.verified_by,
        of.assigned_to,
        assignee.c.username,
        of.acknowledged_at,
        of.acknowledged_by,
        acknowledger.c.username,
        of.resolved_at,
        of.resolved_by,
        resolver.c.username,
        of.verdict,
        of.similarity,
        of.identity,
        of.sighting_detected_at,
    ]
    return (
        select(*columns)
        .join(Camera, Camera.id == of.camera_id)
        .outerjoin(Subject, Subject.id == of.subject_id)
        .outerjoin(Watchlist, Watchlist.id == of.watchlist_id)
        .outerjoin(assignee, assignee.c.id == of.assigned_to)
        .outerjoin(acknowledger, acknowledger.c.id == of.acknowledged_by)
        .outerjoin(resolver, resolver.c.id == of.resolved_by)
    )


def _conditions(where: AlertFilter, *, with_status: bool = True) -> list[ColumnElement[bool]]:
    equal = {
        Alert.verification: where.verification,
        Alert.camera_id: where.camera_id,
        Alert.subject_id: where.subject_id,
        Alert.watchlist_id: where.watchlist_id,
        Alert.rule_id: where.rule_id,
        Alert.assigned_to: where.assigned_to,
    }
    among = {
        Alert.status: where.statuses if with_status else (),
        Alert.severity: where.severities,
        Alert.verdict: where.verdicts,
    }
    found: list[ColumnElement[bool]] = [column == value for column, value in equal.items() if value is not None]
    found += [column.in_(values) for column, values in among.items() if values]
    if where.ids is not None:
        found.append(Alert.id.in_(where.ids))
    if where.group_id is not None:
        # as an array, so that the planner still walks along the order of the list: a join would sort all of the group
        of_group = select(Camera.id).where(Camera.group_id == where.group_id)
        found.append(Alert.camera_id == any_(func.array(of_group.scalar_subquery())))
    if where.since is not None:
        found.append(Alert.created_at >= where.since)
    if where.until is not None:
        found.append(Alert.created_at < where.until)
    return found
