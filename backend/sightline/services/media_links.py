"""Addresses of pictures that work for a few minutes and without a header, so that a page can show them.

A link names the picture, the user who was given it and why they look; a MAC over all of it keeps it whole. Who opens
it is shown only what that user may see at that moment. Links of one minute are alike, so that browsers can keep what
they have fetched.
"""

import hashlib
import hmac
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core import base64url
from sightline.core.config import Settings
from sightline.core.database import Role
from sightline.core.errors import SignatureRefused
from sightline.core.key_ring import ID_BYTES, KeyRing, parse_keys
from sightline.models import User

LINK_SECONDS = 300
"""A link works at least so long: a page that was left open for longer fetches its list again."""
STEP_SECONDS = 60
LONGEST_TOKEN = 2000
"""Characters; a purpose of 200 characters has 800 bytes at most, 1,200 characters in a token."""
_FORM = struct.Struct(">B16s16sI")
"""Kind, record, user, and the second since 1970 at which it ends."""
_MAC_BYTES = 32
_CONTEXT = b"sightline media link:"
_REFUSED_HINT = "Fetch the list or record again: it carries fresh links."


class PictureKind(IntEnum):
    """Which picture a link shows; the numbers stand in links."""

    SIGHTING_IMAGE = 1
    SIGHTING_CONTEXT = 2
    SUBJECT_IMAGE = 3


@dataclass(frozen=True, slots=True)
class Grant:
    """What a link says: this user may look at this picture, for this purpose."""

    kind: PictureKind
    record_id: UUID
    user_id: UUID
    purpose: str | None = None


class MediaLinks:
    """Makes links and reads them. clock: seconds since 1970."""

    def __init__(self, ring: KeyRing, *, clock: Callable[[], float] = time.time) -> None:
        self._ring = ring
        self._clock = clock

    def url(self, grant: Grant) -> str:
        """The path and query of a picture, below the API's own address."""
        ends = (int(self._clock()) // STEP_SECONDS + 1) * STEP_SECONDS + LINK_SECONDS
        body = _FORM.pack(grant.kind, grant.record_id.bytes, grant.user_id.bytes, ends)
        key = self._ring.current
        signed = key.id + body + (grant.purpose or "").encode()
        token = base64url.encode(signed + _mac(key.secret, signed))
        return f"/v1/media?token={token}"

    def read(self, token: str) -> Grant:
        """The inverse of url(). Raises SignatureRefused for what we never made, or what has ended."""
        try:
            whole = base64url.decode(token)
        except ValueError as error:
            raise _forged() from error
        signed, mac = whole[:-_MAC_BYTES], whole[-_MAC_BYTES:]
        key = self._ring.find(signed[:ID_BYTES]) if len(signed) >= ID_BYTES + _FORM.size else None
        if key is None or not hmac.compare_digest(mac, _mac(key.secret, signed)):
            raise _forged()
        kind, record, user, ends = _FORM.unpack_from(signed, ID_BYTES)
        if self._clock() >= ends:
            raise SignatureRefused("this link to a picture has ended", hint=_REFUSED_HINT)
        purpose = signed[ID_BYTES + _FORM.size :].decode()
        return Grant(PictureKind(kind), UUID(bytes=record), UUID(bytes=user), purpose or None)


async def role_of(session: AsyncSession, grant: Grant) -> Role | None:
    """What the user of a link is now; None where the account is gone or switched off. Needs the role auth."""
    statement = select(User.role).where(User.id == grant.user_id, User.is_active)
    role = await session.scalar(statement)
    return None if role is None else Role(role)


def open_links(settings: Settings) -> MediaLinks:
    """With keys derived from SIGHTLINE_SEALING__KEYS, else of a file in the data folder that is made here.

    Raises ConfigInvalid, DataFolderUnusable.
    """
    if settings.sealing.keys is not None:
        text = settings.sealing.keys.get_secret_value()
        return MediaLinks(KeyRing.given(parse_keys(text, variable="SIGHTLINE_SEALING__KEYS")))
    return MediaLinks(KeyRing.in_file(settings.keys_dir / "links.json"))


def _mac(secret: bytes, signed: bytes) -> bytes:
    return hmac.digest(hmac.digest(secret, _CONTEXT, hashlib.sha256), signed, hashlib.sha256)


def _forged() -> SignatureRefused:
    return SignatureRefused("this is no link to a picture, or it was changed", hint=_REFUSED_HINT)
