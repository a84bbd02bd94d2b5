"""How commands reach the database: the one the settings name, or that of the running `sightline up`."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.config import Settings, load_settings
from sightline.core.database import SYSTEM, Database, Principal

Result = TypeVar("Result")


def reachable(settings: Settings) -> Settings:
    """Settings whose database.url is filled in. Raises ServiceUnavailable where none is named and none runs."""
    if settings.database.url is not None:
        return settings
    from sightline.workers.embedded.machine import running_settings  # noqa: PLC0415 - loads the servers' code

    return running_settings(settings)


def admin_dsn(settings: Settings) -> str:
    """The address that may migrate."""
    database = reachable(settings).database
    url = database.admin_url or database.url
    return url.get_secret_value() if url else ""


def app_dsn(settings: Settings) -> str:
    """The application's address."""
    url = reachable(settings).database.url
    return url.get_secret_value() if url else ""


def in_transaction(
    work: Callable[[AsyncSession], Awaitable[Result]],
    *,
    settings: Settings | None = None,
    principal: Principal = SYSTEM,
) -> Result:
    """Run one piece of work in one transaction on behalf of principal, by default the machine's command line.

    Raises ServiceUnavailable where no database is named and none runs, KeyboardInterrupt after Ctrl-C, also where the
    work was done by then.
    """
    dsn = app_dsn(settings or load_settings())

    async def run() -> Result:
        database = Database(dsn, pool_size=1, max_overflow=0)
        try:
            async with database.session(principal) as session:
                return await work(session)
        finally:
            await database.dispose()

    async def interruptible() -> Result:
        result = await run()
        task = asyncio.current_task()
        if task and task.cancelling():  # by Ctrl-C, which what was cancelled may have survived: it counts all the same
            raise asyncio.CancelledError
        return result

    return asyncio.run(interruptible())
