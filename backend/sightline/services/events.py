"""What happened just now, for whoever watches: published through Redis after the commit, as ids only.

An event carries no name and no picture; who receives it reads the record itself, under their own rights. Events
may be lost (Redis restarts): they say that it is worth looking, the records say what is.
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from redis.asyncio import Redis

from sightline.core.errors import InvalidInput
from sightline.core.redis import redis_errors

CHANNEL = "sightline:events"
LONGEST = 256
"""Bytes of a message, at most; ours have about 70."""


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
        raise InvalidInput(
            f"a message on {CHANNEL} is no event", hint="See services/events.py for its form."
        ) from error


async def publish(redis: Redis, *events: Event) -> None:
    """Tell everybody; call it after the commit. Raises ServiceUnavailable."""
    with redis_errors():
        for event in events:
            await redis.publish(CHANNEL, encode(event))
