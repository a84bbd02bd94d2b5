"""Alert rules: keeping them. alert_rule_runs.py raises what they ask for, alert_rule_dry_runs.py tries them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.errors import Conflict, NotFound
from sightline.models import AlertRule, AlertRuleChannel
from sightline.schemas.alert_rules import RuleIn, RuleWarning
from sightline.services import keyset, versions
from sightline.services.alert_rule_checks import CHANNEL_NAMES, ChannelName, Doubt, House, doubts, require_known
from sightline.services.alert_rule_records import RuleUnreadable, columns_of, given_of
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
    session: AsyncSession, *, house: House, request: PageRequest, active: bool | None = None
) -> PageOf[RuleView]:
    """Rules by name or age."""
    statement = select(AlertRule)
    if active is not None:
        statement = statement.where(AlertRule.is_active == active)
    page = await keyset.fetch(session, statement, request, columns=COLUMNS, positions=POSITIONS, row_id=AlertRule.id)
    return PageOf(await _views(session, page.items, house), page.next)


async def get_rule(session: AsyncSession, *, rule_id: UUID, house: House) -> RuleView:
    """One rule. Raises NotFound."""
    rule = await session.get(AlertRule, rule_id)
    if rule is None:
        raise NotFound("no such alert rule", hint="It may have been removed; list the rules again.")
    return (await _views(session, [rule], house))[0]


async def list_channel_names(session: AsyncSession) -> tuple[ChannelName, ...]:
    """Channels that a rule can name, without what only administrators see."""
    rows = (await session.execute(select(CHANNEL_NAMES).order_by(CHANNEL_NAMES.c.name))).all()
    return tuple(ChannelName(*row) for row in rows)


async def create_alert_rule(session: AsyncSession, *, given: RuleIn, created_by: UUID | None, house: House) -> RuleView:
    """Keep a rule; an active one is in force from the next sighting on. Raises InvalidInput, Conflict (too many)."""
    await require_known(session, given)
    if (await session.scalar(select(func.count()).select_from(AlertRule)) or 0) >= MOST_RULES:
        raise Conflict(f"there are {MOST_RULES} rules already", hint="Remove rules that nobody needs.")
    rule = AlertRule(**columns_of(given), created_by=created_by)
    session.add(rule)
    await session.flush()
    await session.refresh(rule)
    await _set_channels(session, rule.id, given.channel_ids)
    return (await _views(session, [rule], house))[0]


async def update_rule(
    session: AsyncSession, *, rule_id: UUID, given: RuleIn, expected: datetime | None, house: House
) -> RuleView:
    """Replace a rule. Raises NotFound, PreconditionFailed, InvalidInput."""
    statement = select(AlertRule).where(AlertRule.id == rule_id)
    rule = await versions.lock(session, statement, expected=expected, noun="alert rule")
    await require_known(session, given)
    for name, value in columns_of(given).items():
        setattr(rule, name, value)
    await session.flush()
    await _set_channels(session, rule.id, given.channel_ids)
    # other channels alone are a new version too
    await session.execute(update(AlertRule).where(AlertRule.id == rule_id).values(updated_at=func.clock_timestamp()))
    await session.refresh(rule)
    return (await _views(session, [rule], house))[0]


async def remove_rule(session: AsyncSession, *, rule_id: UUID) -> None:
    """Remove a rule; its alerts stay. Raises NotFound."""
    removed = await session.scalar(delete(AlertRule).where(AlertRule.id == rule_id).returning(AlertRule.id))
    if removed is None:
        raise NotFound("no such alert rule", hint="It may have been removed already.")


async def snooze(session: AsyncSession, *, rule_id: UUID, until: datetime | None, house: House) -> RuleView:
    """Let a rule raise nothing for what is seen before a moment; None: let it again. Raises NotFound."""
    changed = update(AlertRule).where(AlertRule.id == rule_id).values(snoozed_until=until).returning(AlertRule.id)
    if await session.scalar(changed) is None:
        raise NotFound("no such alert rule", hint="It may have been removed; list the rules again.")
    return await get_rule(session, rule_id=rule_id, house=house)


async def _views(session: AsyncSession, rules: Sequence[AlertRule], house: House) -> list[RuleView]:
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
    given, broken = [], []
    for rule in rules:
        what, is_broken = _readable(rule, tuple(channel.id for channel in ways[rule.id]))
        given.append(what)
        broken.append(is_broken)
    found = await doubts(session, given, list(ways.values()), house=house)
    return [
        RuleView(
            rule.id,
            what,
            tuple(ways[rule.id]),
            (*warnings, Doubt(RuleWarning.CANNOT_BE_EVALUATED)) if is_broken else warnings,
            rule.created_by,
            rule.created_at,
            rule.updated_at,
        )
        for rule, what, warnings, is_broken in zip(rules, given, found, broken, strict=True)
    ]


def _readable(rule: AlertRule, channel_ids: tuple[UUID, ...]) -> tuple[RuleIn, bool]:
    """What a kept rule was made of; of one that cannot be read what can, and True."""
    try:
        return given_of(rule, channel_ids), False
    except RuleUnreadable:
        bare = RuleIn(name=rule.name[:100] or "?", is_active=rule.is_active, channel_ids=channel_ids)
        return bare, True


async def _set_channels(session: AsyncSession, rule_id: UUID, channel_ids: Sequence[UUID]) -> None:
    link = AlertRuleChannel
    kept = set(await session.scalars(select(link.channel_id).where(link.rule_id == rule_id)))
    gone = kept - set(channel_ids)
    await session.execute(delete(link).where(link.rule_id == rule_id, link.channel_id.in_(gone)))
    rows = [{"rule_id": rule_id, "channel_id": one} for one in channel_ids if one not in kept]
    if rows:
        await session.execute(insert(link).values(rows))
