"""What happened just now, for whoever watches: added to a stream in Redis after the commit, as ids only.

An event carries no name and no picture; who receives it reads the record itself, under their own rights. The stream
keeps the last events in order, so that whoever was away for a while can go on from the last one seen. Events may be
lost with Redis: they say that it is worth looking, the records say what is.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NewType, cast
from uuid import UUID

from redis.asyncio import Redis

from sightline.core.errors import InvalidInput
from sightline.core.redis import redis_errors

STREAM: Final = "sightline:events"
FIELD: Final = b"event"
KEPT: Final = 10_000
"""Events that Redis keeps, about: a quarter of an hour at ten a second, 2 MB."""
LONGEST: Final = 256
"""Bytes of a message, at most; ours have about 70."""

EventId = NewType("EventId", str)
"""Place of an event in the stream: milliseconds since 1970 and a number, 1763841600000-0. Rises with time."""
BEGINNING: Final = EventId("0-0")


class EventKind(StrEnum):
    """Of which noun the event tells."""

    SIGHTING = "sighting"
    ALERT = "alert"
    CAMERA = "camera"
    JOB = "job"


@dataclass(frozen=True, slots=True)
class Event:
    """A record that is new or changed."""

    kind: EventKind
    id: UUID


def encode(event: Event) -> str:
    """{"type": "sighting", "id": "…"}"""
    return json.dumps({"type": event.kind.value, "id": str(event.id)})


def decode(message: bytes | str) -> Event:
    """The inverse of encode(). Raises InvalidInput."""
    try:
        if len(message) > LONGEST:
            raise ValueError
        fields = json.loads(message)
        return Event(EventKind(fields["type"]), UUID(fields["id"]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInput(f"an entry of {STREAM} is no event", hint="See services/events.py for its form.") from error


def event_id(text: str) -> EventId:
    """An id that a client hands back. Raises InvalidInput."""
    milliseconds, _, number = text.partition("-")
    if not (_is_number(milliseconds) and _is_number(number)):
        raise InvalidInput("this is no id of an event", hint="Send the id of the last event that you received.")
    return EventId(f"{int(milliseconds)}-{int(number)}")


def is_after(one: EventId, other: EventId) -> bool:
    """Whether one stands behind other in the stream."""
    return _numbers(one) > _numbers(other)


@dataclass(frozen=True, slots=True)
class Entry:
    """An event at its place."""

    id: EventId
    event: Event


async def publish(redis: Redis, *events: Event) -> None:
    """Tell everybody; call it after the commit. Raises ServiceUnavailable."""
    with redis_errors():
        async with redis.pipeline(transaction=False) as pipeline:
            for event in events:
                pipeline.xadd(STREAM, {FIELD: encode(event)}, maxlen=KEPT, approximate=True)
            await pipeline.execute()


async def last_id(redis: Redis) -> EventId:
    """Id of the newest event; BEGINNING while there is none. Redis' own errors pass."""
    newest = rows(await redis.xrevrange(STREAM, count=1))
    return _id(newest[0][0]) if newest else BEGINNING


async def is_gap(redis: Redis, after: EventId) -> bool:
    """Whether events behind this one may be gone: it is older than all that are kept, or Redis has lost its data.

    Redis' own errors pass.
    """
    oldest = rows(await redis.xrange(STREAM, count=1))
    if not oldest:
        return after != BEGINNING
    return is_after(_id(oldest[0][0]), after) or is_after(after, await last_id(redis))


Rows = Sequence[tuple[bytes, dict[bytes, bytes]]]
"""Part of a stream as Redis gives it: id and fields."""


def rows(reply: object) -> Rows:
    """redis-py's reply under the name of what it is; its own type allows for every setting of the client."""
    return cast("Rows", reply or ())


def entries(found: Rows) -> tuple[list[Entry], list[InvalidInput]]:
    """Rows of the stream as events, and what is wrong with the others."""
    good: list[Entry] = []
    wrong: list[InvalidInput] = []
    for place, fields in found:
        try:
            good.append(Entry(_id(place), decode(fields.get(FIELD, b""))))
        except InvalidInput as error:
            wrong.append(error)
    return good, wrong


def _id(place: bytes) -> EventId:
    return EventId(place.decode("ascii"))


def _numbers(place: EventId) -> tuple[int, int]:
    milliseconds, number = place.split("-")
    return int(milliseconds), int(number)


def _is_number(text: str) -> bool:
    """Digits, and small enough for Redis' 64 bits."""
    return text.isascii() and text.isdecimal() and len(text) <= 18
