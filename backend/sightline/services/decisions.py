"""One decision about several sightings: each stands alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import translate
from sightline.core.errors import AppError, InvalidInput
from sightline.schemas.bulk import BulkItem
from sightline.schemas.sightings import BulkAction
from sightline.services import corrections
from sightline.services.corrections import Decider
from sightline.services.sightings import RecordingPolicy


@dataclass(frozen=True, slots=True)
class Decision:
    """What is decided, by whom; subject_id for ASSIGN."""

    action: BulkAction
    by: Decider
    subject_id: UUID | None = None


async def each(
    session: AsyncSession, *, ids: Sequence[UUID], decision: Decision, policy: RecordingPolicy
) -> tuple[BulkItem, ...]:
    """Decide about these. Answers in their order. Raises InvalidInput: assign without a subject."""
    if (decision.action is BulkAction.ASSIGN) != (decision.subject_id is not None):
        raise InvalidInput("assign needs subject_id, and nothing else does", hint="Say who it is, or leave it out.")
    done: dict[UUID, BulkItem] = {}
    for one in sorted(set(ids)):  # one order for everybody, so that two calls cannot lock each other out
        done[one] = await _alone(session, one, decision, policy)
    return tuple(done[one] for one in ids)


async def _alone(session: AsyncSession, sighting_id: UUID, decision: Decision, policy: RecordingPolicy) -> BulkItem:
    try:
        async with session.begin_nested():
            await _decide(session, sighting_id, decision, policy)
    except AppError as error:
        return BulkItem(id=sighting_id, done=False, code=error.code, detail=error.message)
    except DBAPIError as error:
        known = translate(error)
        if not isinstance(known, AppError) or error.connection_invalidated:
            raise
        return BulkItem(id=sighting_id, done=False, code=known.code, detail=known.message)
    return BulkItem(id=sighting_id, done=True)


async def _decide(session: AsyncSession, sighting_id: UUID, decision: Decision, policy: RecordingPolicy) -> None:
    if decision.action is BulkAction.REJECT:
        await corrections.reject(session, sighting_id=sighting_id, by=decision.by, policy=policy)
    elif decision.subject_id is not None:
        await corrections.assign(session, sighting_id=sighting_id, subject_id=decision.subject_id, by=decision.by)
    else:
        await corrections.undo(session, sighting_id=sighting_id, by=decision.by)
