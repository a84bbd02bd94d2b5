"""Links in notifications by which whoever receives one says "I look at it", without logging in.

A link names the alert and the delivery that carried it, and when it ends; a MAC over all of it keeps it whole. It
works once: the database keeps which delivery's link was used (migration 0020). Opening it only shows a button, because
mail servers and messengers open links by themselves.
"""

import hashlib
import hmac
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from sightline.core import base64url
from sightline.core.config import Settings
from sightline.core.errors import Gone, SignatureRefused
from sightline.core.key_ring import ID_BYTES, KeyRing, parse_keys

PATH: Final = "/v1/alerts/acknowledge-link"
LIFE: Final = timedelta(hours=24)
"""As long as the delivery itself is tried."""
LONGEST_TOKEN: Final = 100
"""Characters; ours have 80."""
_FORM = struct.Struct(">16s16sI")
"""Alert, delivery, and the second since 1970 at which it ends."""
_MAC_BYTES = 16
"""128 bits, half of the hash (RFC 2104, 5): what fits into a text message."""
_CONTEXT = b"sightline acknowledge link:"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a link says: whoever received this delivery may acknowledge this alert."""

    alert_id: UUID
    delivery_id: UUID


def open_keys(settings: Settings) -> KeyRing:
    """Derived from SIGHTLINE_SEALING__KEYS, else of a file in the data folder that is made here.

    Raises ConfigInvalid, DataFolderUnusable.
    """
    if settings.sealing.keys is not None:
        text = settings.sealing.keys.get_secret_value()
        return KeyRing.given(parse_keys(text, variable="SIGHTLINE_SEALING__KEYS"))
    return KeyRing.in_file(settings.keys_dir / "acknowledge_links.json")


def link(
    keys: KeyRing, base_url: str, *, alert_id: UUID, delivery_id: UUID, now: datetime, life: timedelta = LIFE
) -> str:
    """The address of a page that acknowledges this alert when its button is pressed, until now + life.

    base_url: where users reach us (settings.api.url).
    """
    key = keys.current
    signed = key.id + _FORM.pack(alert_id.bytes, delivery_id.bytes, int((now + life).timestamp()))
    token = base64url.encode(signed + _mac(key.secret, signed))
    return f"{base_url.rstrip('/')}{PATH}?token={token}"


def read(keys: KeyRing, token: str, *, now: datetime) -> Grant:
    """The inverse of link(). Raises SignatureRefused for what we never made, Gone for what has ended."""
    try:
        whole = base64url.decode(token)
    except ValueError as error:
        raise _forged() from error
    signed, mac = whole[:-_MAC_BYTES], whole[-_MAC_BYTES:]
    key = keys.find(signed[:ID_BYTES]) if len(signed) == ID_BYTES + _FORM.size else None
    if key is None or not hmac.compare_digest(mac, _mac(key.secret, signed)):
        raise _forged()
    alert, delivery, ends = _FORM.unpack_from(signed, ID_BYTES)
    if now >= datetime.fromtimestamp(ends, UTC):
        raise Gone("this link has ended", hint="Log in and look at the alert there.")
    return Grant(UUID(bytes=alert), UUID(bytes=delivery))


def _mac(secret: bytes, signed: bytes) -> bytes:
    own_key = hmac.digest(secret, _CONTEXT, hashlib.sha256)
    return hmac.digest(own_key, signed, hashlib.sha256)[:_MAC_BYTES]


def _forged() -> SignatureRefused:
    return SignatureRefused("this is no link of ours, or it was changed", hint="Open it from the notification itself.")
