"""Query parameters of lists: limit, cursor and sort, the same everywhere."""

import json
import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Query

from sightline.core import base64url
from sightline.core.errors import InvalidInput
from sightline.schemas.base import Page
from sightline.services.keyset import Key, Order, PageOf, PageRequest, Position, RowId

Row = TypeVar("Row")
Item = TypeVar("Item")

LONGEST_CURSOR = 2000
"""Characters: a name of 500 in the worst script, as JSON and base64."""

Limit = Annotated[int, Query(ge=1, le=200, description="Rows per page, at most.")]
Cursor = Annotated[
    str | None, Query(max_length=LONGEST_CURSOR, description="next of the page before; none for the first one.")
]


def sort_parameter(names: Sequence[str]) -> Any:
    """A Query() that allows these names, each also with a leading minus."""
    allowed = "|".join(f"-?{name}" for name in names)
    return Query(pattern=f"^({allowed})$", description=f"One of {', '.join(names)}; a leading minus turns it around.")


def page_request(*, sort: str, limit: int, cursor: str | None) -> PageRequest:
    """What the service is asked for. Raises InvalidInput for a cursor that is none of ours."""
    order = Order.parse(sort)
    return PageRequest(order, limit, decode(cursor) if cursor else None)


def page_out(found: PageOf[Row], make: Callable[[Row], Item]) -> Page[Item]:
    """The answer."""
    following = encode(found.next) if found.next else None
    return Page(items=[make(row) for row in found.items], next=following, total=found.total)


def encode(position: Position) -> str:
    """Opaque, URL-safe text."""
    key = ["t", position.key.isoformat()] if isinstance(position.key, datetime) else ["v", position.key]
    row_id = str(position.row_id) if isinstance(position.row_id, UUID) else position.row_id
    text = json.dumps([str(position.order), *key, row_id], ensure_ascii=False, separators=(",", ":"))
    return base64url.encode(text.encode())


def decode(cursor: str) -> Position:
    """The inverse of encode(). Raises InvalidInput."""
    try:
        order, kind, key, row_id = json.loads(base64url.decode(cursor))
        return Position(Order.parse(_text(order)), _key(kind, key), _row_id(row_id))
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise InvalidInput("this cursor is none of ours", hint="Begin again without a cursor.") from error


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _key(kind: object, value: object) -> Key:
    if kind == "t":
        return datetime.fromisoformat(_text(value)).astimezone(UTC)
    if kind != "v" or not isinstance(value, str | int | float) or isinstance(value, bool):
        raise TypeError
    if isinstance(value, str):
        value.encode()  # not of lone surrogates, which are no UTF-8
        if "\0" in value:  # PostgreSQL's text cannot hold it
            raise ValueError
    elif not math.isfinite(value) or (isinstance(value, int) and abs(value) >= 2**63):
        raise ValueError
    return value


def _row_id(value: object) -> RowId:
    if isinstance(value, int) and not isinstance(value, bool):
        if abs(value) >= 2**31:
            raise ValueError
        return value
    return UUID(_text(value))
