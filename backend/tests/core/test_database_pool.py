"""Connections that wait in the pool, and those on behalf of nobody."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event, text

from sightline.core import database_pool
from sightline.core.database import SYSTEM, Database, Role
from sightline.core.database_pool import LingeringPool
from tests.support.database import DatabaseAddress, add_camera, add_user, execute_as_admin

pytestmark = pytest.mark.asyncio
END_ALL = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'sightline_app'"


async def _ask(database: Database) -> int:
    async with database.session(SYSTEM) as session:
        await session.execute(text("SELECT pg_sleep(0.01)"))  # long enough for several at a time
        return int((await session.execute(text("SELECT pg_backend_pid()"))).scalar_one())


async def test_a_restarted_server_costs_no_request(own_database: DatabaseAddress, database: Database) -> None:
    waiting: dict[int, Any] = {}

    @event.listens_for(database.engine.sync_engine, "checkin")
    def note(connection: Any, _record: object) -> None:
        waiting[id(connection)] = connection.driver_connection

    before = set(await asyncio.gather(*(_ask(database) for _ in range(4))))
    assert len(before) == 4
    await execute_as_admin(own_database.admin_dsn, END_ALL)
    while not all(one.is_closed() for one in waiting.values()):  # it answers before they have ended
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)  # until the end has reached our sockets; a server's restart takes longer
    after = set(await asyncio.gather(*(_ask(database) for _ in range(4))))
    assert len(after) == 4
    assert not before & after


async def test_a_connection_that_waited_for_long_is_asked_and_replaced_where_it_is_silent(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialect = database.engine.sync_engine.dialect
    assert dialect.loaded_dbapi is not None
    asked, error = [], dialect.loaded_dbapi.Error

    def silent(connection: object) -> bool:
        asked.append(connection)
        raise error("no answer")

    monkeypatch.setattr(dialect, "do_ping", silent)
    first = await _ask(database)
    assert await _ask(database) == first, "in use a moment ago: nobody asks"
    assert not asked
    monkeypatch.setattr(database_pool, "ASKED_AFTER", 0.0)
    assert await _ask(database) != first
    assert len(asked) == 1


async def test_nobody_sees_nothing_and_leaves_nothing_open(database: Database) -> None:
    async with database.session(SYSTEM) as session:
        await add_camera(session)
        await add_user(session, Role.VIEWER)
    async with database.nobody() as asking:
        for table in ("cameras", "users", "refresh_tokens"):
            assert (await asking.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one() == 0  # noqa: S608
        given = {"session": uuid4(), "user": uuid4()}
        answer = await asking.execute(text("SELECT * FROM active_session(:session, :user)"), given)
        assert answer.one_or_none() is None
        moments = [(await asking.execute(text("SELECT transaction_timestamp()"))).scalar_one() for _ in range(2)]
    assert moments[0] < moments[1], "each statement is its own transaction"
    assert await _ask(database), "the connection serves transactions again"


async def test_a_burst_makes_its_connections_once(own_database: DatabaseAddress) -> None:
    """To make one costs fifteen times what a transaction does."""
    database = Database(own_database.app_dsn, pool_size=2, max_overflow=4)
    try:
        bursts = [set(await asyncio.gather(*(_ask(database) for _ in range(6)))) for _ in range(3)]
    finally:
        await database.dispose()
    assert len(bursts[0]) == 6
    assert bursts[0] == bursts[1] == bursts[2]


async def test_connections_that_are_not_needed_any_more_are_closed(
    own_database: DatabaseAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    monkeypatch.setattr(database_pool, "monotonic", lambda: now)
    database = Database(own_database.app_dsn, pool_size=2, max_overflow=4)
    try:
        pool = database.engine.pool
        assert isinstance(pool, LingeringPool)
        for now, at_once, left in ((0.0, 6, 6), (59.0, 1, 6), (61.0, 3, 6), (121.0, 1, 5), (122.0, 3, 3), (500.0, 3, 3),
                (561.0, 1, 3), (622.0, 1, 2), (900.0, 1, 2)):  # fmt: skip
            await asyncio.gather(*(_ask(database) for _ in range(at_once)))
            assert pool.opened() == left, f"{at_once} at once after {now} s"
    finally:
        await database.dispose()
