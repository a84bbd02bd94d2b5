"""Alert rules: keeping them. alert_rule_runs.py tries them on the past and raises what they ask for."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.errors import Conflict, NotFound
from sightline.models import AlertRule, AlertRuleChannel
from sightline.schemas.alert_rules import RuleIn, Schedule
from sightline.schemas.alerts import Severity
from sightline.services import keyset, versions
from sightline.services.alert_rule_checks import CHANNEL_NAMES, ChannelName, Doubt, doubts, require_known
from sightline.services.alert_rule_evaluation import RuleConditions
from sightline.services.keyset import PageOf, PageRequest

MOST_RULES = 500
"""Each is evaluated for every recognised person."""
COLUMNS = {"created_at": AlertRule.created_at, "name": AlertRule.name}
POSITIONS = {"created_at": "created_at", "name": "name"}


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule as it was given, its channels, and what may be wrong with it."""

    id: UUID
    given: RuleIn
    channels: tuple[ChannelName, ...]
    warnings: tuple[Doubt, ...]
    created_by: UUID | None
    created_at: datetime
    updated_at: datetime


async def get_alert_rules(
    session: AsyncSession, *, request: PageRequest, active: bool | None = None
) -> PageOf[RuleView]:
    """Rules by name or age."""
    statement = select(AlertRule)
    if active is not None:
        statement = statement.where(AlertRule.is_active == active)
    page = await keyset.fetch(session, statement, request, columns=COLUMNS, positions=POSITIONS, row_id=AlertRule.id)
    return PageOf(await _views(session, page.items), page.next)


async def get_rule(session: AsyncSession, *, rule_id: UUID) -> RuleView:
    """One rule. Raises NotFound."""
    rule = await session.get(AlertRule, rule_id)
    if rule is None:
        raise NotFound("no such alert rule", hint="It may have been removed; list the rules again.")
    return (await _views(session, [rule]))[0]


async def list_channel_names(session: AsyncSession) -> tuple[ChannelName, ...]:
    """Channels that a rule can name, without what only administrators see."""
    rows = (await session.execute(select(CHANNEL_NAMES).order_by(CHANNEL_NAMES.c.name))).all()
    return tuple(ChannelName(*row) for row in rows)


async def create_alert_rule(session: AsyncSession, *, given: RuleIn, created_by: UUID | None) -> RuleView:
    """Keep a rule; an active one is in force from the next sighting on. Raises InvalidInput, Conflict (too many)."""
    await require_known(session, given)
    if (await session.scalar(select(func.count()).select_from(AlertRule)) or 0) >= MOST_RULES:
        raise Conflict(f"there are {MOST_RULES} rules already", hint="Remove rules that nobody needs.")
    rule = AlertRule(**_values(given), created_by=created_by)
    session.add(rule)
    await session.flush()
    await session.refresh(rule)
    await _set_channels(session, rule.id, given.channel_ids)
    return (await _views(session, [rule]))[0]


async def update_rule(session: AsyncSession, *, rule_id: UUID, given: RuleIn, expected: datetime | None) -> RuleView:
    """Replace a rule. Raises NotFound, PreconditionFailed, InvalidInput."""
    statement = select(AlertRule).where(AlertRule.id == rule_id)
    rule = await versions.lock(session, statement, expected=expected, noun="alert rule")
    await require_known(session, given)
    for name, value in _values(given).items():
        setattr(rule, name, value)
    await session.flush()
    await _set_channels(session, rule.id, given.channel_ids)
    # other channels alone are a new version too
    await session.execute(update(AlertRule).where(AlertRule.id == rule_id).values(updated_at=func.clock_timestamp()))
    await session.refresh(rule)
    return (await _views(session, [rule]))[0]


async def remove_rule(session: AsyncSession, *, rule_id: UUID) -> None:
    """Remove a rule; its alerts stay. Raises NotFound."""
    removed = await session.scalar(delete(AlertRule).where(AlertRule.id == rule_id).returning(AlertRule.id))
    if removed is None:
        raise NotFound("no such alert rule", hint="It may have been removed already.")


