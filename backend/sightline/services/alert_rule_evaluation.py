"""Whether a rule fires: one set of pure functions for the past (dry run) and for what is being recorded.

A rule's conditions are values; nothing here reads a clock or a database. Nor does the order matter in which sightings
are told: what a rule says of them follows from the sightings alone, each with the moment from which all conditions
held. Only cool-down depends on alerts: Pauses for the past, raise_alerts_by_rules() in the database for the present.
"""

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from uuid import UUID

import numpy as np

from sightline.domain.regions import Polygon
from sightline.schemas.alert_rules import CooldownScope, CoPresencePlace, FrequencyPlace
from sightline.services.schedules import ALWAYS, Times


@dataclass(frozen=True, slots=True)
class SightingFacts:
    """What rules look at: somebody at a camera.

    detected_at, last_seen_at: when a track began and how far it has come, aware; is_over: nothing follows; as_of: when
    that was so. subject_id None: unknown; watchlist_id: today's. x, y: the face's centre in the best shot, as shares
    of the picture. is_decided: a person said who it is.
    """

    sighting_id: UUID
    detected_at: datetime
    last_seen_at: datetime
    is_over: bool
    as_of: datetime
    camera_id: UUID
    camera_name: str
    time_zone: str
    group_id: UUID | None
    subject_id: UUID | None
    watchlist_id: int | None
    similarity: float | None
    x: float
    y: float
    is_decided: bool = False


@dataclass(frozen=True, slots=True)
class Frequency:
    """So many sightings within this time."""

    count: int
    within: timedelta
    place: FrequencyPlace


@dataclass(frozen=True, slots=True)
class CoPresence:
    """Somebody else, so near in time."""

    subject_id: UUID
    within: timedelta
    place: CoPresencePlace


@dataclass(frozen=True, slots=True)
class Quiet:
    """When notifications wait."""

    times: Times
    spares_critical: bool


@dataclass(frozen=True, slots=True)
class RuleConditions:
    """A rule as it is evaluated. None holds for everything. id None: it is not kept yet.

    unknown_after: the rule is about unknown people, who count as such when they were in view for so long; None: about
    known ones. is_impossible: it asks for a certainty that nobody has measured, so nothing meets it.
    """

    camera_id: UUID | None = None
    group_id: UUID | None = None
    zone: tuple[Polygon, ...] = ()
    watchlist_id: int | None = None
    subject_id: UUID | None = None
    unknown_after: timedelta | None = None
    min_similarity: float | None = None
    is_impossible: bool = False
    times: Times = ALWAYS
    frequency: Frequency | None = None
    co_presence: CoPresence | None = None
    cooldown: timedelta = timedelta(minutes=5)
    cooldown_scope: CooldownScope = CooldownScope.SUBJECT_AND_CAMERA
    snoozed_until: datetime | None = None
    quiet: Quiet | None = None
    id: UUID | None = None
    name: str = ""
    channel_ids: tuple[UUID, ...] = ()

    @property
    def needs_others(self) -> bool:
        """Whether one sighting alone cannot tell."""
        return self.frequency is not None or self.co_presence is not None

    @property
    def reach(self) -> timedelta:
        """How far from a sighting others matter to it."""
        often = self.frequency.within if self.frequency else timedelta()
        return often + (self.co_presence.within if self.co_presence else timedelta())


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A sighting that meets a rule, cool-down aside. at: the moment from which all conditions held."""

    facts: SightingFacts
    at: datetime


def evaluate_alert_rules(rules: Iterable[RuleConditions], facts: SightingFacts) -> tuple[RuleConditions, ...]:
    """The rules whose conditions this sighting meets by itself: how often and in whose company aside."""
    return tuple(rule for rule in rules if begins(rule, facts) is not None)


def begins(rule: RuleConditions, facts: SightingFacts) -> datetime | None:
    """The moment from which a sighting meets all that can be told from it alone; None: it does not."""
    if not (is_about(rule, facts) and _is_sure(rule, facts)):
        return None
    begin, end = facts.detected_at, facts.last_seen_at
    if rule.unknown_after is not None:
        named_no_more = begin + rule.unknown_after
        if not facts.is_over and facts.as_of < named_no_more:
            return None
        begin = min(named_no_more, end) if facts.is_over else named_no_more
        end = max(begin, end)
    if rule.snoozed_until is not None and begin < rule.snoozed_until:
        begin = rule.snoozed_until
        if begin > end:
            return None
    moment = rule.times.first(begin, end, facts.time_zone)
    return moment if moment is not None and _is_inside(rule, facts) else None


def waits_until(rule: RuleConditions, facts: SightingFacts) -> datetime | None:
    """When somebody who is in view counts as unknown, where that is still to come."""
    if rule.unknown_after is None or facts.is_over or not is_about(rule, facts):
        return None
    due = facts.detected_at + rule.unknown_after
    return due if due > facts.as_of else None


def is_about(rule: RuleConditions, facts: SightingFacts) -> bool:
    """Whether a sighting is of whom and where a rule names."""
    if (rule.unknown_after is None) is (facts.subject_id is None):
        return False
    return (
        (rule.camera_id is None or rule.camera_id == facts.camera_id)
        and (rule.subject_id is None or rule.subject_id == facts.subject_id)
        and (rule.watchlist_id is None or rule.watchlist_id == facts.watchlist_id)
        and (rule.group_id is None or rule.group_id == facts.group_id)
    )


def is_company(rule: RuleConditions, facts: SightingFacts) -> bool:
    """Whether a sighting is of the other person whom a rule asks for."""
    return rule.co_presence is not None and facts.subject_id == rule.co_presence.subject_id and _is_sure(rule, facts)


def occurrences(rule: RuleConditions, seen: Iterable[SightingFacts]) -> list[Occurrence]:
    """The sightings that meet a rule, by the moment from which they do. seen: all that may matter, in any order."""
    every = list(seen)
    found = [Occurrence(facts, at) for facts in every if (at := begins(rule, facts)) is not None]
    if rule.co_presence is not None:
        others = [facts for facts in every if is_company(rule, facts)]
        found = _in_company(found, others, rule.co_presence)
    found.sort(key=lambda one: (one.at, one.facts.sighting_id))
    return found if rule.frequency is None else _often(found, rule.frequency)


@dataclass(slots=True)
class Pauses:
    """Cool-down over occurrences that come in order of time."""

    rule: RuleConditions
    _last: dict[tuple[UUID | None, ...], datetime] = field(default_factory=dict)

    def allows(self, one: Occurrence) -> bool:
        """Whether an alert is due now; if so, it counts as raised."""
        key = pause_key(self.rule, one.facts)
        last = self._last.get(key, datetime.min.replace(tzinfo=UTC))
        if one.at - last <= self.rule.cooldown:
            return False
        self._last[key] = one.at
        return True


def pause_key(rule: RuleConditions, facts: SightingFacts) -> tuple[UUID | None, ...]:
    """What a rule's pause is of. All unknown people are one: nobody can tell them apart."""
    if rule.cooldown_scope is CooldownScope.RULE:
        return ()
    if rule.cooldown_scope is CooldownScope.SUBJECT:
        return (facts.subject_id,)
    return (facts.subject_id, facts.camera_id)


