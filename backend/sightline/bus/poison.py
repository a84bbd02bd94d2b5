"""Messages that cannot be worked on: when they are set aside, and in which form they lie there."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sightline.bus.ports import Consumer, Delivery, Fields

MAX_TRIES = 3
"""Deliveries after which a message is set aside: one may fail with the worker that died, two by bad luck."""
POISON_DAYS = 7
"""Days that a poison message is kept: long enough for a weekend and a look, short for pictures of people."""
POISON_AGE = timedelta(days=POISON_DAYS)
POISON_LIMIT = 100
"""Poison messages that one stream keeps; the oldest go first. With the next limit this bounds what they take."""
POISON_BYTES = 1024 * 1024
"""Bytes of fields that are kept of one poison message: a full HD frame, or a dozen crops. Fields beyond are left out,
and only their length stays."""
SUFFIX = ":poison"
MARK = "poison_"
"""Begins the names of the fields that we add."""
REASON_LENGTH = 500


def poison_of(stream: str) -> str:
    """Where poison messages of a stream lie."""
    return stream + SUFFIX


def is_spent(delivery: Delivery) -> bool:
    """Whether a message was delivered before as often as one may be, and nobody ever got done with it.

    A consumer sets such a message aside before it touches it: what kills a worker kills the next one too.
    """
    return delivery.tries > MAX_TRIES


def spent_reason(delivery: Delivery) -> str:
    """Why a spent message is set aside."""
    return f"delivered {delivery.tries - 1} times and never acknowledged: whoever took it died or failed"


def poisoned(consumer: Consumer, delivery: Delivery, reason: str, moved_at: datetime) -> Fields:
    """The fields under which a message lies with the poison: its own, then why and when it came there."""
    kept: dict[str, bytes] = {}
    room = POISON_BYTES
    for name, value in sorted(own_fields(delivery.fields).items(), key=lambda field: len(field[1])):
        room -= len(name) + len(value)
        if room >= 0:
            kept[name] = value
    cut = [f"{name} ({len(delivery.fields[name])} bytes)" for name in delivery.fields if name not in kept]
    notes = {
        "reason": reason[:REASON_LENGTH],
        "tries": str(delivery.tries),
        "moved_at": moved_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "consumer": consumer.name,
        "group": consumer.group,
        "id": delivery.id,
    } | ({"cut": ", ".join(cut)} if cut else {})
    return kept | {MARK + name: text.encode() for name, text in notes.items()}


def own_fields(fields: Mapping[str, bytes]) -> Fields:
    """What the message itself held."""
    return {name: value for name, value in fields.items() if not name.startswith(MARK)}


def notes_of(fields: Mapping[str, bytes]) -> dict[str, str]:
    """Why and when it came there: reason, tries, moved_at, consumer, group, id; cut where fields were left out."""
    return {
        name.removeprefix(MARK): value.decode("utf-8", "replace")
        for name, value in fields.items()
        if name.startswith(MARK)
    }
