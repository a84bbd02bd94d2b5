"""Whether the parts work that the API stands on."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy import text

from sightline.api.resources import Resources
from sightline.core.database import AUTH
from sightline.core.errors import AppError, DatabaseUnsuitable
from sightline.core.migrations import head_revision
from sightline.core.redis import redis_errors
from sightline.middleware.request_log import log
from sightline.schemas.system import PartOut, ReadinessOut
from sightline.vision.model_packs.store import PackStore

PATIENCE = 3.0
"""Seconds for each part; load balancers ask every few seconds and give up after about five."""
OK = "ok"


@dataclass(frozen=True, slots=True)
class Part:
    """What is asked, and what does not work without it. is_required: without it no request shall come here."""

    check: Callable[[Resources], Awaitable[None]]
    without_it: str
    is_required: bool = True


async def readiness(opened: Resources) -> ReadinessOut:
    """Ask every part at once. What is wrong stands in the log; strangers see its code only."""
    parts = tuple(await asyncio.gather(*(_asked(opened, name, part) for name, part in PARTS.items())))
    ready = all(part.state == OK for part in parts if part.is_required)
    whole = all(part.state == OK for part in parts)
    checks = {part.name: part.state for part in parts}
    state = ("ready" if whole else "degraded") if ready else "unavailable"
    return ReadinessOut(ready=ready, state=state, checks=checks, parts=parts)


async def _asked(opened: Resources, name: str, part: Part) -> PartOut:
    began = time.perf_counter()
    state = await _verdict(name, part.check(opened))
    ms = round((time.perf_counter() - began) * 1000, 1)
    return PartOut(name=name, state=state, ms=ms, is_required=part.is_required, without_it=part.without_it)


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
    """It answers, and its schema is this program's."""
    async with opened.database.session(AUTH) as session:
        revision = await session.scalar(text("SELECT version_num FROM alembic_version"))
    if revision != head_revision():
        raise DatabaseUnsuitable(
            f"the schema is at revision {revision}, this program needs {head_revision()}", hint="sightline db upgrade"
        )


async def _redis(opened: Resources) -> None:
    with redis_errors():
        await opened.redis.ping()


async def _storage(opened: Resources) -> None:
    await opened.storage.health()


async def _pack(opened: Resources) -> None:
    await asyncio.to_thread(PackStore.from_settings(opened.settings).get, opened.faces.wanted)


PARTS = {
    "database": Part(_database, "Nothing works."),
    "redis": Part(_redis, "Nobody can log in and no event arrives; who is logged in can read and write records."),
    "storage": Part(_storage, "Pictures are neither shown nor taken in; records are."),
    "pack": Part(_pack, "No face is enrolled or searched for; all else works.", is_required=False),
}
