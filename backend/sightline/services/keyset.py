"""Pages of lists by keyset: the rows after the last one seen, in a stable order, however many there are.

The order is one whitelisted column and the id. The column must never be null and should have an index with the id.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from sightline.core.errors import InvalidInput

Key = str | int | float | datetime
RowId = UUID | int
Column = ColumnElement[Any] | InstrumentedAttribute[Any]
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Order:
    """name of a whitelisted column, as clients give it: "name" rises, "-name" falls."""

    name: str
    descending: bool = False

    @classmethod
    def parse(cls, text: str) -> "Order":
        """From a client's text."""
        return cls(text.removeprefix("-"), text.startswith("-"))

    def __str__(self) -> str:
        return f"-{self.name}" if self.descending else self.name


@dataclass(frozen=True, slots=True)
class Position:
    """A row in an order: its value of the order's column, and its id. order: the one it was taken in."""

    order: Order
    key: Key
    row_id: RowId


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which part of a list: limit rows in an order, after a position of that same order."""

    order: Order
    limit: int = 50
    after: Position | None = None


@dataclass(frozen=True, slots=True)
class PageOf(Generic[Row]):
    """A part of a list. next: the position of its last row where more follows; total: where it was asked for."""

    items: Sequence[Row]
    next: Position | None = None
    total: int | None = None


def applied(
    statement: Select[Any], request: PageRequest, *, columns: Mapping[str, Column], row_id: Column
) -> Select[Any]:
    """statement with its part of the rows and one more. Raises InvalidInput for an order that is not in columns."""
    column = columns.get(request.order.name)
    if column is None:
        known = ", ".join(sorted(columns))
        raise InvalidInput(f"this list cannot be sorted by {request.order.name}", hint=f"Sort by one of: {known}.")
    falling = request.order.descending
    if request.after is not None:
        if request.after.order != request.order:
            raise InvalidInput("this cursor belongs to another order", hint="Begin again without a cursor.")
        here, seen = tuple_(column, row_id), tuple_(request.after.key, request.after.row_id)
        statement = statement.where(here < seen if falling else here > seen)
        # Says nothing new, and leaves out partitions: PostgreSQL chooses those by single columns only.
        statement = statement.where(column <= request.after.key if falling else column >= request.after.key)
    keys = (column.desc(), row_id.desc()) if falling else (column, row_id)
    return statement.order_by(*keys).limit(request.limit + 1)


def split(
    rows: Sequence[Row], request: PageRequest, positions: Mapping[str, str], *, row_id: str = "id"
) -> PageOf[Row]:
    """The page of rows that applied() asked for. positions: per name of an order the attribute with its value."""
    items = rows[: request.limit]
    if len(rows) <= request.limit:
        return PageOf(items)
    last = items[-1]
    key: Key = getattr(last, positions[request.order.name])
    return PageOf(items, Position(request.order, key, getattr(last, row_id)))


async def fetch(
    session: AsyncSession,
    statement: Select[Row],
    request: PageRequest,
    *,
    columns: Mapping[str, Column],
    positions: Mapping[str, str],
    row_id: Column,
) -> PageOf[Row]:
    """applied(), executed and split(), for statements that select one entity whose attribute id is its id."""
    rows = (await session.scalars(applied(statement, request, columns=columns, row_id=row_id))).all()
    return split(rows, request, positions)
