"""No lost update: a change names the version it is based on, and is refused where the record moved on since.

The version of a record is its updated_at, which the database sets on every change but those that only say when
something was last seen.
"""

from datetime import datetime
from typing import Any, Protocol, TypeVar

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.errors import NotFound, PreconditionFailed


class Versioned(Protocol):
    """Every model with updated_at."""

    updated_at: Any


Record = TypeVar("Record", bound=Versioned)


async def lock(session: AsyncSession, statement: Select[Record], *, expected: datetime | None, noun: str) -> Record:
    """The one row of statement, locked until the transaction ends.

    expected: the version that the change is based on, None for whichever it is now.
    Raises NotFound, PreconditionFailed. Afterwards flush() and refresh() give the new version.
    """
    found = statement.with_for_update().execution_options(populate_existing=True)
    record = (await session.scalars(found)).one_or_none()
    if record is None:
        raise NotFound(f"no such {noun}", hint=f"It may have been removed; list the {noun}s again.")
    if expected is not None and record.updated_at != expected:
        raise PreconditionFailed(
            f"somebody changed this {noun} since you read it", hint="Read it again, and repeat your change on that."
        )
    return record