async def active_rules(session: AsyncSession) -> tuple[RuleConditions, ...]:
    """All rules that are in force, as they are evaluated."""
    rules = (await session.scalars(select(AlertRule).where(AlertRule.is_active).order_by(AlertRule.id))).all()
    if not rules:
        return ()
    links = (await session.execute(select(AlertRuleChannel.rule_id, AlertRuleChannel.channel_id))).all()
    return tuple(
        conditions(_given(rule, tuple(link.channel_id for link in links if link.rule_id == rule.id)), id=rule.id)
        for rule in rules
    )


def conditions(given: RuleIn, *, id: UUID | None = None) -> RuleConditions:  # noqa: A002 - the field's name
    """A rule as it is evaluated; its similarity as the database keeps those of sightings, in single precision."""
    return RuleConditions(
        camera_id=given.camera_id,
        group_id=given.group_id,
        watchlist_id=given.watchlist_id,
        subject_id=given.subject_id,
        min_similarity=None if given.min_similarity is None else float(np.float32(given.min_similarity)),
        schedule=given.schedule,
        cooldown=timedelta(seconds=given.cooldown_seconds),
        id=id,
        name=given.name,
        channel_ids=given.channel_ids,
    )


async def _views(session: AsyncSession, rules: Sequence[AlertRule]) -> list[RuleView]:
    if not rules:
        return []
    ids = [rule.id for rule in rules]
    links = AlertRuleChannel.__table__
    statement = (
        select(links.c.rule_id, *CHANNEL_NAMES.c)
        .join(CHANNEL_NAMES, CHANNEL_NAMES.c.id == links.c.channel_id)
        .where(links.c.rule_id.in_(ids))
        .order_by(CHANNEL_NAMES.c.name)
    )
    ways: dict[UUID, list[ChannelName]] = {one: [] for one in ids}
    for row in (await session.execute(statement)).all():
        ways[row.rule_id].append(ChannelName(row.id, row.name, row.kind, row.is_active))
    given = [_given(rule, tuple(channel.id for channel in ways[rule.id])) for rule in rules]
    found = await doubts(session, given, list(ways.values()))
    return [
        RuleView(rule.id, what, tuple(ways[rule.id]), warnings, rule.created_by, rule.created_at, rule.updated_at)
        for rule, what, warnings in zip(rules, given, found, strict=True)
    ]


def _given(rule: AlertRule, channel_ids: tuple[UUID, ...]) -> RuleIn:
    """What a kept rule was made of; it was checked when it was written."""
    return RuleIn.model_construct(
        name=rule.name,
        is_active=rule.is_active,
        camera_id=rule.camera_id,
        group_id=rule.group_id,
        watchlist_id=rule.watchlist_id,
        subject_id=rule.subject_id,
        min_similarity=None if rule.min_confidence is None else round(rule.min_confidence, 6),
        severity=Severity(rule.severity) if rule.severity else None,
        cooldown_seconds=rule.cooldown_seconds,
        schedule=Schedule.model_validate(rule.schedule),
        channel_ids=channel_ids,
    )


def _values(given: RuleIn) -> dict[str, Any]:
    """The columns of a rule."""
    schedule = json.loads(given.schedule.model_dump_json(by_alias=True))
    same = given.model_dump(exclude={"min_similarity", "schedule", "channel_ids"})
    return {**same, "min_confidence": given.min_similarity, "schedule": schedule}


async def _set_channels(session: AsyncSession, rule_id: UUID, channel_ids: Sequence[UUID]) -> None:
    link = AlertRuleChannel
    kept = set(await session.scalars(select(link.channel_id).where(link.rule_id == rule_id)))
    gone = kept - set(channel_ids)
    await session.execute(delete(link).where(link.rule_id == rule_id, link.channel_id.in_(gone)))
    rows = [{"rule_id": rule_id, "channel_id": one} for one in channel_ids if one not in kept]
    if rows:
        await session.execute(insert(link).values(rows))
