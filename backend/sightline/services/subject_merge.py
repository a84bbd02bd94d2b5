"""Merging two subjects that are one person."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.errors import Conflict, InvalidInput, NotFound
from sightline.models import Subject


@dataclass(frozen=True, slots=True)
class _Entry:
    watchlist_id: int | None
    expires_at: datetime | None


async def merge(
    session: AsyncSession, *, kept_id: UUID, emptied_id: UUID, take_emptied_list: bool | None
) -> dict[str, int]:
    """Move everything of emptied_id to kept_id and delete it; how many records moved, by kind. Cannot be undone.

    What kept has stays; where it has no external id or field of its own, emptied's comes. take_emptied_list: whose
    watchlist and end of the entry hold; None where both are on the same list, then the earlier end holds.
    Raises NotFound, InvalidInput (one with itself), Conflict (different lists and no decision).
    """
    if kept_id == emptied_id:
        raise InvalidInput("a subject cannot be merged with itself", hint="Name two subjects.")
    statement = select(Subject).where(Subject.id.in_((kept_id, emptied_id))).order_by(Subject.id).with_for_update()
    both = {subject.id: subject for subject in await session.scalars(statement)}
    if len(both) < 2:
        raise NotFound("no such two subjects", hint="One of them may have been erased, or merged already.")
    kept, emptied = both[kept_id], both[emptied_id]
    entry = _decided(kept, emptied, take_emptied_list=take_emptied_list)
    rows = await session.execute(
        text("SELECT item, amount FROM merge_subjects(:kept, :emptied)"), {"kept": kept_id, "emptied": emptied_id}
    )
    moved = {row.item: row.amount for row in rows}
    session.expunge(emptied)
    await session.refresh(kept)
    kept.watchlist_id, kept.expires_at = entry.watchlist_id, entry.expires_at
    await session.flush()
    return moved


def _decided(kept: Subject, emptied: Subject, *, take_emptied_list: bool | None) -> _Entry:
    if take_emptied_list is None:
        if kept.watchlist_id != emptied.watchlist_id:
            raise Conflict(
                "the two subjects are on different watchlists", hint="Say in watchlist whose holds: kept or emptied."
            )
        ends = [end for end in (kept.expires_at, emptied.expires_at) if end is not None]
        return _Entry(kept.watchlist_id, min(ends, default=None))
    chosen = emptied if take_emptied_list else kept
    return _Entry(chosen.watchlist_id, chosen.expires_at)
