"""Names of accounts: ASCII only, so that no two look alike (Unicode UTS 39); case is kept but does not tell apart."""

import re
import unicodedata

from sightline.core.errors import InvalidInput

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def canonical(name: str) -> str:
    """Wide and other compatible forms become the plain signs; nothing is refused here."""
    return unicodedata.normalize("NFKC", name).strip()


def checked(name: str) -> str:
    """A name for a new account. Raises InvalidInput."""
    plain = canonical(name)
    if not NAME.fullmatch(plain):
        raise InvalidInput(
            "this is no name for an account",
            hint="Use 1 to 64 letters a to z, digits, dot, hyphen or underscore, beginning with a letter or digit;"
            " letters of other scripts look alike and are refused.",
        )
    return plain
