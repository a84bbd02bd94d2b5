"""Tables that people take out of the system: announced in the audit log first, then written while they are sent."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Generic, Protocol, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import Database, Principal
from sightline.core.errors import InvalidInput
from sightline.models.base import Json
from sightline.schemas.exports import ExportFormat
from sightline.services import audit
from sightline.services.keyset import PageRequest
from sightline.services.spreadsheets import Cell
from sightline.services.table_files import Fetched, TableRows, TableWriter, pages, stream

MOST_ROWS: Final = 1_000_000
"""About 250 MB of CSV: what a spreadsheet takes (1,048,576 rows) and a line brings in minutes."""
CHUNK: Final = 1000
"""Rows per page: about a megabyte in memory."""


class Bounded(Protocol):
    """A filter that may have an end in time."""

    @property
    def until(self) -> datetime | None:
        """The first moment that it leaves out."""


Where = TypeVar("Where", bound=Bounded)
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Export(Generic[Where]):
    """What is written: as it was announced in the audit log, so with an end in time. noun: begins the file's name."""

    noun: str
    where: Where
    form: ExportFormat
    byte_order_mark: bool = False

    @property
    def file_name(self) -> str:
        """Such as sightings-20261122T120000Z.csv."""
        ends = self.where.until or datetime.now(UTC)
        return f"{self.noun}-{ends:%Y%m%dT%H%M%SZ}.{self.form.value}"


@dataclass(frozen=True, slots=True)
class Table(Generic[Row]):
    """Where an export's rows come from: the first page, how one is read, and the columns and cells of a row."""

    columns: Sequence[str]
    first: PageRequest
    fetch: Callable[[AsyncSession, PageRequest], Fetched[Row]]
    cells: Callable[[Row], Mapping[str, Cell | Json]]


def end_of(until: datetime | None) -> datetime:
    """When an export of records ends: now, or where it was asked to, a day ahead at most."""
    now = datetime.now(UTC)
    return now if until is None else min(until, now + timedelta(days=1))


async def record(
    session: AsyncSession,
    export: Export[Where],
    *,
    rows: int,
    most: int,
    purpose: str | None,
    filters: Mapping[str, object],
) -> None:
    """Put it on record, before the first byte. Raises InvalidInput: more rows than may go at once."""
    if rows > most:
        raise InvalidInput(
            f"these are more than {most:,} {export.noun}", hint="Choose a shorter time, or fewer cameras."
        )
    details: dict[str, object] = {"rows": rows, "format": export.form.value, "purpose": purpose, "filters": filters}
    await audit.record_event(session, action="EXPORT", table_name=export.noun, details=details)


async def written(
    database: Database, acting: Principal, export: Export[Where], table: Table[Row]
) -> AsyncIterator[str]:
    """The file, piece by piece. Raises what goes wrong on the way, after a last line that says so."""

    async def rows() -> AsyncIterator[TableRows]:
        async for found in pages(database, acting, table.first, table.fetch):
            yield [table.cells(row) for row in found]

    async for piece in stream(TableWriter(export.form, table.columns, byte_order_mark=export.byte_order_mark), rows()):
        yield piece
