"""Makes a database ready: checks that it is one we can use, creates the roles, migrates to the newest schema."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import asyncpg
from sqlalchemy import URL, Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from sightline.core import migrations
from sightline.core.database import CONNECT_TIMEOUT, CONNECTION_ERRORS, async_url, sqlstate, translate, unreachable
from sightline.core.errors import DatabaseUnsuitable
from sightline.core.migrations import OWNER_ROLE, SchemaState

APP_ROLE = "sightline_app"
"""The program connects as this role; it owns nothing and inherits nothing."""

POSTGRES_MAJOR = 18
"""The migrations use uuidv7(), which came with 18; data folders of the embedded server are tied to their major."""

Result = TypeVar("Result")

EXTENSIONS = ("vector", "pg_trgm")

MIGRATION_LOCK = 5_107_254_019
"""Key of the advisory lock that lets one process at a time migrate; any fixed number does."""


@dataclass(frozen=True, slots=True)
class PreparedDatabase:
    """A database at the newest schema. app_dsn connects as the application role and carries its password."""

    app_dsn: str
    revision: str
    migrated: bool


@dataclass(frozen=True, slots=True)
class DatabaseReport:
    """What `sightline db check` tells."""

    server_version: str
    revision: str | None
    head: str
    state: SchemaState


def app_password(path: Path) -> str:
    """The application role's password, kept in a file only the owner may read; made on the first call."""
    if path.exists():
        return path.read_text(encoding="ascii").strip()
    path.parent.mkdir(parents=True, exist_ok=True)
    password = secrets.token_urlsafe(24)
    path.touch(mode=0o600, exist_ok=False)
    path.write_text(password, encoding="ascii")
    return password


def app_url(admin_dsn: str, password: str) -> URL:
    """The same database as the application role."""
    return async_url(admin_dsn).set(username=APP_ROLE, password=password)


async def prepare_database(admin_dsn: str, *, app_password: str) -> PreparedDatabase:
    """Check, create roles, migrate to head: all in one transaction and one process at a time.

    admin_dsn logs in as a superuser, or as a role that may create roles where pgvector exists already.
    Raises DatabaseUnreachable, DatabaseUnsuitable.
    """

    def work(connection: Connection) -> bool:
        lock(connection)
        require_suitable(connection)
        prepare_roles(connection, app_password)
        if migrations.schema_state(connection) is SchemaState.CURRENT:
            return False
        migrations.upgrade(connection)
        return True

    migrated = await _in_transaction(admin_dsn, work)
    dsn = app_url(admin_dsn, app_password).set(drivername="postgresql").render_as_string(hide_password=False)
    return PreparedDatabase(dsn, migrations.head_revision(), migrated)


async def downgrade_database(admin_dsn: str, revision: str) -> None:
    """Migrate backwards; "base" removes every table. Raises DatabaseUnreachable, DatabaseUnsuitable."""

    def work(connection: Connection) -> None:
        lock(connection)
        require_suitable(connection)
        migrations.downgrade(connection, revision)

    await _in_transaction(admin_dsn, work)


async def inspect_database(admin_dsn: str) -> DatabaseReport:
    """Look without changing anything. Raises DatabaseUnreachable, DatabaseUnsuitable."""

    def work(connection: Connection) -> DatabaseReport:
        require_suitable(connection)
        version = str(connection.scalar(text("SHOW server_version")))
        revision = migrations.current_revision(connection)
        return DatabaseReport(version, revision, migrations.head_revision(), migrations.schema_state(connection))

    return await _in_transaction(admin_dsn, work)


async def _in_transaction(dsn: str, work: Callable[[Connection], Result]) -> Result:
    engine = create_async_engine(async_url(dsn), poolclass=NullPool, connect_args={"timeout": CONNECT_TIMEOUT})
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    except DBAPIError as error:
        raise translate(error) from error
    except asyncpg.PostgresError as error:
        if sqlstate(error) == "42501":
            raise DatabaseUnsuitable(
                "the login may not change the schema",
                hint=f"Name a superuser, or a member of {OWNER_ROLE}, in SIGHTLINE_DATABASE__ADMIN_URL.",
            ) from error
        raise unreachable(error) from error
    except CONNECTION_ERRORS as error:
        raise unreachable(error) from error
    finally:
        await engine.dispose()


