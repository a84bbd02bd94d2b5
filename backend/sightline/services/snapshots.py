"""What a camera sees now, as a picture: made by its worker while somebody looks, kept for seconds in Redis only.

Pictures show people: each look is recorded, once a minute for a user and camera, and privacy masks are black in them.
"""

import asyncio
import time
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from redis.asyncio import Redis

from sightline.core.database import Database, Principal
from sightline.core.errors import NotFound
from sightline.core.redis import redis_errors
from sightline.services import audit, cameras

WANTED = "sightline:snapshots:wanted"
"""A sorted set: camera ids by the moment somebody asked."""
LOOKS_FOR = 10.0
"""Seconds that pictures are made after the last question."""
LIVES = 5
"""Seconds that a picture may be shown; an older one would not be live."""
FIRST = 3.0
"""Seconds that the first question waits: a worker looks once a second who is asked for."""
STEP = 0.1
ONE_RECORD = 60
"""Seconds in which looks of one user at one camera are one record."""


@dataclass(frozen=True, slots=True)
class Looker:
    """Who looks, and why."""

    acting: Principal
    purpose: str | None


async def look(database: Database, redis: Redis, *, camera_id: UUID, looker: Looker) -> bytes:
    """A JPEG of what the camera saw at most LIVES seconds ago; no connection of the database is held meanwhile.

    Raises NotFound: no such camera, or it shows nothing.
    """
    async with database.session(looker.acting) as session:
        camera = await cameras.get_by_id(session, camera_id=camera_id)
    picture = await _picture(redis, camera_id, patience=FIRST if camera.status == "active" else 0.0)
    if picture is None:
        raise NotFound("the camera shows nothing at the moment", hint="See its status; try again in some seconds.")
    await _record(database, redis, camera_id, looker)
    return picture


async def _record(database: Database, redis: Redis, camera_id: UUID, looker: Looker) -> None:
    """Once a minute; the mark that it is done is made after the commit, so that none is lost."""
    mark = f"sightline:snapshot:{camera_id}:seen:{looker.acting.user_id}:{hash_of(looker.purpose)}"
    with redis_errors():
        if await redis.exists(mark):
            return
    async with database.session(looker.acting) as session:
        await audit.record_event(
            session,
            action="VIEW",
            table_name="cameras",
            record_id=str(camera_id),
            details={"picture": "snapshot", "purpose": looker.purpose},
        )
    with redis_errors():
        await redis.set(mark, 1, ex=ONE_RECORD)


def hash_of(purpose: str | None) -> str:
    """Another purpose is another look."""
    return sha256((purpose or "").encode()).hexdigest()[:16]


async def wanted(redis: Redis) -> list[UUID]:
    """Cameras that somebody asked for within LOOKS_FOR seconds."""
    since = time.time() - LOOKS_FOR
    with redis_errors():
        await redis.zremrangebyscore(WANTED, "-inf", since)
        found: list[bytes] = await redis.zrange(WANTED, 0, -1)  # type: ignore[assignment]  # without scores
    return [UUID(one.decode()) for one in found]


async def put(redis: Redis, *, camera_id: UUID, picture: bytes) -> None:
    """The newest picture of a camera."""
    with redis_errors():
        await redis.set(_key(camera_id), picture, ex=LIVES)


async def _picture(redis: Redis, camera_id: UUID, *, patience: float) -> bytes | None:
    """The picture; where nobody had asked before it is waited for. patience: seconds."""
    with redis_errors():
        await redis.zadd(WANTED, {str(camera_id): time.time()})
        for _ in range(1 + int(patience / STEP)):
            picture: bytes | None = await redis.get(_key(camera_id))  # type: ignore[assignment]  # never decoded
            if picture is not None or not patience:
                return picture
            await asyncio.sleep(STEP)
    return None


def _key(camera_id: UUID) -> str:
    return f"sightline:snapshot:{camera_id}"