def fires(rule: RuleConditions, seen: Iterable[SightingFacts]) -> list[Occurrence]:
    """Those that would have raised an alert, in order of time."""
    pauses = Pauses(rule)
    return [one for one in occurrences(rule, seen) if pauses.allows(one)]


def _is_sure(rule: RuleConditions, facts: SightingFacts) -> bool:
    if rule.is_impossible:
        return False
    return rule.min_similarity is None or (facts.similarity is not None and facts.similarity >= rule.min_similarity)


def _is_inside(rule: RuleConditions, facts: SightingFacts) -> bool:
    return not rule.zone or any(bool(area.contains(np.array([(facts.x, facts.y)]))[0]) for area in rule.zone)


def _in_company(found: Sequence[Occurrence], others: Sequence[SightingFacts], wanted: CoPresence) -> list[Occurrence]:
    """Those near whom the other person was seen, from the moment when both had been."""
    others = sorted(others, key=attrgetter("detected_at"))
    begun = [facts.detected_at for facts in others]
    longest = max((facts.last_seen_at - facts.detected_at for facts in others), default=timedelta())
    kept = []
    for one in found:
        first = bisect_left(begun, one.facts.detected_at - wanted.within - longest)
        last = bisect_right(begun, one.facts.last_seen_at + wanted.within)
        met = [
            max(one.at, facts.detected_at) for facts in others[first:last] if _are_together(one.facts, facts, wanted)
        ]
        if met:
            kept.append(Occurrence(one.facts, min(met)))
    return kept


def _are_together(one: SightingFacts, other: SightingFacts, wanted: CoPresence) -> bool:
    if one.subject_id == other.subject_id:
        return False
    same_camera = one.camera_id == other.camera_id
    same_group = one.group_id is not None and one.group_id == other.group_id
    if not (same_camera or (wanted.place is CoPresencePlace.GROUP and same_group)):
        return False
    return max(one.detected_at, other.detected_at) - min(one.last_seen_at, other.last_seen_at) <= wanted.within


def _often(found: Sequence[Occurrence], wanted: Frequency) -> list[Occurrence]:
    """Those that complete the count; each one further within the time does, too. found: in order of time."""
    recent: dict[tuple[UUID | None, UUID | None], deque[datetime]] = {}
    kept = []
    for one in found:
        camera = one.facts.camera_id if wanted.place is FrequencyPlace.CAMERA else None
        moments = recent.setdefault((one.facts.subject_id, camera), deque())
        moments.append(one.at)
        while one.at - moments[0] >= wanted.within:
            moments.popleft()
        if len(moments) >= wanted.count:
            kept.append(one)
    return kept
