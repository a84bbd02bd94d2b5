"""Rules tried on the past, by the functions that evaluate what is recorded; nothing is raised."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.config import Settings
from sightline.schemas.alert_rules import DryRunLimit, RuleIn
from sightline.services import alert_rule_facts, audit, runtime_settings
from sightline.services.alert_rule_checks import Doubt, House, doubts, require_known
from sightline.services.alert_rule_evaluation import Occurrence, RuleConditions, SightingFacts, fires
from sightline.services.alert_rule_records import conditions

MOST_SHOWN = 100
DAY = timedelta(days=1)

_ANONYMISED = text(
    """
    SELECT count(*) FROM sightings s JOIN cameras c ON c.id = s.camera_id
    WHERE s.detected_at >= :since AND s.detected_at < :until AND s.anonymised_at IS NOT NULL
        AND (cast(:camera_id AS uuid) IS NULL OR s.camera_id = :camera_id)
        AND (cast(:group_id AS uuid) IS NULL OR c.group_id = :group_id)
    """
)


@dataclass(frozen=True, slots=True)
class Span:
    """since is included, until is not."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Limit:
    """What the past cannot tell."""

    code: DryRunLimit
    message: str


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a rule would have done. sightings: how many were evaluated; is_complete: whether that was all."""

    fired: tuple[Occurrence, ...]
    per_day: tuple[tuple[date, int], ...]
    sightings: int
    is_complete: bool
    limits: tuple[Limit, ...]
    warnings: tuple[Doubt, ...]
    summary: str


async def dry_run(session: AsyncSession, *, given: RuleIn, span: Span, purpose: str | None, house: House) -> DryRun:
    """Try a rule on past sightings that the principal may see. It is recorded as a search. Raises InvalidInput.

    Whether it is switched on or snoozed does not matter: it is tried as if it had been in force.
    """
    await require_known(session, given)
    rule = replace(conditions(given, curve=house.curve), snoozed_until=None)
    facts, is_complete = await alert_rule_facts.of_past(session, rule=rule, since=span.since, until=span.until)
    # up to 200,000 sightings: a second of work that other requests shall not wait for
    every = await asyncio.to_thread(fires, rule, facts)
    fired = [one for one in every if one.facts.detected_at >= span.since]
    details: dict[str, object] = {
        "by": "alert rule dry run",
        "since": span.since.isoformat(),
        "until": span.until.isoformat(),
        "purpose": purpose,
        "shown": [str(one.facts.sighting_id) for one in fired[:MOST_SHOWN]],
    }
    await audit.record_event(
        session, action="SEARCH", table_name="sightings", details=details, subject_id=given.subject_id
    )
    (warnings,) = await doubts(session, [given], [()], house=house)
    settings = await runtime_settings.effective(session, base=house.settings)
    limits = [*_limits(rule, facts, span, settings), *await _lost(session, rule, span)]
    if not is_complete:
        limits.append(Limit(DryRunLimit.LIST_IS_CUT, "There are more sightings than are read; the earliest were."))
    seen = sum(one.detected_at >= span.since for one in facts)
    summary = _summary(len(fired), span)
    return DryRun(tuple(fired), _per_day(rule, fired), seen, is_complete, tuple(limits), warnings, summary)


def _per_day(rule: RuleConditions, fired: Sequence[Occurrence]) -> tuple[tuple[date, int], ...]:
    days = Counter(rule.times.local(one.at, one.facts.time_zone).date() for one in fired)
    return tuple(sorted(days.items()))


def _summary(count: int, span: Span) -> str:
    days = max(1, round((span.until - span.since) / DAY))
    times, length = "once" if count == 1 else f"{count} times", "1 day" if days == 1 else f"{days} days"
    return f"It would have fired {times} in {length}." if count else f"It would not have fired in {length}."


def _limits(rule: RuleConditions, facts: Sequence[SightingFacts], span: Span, settings: Settings) -> list[Limit]:
    kept = settings.retention.sightings_days
    of_unknown, looks_at_shot = rule.unknown_after is not None, bool(rule.zone)
    decided = sum(one.is_decided for one in facts)
    every = {
        DryRunLimit.RETENTION: (
            span.since < datetime.now(UTC) - kept * DAY,
            f"Sightings are kept for {kept} days; of what is older nothing is left.",
        ),
        DryRunLimit.NAMED_LATER: (
            of_unknown,
            "Who was unknown for a while and recognised later counts as recognised; a live rule may have fired before.",
        ),
        DryRunLimit.UNKNOWN_NOT_RECORDED: (
            of_unknown and settings.recognition.unknown == "count",
            "By the settings unknown people are only counted, so there are no sightings of them to try.",
        ),
        DryRunLimit.BEST_SHOT_ONLY: (
            looks_at_shot,
            "Of each sighting only the place in its best picture is known; a live rule sees each one before it too.",
        ),
        DryRunLimit.CORRECTED: (
            decided > 0,
            f"{decided} sightings were corrected by people and are taken as corrected.",
        ),
    }
    return [Limit(code, message) for code, (holds, message) in every.items() if holds]


async def _lost(session: AsyncSession, rule: RuleConditions, span: Span) -> list[Limit]:
    """Of people who were erased, and of unknown ones whose time was over."""
    given = {"since": span.since, "until": span.until, "camera_id": rule.camera_id, "group_id": rule.group_id}
    count = int((await session.execute(_ANONYMISED, given)).scalar_one())
    if not count:
        return []
    known = "Whom they showed is not known any more"
    what = f"{known}; they count as unknown people." if rule.unknown_after is not None else f"{known}; none counts."
    return [Limit(DryRunLimit.ANONYMISED, f"{count} sightings there were anonymised. {what}")]
