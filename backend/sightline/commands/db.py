"""`sightline db`: the schema of the database."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console

from sightline.commands.audit import checked, require_whole
from sightline.commands.database_access import admin_dsn, reachable
from sightline.core.config import Settings, load_settings
from sightline.core.database_setup import (
    APP_ROLE,
    app_password,
    downgrade_database,
    inspect_database,
    prepare_database,
)
from sightline.core.errors import DatabaseUnsuitable, InvalidInput
from sightline.core.migrations import SchemaState

db_app = typer.Typer(help="The database's schema: newest version, former ones, and a check.", no_args_is_help=True)


@db_app.command()
def upgrade() -> None:
    """Migrate to the newest schema; does nothing when it is there already."""
    settings = load_settings()
    password = _app_password(reachable(settings))
    done = asyncio.run(prepare_database(admin_dsn(settings), app_password=password))
    typer.echo(f"schema {done.revision}: {'migrated' if done.migrated else 'up to date already'}")


@db_app.command()
def downgrade(
    revision: Annotated[str, typer.Argument(help='Revision to go back to, like 0003; "base" removes every table.')],
    yes: Annotated[bool, typer.Option("--yes", help="Do it: what newer revisions hold is lost.")] = False,
) -> None:
    """Migrate backwards. What the newer tables hold is lost."""
    if not yes:
        raise InvalidInput("going back loses data", hint="Make a backup, stop sightline, then repeat with --yes.")
    asyncio.run(downgrade_database(admin_dsn(load_settings()), revision))
    typer.echo(f"schema is at {revision}")


@db_app.command()
def check() -> None:
    """Server, schema and the audit log's chain. Exit code 5: the schema is not the newest, or the chain is broken."""
    settings = load_settings()
    report = asyncio.run(inspect_database(admin_dsn(settings)))
    console = Console(highlight=False)
    console.print(f"PostgreSQL {report.server_version}; schema {report.revision}, newest {report.head}: {report.state}")
    if report.state is not SchemaState.CURRENT:
        raise DatabaseUnsuitable("the schema is not the newest", hint="Run `sightline db upgrade`.")
    chain = checked(settings)
    console.print(f"audit log: {chain.events} events, {chain.erased} payloads erased on record")
    require_whole(chain)


def _app_password(settings: Settings) -> str:
    """From the application's own address where that is given, else from the data folder."""
    from sqlalchemy.engine import make_url  # noqa: PLC0415

    if settings.database.url is not None:
        url = make_url(settings.database.url.get_secret_value())
        if url.username == APP_ROLE and url.password:
            return str(url.password)
    return app_password(settings.data_dir.expanduser().resolve() / "secrets" / "database")
