"""Whether the parts work that the API stands on."""

import asyncio
from collections.abc import Awaitable

from sqlalchemy import text

from sightline.api.resources import Resources
from sightline.core.database import AUTH
from sightline.core.errors import AppError, DatabaseUnsuitable
from sightline.core.migrations import head_revision
from sightline.core.redis import redis_errors
from sightline.middleware.request_log import log
from sightline.schemas.system import ReadinessOut

PATIENCE = 3.0
"""Seconds for each part; load balancers ask every few seconds and give up after about five."""
OK = "ok"


async def readiness(opened: Resources) -> ReadinessOut:
    """Ask every part at once. What is wrong stands in the log; strangers see its code only."""
    parts = {"database": _database(opened), "redis": _redis(opened), "storage": opened.storage.health()}
    verdicts = await asyncio.gather(*(_verdict(name, check) for name, check in parts.items()))
    checks = dict(zip(parts, verdicts, strict=True))
    return ReadinessOut(ready=all(verdict == OK for verdict in verdicts), checks=checks)


async def _verdict(name: str, check: Awaitable[None]) -> str:
    try:
        async with asyncio.timeout(PATIENCE):
            await check
    except AppError as error:
        log.warning("not ready: %s: %s", name, error.message)
        return error.code
    except TimeoutError:
        log.warning("not ready: %s does not answer within %.0f s", name, PATIENCE)
        return "no_answer"
    return OK


async def _database(opened: Resources) -> None:
    async with opened.database.session(AUTH) as session:
        revision = await session.scalar(text("SELECT version_num FROM alembic_version"))
    if revision != head_revision():
        raise DatabaseUnsuitable(
            f"the schema is at revision {revision}, this program needs {head_revision()}", hint="sightline db upgrade"
        )


async def _redis(opened: Resources) -> None:
    with redis_errors():
        await opened.redis.ping()
