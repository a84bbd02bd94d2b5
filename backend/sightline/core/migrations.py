"""The schema's history: where the migrations lie, and running them on an open connection.

The SQL lies in migrations/sql; it is found beside the package in a checkout and inside of it when installed.
"""

from enum import StrEnum
from pathlib import Path

from alembic import command, context, op
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, text

from sightline.core.errors import DatabaseUnsuitable

OWNER_ROLE = "sightline_owner"
"""Owns every table; nobody logs in as it."""

PACKAGE = Path(__file__).resolve().parents[1]


class SchemaState(StrEnum):
    """How a database's schema stands to the one this program knows."""

    EMPTY = "empty"
    BEHIND = "behind"
    CURRENT = "current"
    NEWER = "newer"


def migrations_dir() -> Path:
    """The folder with env.py, versions/ and sql/. Raises DatabaseUnsuitable when the installation lacks it."""
    for folder in (PACKAGE / "migrations", PACKAGE.parent / "migrations"):
        if (folder / "env.py").is_file():
            return folder
    raise DatabaseUnsuitable("the migrations are missing from this installation", hint="Install sightline again.")


def run_sql(name: str) -> None:
    """Run one file of migrations/sql inside a migration; it may hold many statements."""
    script = (migrations_dir() / "sql" / name).read_text(encoding="utf-8")
    if context.is_offline_mode():
        op.execute(script)
        return
    connection = op.get_bind()
    connection.execute(text("SELECT 1"))  # opens the transaction that the driver's own call below runs in
    connection.connection.dbapi_connection.run_async(lambda driver: driver.execute(script))  # type: ignore[union-attr]


def config_for(connection: Connection | None = None) -> Config:
    """Alembic's configuration without an ini file; env.py takes the connection from its attributes."""
    config = Config()
    config.set_main_option("script_location", str(migrations_dir()))
    config.attributes["connection"] = connection
    return config


def head_revision() -> str:
    """The newest revision this program knows."""
    head = ScriptDirectory.from_config(config_for()).get_current_head()
    if head is None:
        raise DatabaseUnsuitable("the migrations hold no revision", hint="Install sightline again.")
    return head


def current_revision(connection: Connection) -> str | None:
    """The revision the database is at, None before the first migration."""
    return MigrationContext.configure(connection).get_current_revision()


def schema_state(connection: Connection) -> SchemaState:
    """Compare the database's revision with the program's."""
    current = current_revision(connection)
    if current is None:
        return SchemaState.EMPTY
    scripts = ScriptDirectory.from_config(config_for())
    if current == scripts.get_current_head():
        return SchemaState.CURRENT
    known = {script.revision for script in scripts.walk_revisions()}
    return SchemaState.BEHIND if current in known else SchemaState.NEWER


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Migrate forwards in the connection's transaction, as the owner role."""
    command.upgrade(config_for(connection), revision)


def downgrade(connection: Connection, revision: str) -> None:
    """Migrate backwards in the connection's transaction, as the owner role. "base" removes every table."""
    command.downgrade(config_for(connection), revision)


def is_partition(name: str | None) -> bool:
    """Whether a table is a partition of sightings, which models do not describe one by one."""
    return name is not None and name.startswith("sightings_")


def include_name(name: str | None, kind: str, _parents: object = None) -> bool:
    """Tell Alembic's comparison which objects to look at.

    PostgreSQL repeats the alerts' foreign key once per partition (alerts_sighting_fkey_1, …); only the first is ours.
    """
    if kind == "foreign_key_constraint":
        return not (name or "").startswith("alerts_sighting_fkey_")
    return not (kind == "table" and is_partition(name))


def differences(connection: Connection, metadata: MetaData) -> list[str]:
    """What `alembic check` would report: differences between the models and the database, one per line."""
    options = {"include_name": include_name, "compare_type": True, "compare_server_default": False}
    migration = MigrationContext.configure(connection, opts=options)
    return [str(difference) for difference in compare_metadata(migration, metadata)]