def lock(connection: Connection) -> None:
    """Wait until no other process migrates this database; held to the end of the transaction."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})


def require_suitable(connection: Connection) -> None:
    """Raise DatabaseUnsuitable for another major version, missing extensions, a foreign or a newer schema."""
    require_version(int(str(connection.scalar(text("SHOW server_version_num")))))
    offered = set(connection.scalars(text("SELECT name FROM pg_available_extensions")))
    require_extensions(offered)
    state = migrations.schema_state(connection)
    if state is SchemaState.NEWER:
        raise DatabaseUnsuitable(
            f"the database was migrated by a newer version (revision {migrations.current_revision(connection)})",
            hint="Install that version of sightline again, or restore a backup from before.",
        )
    foreign = foreign_tables(connection)
    if state is SchemaState.EMPTY and foreign:
        raise DatabaseUnsuitable(
            f"the database holds tables of something else ({', '.join(foreign[:3])})",
            hint="Give sightline a database of its own: CREATE DATABASE sightline.",
        )


def require_version(number: int) -> None:
    """number as in server_version_num: 180006 is 18.6."""
    major = number // 10_000
    if major != POSTGRES_MAJOR:
        raise DatabaseUnsuitable(
            f"the server is PostgreSQL {major}", hint=f"PostgreSQL {POSTGRES_MAJOR} with pgvector is needed."
        )


def require_extensions(offered: set[str]) -> None:
    """Every extension must be installed on the server's machine."""
    missing = [name for name in EXTENSIONS if name not in offered]
    if missing:
        raise DatabaseUnsuitable(
            f"the server lacks the extension {' and '.join(missing)}",
            hint="Install pgvector and postgresql-contrib on the server (the image pgvector/pgvector:pg18 has both).",
        )


def foreign_tables(connection: Connection) -> list[str]:
    """Tables of the public schema that belong neither to us nor to an extension."""
    found = connection.scalars(
        text(
            "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')"
            " AND c.relname <> 'alembic_version' AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid"
            " AND d.deptype = 'e') ORDER BY 1"
        )
    )
    return list(found)


def prepare_roles(connection: Connection, password: str) -> None:
    """Create the owner and the application role where they are missing, and set the latter's password."""
    existing = set(connection.scalars(text("SELECT rolname FROM pg_roles WHERE rolname LIKE 'sightline%'")))
    may_create = connection.scalar(text("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"))
    if not may_create:
        _require_roles(existing)
        return
    if OWNER_ROLE not in existing:
        connection.execute(text(f"CREATE ROLE {OWNER_ROLE} NOLOGIN NOINHERIT"))
    if APP_ROLE not in existing:
        connection.execute(text(f"CREATE ROLE {APP_ROLE} LOGIN NOINHERIT"))
    set_password = text("SELECT format('ALTER ROLE %I PASSWORD %L', cast(:role AS text), cast(:password AS text))")
    statement = connection.scalar(set_password, {"role": APP_ROLE, "password": password})
    connection.exec_driver_sql(str(statement))
    connection.execute(text(f"GRANT {OWNER_ROLE} TO current_user WITH INHERIT FALSE, SET TRUE"))
    connection.execute(text("REVOKE CREATE ON SCHEMA public FROM PUBLIC"))
    connection.execute(text(f"GRANT USAGE, CREATE ON SCHEMA public TO {OWNER_ROLE}"))


def _require_roles(existing: set[str]) -> None:
    missing = [role for role in (OWNER_ROLE, APP_ROLE) if role not in existing]
    if missing:
        raise DatabaseUnsuitable(
            f"the login may not create roles, and {' and '.join(missing)} is missing",
            hint="As superuser: CREATE ROLE sightline_owner NOLOGIN; CREATE ROLE sightline_app LOGIN NOINHERIT PASSWORD"
            " '…';"
            " GRANT sightline_owner TO the login; GRANT USAGE, CREATE ON SCHEMA public TO sightline_owner;"
            " CREATE EXTENSION vector; CREATE EXTENSION pg_trgm.",
        )
