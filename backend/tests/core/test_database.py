"""Preparing a database, and talking to it on somebody's behalf."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from sightline.core import database_setup
from sightline.core.database import SYSTEM, WORKER, Database, Principal, Role, async_url, without_time_limit
from sightline.core.database_setup import (
    app_password,
    inspect_database,
    prepare_database,
    require_extensions,
    require_version,
)
from sightline.core.errors import (
    Conflict,
    DatabaseUnreachable,
    DatabaseUnsuitable,
    Forbidden,
    InvalidInput,
    ServiceUnavailable,
)
from sightline.services import audit, gallery, subjects, watchlists
from tests.support.database import (
    APP_PASSWORD,
    DatabaseAddress,
    add_camera,
    add_subject,
    add_watchlist,
    execute_as_admin,
)


def test_a_foreign_schema_is_left_alone(empty_database: str) -> None:
    asyncio.run(execute_as_admin(empty_database, "CREATE TABLE invoices (id int)"))
    with pytest.raises(DatabaseUnsuitable, match="invoices"):
        asyncio.run(prepare_database(empty_database, app_password=APP_PASSWORD))


def test_a_newer_schema_is_left_alone(own_database: DatabaseAddress) -> None:
    asyncio.run(execute_as_admin(own_database.admin_dsn, "UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseUnsuitable, match="9999"):
        asyncio.run(prepare_database(own_database.admin_dsn, app_password=APP_PASSWORD))


@pytest.mark.parametrize(("number", "major"), [(170005, 17), (190000, 19)])
def test_another_major_version_is_refused(number: int, major: int) -> None:
    with pytest.raises(DatabaseUnsuitable, match=f"PostgreSQL {major}"):
        require_version(number)
    require_version(180006)


def test_a_server_without_pgvector_is_refused() -> None:
    with pytest.raises(DatabaseUnsuitable, match="vector") as caught:
        require_extensions({"pg_trgm", "plpgsql"})
    assert "pgvector" in caught.value.hint


def test_a_wrong_password_is_told_without_showing_it(own_database: DatabaseAddress) -> None:
    wrong = own_database.app_dsn.replace(APP_PASSWORD, "wrong-secret")
    with pytest.raises(DatabaseUnreachable, match="refuses the login") as caught:
        asyncio.run(inspect_database(wrong))
    assert "wrong-secret" not in caught.value.message + caught.value.hint


def test_a_server_that_is_not_there_and_a_missing_database(own_database: DatabaseAddress, tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnreachable, match="does not answer"):
        asyncio.run(inspect_database(f"postgresql://u:p@/x?host={tmp_path}"))
    missing = own_database.admin_dsn.replace(own_database.name, "no_such_database")
    with pytest.raises(DatabaseUnreachable, match="no database of that name"):
        asyncio.run(inspect_database(missing))


@pytest.mark.parametrize("address", ["mysql://u:secret@h/d", "://secret", "not an address secret"])
def test_addresses_that_are_none(address: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        async_url(address)
    assert "secret" not in caught.value.message


def test_two_processes_may_prepare_at_once(empty_database: str) -> None:
    async def both() -> list[bool]:
        jobs = [prepare_database(empty_database, app_password=APP_PASSWORD) for _ in range(2)]
        return sorted(done.migrated for done in await asyncio.gather(*jobs))

    assert asyncio.run(both()) == [False, True]


def test_the_applications_password_is_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "database"
    password = app_password(path)
    assert (app_password(path), path.stat().st_mode & 0o777) == (password, 0o600)


def test_the_roles_that_a_limited_login_needs_are_named() -> None:
    with pytest.raises(DatabaseUnsuitable, match="sightline_owner and sightline_app"):
        database_setup._require_roles(set())


@pytest.mark.asyncio
async def test_errors_roll_back_and_speak_our_language(database: Database) -> None:
    async with database.session(SYSTEM) as session:
        await add_camera(session, "door")
    with pytest.raises(Conflict):  # noqa: PT012 - the first statement must be undone
        async with database.session(SYSTEM) as session:
            await session.execute(text("INSERT INTO cameras (name, stream_url) VALUES ('inner', 'rtsp://h/1')"))
            await session.execute(text("INSERT INTO cameras (name, stream_url) VALUES ('DOOR', 'rtsp://h/1')"))
    with pytest.raises(InvalidInput, match="without_credentials"):
        async with database.session(SYSTEM) as session:
            await session.execute(text("INSERT INTO cameras (name, stream_url) VALUES ('x', 'rtsp://u:pw@h/1')"))
    with pytest.raises(Forbidden):
        async with database.session(WORKER) as session:
            await session.execute(text("DELETE FROM audit_logs"))
    async with database.session(SYSTEM) as session:
        assert list(await session.scalars(text("SELECT name FROM cameras"))) == ["door"]


@pytest.mark.asyncio
async def test_the_principal_ends_with_its_transaction(database: Database) -> None:
    async with database.session(Principal(Role.SYSTEM, None, "192.0.2.1", "agent")) as session:
        assert await session.scalar(text("SELECT sightline_role()")) == "system"
    async with database.engine.connect() as connection:
        assert await connection.scalar(text("SELECT sightline_role()")) == "nobody"
        assert await connection.scalar(text("SELECT count(*) FROM audit_logs")) == 0


@pytest.mark.asyncio
async def test_changes_of_the_gallery_are_told_after_the_commit(database: Database) -> None:
    async with database.changes(gallery.CHANGED, gallery.CAMERAS_CHANGED) as notices:
        async with database.session(SYSTEM) as session:
            subject = await add_subject(session, await add_watchlist(session), seed=1)
        assert await asyncio.wait_for(anext(notices), 10) == gallery.CHANGED
        async with database.session(SYSTEM) as session:
            await subjects.move_to_watchlist(session, subject_id=subject.id, watchlist_id=None)
        assert await asyncio.wait_for(anext(notices), 10) == gallery.CHANGED
        async with database.session(SYSTEM) as session:
            await session.execute(
                text("SELECT mark_seen('{}', ARRAY[cast(:id AS uuid)], ARRAY[now()])"), {"id": subject.id}
            )
            await add_camera(session)
        assert await asyncio.wait_for(anext(notices), 10) == gallery.CAMERAS_CHANGED, "being seen is no change"
        async with database.session(SYSTEM) as session:
            name = (await watchlists.list_watchlists(session))[0].name
            await watchlists.set_active(session, name=name, is_active=False)
        assert await asyncio.wait_for(anext(notices), 10) == gallery.CHANGED


@pytest.mark.asyncio
async def test_a_lost_connection_that_listens_is_told(own_database: DatabaseAddress, database: Database) -> None:
    async with database.changes(gallery.CHANGED) as notices:
        kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'sightline_app'"
        await execute_as_admin(own_database.admin_dsn, f"{kill} AND datname = '{own_database.name}'")
        with pytest.raises(DatabaseUnreachable):
            await asyncio.wait_for(anext(notices), 10)


@pytest.mark.asyncio
async def test_many_writers_do_not_lock_each_other_out(database: Database) -> None:
    async def write(number: int) -> None:
        async with database.session(SYSTEM) as session:
            await add_camera(session, f"camera of writer {number}")
            await session.execute(text("UPDATE settings SET value = '2' WHERE key IN ('a', 'b')"))
            await asyncio.sleep(0)

    async with database.session(SYSTEM) as session:
        await session.execute(text("INSERT INTO settings (key, value) VALUES ('a', '1'), ('b', '1')"))
    await asyncio.gather(*(write(number) for number in range(20)))
    async with database.session(SYSTEM) as session:
        await audit.seal(session)
        positions = list(await session.scalars(text("SELECT position FROM audit_chain ORDER BY position")))
        events = await session.scalar(text("SELECT count(*) FROM audit_logs"))
    assert positions == list(range(1, len(positions) + 1))
    assert len(positions) == events


@pytest.mark.asyncio
async def test_of_two_who_wait_for_each_other_one_is_told_to_come_again(database: Database) -> None:
    async with database.session(SYSTEM) as session:
        one, other = (await add_camera(session)).id, (await add_camera(session)).id
    both_hold = asyncio.Barrier(2)
    rename = text("UPDATE cameras SET location = location || '.' WHERE id = :id")

    async def change(first: object, second: object) -> str:
        try:
            async with database.session(SYSTEM) as session:
                await session.execute(rename, {"id": first})
                await both_hold.wait()
                await session.execute(rename, {"id": second})
        except Conflict as refused:
            return refused.message
        return "done"

    ends = sorted(await asyncio.gather(change(one, other), change(other, one)))
    assert ends == ["done", "others are changing the same records; nothing was changed"]


@pytest.mark.asyncio
async def test_a_transaction_that_stands_still_holds_nobody_up(
    own_database: DatabaseAddress, database: Database
) -> None:
    """As of a worker that was frozen: its rows are free for the others, and it hears of it when it goes on."""
    async with database.session(SYSTEM) as session:
        camera = await add_camera(session)
    frozen = Database(own_database.app_dsn, idle_timeout=0.2)

    async def change(where: Database, name: str, *, waits_for: Callable[[], Awaitable[None]] | None = None) -> None:
        async with where.session(SYSTEM) as session:
            rename = text("UPDATE cameras SET name = :name WHERE id = :id")
            await session.execute(rename, {"name": name, "id": camera.id})
            if waits_for:
                await waits_for()
                await session.execute(rename, {"name": name, "id": camera.id})

    try:
        with pytest.raises(DatabaseUnreachable):
            await change(frozen, "frozen", waits_for=lambda: asyncio.wait_for(change(database, "lively"), 15))
        async with frozen.session(SYSTEM) as session:
            assert await session.scalar(text("SELECT name FROM cameras")) == "lively"
    finally:
        await frozen.dispose()


@pytest.mark.asyncio
async def test_a_query_without_end_is_stopped_unless_it_must_succeed(own_database: DatabaseAddress) -> None:
    impatient = Database(own_database.app_dsn, statement_timeout=0.05)
    try:
        with pytest.raises(ServiceUnavailable, match="too long"):
            async with impatient.session(SYSTEM) as session:
                await session.execute(text("SELECT pg_sleep(5)"))
        async with impatient.session(SYSTEM) as session:
            await without_time_limit(session)
            await session.execute(text("SELECT pg_sleep(0.2)"))
    finally:
        await impatient.dispose()


@pytest.mark.asyncio
async def test_who_finds_every_connection_in_use_is_told_so(own_database: DatabaseAddress) -> None:
    small = Database(own_database.app_dsn, pool_size=1, max_overflow=0, pool_timeout=0.05)
    try:
        async with small.session(SYSTEM):
            with pytest.raises(DatabaseUnreachable, match="in use"):
                async with small.session(SYSTEM):
                    pass
    finally:
        await small.dispose()
