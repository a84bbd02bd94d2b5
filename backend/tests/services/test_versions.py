"""No lost update: of two who changed the same version, the second is told."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from sightline.core.database import SYSTEM, Database
from sightline.core.errors import NotFound, PreconditionFailed
from sightline.models import Watchlist
from sightline.services import versions
from tests.support.database import add_watchlist


async def _made(database: Database) -> Watchlist:
    async with database.session(SYSTEM) as session:
        made = await add_watchlist(session)
        await session.flush()
        await session.refresh(made)
    return made


async def _rename(database: Database, made: Watchlist, name: str, expected: datetime | None) -> datetime:
    async with database.session(SYSTEM) as session:
        statement = select(Watchlist).where(Watchlist.id == made.id)
        found = await versions.lock(session, statement, expected=expected, noun="watchlist")
        await asyncio.sleep(0.05)  # long enough for the other one to wait for the lock
        found.name = name
        await session.flush()
        await session.refresh(found)
        return found.updated_at


@pytest.mark.asyncio
async def test_of_two_writers_at_once_one_wins_and_the_other_is_told(database: Database) -> None:
    made = await _made(database)
    outcomes = await asyncio.gather(
        *(_rename(database, made, name, made.updated_at) for name in ("first", "second")), return_exceptions=True
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["PreconditionFailed", "datetime"]


@pytest.mark.asyncio
async def test_the_next_change_is_based_on_the_new_version(database: Database) -> None:
    made = await _made(database)
    newer = await _rename(database, made, "one", made.updated_at)
    assert newer > made.updated_at
    with pytest.raises(PreconditionFailed):
        await _rename(database, made, "two", made.updated_at)
    assert await _rename(database, made, "two", newer) > newer


@pytest.mark.asyncio
async def test_who_accepts_any_version_overwrites(database: Database) -> None:
    made = await _made(database)
    await _rename(database, made, "one", None)
    await _rename(database, made, "two", None)


@pytest.mark.asyncio
async def test_a_record_that_is_not_there_is_not_found(database: Database) -> None:
    async with database.session(SYSTEM) as session:
        statement = select(Watchlist).where(Watchlist.id == 10**6)
        with pytest.raises(NotFound, match="watchlist"):
            await versions.lock(session, statement, expected=datetime.now(UTC), noun="watchlist")
