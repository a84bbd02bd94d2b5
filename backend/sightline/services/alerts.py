"""Alerts: reading them, acknowledging and resolving. They are raised by sightings.record_tracks()."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.errors import Conflict, NotFound
from sightline.models import Alert, Camera, Subject


async def list_alerts(
    session: AsyncSession,
    *,
    status: str | None = None,
    before: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> Sequence[Alert]:
    """Alerts that the principal may see, the newest first. before: the last row of the page before (created_at, id)."""
    statement = select(Alert).order_by(Alert.created_at.desc(), Alert.id.desc()).limit(limit)
    if status is not None:
        statement = statement.where(Alert.status == status)
    if before is not None:
        statement = statement.where(tuple_(Alert.created_at, Alert.id) < tuple_(*before))
    return (await session.scalars(statement)).all()


async def get(session: AsyncSession, *, alert_id: UUID) -> Alert:
    """An alert by id. Raises NotFound, also when the principal may not see it."""
    alert = await session.get(Alert, alert_id, with_for_update=True)
    if alert is None:
        raise NotFound(f"no alert {alert_id}", hint="See the list of alerts.")
    return alert


async def acknowledge(session: AsyncSession, *, alert_id: UUID, user_id: UUID | None) -> Alert:
    """Note that somebody looks at it; the first who does stays on record. Raises NotFound, Conflict when resolved."""
    alert = await get(session, alert_id=alert_id)
    if alert.status == "resolved":
        raise Conflict("the alert is resolved already", hint="Nothing is left to do.")
    if alert.status == "new":
        alert.status, alert.acknowledged_at, alert.acknowledged_by = "acknowledged", datetime.now(UTC), user_id
        await session.flush()
    return alert


async def resolve(session: AsyncSession, *, alert_id: UUID, user_id: UUID | None) -> Alert:
    """Close it, acknowledged or not; doing it twice changes nothing. Raises NotFound."""
    alert = await get(session, alert_id=alert_id)
    if alert.status != "resolved":
        alert.status, alert.resolved_at, alert.resolved_by = "resolved", datetime.now(UTC), user_id
        await session.flush()
    return alert


@dataclass(frozen=True, slots=True)
class AlertView:
    """An alert as lists show it; subject_name None: unknown to the principal, or erased."""

    id: UUID
    created_at: datetime
    matched_at: datetime
    severity: str
    status: str
    message: str
    camera_id: UUID
    camera_name: str
    sighting_id: UUID | None
    subject_id: UUID | None
    subject_name: str | None


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """Which alerts a list shows; before is the last row of the page before (created_at, id); ids: only these."""

    status: str | None = None
    before: tuple[datetime, UUID] | None = None
    ids: tuple[UUID, ...] | None = None


async def list_views(
    session: AsyncSession, *, where: AlertFilter | None = None, limit: int = 50
) -> tuple[AlertView, ...]:
    """Alerts with the names of camera and subject, the newest first, by keyset."""
    chosen = where or AlertFilter()
    statement = (
        select(
            Alert.id,
            Alert.created_at,
            Alert.matched_at,
            Alert.severity,
            Alert.status,
            Alert.message,
            Alert.camera_id,
            Camera.name,
            Alert.sighting_id,
            Alert.subject_id,
            Subject.name,
        )
        .join(Camera, Camera.id == Alert.camera_id)
        .outerjoin(Subject, Subject.id == Alert.subject_id)
        .order_by(Alert.created_at.desc(), Alert.id.desc())
        .limit(limit)
    )
    if chosen.status is not None:
        statement = statement.where(Alert.status == chosen.status)
    if chosen.before is not None:
        statement = statement.where(tuple_(Alert.created_at, Alert.id) < tuple_(*chosen.before))
    if chosen.ids is not None:
        statement = statement.where(Alert.id.in_(chosen.ids))
    rows: Sequence[Sequence[Any]] = (await session.execute(statement)).all()
    return tuple(AlertView(*row) for row in rows)
