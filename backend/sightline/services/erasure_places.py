"""Places outside of the database in which a person may be found: the object store and Redis."""

import asyncio
import hashlib
import re
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
ENTRIES = 50
"""Entries of a stream that are read at once: 10 MB of faces."""
ROUNDS = 3
"""A worker may write what it had in hand while its key is removed."""
_HEAD = 8
_TAIL = re.compile(rb"-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
"""A UUID after its first eight digits: beginning at the hyphen, of which pictures in base64 have none, it is found at
the speed of memory however many ids are looked for."""


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


async def clean_redis(redis: Redis, people: Sequence[UUID], tracks: Sequence[UUID]) -> tuple[int, SearchedPlace]:
    """Remove keys, and entries of streams, that name these people or tracks on which they were seen (memory of tracks,
    kept frames, messages about faces, also set aside ones); how many, and what is found afterwards.

    Raises ServiceUnavailable.
    """
    ids = frozenset(str(one).encode() for one in (*people, *tracks))
    removed = left = keys = 0
    with redis_errors():
        for _ in range(ROUNDS):
            async for key, entries in _naming(redis, ids):
                removed += await (redis.xdel(key, *entries) if entries else redis.delete(key))
            keys = int(await redis.dbsize())
            left = len([key async for key, _ in _naming(redis, ids)])
            if not left:
                break
    return removed, SearchedPlace(place="redis", searched=keys, hits=left)


async def _naming(redis: Redis, ids: frozenset[bytes]) -> AsyncIterator[tuple[bytes, list[bytes]]]:
    """Keys that hold one of these ids; for streams with the ids of the entries that do."""
    async for key in redis.scan_iter(count=500):
        kind: Any = await redis.type(key)
        if kind == b"stream" and not _holds(key, ids):
            entries = [entry async for entry, fields in _entries(redis, key) if _holds(fields, ids)]
            if entries:
                yield key, entries
        elif _holds(key, ids) or _holds(await _value(redis, key, kind), ids):
            yield key, []


async def _entries(redis: Redis, key: bytes) -> AsyncIterator[tuple[bytes, Any]]:
    """A stream's entries, a few at a time: each holds pictures."""
    after = b"-"
    while found := await redis.xrange(key, min=after, count=ENTRIES):
        entries: Any = found
        for entry in entries:
            yield entry
        after = b"(" + entries[-1][0]


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


def _holds(value: object, ids: frozenset[bytes]) -> bool:
    """Whether bytes, or any part of a collection of them, contain one of these ids."""
    if isinstance(value, bytes):
        ends = (match.span() for match in _TAIL.finditer(value))
        return any(value[max(start - _HEAD, 0) : end].lower() in ids for start, end in ends)
    if isinstance(value, dict):
        return any(_holds(part, ids) for pair in value.items() for part in pair)
    return isinstance(value, list | tuple | set) and any(_holds(part, ids) for part in value)
