"""Whether a rule fires: one function for the past (dry run) and for what is being recorded.

A rule's conditions are values; nothing here reads a clock. Cool-down belongs to whoever knows which alerts there are:
Pauses for the past, raise_alert_by_rule() in the database for the present.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sightline.schemas.alert_rules import Schedule, Weekday, Window

DAYS = tuple(Weekday)
ALWAYS = Schedule()


@dataclass(frozen=True, slots=True)
class SightingFacts:
    """What rules look at: a known person at a camera. at: the moment that counts, aware; watchlist: today's."""

    sighting_id: UUID
    detected_at: datetime
    at: datetime
    camera_id: UUID
    group_id: UUID | None
    subject_id: UUID
    watchlist_id: int | None
    similarity: float | None


@dataclass(frozen=True, slots=True)
class RuleConditions:
    """A rule as it is evaluated. None holds for everything. id None: it is not kept yet."""

    camera_id: UUID | None = None
    group_id: UUID | None = None
    watchlist_id: int | None = None
    subject_id: UUID | None = None
    min_similarity: float | None = None
    schedule: Schedule = ALWAYS
    cooldown: timedelta = timedelta(minutes=5)
    id: UUID | None = None
    name: str = ""
    channel_ids: tuple[UUID, ...] = ()


def evaluate_alert_rules(rules: Iterable[RuleConditions], facts: SightingFacts) -> tuple[RuleConditions, ...]:
    """The rules whose conditions this sighting meets, cool-down aside."""
    return tuple(rule for rule in rules if _meets(rule, facts))


def in_force(schedule: Schedule, at: datetime) -> bool:
    """Whether a moment lies in one of the windows, by the clock on the wall there; without windows always."""
    if not schedule.windows:
        return True
    local = at.astimezone(ZoneInfo(schedule.time_zone))
    minute, today = local.hour * 60 + local.minute, local.weekday()
    return any(_holds(window, minute, today) for window in schedule.windows)


def local_day(schedule: Schedule, at: datetime) -> date:
    """The day of a moment by the clock of the rule."""
    return at.astimezone(ZoneInfo(schedule.time_zone)).date()


@dataclass(slots=True)
class Pauses:
    """Cool-down over sightings that come in order of time: one alert per subject and camera within the pause."""

    pause: timedelta
    _last: dict[tuple[UUID, UUID], datetime] = field(default_factory=dict)

    def allows(self, facts: SightingFacts) -> bool:
        """Whether an alert is due now; if so, it counts as raised."""
        key = (facts.subject_id, facts.camera_id)
        last = self._last.get(key, datetime.min.replace(tzinfo=UTC))
        if facts.at - last <= self.pause:
            return False
        self._last[key] = facts.at
        return True


def fires(rule: RuleConditions, sightings: Sequence[SightingFacts]) -> list[SightingFacts]:
    """Those that would have raised an alert. sightings: in order of time."""
    pauses = Pauses(rule.cooldown)
    return [facts for facts in sightings if evaluate_alert_rules((rule,), facts) and pauses.allows(facts)]


def _meets(rule: RuleConditions, facts: SightingFacts) -> bool:
    pairs = (
        (rule.camera_id, facts.camera_id),
        (rule.group_id, facts.group_id),
        (rule.watchlist_id, facts.watchlist_id),
        (rule.subject_id, facts.subject_id),
    )
    if any(wanted is not None and wanted != found for wanted, found in pairs):
        return False
    if rule.min_similarity is not None and (facts.similarity is None or facts.similarity < rule.min_similarity):
        return False
    return in_force(rule.schedule, facts.at)


def _holds(window: Window, minute: int, today: int) -> bool:
    begins, ends = _minutes(window.begins), _minutes(window.ends)
    on_today, since_yesterday = DAYS[today] in window.days, DAYS[today - 1] in window.days
    if begins < ends:
        return on_today and begins <= minute < ends
    return (on_today and minute >= begins) or (since_yesterday and minute < ends)


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)
