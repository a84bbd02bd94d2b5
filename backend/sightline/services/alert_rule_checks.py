"""Whether what a rule names is there, and whether the rule can do what was meant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Column, MetaData, Select, Table, Text, Uuid, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.config import Settings
from sightline.core.errors import InvalidInput
from sightline.domain.operating_points import OperatingCurve
from sightline.models import Camera, CameraGroup, EscalationPolicy, Subject, Watchlist
from sightline.schemas.alert_rules import RuleIn, RuleWarning
from sightline.schemas.schedules import HolidayUse, Schedule
from sightline.services import runtime_settings
from sightline.services.alert_rule_records import is_unmeasured
from sightline.services.schedules import compiled

CHANNEL_NAMES = Table(
    "channel_names", MetaData(), Column("id", Uuid), Column("name", Text), Column("kind", Text),
    Column("is_active", Boolean),
)  # fmt: skip
"""The view of migration 0012, for those who may not read channels."""

MEANINGS = {
    RuleWarning.LIST_NOT_IN_FORCE: "Its watchlist is switched off or has expired: nobody on it is recognised.",
    RuleWarning.LIST_IS_EMPTY: "Nobody is on its watchlist.",
    RuleWarning.SUBJECT_NOT_SEARCHED: "Its subject is inactive, or on a list that is not in force.",
    RuleWarning.CAMERA_OFF: "Its camera is removed, switched off or out of your sight.",
    RuleWarning.GROUP_IS_EMPTY: "No camera that you see is in its group.",
    RuleWarning.EVERYBODY_EVERYWHERE: "It has no condition: everybody raises an alert, anywhere and at any time.",
    RuleWarning.CHANNEL_OFF: "A channel of it is switched off.",
    RuleWarning.NEVER_IN_FORCE: "None of its windows holds in the next two years.",
    RuleWarning.HOLIDAYS_NOT_NAMED: "A window asks for holidays, and neither a country nor days are named.",
    RuleWarning.ALWAYS_QUIET: "Its quiet hours never end: nobody is told within a week.",
    RuleWarning.FREQUENCY_BEYOND_RETENTION: "It counts over a longer time than sightings are kept.",
    RuleWarning.RATE_NOT_MEASURED: "The model pack has not measured so strict a false-match rate: nothing meets it.",
    RuleWarning.UNKNOWN_AND_NAMED: "It asks for unknown people, and for a person, a list or a similarity too.",
    RuleWarning.UNKNOWN_NOT_RECORDED: "By the settings unknown people are only counted: the rule sees none.",
    RuleWarning.CO_PRESENCE_WITH_ONESELF: "Nobody is seen together with themselves.",
    RuleWarning.CO_PRESENCE_NOT_SEARCHED: "The other person is inactive, or on a list that is not in force.",
    RuleWarning.CANNOT_BE_EVALUATED: "It says what this version does not understand, and is not evaluated.",
}

_DOUBTS = text(
    """
    SELECT
        g.watchlist_id IS NOT NULL AND NOT EXISTS (SELECT FROM watchlists w
            WHERE w.id = g.watchlist_id AND w.is_active AND w.expires_at > now()) AS list_not_in_force,
        g.watchlist_id IS NOT NULL AND NOT EXISTS (SELECT FROM subjects s
            WHERE s.watchlist_id = g.watchlist_id AND s.status = 'active') AS list_is_empty,
        g.subject_id IS NOT NULL AND NOT EXISTS (SELECT FROM searchable_subjects s
            WHERE s.id = g.subject_id) AS subject_not_searched,
        g.other_id IS NOT NULL AND NOT EXISTS (SELECT FROM searchable_subjects s
            WHERE s.id = g.other_id) AS co_presence_not_searched,
        g.camera_id IS NOT NULL AND NOT EXISTS (SELECT FROM cameras c WHERE c.id = g.camera_id
            AND c.removed_at IS NULL AND c.detection_enabled AND c.recognition_enabled) AS camera_off,
        g.group_id IS NOT NULL AND NOT EXISTS (SELECT FROM cameras c
            WHERE c.group_id = g.group_id AND c.removed_at IS NULL) AS group_is_empty
    FROM unnest(cast(:watchlists AS int[]), cast(:subjects AS uuid[]), cast(:cameras AS uuid[]),
        cast(:groups AS uuid[]), cast(:others AS uuid[]))
        WITH ORDINALITY AS g(watchlist_id, subject_id, camera_id, group_id, other_id, n)
    ORDER BY g.n
    """
)


@dataclass(frozen=True, slots=True)
class ChannelName:
    """A channel as those who write rules see it."""

    id: UUID
    name: str
    kind: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a rule may not do what was meant."""

    code: RuleWarning

    @property
    def message(self) -> str:
        """In words."""
        return MEANINGS[self.code]


