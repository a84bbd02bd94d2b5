"""Whether what a rule names is there, and whether the rule can do what was meant."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Column, MetaData, Select, Table, Text, Uuid, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.errors import InvalidInput
from sightline.models import Camera, CameraGroup, Subject, Watchlist
from sightline.schemas.alert_rules import RuleIn, RuleWarning

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
    RuleWarning.EVERYBODY_EVERYWHERE: "It has no condition: every recognised person raises an alert at every camera.",
    RuleWarning.CHANNEL_OFF: "A channel of it is switched off.",
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
        g.camera_id IS NOT NULL AND NOT EXISTS (SELECT FROM cameras c WHERE c.id = g.camera_id
            AND c.removed_at IS NULL AND c.detection_enabled AND c.recognition_enabled) AS camera_off,
        g.group_id IS NOT NULL AND NOT EXISTS (SELECT FROM cameras c
            WHERE c.group_id = g.group_id AND c.removed_at IS NULL) AS group_is_empty
    FROM unnest(cast(:watchlists AS int[]), cast(:subjects AS uuid[]), cast(:cameras AS uuid[]),
        cast(:groups AS uuid[])) WITH ORDINALITY AS g(watchlist_id, subject_id, camera_id, group_id, n)
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
    looked_for: dict[str, Select[Any]] = {}
    if given.camera_id is not None:
        looked_for["camera_id"] = select(Camera.id).where(Camera.id == given.camera_id, Camera.removed_at.is_(None))
    if given.group_id is not None:
        looked_for["group_id"] = select(CameraGroup.id).where(CameraGroup.id == given.group_id)
    if given.watchlist_id is not None:
        looked_for["watchlist_id"] = select(Watchlist.id).where(Watchlist.id == given.watchlist_id)
    if given.subject_id is not None:
        looked_for["subject_id"] = select(Subject.id).where(Subject.id == given.subject_id)
    for field, statement in looked_for.items():
        if await session.scalar(statement) is None:
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


async def doubts(
    session: AsyncSession, rules: Sequence[RuleIn], channels: Sequence[Sequence[ChannelName]]
) -> list[tuple[Doubt, ...]]:
    """What may be wrong with each of these rules, which have these channels."""
    columns = {
        "watchlists": [rule.watchlist_id for rule in rules],
        "subjects": [rule.subject_id for rule in rules],
        "cameras": [rule.camera_id for rule in rules],
        "groups": [rule.group_id for rule in rules],
    }
    rows = (await session.execute(_DOUBTS, columns)).mappings().all()
    answers = []
    for rule, row, ways in zip(rules, rows, channels, strict=True):
        found = [RuleWarning(name) for name, holds in row.items() if holds]
        if _is_unconditional(rule):
            found.append(RuleWarning.EVERYBODY_EVERYWHERE)
        if not all(channel.is_active for channel in ways):
            found.append(RuleWarning.CHANNEL_OFF)
        answers.append(tuple(Doubt(code) for code in found))
    return answers


def _is_unconditional(rule: RuleIn) -> bool:
    named = (rule.camera_id, rule.group_id, rule.watchlist_id, rule.subject_id, rule.min_similarity)
    return all(value is None for value in named) and not rule.schedule.windows
