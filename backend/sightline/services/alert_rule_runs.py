"""Rules at work: tried on the past (dry run), and raising alerts on what is recorded. Both ask the same function."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.models import Camera
from sightline.schemas.alert_rules import RuleIn
from sightline.services import audit, notifications
from sightline.services.alert_rule_checks import Doubt, doubts, require_known
from sightline.services.alert_rule_evaluation import (
    RuleConditions,
    SightingFacts,
    evaluate_alert_rules,
    fires,
    local_day,
)
from sightline.services.alert_rules import active_rules, conditions
from sightline.services.sightings import RaisedAlert, Recorded, TrackRecord

MOST_READ = 200_000
"""Sightings of a dry run."""
MOST_SHOWN = 100
WINDOW = timedelta(days=1)
"""A track that is recorded already keeps its first_seen; the same window as in sightings_sql.RECORD_TRACKS."""

PAST_SIGHTINGS = text(
    """
    SELECT s.id, s.detected_at, s.detected_at AS at, s.camera_id, c.group_id, s.subject_id, p.watchlist_id, s.confidence
    FROM sightings s JOIN cameras c ON c.id = s.camera_id JOIN subjects p ON p.id = s.subject_id
    WHERE s.detected_at >= :since AND s.detected_at < :until
        AND (cast(:camera_id AS uuid) IS NULL OR s.camera_id = :camera_id)
        AND (cast(:group_id AS uuid) IS NULL OR c.group_id = :group_id)
        AND (cast(:subject_id AS uuid) IS NULL OR s.subject_id = :subject_id)
        AND (cast(:watchlist_id AS int) IS NULL OR p.watchlist_id = :watchlist_id)
        AND (cast(:least AS real) IS NULL OR s.confidence >= cast(:least AS real))
    ORDER BY s.detected_at, s.id LIMIT :most
    """
)
RECORDED_SIGHTINGS = text(
    """
    SELECT s.id, s.detected_at, s.last_seen_at, s.camera_id, c.group_id, s.subject_id, p.watchlist_id, s.confidence
    FROM sightings s JOIN cameras c ON c.id = s.camera_id JOIN searchable_subjects p ON p.id = s.subject_id
    WHERE s.id = ANY(:ids) AND s.detected_at BETWEEN :since AND :until
    ORDER BY s.last_seen_at, s.id
    """
)


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a rule would have done. sightings: how many were evaluated; is_complete: whether that was all."""

    fired: tuple[SightingFacts, ...]
    per_day: tuple[tuple[date, int], ...]
    sightings: int
    is_complete: bool
    warnings: tuple[Doubt, ...]


async def dry_run(
    session: AsyncSession, *, given: RuleIn, since: datetime, until: datetime, purpose: str | None
) -> DryRun:
    """Try a rule on past sightings that the principal may see; nothing is raised. It is recorded as a search.

    A sighting counts at the moment it began; what is recorded live counts as long as it lasts. Raises InvalidInput.
    """
    await require_known(session, given)
    rule = conditions(given)
    facts, is_complete = await _past(session, rule, since, until)
    fired = fires(rule, facts)
    days: dict[date, int] = {}
    for one in fired:
        day = local_day(rule.schedule, one.at)
        days[day] = days.get(day, 0) + 1
    details: dict[str, object] = {
        "by": "alert rule dry run",
        "since": since.isoformat(),
        "until": until.isoformat(),
        "purpose": purpose,
        "shown": [str(one.sighting_id) for one in fired[:MOST_SHOWN]],
    }
    await audit.record_event(
        session, action="SEARCH", table_name="sightings", details=details, subject_id=given.subject_id
    )
    (warnings,) = await doubts(session, [given], [()])
    return DryRun(tuple(fired), tuple(sorted(days.items())), len(facts), is_complete, warnings)


async def apply(session: AsyncSession, *, tracks: Sequence[TrackRecord], recorded: Recorded) -> Recorded:
    """Raise what rules ask for on sightings that were just recorded, in their transaction; for the worker.

    Idempotent: a rule raises one alert per sighting. Returns recorded with the alerts that came of it.
    """
    ids = [*recorded.created, *recorded.updated]
    rules = await active_rules(session) if ids else ()
    if not rules:
        return recorded
    begins = [track.first_seen for track in tracks]
    limits = {"ids": ids, "since": min(begins) - WINDOW, "until": max(begins) + WINDOW}
    facts = [SightingFacts(*row) for row in (await session.execute(RECORDED_SIGHTINGS, limits)).all()]
    raised = {alert.id: alert for alert in recorded.alerts}
    for one in facts:
        for rule in evaluate_alert_rules(rules, one):
            alert = await create_alert(session, rule=rule, facts=one)
            if alert is not None:
                raised[alert.id] = alert
    return replace(recorded, alerts=tuple(raised.values()))


async def create_alert(session: AsyncSession, *, rule: RuleConditions, facts: SightingFacts) -> RaisedAlert | None:
    """Raise the alert of a rule on a sighting and queue its notifications; None within the rule's cool-down.

    A new alert that the watchlist raised on the same sighting becomes the rule's.
    """
    camera = await session.scalar(select(Camera.name).where(Camera.id == facts.camera_id))
    statement = text("SELECT * FROM raise_alert_by_rule(:rule, :sighting, :detected, :matched, :message)")
    values = {
        "rule": rule.id,
        "sighting": facts.sighting_id,
        "detected": facts.detected_at,
        "matched": facts.at,
        # no name of a person: alerts outlive their subjects
        "message": f'Match by rule "{rule.name}" at camera "{camera}"',
    }
    row = (await session.execute(statement, values)).one_or_none()
    if row is None:
        return None
    await notifications.send_notifications(session, alert_id=row.id, channel_ids=rule.channel_ids)
    return RaisedAlert(
        row.id, facts.sighting_id, facts.camera_id, facts.subject_id, facts.watchlist_id, row.severity, row.message
    )


async def _past(
    session: AsyncSession, rule: RuleConditions, since: datetime, until: datetime
) -> tuple[list[SightingFacts], bool]:
    """Sightings that may meet a rule, in order of time, and whether these are all."""
    limits: dict[str, UUID | datetime | int | float | None] = {
        "since": since,
        "until": until,
        "camera_id": rule.camera_id,
        "group_id": rule.group_id,
        "watchlist_id": rule.watchlist_id,
        "subject_id": rule.subject_id,
        "least": rule.min_similarity,
        "most": MOST_READ + 1,
    }
    rows = (await session.execute(PAST_SIGHTINGS, limits)).all()
    return [SightingFacts(*row) for row in rows[:MOST_READ]], len(rows) <= MOST_READ
