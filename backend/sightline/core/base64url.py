"""Bytes as text for addresses: base64url without padding (RFC 4648, 5), one text for each value.

The last letter of such a text can carry bits that belong to no byte. Python's decoder passes over them, so that two
texts mean the same; what is signed must have one form only, else a link that was changed still opens.
"""

import base64
import binascii


def encode(data: bytes) -> str:
    """Letters, digits, "-" and "_"."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """The inverse of encode(). Raises ValueError for every other text, also one that only means the same."""
    try:
        data = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("not base64url") from error
    if encode(data) != text:
        raise ValueError("not the one form of base64url")
    return data
