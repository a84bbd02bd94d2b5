"""Sightings that rules have yet to look at. The database queues them in the transaction that writes them (migration
0018); engines take them here, work in the same transaction and remove them in it. As WORKER."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.errors import NotFound
from sightline.services import audit

CHANGED = "sightline_rules"
"""The database's channel that tells of queued sightings."""
MOST_ATTEMPTS = 3
"""A sighting that fails so often fails for a reason that waiting does not remove."""
RETRY_AFTER = timedelta(seconds=5)
SET_ASIDE_KEPT = timedelta(days=7)
"""How long somebody may look at what was set aside."""

_TAKE = text(
    """
    SELECT q.id, q.sighting_id, q.detected_at FROM rule_queue q
    WHERE q.set_aside_at IS NULL AND q.due_at <= now()
    ORDER BY q.due_at, q.id LIMIT :most FOR UPDATE SKIP LOCKED
    """
)
_HOLD = text("SELECT id FROM rule_queue WHERE id = :id AND set_aside_at IS NULL FOR UPDATE SKIP LOCKED")
_REMOVE = text("DELETE FROM rule_queue WHERE id = ANY(:ids)")
_LATER = text(
    "INSERT INTO rule_queue (sighting_id, detected_at, due_at)"
    " SELECT * FROM unnest(cast(:sightings AS uuid[]), cast(:detected AS timestamptz[]), cast(:due AS timestamptz[]))"
)
_FAILED = text(
    """
    UPDATE rule_queue SET attempts = attempts + 1, reason = :reason, due_at = now() + cast(:pause AS interval),
        set_aside_at = CASE WHEN attempts + 1 >= :most THEN now() END
    WHERE id = :id RETURNING set_aside_at IS NOT NULL
    """
)
_FORGET = text("DELETE FROM rule_queue WHERE set_aside_at < now() - cast(:kept AS interval)")
_SET_ASIDE = text(
    "SELECT id, sighting_id, detected_at, set_aside_at, reason FROM rule_queue WHERE set_aside_at IS NOT NULL"
    " ORDER BY set_aside_at, id"
)
_REPLAY = text(
    "UPDATE rule_queue SET set_aside_at = NULL, attempts = 0, due_at = now()"
    " WHERE set_aside_at IS NOT NULL AND (cast(:id AS bigint) IS NULL OR id = :id) RETURNING sighting_id"
)
_SIZE = text(
    "SELECT count(*) FILTER (WHERE set_aside_at IS NULL AND due_at <= now()),"
    " count(*) FILTER (WHERE set_aside_at IS NOT NULL) FROM rule_queue"
)


@dataclass(frozen=True, slots=True)
class Queued:
    """A row of the queue."""

    id: int
    sighting_id: UUID
    detected_at: datetime


@dataclass(frozen=True, slots=True)
class SetAside:
    """A sighting that rules failed on again and again, and why."""

    id: int
    sighting_id: UUID
    detected_at: datetime
    set_aside_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Wait:
    """A sighting that is to be looked at again at a moment."""

    sighting_id: UUID
    detected_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class QueueSize:
    """waiting: sightings that are due; set_aside: that could not be evaluated."""

    waiting: int
    set_aside: int


async def take(session: AsyncSession, *, most: int) -> tuple[Queued, ...]:
    """The oldest that are due and that no other engine holds; they are held until the transaction ends."""
    return tuple(Queued(*row) for row in (await session.execute(_TAKE, {"most": most})).all())


async def hold(session: AsyncSession, *, queued: Queued) -> bool:
    """Hold one again until the transaction ends; False: it is done, or another engine holds it."""
    return await session.scalar(_HOLD, {"id": queued.id}) is not None


async def remove(session: AsyncSession, *, queued: Sequence[Queued]) -> None:
    """These are done."""
    await session.execute(_REMOVE, {"ids": [one.id for one in queued]})


async def look_again(session: AsyncSession, *, waits: Sequence[Wait]) -> None:
    """Queue sightings for later."""
    if waits:
        columns = {
            "sightings": [one.sighting_id for one in waits],
            "detected": [one.detected_at for one in waits],
            "due": [one.due_at for one in waits],
        }
        await session.execute(_LATER, columns)


async def failed(session: AsyncSession, *, queued: Queued, reason: str) -> bool:
    """Try it again later; True: it failed too often and was set aside. reason: of no person."""
    given = {"id": queued.id, "reason": reason[:500], "pause": RETRY_AFTER, "most": MOST_ATTEMPTS}
    return bool(await session.scalar(_FAILED, given))


async def that_were_set_aside(session: AsyncSession) -> tuple[SetAside, ...]:
    """All of them, the oldest first."""
    return tuple(SetAside(*row) for row in (await session.execute(_SET_ASIDE)).all())


async def replay(session: AsyncSession, *, queued_id: int | None) -> tuple[UUID, ...]:
    """Let rules look again at what was set aside, at one (its id in the queue) or at all; the sightings. On record."""
    again = tuple((await session.scalars(_REPLAY, {"id": queued_id})).all())
    if queued_id is not None and not again:
        raise NotFound(f"nothing with the number {queued_id} was set aside", hint="`sightline alerts set-aside` lists.")
    if again:
        details: dict[str, object] = {"sightings": [str(sighting_id) for sighting_id in again]}
        await audit.record_event(session, action="RULES_REPLAY", table_name="rule_queue", details=details)
    return again


async def forget_old(session: AsyncSession) -> None:
    """Remove what was set aside long ago."""
    await session.execute(_FORGET, {"kept": SET_ASIDE_KEPT})


async def size(session: AsyncSession) -> QueueSize:
    """How much waits."""
    return QueueSize(*(await session.execute(_SIZE)).one())
