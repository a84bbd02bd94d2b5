"""Escalation policies: who is told next while nobody acknowledges an alert. services/escalations.py acts on them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.errors import Conflict, InvalidInput, NotFound
from sightline.models import AlertRule, EscalationPolicy
from sightline.schemas.escalations import EscalationPolicyIn, EscalationStep, EscalationWarning
from sightline.services import keyset, versions
from sightline.services.alert_rule_checks import CHANNEL_NAMES, ChannelName
from sightline.services.keyset import PageOf, PageRequest

MOST_POLICIES = 100
COLUMNS = {"created_at": EscalationPolicy.created_at, "name": EscalationPolicy.name}
POSITIONS = {"created_at": "created_at", "name": "name"}

MEANINGS = {
    EscalationWarning.NOBODY_IS_TOLD: "It has no channel that is switched on: nobody is told.",
    EscalationWarning.CHANNEL_OFF: "A channel of it is switched off.",
    EscalationWarning.NO_STEPS: "It has no steps: alerts that nobody acknowledges stay as they are.",
}


@dataclass(frozen=True, slots=True)
class StepView:
    """A step with the channels that it names."""

    after_seconds: int
    raise_severity: bool
    channels: tuple[ChannelName, ...]


@dataclass(frozen=True, slots=True)
class PolicyDoubt:
    """Why a policy may not do what was meant. step: from 1; None: all of it."""

    code: EscalationWarning
    step: int | None = None

    @property
    def message(self) -> str:
        """In words."""
        return MEANINGS[self.code]


@dataclass(frozen=True, slots=True)
class PolicyView:
    """A policy and what may be wrong with it."""

    id: UUID
    name: str
    steps: tuple[StepView, ...]
    is_default: bool
    warnings: tuple[PolicyDoubt, ...]
    created_at: datetime
    updated_at: datetime


async def list_policies(session: AsyncSession, *, request: PageRequest) -> PageOf[PolicyView]:
    """Policies by name or age."""
    page = await keyset.fetch(
        session,
        select(EscalationPolicy),
        request,
        columns=COLUMNS,
        positions=POSITIONS,
        row_id=EscalationPolicy.id,
    )
    return PageOf(await _views(session, page.items), page.next)


async def get_policy(session: AsyncSession, *, policy_id: UUID) -> PolicyView:
    """One policy. Raises NotFound."""
    policy = await session.get(EscalationPolicy, policy_id)
    if policy is None:
        raise _missing()
    return (await _views(session, [policy]))[0]


async def create_policy(session: AsyncSession, *, given: EscalationPolicyIn) -> PolicyView:
    """Keep a policy. Raises InvalidInput (a channel that is not there), Conflict (too many, or the name is taken)."""
    await _require_channels(session, given)
    if (await session.scalar(select(func.count()).select_from(EscalationPolicy)) or 0) >= MOST_POLICIES:
        raise Conflict(f"there are {MOST_POLICIES} policies already", hint="Remove policies that nobody needs.")
    if given.is_default:
        await _make_room(session, but=None)
    policy = EscalationPolicy(name=given.name, steps=_kept(given.steps), is_default=given.is_default)
    session.add(policy)
    await session.flush()
    await session.refresh(policy)
    return (await _views(session, [policy]))[0]


async def update_policy(
    session: AsyncSession, *, policy_id: UUID, given: EscalationPolicyIn, expected: datetime | None
) -> PolicyView:
    """Replace a policy. Timers that run keep their time; what they do is what the policy says when they end.

    Raises NotFound, PreconditionFailed, InvalidInput, Conflict (the name is taken, or the house would have none).
    """
    statement = select(EscalationPolicy).where(EscalationPolicy.id == policy_id)
    policy = await versions.lock(session, statement, expected=expected, noun="escalation policy")
    await _require_channels(session, given)
    if policy.is_default and not given.is_default:
        raise Conflict("the house needs a default policy", hint="Make another policy the default; this one yields.")
    if given.is_default:
        await _make_room(session, but=policy_id)
    policy.name, policy.steps, policy.is_default = given.name, _kept(given.steps), given.is_default
    await session.flush()
    await session.refresh(policy)
    return (await _views(session, [policy]))[0]


async def remove_policy(session: AsyncSession, *, policy_id: UUID) -> None:
    """Remove a policy. Raises NotFound, Conflict (the house's, or a rule names it)."""
    statement = select(EscalationPolicy).where(EscalationPolicy.id == policy_id)
    policy = await versions.lock(session, statement, expected=None, noun="escalation policy")
    if policy.is_default:
        raise Conflict("this is the house's default policy", hint="Make another one the default, or take its steps.")
    if await session.scalar(select(exists().where(AlertRule.escalation_policy_id == policy_id))):
        raise Conflict("an alert rule names this policy", hint="Give the rule another policy first.")
    await session.delete(policy)
    await session.flush()


def steps_of(policy: EscalationPolicy) -> tuple[EscalationStep, ...]:
    """The steps of a kept policy."""
    return tuple(EscalationStep.model_validate(step, strict=False) for step in policy.steps)


async def _views(session: AsyncSession, policies: Sequence[EscalationPolicy]) -> list[PolicyView]:
    given = [steps_of(policy) for policy in policies]
    named = {channel for steps in given for step in steps for channel in step.channel_ids}
    known: dict[UUID, ChannelName] = {}
    if named:
        rows = await session.execute(select(CHANNEL_NAMES).where(CHANNEL_NAMES.c.id.in_(named)))
        known = {row.id: ChannelName(*row) for row in rows.all()}
    return [_view(policy, steps, known) for policy, steps in zip(policies, given, strict=True)]


def _view(policy: EscalationPolicy, given: Sequence[EscalationStep], known: Mapping[UUID, ChannelName]) -> PolicyView:
    steps = tuple(
        StepView(step.after_seconds, step.raise_severity, tuple(known[one] for one in step.channel_ids if one in known))
        for step in given
    )
    return PolicyView(
        policy.id, policy.name, steps, policy.is_default, tuple(_doubts(steps)), policy.created_at, policy.updated_at
    )


def _doubts(steps: Sequence[StepView]) -> Iterator[PolicyDoubt]:
    if not steps:
        yield PolicyDoubt(EscalationWarning.NO_STEPS)
    for number, step in enumerate(steps, start=1):
        if not any(channel.is_active for channel in step.channels):
            yield PolicyDoubt(EscalationWarning.NOBODY_IS_TOLD, number)
        elif not all(channel.is_active for channel in step.channels):
            yield PolicyDoubt(EscalationWarning.CHANNEL_OFF, number)


def _kept(steps: Sequence[EscalationStep]) -> list[object]:
    return [step.model_dump(mode="json") for step in steps]


async def _require_channels(session: AsyncSession, given: EscalationPolicyIn) -> None:
    named = {channel for step in given.steps for channel in step.channel_ids}
    found = set(await session.scalars(select(CHANNEL_NAMES.c.id).where(CHANNEL_NAMES.c.id.in_(named))))
    if found != named:
        raise InvalidInput("channel_ids names a channel that is not there", hint="See GET /v1/alerts/rules/channels.")


async def _make_room(session: AsyncSession, *, but: UUID | None) -> None:
    """The house has one default."""
    others = update(EscalationPolicy).where(EscalationPolicy.is_default.is_(True))
    if but is not None:
        others = others.where(EscalationPolicy.id != but)
    await session.execute(others.values(is_default=False))


def _missing() -> NotFound:
    return NotFound("no such escalation policy", hint="It may have been removed; list the policies again.")
