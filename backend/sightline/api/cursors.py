"""Cursors of lists: the last row of a page (a moment and an id), opaque to clients."""

import base64
import binascii
import struct
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sightline.core.errors import InvalidInput

FORM = struct.Struct(">q16s")
"""Microseconds since 1970 in UTC, and the id."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def encode(at: datetime, row_id: UUID) -> str:
    """URL-safe text."""
    microseconds = (at - EPOCH) // timedelta(microseconds=1)
    return base64.urlsafe_b64encode(FORM.pack(microseconds, row_id.bytes)).decode()


def decode(cursor: str) -> tuple[datetime, UUID]:
    """The inverse of encode(). Raises InvalidInput."""
    try:
        microseconds, row_id = FORM.unpack(base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True))
        return EPOCH + timedelta(microseconds=microseconds), UUID(bytes=row_id)
    except (ValueError, OverflowError, binascii.Error, struct.error) as error:
        raise InvalidInput("this cursor is none of ours", hint="Begin again without a cursor.") from error
