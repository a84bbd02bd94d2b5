"""Places outside of the database in which a person may be found: the object store and Redis."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

from redis.asyncio import Redis
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.redis import redis_errors
from sightline.core.storage import ObjectStorage
from sightline.schemas.erasures import ErasedObjects, SearchedPlace

AT_ONCE = 16
"""Questions to the object store under way at a time."""
LISTED = 500
"""Digests of keys that a receipt lists: 35 kB."""


async def remove_objects(storage: ObjectStorage, keys: Sequence[str]) -> ErasedObjects:
    """Remove objects, and ask for each afterwards. Raises StorageError."""
    await storage.delete(keys)
    left = 0
    for start in range(0, len(keys), AT_ONCE):
        left += sum(await asyncio.gather(*(storage.exists(key) for key in keys[start : start + AT_ONCE])))
    ordered = sorted(keys)
    whole = hashlib.sha256("".join(f"{key}\n" for key in ordered).encode()).hexdigest()
    each = [hashlib.sha256(key.encode()).hexdigest() for key in ordered[:LISTED]]
    return ErasedObjects(removed=len(keys), left=left, digest=whole, key_digests=each)


async def objects_of(session: AsyncSession, storage: ObjectStorage, people: Sequence[UUID]) -> set[str]:
    """Keys in the folders of these people, and of jobs that have ended: exports and uploads may hold anybody."""
    found = {entry.key for person in people for entry in [one async for one in storage.list(f"subjects/{person}/")]}
    busy = set(await session.scalars(text("SELECT id::text FROM jobs WHERE status IN ('queued', 'running')")))
    return found | {entry.key async for entry in storage.list("jobs/") if entry.key.split("/")[1] not in busy}


async def search_objects(storage: ObjectStorage, people: Sequence[UUID]) -> SearchedPlace:
    """Objects in the folders of these people."""
    found = [entry.key for person in people for entry in [one async for one in storage.list(f"subjects/{person}/")]]
    return SearchedPlace(place="objects below subjects/{id}/", searched=len(people), hits=len(found))


async def clean_redis(redis: Redis, people: Sequence[UUID]) -> tuple[int, SearchedPlace]:
    """Remove keys, and entries of streams, that name these people; how many, and what is found afterwards.

    Raises ServiceUnavailable.
    """
    needles = [str(person).encode() for person in people]
    with redis_errors():
        removed = 0
        async for key, entries in _naming(redis, needles):
            removed += await (redis.xdel(key, *entries) if entries else redis.delete(key))
        keys = int(await redis.dbsize())
        left = len([key async for key, _ in _naming(redis, needles)])
    return removed, SearchedPlace(place="redis", searched=keys, hits=left)


async def _naming(redis: Redis, needles: Sequence[bytes]) -> AsyncIterator[tuple[bytes, list[bytes]]]:
    """Keys that hold a needle; for streams with the ids of the entries that do."""
    async for key in redis.scan_iter(count=500):
        kind: Any = await redis.type(key)
        if kind == b"stream" and not _holds(key, needles):
            stream: Any = await redis.xrange(key)
            entries = [entry for entry, fields in stream if _holds(fields, needles)]
            if entries:
                yield key, entries
        elif _holds(key, needles) or _holds(await _value(redis, key, kind), needles):
            yield key, []


async def _value(redis: Redis, key: bytes, kind: bytes) -> Any:
    readers: dict[bytes, Any] = {
        b"string": lambda: redis.get(key),
        b"hash": lambda: redis.hgetall(key),
        b"list": lambda: redis.lrange(key, 0, -1),
        b"set": lambda: redis.smembers(key),
        b"zset": lambda: redis.zrange(key, 0, -1),
    }
    reader = readers.get(kind)
    return await reader() if reader else None


def _holds(value: object, needles: Sequence[bytes]) -> bool:
    """Whether bytes, or any part of a collection of them, contain a needle."""
    if isinstance(value, bytes):
        return any(needle in value for needle in needles)
    if isinstance(value, dict):
        return any(_holds(part, needles) for pair in value.items() for part in pair)
    return isinstance(value, list | tuple | set) and any(_holds(part, needles) for part in value)
