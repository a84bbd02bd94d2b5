"""Rules and an engine's round within one transaction that is rolled back."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.config import Settings
from sightline.core.database import WORKER
from sightline.domain.operating_points import OperatingCurve, OperatingPoint
from sightline.schemas.alert_rules import RuleIn
from sightline.services import alert_rule_queue, alert_rule_runs, alert_rules
from sightline.services.alert_rule_checks import House
from sightline.services.alert_rule_dry_runs import DryRun, Span, dry_run
from sightline.services.alert_rule_records import rules_in_force
from sightline.services.alert_rule_runs import Batch
from sightline.services.alert_rules import RuleView
from sightline.services.sightings import TrackRecord, record_tracks
from tests.support.database import NOON, acting

CURVE = OperatingCurve((OperatingPoint(1e-3, 0.45), OperatingPoint(1e-5, 0.6)))
HOUSE = House(CURVE, Settings())


def rule(**changes: Any) -> RuleIn:
    return RuleIn.model_validate({"name": "night", **changes})


async def keep(session: AsyncSession, **changes: Any) -> RuleView:
    return await alert_rules.create_alert_rule(session, given=rule(**changes), created_by=None, house=HOUSE)


async def evaluated(session: AsyncSession, *tracks: TrackRecord, now: datetime = NOON) -> Batch:
    """As a recording worker and an engine do."""
    async with acting(session, WORKER):
        await record_tracks(session, tracks=tracks)
        book = await rules_in_force(session, curve=CURVE)
        assert not book.unreadable
        queued = await alert_rule_queue.take(session, most=100)
        return await alert_rule_runs.run_batch(session, queued=queued, rules=book.rules, now=now)


async def tried(
    session: AsyncSession, given: RuleIn, since: datetime, until: datetime, purpose: str | None = None
) -> DryRun:
    return await dry_run(session, given=given, span=Span(since, until), purpose=purpose, house=HOUSE)


async def add_channel(session: AsyncSession, *, active: bool = True) -> UUID:
    statement = text(
        "INSERT INTO notification_channels (name, kind, is_active) VALUES (uuidv7()::text, 'email', :on) RETURNING id"
    )
    found: UUID = (await session.execute(statement, {"on": active})).scalar_one()
    return found
