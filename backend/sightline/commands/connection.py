"""How commands reach the database of the running system."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.config import Settings, load_settings
from sightline.core.database import SYSTEM, Database, Principal
from sightline.workers.embedded.machine import running_settings

T = TypeVar("T")


def in_transaction(
    work: Callable[[AsyncSession], Awaitable[T]], *, settings: Settings | None = None, principal: Principal = SYSTEM
) -> T:
    """Do this in one transaction of the running system's database, on behalf of the machine's command line.

    Raises ServiceUnavailable when no system runs.
    """
    chosen = settings or running_settings(load_settings())
    return asyncio.run(_run(chosen, principal, work))


async def _run(settings: Settings, principal: Principal, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
    url = settings.database.url
    database = Database(url.get_secret_value() if url else "", pool_size=1, max_overflow=0)
    try:
        async with database.session(principal) as session:
            return await work(session)
    finally:
        await database.dispose()
