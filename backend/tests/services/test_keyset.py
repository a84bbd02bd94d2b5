"""Pages by keyset: put together they are the sorted whole, whatever the keys and wherever the pages end."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Integer, Text, column, select, values
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.api import paging
from sightline.core.database import SYSTEM
from sightline.core.errors import InvalidInput
from sightline.services import keyset
from sightline.services.keyset import Order, PageRequest, Position
from tests.support.database import DatabaseAddress, connected

ROWS = st.lists(st.tuples(st.integers(-3, 3), st.sampled_from(["a", "B", "ä", "Z", "zz", ""])), max_size=25)


async def _walk(address: DatabaseAddress, rows: Sequence[tuple[int, str]], order: Order, limit: int) -> list[int]:
    """Ids of all pages, one after the other; each cursor goes through its text as clients see it."""
    numbered = [(number, *row) for number, row in enumerate(rows)]
    table = values(column("id", Integer), column("k", Integer), column("label", Text), name="list").data(numbered)
    columns = {"k": table.c.k, "label": table.c.label.collate("C")}
    seen: list[int] = []
    request = PageRequest(order, limit)
    async with connected(address) as pool, pool.session(SYSTEM) as session:
        while True:
            statement = keyset.applied(select(table), request, columns=columns, row_id=table.c.id)
            found = (await session.execute(statement)).all()
            page = keyset.split(found, request, {"k": "k", "label": "label"})
            seen += [row.id for row in page.items]
            if page.next is None:
                return seen
            assert len(page.items) == limit
            request = PageRequest(order, limit, paging.decode(paging.encode(page.next)))


@given(rows=ROWS, name=st.sampled_from(["k", "label"]), descending=st.booleans(), limit=st.integers(1, 7))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_pages_put_together_are_the_sorted_whole(
    shared_database: DatabaseAddress, rows: list[tuple[int, str]], name: str, descending: bool, limit: int
) -> None:
    def key(number: int) -> tuple[Any, int]:
        value = rows[number][0 if name == "k" else 1]
        return (value.encode() if isinstance(value, str) else value, number)

    if rows:  # VALUES cannot be empty
        seen = asyncio.run(_walk(shared_database, rows, Order(name, descending), limit))
        assert seen == sorted(range(len(rows)), key=key, reverse=descending)


def test_an_order_that_is_not_on_the_list_is_refused() -> None:
    request = PageRequest(Order("password"))
    with pytest.raises(InvalidInput, match="password"):
        keyset.applied(select(column("id")), request, columns={"name": column("name")}, row_id=column("id"))


def test_a_cursor_of_another_order_is_refused() -> None:
    for other in (Order("name", descending=True), Order("age")):
        request = PageRequest(Order("name"), after=Position(other, "x", 1))
        with pytest.raises(InvalidInput, match="another order"):
            keyset.applied(select(column("id")), request, columns={"name": column("name")}, row_id=column("id"))


def test_one_row_more_than_the_page_is_asked_for_and_keys_are_parameters() -> None:
    request = PageRequest(Order("name"), 5, Position(Order("name"), "'; DROP TABLE users --", 1))
    statement = keyset.applied(
        select(column("id")), request, columns={"name": column("name", Text)}, row_id=column("id", Integer)
    )
    compiled = statement.compile(dialect=postgresql.dialect())  # type: ignore[no-untyped-call]
    assert "DROP" not in str(compiled)
    assert 6 in compiled.params.values()


@pytest.mark.asyncio
async def test_the_page_that_ends_exactly_at_the_last_row_has_no_next(session: AsyncSession) -> None:
    table = values(column("id", Integer), name="list").data([(1,), (2,), (3,)])
    request = PageRequest(Order("id"), 3)
    statement = keyset.applied(select(table), request, columns={"id": table.c.id}, row_id=table.c.id)
    page = keyset.split((await session.execute(statement)).all(), request, {"id": "id"})
    assert (len(page.items), page.next) == (3, None)
