"""A look at the streams from outside, for whoever runs the system: how full they are, and what was set aside."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from time import time
from typing import Any

from redis.asyncio import Redis

from sightline.bus import scripts
from sightline.bus.poison import SUFFIX, notes_of, own_fields, poison_of
from sightline.bus.ports import FACES, Fields
from sightline.bus.redis_streams import (
    UNTOUCHED_SECONDS,
    bus_errors,
    dropped_of,
    fields_of,
    flat,
)
from sightline.core.errors import Conflict, InvalidInput, NotFound

PATTERNS = (FACES, "camera:*:frames", FACES + SUFFIX, "camera:*:frames" + SUFFIX)
OURS = re.compile(r"faces:detected|camera:[^:]+:frames")
ID = re.compile(r"[0-9]{1,20}-[0-9]{1,20}")
SCANNED = 1000
"""Keys per step of the search for streams."""
READABLE = frozenset(
    {"camera_id", "timestamp", "sequence", "schema", "media_time", "discontinuity", "frame_size", "closed"}
)
"""Fields that show nobody. Of all others only the length is told."""
READABLE_LENGTH = 100


@dataclass(frozen=True, slots=True)
class GroupState:
    """How far a group of readers has come. waiting: not read yet; pending: read, not acknowledged."""

    name: str
    members: int
    waiting: int
    pending: int


@dataclass(frozen=True, slots=True)
class StreamState:
    """A stream. oldest: seconds since its oldest message came, None where it holds none; poison: messages aside."""

    name: str
    length: int
    groups: tuple[GroupState, ...]
    oldest: float | None
    dropped: int
    poison: int


@dataclass(frozen=True, slots=True)
class PoisonMessage:
    """A message that was set aside. notes: reason, tries, moved_at, consumer, group, id, and cut where it is not
    whole any more; fields: its own."""

    stream: str
    id: str
    notes: Mapping[str, str]
    fields: Fields = field(repr=False)

    @property
    def shown(self) -> dict[str, str]:
        """Its fields without what shows a person."""
        return {_plain(name): _shown(name, value) for name, value in sorted(self.fields.items())}


async def streams(client: Redis) -> list[StreamState]:
    """All streams of the product, and those of which only poison is left."""
    with bus_errors("the streams"):
        names: set[str] = set()
        for pattern in PATTERNS:
            async for key in client.scan_iter(match=pattern, count=SCANNED, _type="stream"):
                names.add(_plain(key).removesuffix(SUFFIX))
        return [await _state(client, name) for name in sorted(names)]


async def poison(client: Redis, stream: str, message_id: str | None = None) -> list[PoisonMessage]:
    """What was set aside of a stream, or one of it. Raises NotFound, InvalidInput for another key than a stream."""
    _require_ours(stream)
    if message_id is not None and not ID.fullmatch(message_id):
        raise InvalidInput(f"{message_id} is no id of a message", hint="Ids look like 1705760730000-0; see the list.")
    with bus_errors(stream):
        reply: Any = await client.xrange(poison_of(stream), min=message_id or "-", max=message_id or "+")
    if message_id is not None and not reply:
        raise NotFound(f"no message {message_id} was set aside of {stream}", hint=f"`sightline streams show {stream}`")
    held = [(id_.decode(), fields_of([part for pair in fields.items() for part in pair])) for id_, fields in reply]
    return [PoisonMessage(stream, id_, notes_of(fields), own_fields(fields)) for id_, fields in held]


async def replay(client: Redis, messages: Sequence[PoisonMessage]) -> int:
    """Put messages back at the end of their streams, with fresh tries; how many were still there.

    Raises Conflict for one that was too large to be kept whole: then nothing is put back.
    """
    for message in messages:
        if "cut" in message.notes:
            raise Conflict(
                f"{message.id} was not kept whole: {message.notes['cut']}", hint="`sightline streams drop` removes it."
            )
    script = client.register_script(scripts.REPLAY)
    done = 0
    for message in messages:
        arguments = [message.id, UNTOUCHED_SECONDS, *flat(message.fields)]
        with bus_errors(message.stream):
            done += await script([poison_of(message.stream), message.stream], arguments) is not None
    return done


async def drop(client: Redis, messages: Sequence[PoisonMessage]) -> int:
    """Delete messages that were set aside; how many were still there."""
    done = 0
    for message in messages:
        with bus_errors(message.stream):
            done += int(await client.xdel(poison_of(message.stream), message.id))
    return done


async def _state(client: Redis, name: str) -> StreamState:
    exists = await client.exists(name)
    found: Any = await client.xinfo_groups(name) if exists else []
    length = int(await client.xlen(name))
    first: Any = await client.xinfo_stream(name) if exists else {}
    entry = first.get("first-entry") if length else None
    dropped, aside = await client.get(dropped_of(name)), await client.xlen(poison_of(name))
    return StreamState(
        name,
        length,
        tuple(_group(group, length) for group in found),
        None if entry is None else max(0.0, time() - int(entry[0].split(b"-")[0]) / 1000),
        int(dropped or 0),
        int(aside),
    )


def _group(group: Mapping[str, Any], length: int) -> GroupState:
    pending, lag = int(group["pending"]), group["lag"]
    waiting = min(length, max(0, length - pending) if lag is None else int(lag))
    return GroupState(_plain(group["name"]), int(group["consumers"]), waiting, pending)


def _require_ours(stream: str) -> None:
    if not OURS.fullmatch(stream):
        raise InvalidInput(f"{stream} is no stream of ours", hint="`sightline streams list` names them.")


def _shown(name: str, value: bytes) -> str:
    if name in READABLE and len(value) <= READABLE_LENGTH:
        return _plain(value)
    return f"{len(value)} bytes"


def _plain(value: bytes | str) -> str:
    """Text that changes nothing on a terminal."""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
