"""Retention: partitions ahead of time, removal of what is too old, erasure of a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True)
class RetentionReport:
    """What a purge or an erasure did, or would do: amounts by what was done."""

    amounts: tuple[tuple[str, int], ...]
    dry_run: bool = False

    def amount(self, item: str) -> int:
        """One amount by its name. Raises KeyError for a name that is none."""
        return dict(self.amounts)[item]


@dataclass(frozen=True, slots=True)
class PendingObject:
    """An object of the store that must go."""

    id: int
    key: str
    reason: str


async def create_partitions_ahead(session: AsyncSession, *, months: int = 2) -> tuple[str, ...]:
    """Make sure that this month and the following ones have a partition; their names."""
    names = await session.scalars(text("SELECT create_partitions_ahead(:months)"), {"months": months})
    return tuple(names)


async def create_monthly_partition(session: AsyncSession, *, month: date, table: str = "sightings") -> str:
    """Make one month's partition (UTC), moving rows that fell into the default one; its name."""
    statement = text("SELECT create_monthly_partition(:table, :year, :month)")
    name: str = (
        await session.execute(statement, {"table": table, "year": month.year, "month": month.month})
    ).scalar_one()
    return name


async def purge(session: AsyncSession, *, retention_days: int, dry_run: bool = False) -> RetentionReport:
    """Remove what is older than retention_days; a dry run does it and takes it back. Raises InvalidInput below 1."""
    rows = await session.execute(
        text("SELECT item, amount FROM purge_old_data(:days, :dry_run)"), {"days": retention_days, "dry_run": dry_run}
    )
    return RetentionReport(tuple((row.item, row.amount) for row in rows), dry_run)


async def purge_minute_counters(session: AsyncSession, *, retention_days: int) -> int:
    """Remove counts per minute that are older; how many. Their quarters of an hour stay in the statistics."""
    given = {"days": retention_days}
    return int((await session.execute(text("SELECT purge_minute_counters(:days)"), given)).scalar_one())


async def purge_expired_media(session: AsyncSession) -> int:
    """Clear pictures and templates of unknown people whose hours are over; how many sightings."""
    return int((await session.execute(text("SELECT purge_expired_media()"))).scalar_one())


async def erase_subject(session: AsyncSession, *, subject_id: UUID) -> RetentionReport:
    """Erase a person with every trace; the audit chain still verifies. Raises NotFound (by the session)."""
    rows = await session.execute(text("SELECT item, amount FROM erase_subject(:id)"), {"id": subject_id})
    return RetentionReport(tuple((row.item, row.amount) for row in rows))


async def pending_objects(session: AsyncSession, *, limit: int = 500) -> tuple[PendingObject, ...]:
    """Objects to remove, oldest first; locked until the transaction ends, so that two workers do not share one."""
    rows = await session.execute(
        text(
            "SELECT id, object_key, reason FROM object_deletions ORDER BY attempts, id LIMIT :limit"
            " FOR UPDATE SKIP LOCKED"
        ),
        {"limit": limit},
    )
    return tuple(PendingObject(row.id, row.object_key, row.reason) for row in rows)


async def objects_removed(session: AsyncSession, *, ids: Sequence[int]) -> None:
    """Take objects that are gone off the queue."""
    await session.execute(text("DELETE FROM object_deletions WHERE id = ANY(:ids)"), {"ids": list(ids)})


async def object_failed(session: AsyncSession, *, object_id: int, message: str) -> None:
    """Keep an object in the queue that could not be removed, behind the others."""
    statement = text("UPDATE object_deletions SET attempts = attempts + 1, last_error = :message WHERE id = :id")
    await session.execute(statement, {"id": object_id, "message": message[:500]})
