"""Alert rules between their columns, what was given over the API, and what is evaluated."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import numpy as np
from pydantic import ValidationError
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.errors import InvalidInput
from sightline.domain.operating_points import OperatingCurve
from sightline.domain.regions import Polygon
from sightline.models import AlertRule, AlertRuleChannel
from sightline.schemas.alert_rules import RuleIn
from sightline.services import alert_rule_evaluation as evaluation
from sightline.services.alert_rule_evaluation import Quiet, RuleConditions
from sightline.services.schedules import compiled

SAME = (
    "name",
    "is_active",
    "camera_id",
    "group_id",
    "watchlist_id",
    "subject_id",
    "severity",
    "cooldown_seconds",
    "cooldown_scope",
    "unknown_person",
    "unknown_after_seconds",
    "max_fmr",
    "snoozed_until",
    "zone",
    "is_escalated",
    "escalation_policy_id",
)
"""Fields that are columns of the same name."""


class RuleUnreadable(InvalidInput):
    """A kept rule says what this program does not understand: a newer one wrote it, or somebody by hand."""


@dataclass(frozen=True, slots=True)
class RuleBook:
    """The rules in force. unreadable: those that cannot be evaluated, by id, with the reason."""

    rules: tuple[RuleConditions, ...] = ()
    unreadable: Mapping[UUID, str] = field(default_factory=dict)


_EDITION = text(
    "SELECT coalesce(md5(string_agg(id::text || updated_at::text, ',' ORDER BY id)), '')"
    " FROM alert_rules WHERE is_active"
)


async def edition(session: AsyncSession) -> str:
    """Something that differs when any rule in force was changed, added or removed."""
    return str((await session.execute(_EDITION)).scalar_one())


async def rules_in_force(session: AsyncSession, *, curve: OperatingCurve) -> RuleBook:
    """All rules that are switched on, as they are evaluated with a model pack of these measurements."""
    rules = (await session.scalars(select(AlertRule).where(AlertRule.is_active).order_by(AlertRule.id))).all()
    links = (await session.execute(select(AlertRuleChannel.rule_id, AlertRuleChannel.channel_id))).all()
    found, unreadable = [], {}
    for rule in rules:
        channels = tuple(link.channel_id for link in links if link.rule_id == rule.id)
        try:
            found.append(conditions(given_of(rule, channels), curve=curve, id=rule.id))
        except RuleUnreadable as error:
            unreadable[rule.id] = error.message
    return RuleBook(tuple(found), unreadable)


def conditions(given: RuleIn, *, curve: OperatingCurve, id: UUID | None = None) -> RuleConditions:  # noqa: A002 - the field's name
    """A rule as it is evaluated; its similarity as the database keeps those of sightings, in single precision."""
    least, is_impossible = _certainty(given, curve)
    return RuleConditions(
        camera_id=given.camera_id,
        group_id=given.group_id,
        zone=tuple(Polygon(tuple(area)) for area in given.zone or ()),
        watchlist_id=given.watchlist_id,
        subject_id=given.subject_id,
        unknown_after=timedelta(seconds=given.unknown_after_seconds) if given.unknown_person else None,
        min_similarity=least,
        is_impossible=is_impossible,
        times=compiled(given.schedule),
        frequency=_frequency(given),
        co_presence=_co_presence(given),
        cooldown=timedelta(seconds=given.cooldown_seconds),
        cooldown_scope=given.cooldown_scope,
        snoozed_until=given.snoozed_until,
        quiet=_quiet(given),
        id=id,
        name=given.name,
        channel_ids=given.channel_ids,
    )


def given_of(rule: AlertRule, channel_ids: Sequence[UUID]) -> RuleIn:
    """What a kept rule was made of. Raises RuleUnreadable."""
    same = {name: getattr(rule, name) for name in SAME}
    often = {"count": rule.frequency_count, "within_seconds": rule.frequency_seconds, "place": rule.frequency_place}
    company = {
        "subject_id": rule.co_presence_subject_id,
        "within_seconds": rule.co_presence_seconds,
        "place": rule.co_presence_place,
    }
    try:
        return RuleIn.model_validate(
            {
                **same,
                "min_similarity": None if rule.min_confidence is None else round(rule.min_confidence, 6),
                "schedule": rule.schedule,
                "quiet_hours": rule.quiet_hours,
                "frequency": None if rule.frequency_count is None else often,
                "co_presence": None if rule.co_presence_subject_id is None else company,
                "channel_ids": tuple(channel_ids),
            }
        )
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the rule"
        raise RuleUnreadable(f"{place}: {first['msg']}", hint="Write the rule anew.") from error


def columns_of(given: RuleIn) -> dict[str, object]:
    """The columns of a rule."""
    often, company = given.frequency, given.co_presence
    return {
        **{name: getattr(given, name) for name in SAME},
        "min_confidence": given.min_similarity,
        "schedule": json.loads(given.schedule.model_dump_json(by_alias=True)),
        "quiet_hours": given.quiet_hours and json.loads(given.quiet_hours.model_dump_json(by_alias=True)),
        "frequency_count": often and often.count,
        "frequency_seconds": often and often.within_seconds,
        "frequency_place": often and often.place.value,
        "co_presence_subject_id": company and company.subject_id,
        "co_presence_seconds": company and company.within_seconds,
        "co_presence_place": company and company.place.value,
    }


def is_unmeasured(given: RuleIn, curve: OperatingCurve) -> bool:
    """Whether a rule asks for a false-match rate that the model pack cannot tell."""
    return _certainty(given, curve)[1]


def _frequency(given: RuleIn) -> evaluation.Frequency | None:
    often = given.frequency
    if often is None:
        return None
    return evaluation.Frequency(often.count, timedelta(seconds=often.within_seconds), often.place)


def _co_presence(given: RuleIn) -> evaluation.CoPresence | None:
    other = given.co_presence
    if other is None:
        return None
    return evaluation.CoPresence(other.subject_id, timedelta(seconds=other.within_seconds), other.place)


def _quiet(given: RuleIn) -> Quiet | None:
    hours = given.quiet_hours
    return None if hours is None else Quiet(compiled(hours), hours.spares_critical)


def _certainty(given: RuleIn, curve: OperatingCurve) -> tuple[float | None, bool]:
    """The least similarity, and whether none is enough: the rate is stricter than what was measured.

    A rate that is looser than the loosest one measured is held by that one.
    """
    least = [] if given.min_similarity is None else [given.min_similarity]
    if given.max_fmr is not None:
        found = curve.min_similarity(given.max_fmr)
        if found is None and curve.measured and given.max_fmr > curve.measured[0].fmr:
            found = curve.measured[0].min_similarity
        if found is None:
            return None, True
        least.append(found)
    return (float(np.float32(max(least))) if least else None), False
