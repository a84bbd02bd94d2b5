"""The schema as a whole: forwards and backwards, as the models say, and nothing forgotten."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

from sightline.core import migrations
from sightline.core.database import async_url
from sightline.core.database_setup import downgrade_database, inspect_database, prepare_database
from sightline.core.migrations import SchemaState
from sightline.models import Base
from tests.support.database import APP_PASSWORD, DatabaseAddress, execute_as_admin

CATALOGUE = text(
    "SELECT format('%s %s', c.relkind, c.relname) FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace"
    " AND c.relname NOT LIKE 'alembic%' UNION ALL SELECT 'function ' || p.oid::regprocedure FROM pg_proc p"
    " WHERE p.pronamespace = 'public'::regnamespace AND NOT EXISTS"
    " (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') ORDER BY 1"
)


Found = TypeVar("Found")


async def _look(dsn: str, work: Callable[[Connection], Found]) -> Found:
    engine = create_async_engine(async_url(dsn), poolclass=NullPool)
    async with engine.connect() as connection:
        return await connection.run_sync(work)


def _catalogue(connection: Connection) -> list[str]:
    return list(connection.scalars(CATALOGUE))


def test_up_down_up_leaves_nothing_behind_and_comes_back_the_same(empty_database: str) -> None:
    first = asyncio.run(prepare_database(empty_database, app_password=APP_PASSWORD))
    assert first.migrated
    there = asyncio.run(_look(empty_database, _catalogue))
    assert "p sightings" in there
    asyncio.run(downgrade_database(empty_database, "base"))
    assert asyncio.run(_look(empty_database, _catalogue)) == []
    assert asyncio.run(inspect_database(empty_database)).state is SchemaState.EMPTY
    again = asyncio.run(prepare_database(empty_database, app_password=APP_PASSWORD))
    assert (again.migrated, again.revision) == (True, first.revision)
    assert asyncio.run(_look(empty_database, _catalogue)) == there


def test_each_step_goes_back_and_forth(empty_database: str) -> None:
    asyncio.run(prepare_database(empty_database, app_password=APP_PASSWORD))
    newest = int(migrations.head_revision())
    for revision in range(newest - 1, 0, -1):
        asyncio.run(downgrade_database(empty_database, f"{revision:04d}"))
    assert asyncio.run(inspect_database(empty_database)).state is SchemaState.BEHIND
    assert asyncio.run(prepare_database(empty_database, app_password=APP_PASSWORD)).migrated


def test_preparing_twice_changes_nothing(empty_database: str) -> None:
    asyncio.run(prepare_database(empty_database, app_password=APP_PASSWORD))
    assert not asyncio.run(prepare_database(empty_database, app_password=APP_PASSWORD)).migrated


def test_the_models_describe_the_database(shared_database: DatabaseAddress) -> None:
    found = asyncio.run(_look(shared_database.admin_dsn, lambda c: migrations.differences(c, Base.metadata)))
    assert found == []


@pytest.mark.parametrize(
    "change",
    [
        "DROP INDEX ix_subjects_watchlist_id",
        "DROP INDEX ix_images_embedding",
        "ALTER TABLE cameras ADD COLUMN forgotten text",
        "ALTER TABLE users ALTER COLUMN email SET NOT NULL",
    ],
)
def test_the_comparison_sees_a_difference(own_database: DatabaseAddress, change: str) -> None:
    asyncio.run(execute_as_admin(own_database.admin_dsn, change))
    assert asyncio.run(_look(own_database.admin_dsn, lambda c: migrations.differences(c, Base.metadata)))


QUESTIONS = {
    "tables without an audit trigger": """
        SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
        AND NOT c.relispartition AND c.relname NOT IN ('alembic_version', 'audit_logs', 'audit_payloads', 'audit_chain',
            'idempotency_keys', 'audit_pending', 'statistic_days', 'statistic_changes', 'statistic_bins',
            'statistic_bin_changes', 'rule_queue', 'alert_escalations')  -- filled by triggers
        AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname LIKE 'audit%')""",
    "tables or partitions without forced row level security": """
        SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
        AND c.relname <> 'alembic_version' AND NOT (c.relrowsecurity AND c.relforcerowsecurity)""",
    "foreign keys without an index on their first column": """
        SELECT con.conrelid::regclass || '.' || con.conname
        FROM pg_constraint con JOIN pg_class c ON c.oid = con.conrelid
        WHERE con.contype = 'f' AND con.conparentid = 0 AND c.relnamespace = 'public'::regnamespace AND NOT EXISTS (
            SELECT FROM pg_index i WHERE i.indrelid = con.conrelid AND i.indkey[0] = con.conkey[1])""",
    "JSONB columns without a GIN index": """
        SELECT c.relname || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.atttypid = 'jsonb'::regtype
        AND c.relname <> 'notification_channels' AND NOT EXISTS (
            SELECT FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam
            WHERE i.indrelid = c.oid AND m.amname = 'gin' AND i.indkey[0] = a.attnum)""",
    "tables with updated_at and without its trigger": """
        SELECT c.relname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attname = 'updated_at'
        AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = 'set_updated_at')""",
    "vectors that are stored out of line": """
        SELECT c.relname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relkind IN ('r', 'p') AND a.atttypid = 'vector'::regtype AND a.attstorage <> 'p'""",
    "partitions without a vector index": """
        SELECT c.relname FROM pg_class c WHERE c.relispartition AND c.relkind = 'r' AND NOT EXISTS (
            SELECT FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam
            WHERE i.indrelid = c.oid AND m.amname = 'hnsw')""",
    "definer functions without a fixed search path": """
        SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef
        AND NOT EXISTS (SELECT FROM unnest(p.proconfig) AS s WHERE s LIKE 'search_path=%')""",
    "objects that are not the owner's": """
        SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
        AND c.relkind IN ('r', 'p', 'v') AND c.relowner <> 'sightline_owner'::regrole""",
}


@pytest.mark.asyncio
@pytest.mark.parametrize("question", QUESTIONS)
async def test_nothing_is_forgotten(session: AsyncSession, question: str) -> None:
    assert list(await session.scalars(text(QUESTIONS[question]))) == [], question


@pytest.mark.asyncio
async def test_the_application_owns_nothing_and_inherits_nothing(session: AsyncSession) -> None:
    row = (
        await session.execute(
            text(
                "SELECT rolsuper, rolinherit, rolbypassrls, rolcreaterole,"
                " (SELECT count(*) FROM pg_auth_members WHERE member = r.oid) AS memberships,"
                " (SELECT count(*) FROM pg_class WHERE relowner = r.oid) AS owned"
                " FROM pg_roles r WHERE rolname = current_user"
            )
        )
    ).one()
    assert tuple(row) == (False, False, False, False, 0, 0)
