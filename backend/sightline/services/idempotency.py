"""Requests that are done once, however often they are sent (draft-ietf-httpapi-idempotency-key-header-07).

The key is claimed and its answer kept in the transaction of the request itself: whoever sees the key sees the effect
and the answer too. A second request with the same key waits until the first one ends.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.errors import AnswerNotKept, IdempotencyKeyReused
from sightline.models import IdempotencyKey

KEPT = timedelta(hours=24)
"""As Stripe keeps them: longer than any client's retries."""
LARGEST_BODY = 64 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered."""

    status: int
    body: bytes
    media_type: str | None = None
    location: str | None = None
    etag: str | None = None


async def claim(session: AsyncSession, *, user_id: UUID, key: str, path: str, fingerprint: bytes) -> Answer | None:
    """Take the key for this request; the answer of the request that had it before, where there was one.

    Raises IdempotencyKeyReused: that was another request; AnswerNotKept: its answer is not given twice.
    """
    mine = (IdempotencyKey.user_id == user_id, IdempotencyKey.key == key)
    await session.execute(delete(IdempotencyKey).where(*mine, IdempotencyKey.created_at < func.now() - KEPT))
    row = insert(IdempotencyKey).values(user_id=user_id, key=key, path=path, fingerprint=fingerprint)
    taken = await session.scalar(row.on_conflict_do_nothing().returning(IdempotencyKey.key))
    if taken is not None:
        return None
    before = (await session.scalars(select(IdempotencyKey).where(*mine))).one()
    if (before.path, before.fingerprint) != (path, fingerprint):
        raise IdempotencyKeyReused(
            "this Idempotency-Key came with another request before", hint="Make a new key for each new request."
        )
    if before.status is None or before.body is None:
        raise AnswerNotKept(
            "this request was done before, and its answer is not given twice",
            hint="Look at the list for what it made; use a new Idempotency-Key to do it again.",
        )
    return Answer(before.status, before.body, before.media_type, before.location, before.etag)


async def keep(session: AsyncSession, *, user_id: UUID, key: str, answer: Answer) -> None:
    """Remember what is about to be answered."""
    values = {
        "status": answer.status,
        "body": answer.body,
        "media_type": answer.media_type,
        "location": answer.location,
        "etag": answer.etag,
    }
    mine = (IdempotencyKey.user_id == user_id, IdempotencyKey.key == key)
    await session.execute(update(IdempotencyKey).where(*mine).values(**values))


async def release(session: AsyncSession, *, user_id: UUID, key: str) -> None:
    """Nothing was done after all: the key may come again."""
    await session.execute(delete(IdempotencyKey).where(IdempotencyKey.user_id == user_id, IdempotencyKey.key == key))


async def purge(session: AsyncSession) -> int:
    """Forget keys whose time is over; how many."""
    statement = delete(IdempotencyKey).where(IdempotencyKey.created_at < func.now() - KEPT)
    result: CursorResult[object] = await session.execute(statement)  # type: ignore[assignment]
    return result.rowcount