async def require_known(session: AsyncSession, given: RuleIn) -> None:
    """Everything that the rule names is there and the principal sees it. Raises InvalidInput that names the field."""
    other = given.co_presence.subject_id if given.co_presence else None
    looked_for: dict[str, tuple[object, Select[Any]]] = {
        "camera_id": (
            given.camera_id,
            select(Camera.id).where(Camera.id == given.camera_id, Camera.removed_at.is_(None)),
        ),
        "group_id": (given.group_id, select(CameraGroup.id).where(CameraGroup.id == given.group_id)),
        "watchlist_id": (given.watchlist_id, select(Watchlist.id).where(Watchlist.id == given.watchlist_id)),
        "subject_id": (given.subject_id, select(Subject.id).where(Subject.id == given.subject_id)),
        "co_presence.subject_id": (other, select(Subject.id).where(Subject.id == other)),
        "escalation_policy_id": (
            given.escalation_policy_id,
            select(EscalationPolicy.id).where(EscalationPolicy.id == given.escalation_policy_id),
        ),
    }
    for field, (named, statement) in looked_for.items():
        if named is not None and await session.scalar(statement) is None:
            raise InvalidInput(f"{field} names nothing that you may use", hint="Check the id.")
    if given.subject_id is not None and given.watchlist_id is not None:
        on_list = select(Subject.id).where(Subject.id == given.subject_id, Subject.watchlist_id == given.watchlist_id)
        if await session.scalar(on_list) is None:
            raise InvalidInput(
                "subject_id is not on the list of watchlist_id: the rule could never fire", hint="Name one of them."
            )
    found = await session.scalars(select(CHANNEL_NAMES.c.id).where(CHANNEL_NAMES.c.id.in_(given.channel_ids)))
    if len(set(found)) != len(given.channel_ids):
        raise InvalidInput("channel_ids names a channel that is not there", hint="See GET /v1/alerts/rules/channels.")


@dataclass(frozen=True, slots=True)
class House:
    """What rules are judged by: what the model pack measured, and the settings of the environment."""

    curve: OperatingCurve
    settings: Settings


async def doubts(
    session: AsyncSession, rules: Sequence[RuleIn], channels: Sequence[Sequence[ChannelName]], *, house: House
) -> list[tuple[Doubt, ...]]:
    """What may be wrong with each of these rules, which have these channels."""
    columns = {
        "watchlists": [rule.watchlist_id for rule in rules],
        "subjects": [rule.subject_id for rule in rules],
        "cameras": [rule.camera_id for rule in rules],
        "groups": [rule.group_id for rule in rules],
        "others": [rule.co_presence and rule.co_presence.subject_id for rule in rules],
    }
    rows = (await session.execute(_DOUBTS, columns)).mappings().all()
    settings = await runtime_settings.effective(session, base=house.settings)
    today = datetime.now(UTC).date()
    answers = []
    for rule, row, ways in zip(rules, rows, channels, strict=True):
        found = [RuleWarning(name) for name, holds in row.items() if holds]
        found += [code for code, holds in _by_itself(rule, settings, house.curve, today).items() if holds]
        if not all(channel.is_active for channel in ways):
            found.append(RuleWarning.CHANNEL_OFF)
        answers.append(tuple(Doubt(code) for code in found))
    return answers


def _by_itself(rule: RuleIn, settings: Settings, curve: OperatingCurve, today: date) -> dict[RuleWarning, bool]:
    """What a rule's own words tell, with the settings that they meet."""
    times, quiet, often, company = compiled(rule.schedule), rule.quiet_hours, rule.frequency, rule.co_presence
    named = (rule.subject_id, rule.watchlist_id, rule.min_similarity, rule.max_fmr)
    kept_for = settings.retention.sightings_days * 24 * 3600
    return {
        RuleWarning.EVERYBODY_EVERYWHERE: _is_unconditional(rule),
        RuleWarning.NEVER_IN_FORCE: not times.ever_holds(today),
        RuleWarning.HOLIDAYS_NOT_NAMED: any(_lacks_holidays(one) for one in (rule.schedule, quiet) if one),
        RuleWarning.ALWAYS_QUIET: quiet is not None and compiled(quiet).always_holds(),
        RuleWarning.FREQUENCY_BEYOND_RETENTION: often is not None and often.within_seconds > kept_for,
        RuleWarning.RATE_NOT_MEASURED: is_unmeasured(rule, curve),
        RuleWarning.UNKNOWN_AND_NAMED: rule.unknown_person and any(one is not None for one in named),
        RuleWarning.UNKNOWN_NOT_RECORDED: rule.unknown_person and settings.recognition.unknown == "count",
        RuleWarning.CO_PRESENCE_WITH_ONESELF: company is not None and company.subject_id == rule.subject_id,
    }


def _lacks_holidays(schedule: Schedule) -> bool:
    asks = any(window.holidays is not HolidayUse.ANY for window in schedule.windows)
    return asks and schedule.holidays.is_empty


def _is_unconditional(rule: RuleIn) -> bool:
    named = (rule.camera_id, rule.group_id, rule.watchlist_id, rule.subject_id, rule.min_similarity, rule.max_fmr)
    return all(value is None for value in named) and rule.frequency is None and compiled(rule.schedule).always_holds()
