"""Rules at work on what is being recorded: one batch of the queue in one transaction. As WORKER.

Several engines may do this at once. Each sighting is evaluated as it is when it is taken, with all that surrounds it;
whoever comes last sees everything, so nothing is missed. Alerts are raised by one function of the database, under a
lock per rule and of what its pause is, so nothing is raised twice.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.schemas.alert_rules import FrequencyPlace
from sightline.services import alert_rule_facts, alert_rule_queue, notifications
from sightline.services.alert_rule_evaluation import (
    Occurrence,
    RuleConditions,
    SightingFacts,
    begins,
    is_company,
    occurrences,
    pause_key,
    waits_until,
)
from sightline.services.alert_rule_queue import Queued, Wait

_RAISE = text(
    "SELECT place, id, severity FROM raise_alerts_by_rules(cast(:rules AS uuid[]), cast(:sightings AS uuid[]),"
    " cast(:detected AS timestamptz[]), cast(:subjects AS uuid[]), cast(:matched AS timestamptz[]),"
    " cast(:texts AS text[]))"
)
_FOLLOW = text("SELECT follow_sightings(cast(:sightings AS uuid[]), cast(:detected AS timestamptz[]))")
NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Batch:
    """What came of a part of the queue. raised, followed: alerts that are new or became a rule's, and others that
    changed; publish them after the commit."""

    sightings: int = 0
    raised: tuple[UUID, ...] = ()
    followed: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class _Due:
    """That a rule asks for an alert."""

    rule: RuleConditions
    one: Occurrence


@dataclass(frozen=True, slots=True)
class _Around:
    """Sightings near those that are evaluated."""

    by_person: Mapping[UUID | None, Sequence[SightingFacts]]
    unknown: Sequence[SightingFacts]


@dataclass(frozen=True, slots=True)
class _Concerned:
    """A rule that one sighting alone cannot decide, and those that may decide it."""

    rule: RuleConditions
    touched: Sequence[SightingFacts]

    @property
    def since(self) -> datetime:
        return min(one.detected_at for one in self.touched) - self.rule.reach

    @property
    def is_everywhere(self) -> bool:
        """Whether sightings at other cameras count too."""
        often = self.rule.frequency
        return often is not None and often.place is FrequencyPlace.ANYWHERE and self.rule.camera_id is None

    def people(self) -> tuple[UUID, ...]:
        if self.rule.co_presence is not None and self.rule.subject_id is not None:
            return (self.rule.subject_id, self.rule.co_presence.subject_id)
        return tuple({one.subject_id for one in self.touched if one.subject_id is not None})

    def cameras(self) -> tuple[UUID, ...]:
        return tuple({one.camera_id for one in self.touched})

    def among(self, around: _Around) -> Iterator[SightingFacts]:
        if self.rule.unknown_after is not None:
            yield from around.unknown
            return
        for person in self.people():
            yield from around.by_person.get(person, ())


async def run_batch(
    session: AsyncSession, *, queued: Sequence[Queued], rules: Sequence[RuleConditions], now: datetime
) -> Batch:
    """Evaluate these sightings, raise and update alerts, queue notifications, and take the rows off the queue.

    now: for quiet hours. Raises what the database refuses; then nothing of the batch is done.
    """
    batch = await evaluate(session, queued=queued, rules=rules, now=now)
    await alert_rule_queue.remove(session, queued=queued)
    return batch


async def evaluate(
    session: AsyncSession, *, queued: Sequence[Queued], rules: Sequence[RuleConditions], now: datetime
) -> Batch:
    """As run_batch(), but the rows stay in the queue."""
    facts = await alert_rule_facts.of_queued(session, queued=queued)
    raised = await _raise(session, await _due(session, rules, facts), now)
    followed = [found for found in await session.scalars(_FOLLOW, _places(queued)) if found not in raised]
    await alert_rule_queue.look_again(session, waits=_waits(rules, facts))
    return Batch(len(queued), tuple(raised), tuple(followed))


async def _due(session: AsyncSession, rules: Sequence[RuleConditions], facts: Sequence[SightingFacts]) -> list[_Due]:
    """What rules ask for, in an order that all engines share: by rule and what its pause is of, then by time."""
    touched: dict[int, list[SightingFacts]] = {}
    due = []
    for one in facts:
        for number, rule in enumerate(rules):
            if rule.needs_others:
                if is_company(rule, one) or begins(rule, one) is not None:
                    touched.setdefault(number, []).append(one)
            elif (at := begins(rule, one)) is not None:
                due.append(_Due(rule, Occurrence(one, at)))
    concerned = [_Concerned(rules[number], own) for number, own in touched.items()]
    around = await _around(session, concerned)
    for case in concerned:
        since = min(one.detected_at for one in case.touched)
        due += [_Due(case.rule, one) for one in occurrences(case.rule, case.among(around)) if one.at >= since]
    return sorted((one for one in due if not one.one.facts.is_decided), key=_order)


async def _around(session: AsyncSession, concerned: Sequence[_Concerned]) -> _Around:
    """What surrounds these sightings, as far as their rules reach: of the same people, or of unknown ones there."""
    people: dict[UUID, datetime] = {}
    cameras: dict[UUID, datetime] = {}
    for case in concerned:
        places = case.people()
        if case.rule.unknown_after is not None:
            places = await alert_rule_facts.all_cameras(session) if case.is_everywhere else case.cameras()
        wanted = people if case.rule.unknown_after is None else cameras
        for one in places:
            wanted[one] = min(wanted.get(one, case.since), case.since)
    by_person: dict[UUID | None, list[SightingFacts]] = {}
    for facts in await alert_rule_facts.of_subjects(session, since=people):
        by_person.setdefault(facts.subject_id, []).append(facts)
    return _Around(by_person, await alert_rule_facts.of_unknown(session, since=cameras))


async def _raise(session: AsyncSession, due: Sequence[_Due], now: datetime) -> list[UUID]:
    if not due:
        return []
    values = {
        "rules": [one.rule.id for one in due],
        "subjects": [one.one.facts.subject_id for one in due],
        "matched": [one.one.at for one in due],
        "texts": [_words(one) for one in due],
        **_places([one.one.facts for one in due]),
    }
    rows = (await session.execute(_RAISE, values)).all()
    for row in rows:
        rule, facts = due[row.place - 1].rule, due[row.place - 1].one.facts
        quiet = _quiet_until(rule, facts, row.severity, now)
        await notifications.send_notifications(session, alert_id=row.id, channel_ids=rule.channel_ids, not_before=quiet)
    return list(dict.fromkeys(row.id for row in rows))


def _quiet_until(rule: RuleConditions, facts: SightingFacts, severity: str, now: datetime) -> datetime | None:
    if rule.quiet is None or (rule.quiet.spares_critical and severity == "critical"):
        return None
    return rule.quiet.times.end(now, facts.time_zone)


def _waits(rules: Sequence[RuleConditions], facts: Sequence[SightingFacts]) -> list[Wait]:
    """Of people in view who count as unknown later: when that is, the earliest of several."""
    waits = []
    for one in facts:
        moments = [moment for rule in rules if (moment := waits_until(rule, one)) is not None]
        if moments:
            waits.append(Wait(one.sighting_id, one.detected_at, min(moments)))
    return waits


def _words(due: _Due) -> str:
    """What an alert says; no name of a person: alerts outlive their subjects."""
    who = "Match" if due.one.facts.subject_id is not None else "Unknown person"
    return f'{who} by rule "{due.rule.name}" at camera "{due.one.facts.camera_name}"'


def _order(due: _Due) -> tuple[UUID, tuple[UUID, ...], datetime, UUID]:
    key = tuple(part or NOBODY for part in pause_key(due.rule, due.one.facts))
    return (due.rule.id or NOBODY, key, due.one.at, due.one.facts.sighting_id)


def _places(facts: Sequence[SightingFacts | Queued]) -> dict[str, list[object]]:
    return {"sightings": [one.sighting_id for one in facts], "detected": [one.detected_at for one in facts]}
