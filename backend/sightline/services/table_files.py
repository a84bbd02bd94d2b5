"""Tables as files that are written while they are sent: CSV, a JSON array, or lines of JSON.

Constant memory, and no transaction that waits for a slow reader: each page is read in a transaction of its own, under
the rights that the user has at that moment. A file that could not be finished says so in its last line, and ends
without the end that its transport expects.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final, TypeVar

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import Database, Principal
from sightline.core.errors import AppError, Forbidden
from sightline.models.base import Json
from sightline.schemas.exports import ExportFormat
from sightline.services.keyset import PageOf, PageRequest
from sightline.services.spreadsheets import BYTE_ORDER_MARK, Cell, csv_lines

Row = TypeVar("Row")
Fetched = Awaitable[PageOf[Row]]
TableRows = Sequence[Mapping[str, Cell | Json]]
"""Some rows, each with every column, in their order."""

MEDIA_TYPES: Final = {
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.JSON: "application/json",
    ExportFormat.JSON_LINES: "application/x-ndjson",
}


async def stream(writer: "TableWriter", pages: AsyncIterator[TableRows]) -> AsyncIterator[str]:
    """The file, piece by piece. Raises what goes wrong on the way, after a last line that says so."""
    yield writer.head()
    try:
        async for rows in pages:
            yield writer.rows(rows)
    except AppError as error:
        yield writer.broken(error)
        raise
    yield writer.tail()


async def pages(
    database: Database,
    acting: Principal,
    first: PageRequest,
    fetch: Callable[[AsyncSession, PageRequest], Fetched[Row]],
) -> AsyncIterator[Sequence[Row]]:
    """All rows from a first page on, a page at a time. Raises Forbidden where the account is no longer what it was."""
    request: PageRequest | None = first
    while request is not None:
        async with database.session(acting) as session:
            if await session.scalar(text("SELECT sightline_role()")) != acting.role.value:
                raise Forbidden("the account may not read on", hint="Ask an administrator.")
            page = await fetch(session, request)
        yield page.items
        request = replace(request, after=page.next) if page.next else None


def moment(at: datetime | None) -> str | None:
    """In UTC, as RFC 3339 has it."""
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")


class TableWriter:
    """Writes one table, piece by piece: head(), rows() as often as there are some, then tail() or broken().

    A broken JSON array stays open; a broken file of lines has a last line that is no row.
    """

    def __init__(self, form: ExportFormat, columns: Sequence[str], *, byte_order_mark: bool = False) -> None:
        self._form = form
        self._columns = columns
        self._mark = byte_order_mark
        self._any = False

    def head(self) -> str:
        """What comes before the first row."""
        if self._form is ExportFormat.CSV:
            return (BYTE_ORDER_MARK if self._mark else "") + csv_lines([self._columns])
        return "[\n" if self._form is ExportFormat.JSON else ""

    def rows(self, rows: TableRows) -> str:
        """Some rows, each with every column, in their order; objects are text in CSV."""
        if self._form is ExportFormat.CSV:
            return csv_lines([_cell(value) for value in row.values()] for row in rows)
        lines = [json.dumps(row, ensure_ascii=False) for row in rows]
        if self._form is ExportFormat.JSON_LINES:
            return "".join(line + "\n" for line in lines)
        text_of_rows = (",\n" if self._any and lines else "") + ",\n".join(lines)
        self._any = self._any or bool(lines)
        return text_of_rows

    def tail(self) -> str:
        """What comes behind the last row."""
        return "\n]\n" if self._form is ExportFormat.JSON else ""

    def broken(self, error: AppError) -> str:
        """In place of the tail, where the file cannot be finished."""
        if self._form is ExportFormat.CSV:
            return csv_lines([(f"# incomplete: {error.code}",)])
        told = json.dumps({"error": {"code": error.code, "detail": error.message}})
        return (",\n" if self._form is ExportFormat.JSON and self._any else "") + told + "\n"


def _cell(value: Cell | Json) -> Cell:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value
