"""Runs the migrations: on the connection handed over by the program, or on SIGHTLINE_DATABASE__URL for `alembic`."""

import asyncio
import os

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from sightline.core.database import async_url
from sightline.core.migrations import OWNER_ROLE, include_name
from sightline.models import Base


def migrate(connection: Connection) -> None:
    """Everything happens in one transaction and belongs to the owner role."""
    connection.execute(text(f"SET LOCAL ROLE {OWNER_ROLE}"))
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_name=include_name,
        compare_type=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.execute(text("RESET ROLE"))


async def migrate_url(url: str) -> None:
    engine = create_async_engine(async_url(url), poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


def main() -> None:
    if context.is_offline_mode():
        context.configure(dialect_name="postgresql", target_metadata=Base.metadata, literal_binds=True)
        with context.begin_transaction():
            context.run_migrations()
        return
    given = context.config.attributes.get("connection")
    if given is not None:
        migrate(given)
        return
    asyncio.run(migrate_url(os.environ["SIGHTLINE_DATABASE__URL"]))


main()
