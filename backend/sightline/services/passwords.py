"""Passwords: what is accepted, and how they are kept (ADR 0022)."""

import asyncio
import re
import unicodedata
from collections.abc import Sequence

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from sightline.core.errors import InvalidInput

HASHER = PasswordHasher()
"""argon2id with the library's parameters, which follow RFC 9106's second recommended option (64 MiB, 3 passes)."""

SHORTEST = 15
"""Characters. NIST SP 800-63B-4, 3.1.1.2, where the password can be the only factor; no rules of composition."""
LONGEST = 256
"""Characters; that document asks for at least 64. A limit, because hashing takes the longer the more there are."""
LOOKED_AT = 72
"""Characters that are searched for words and patterns: the search takes the square of the length."""
MIN_SCORE = 3
"""Of zxcvbn's 0 to 4: 10^8 guesses, "safely unguessable" where each guess costs an argon2id."""
MIN_OWN = 8
"""Letters and digits that must not come from the names of account and product."""
PRODUCT = "sightline"


def normalised(password: str) -> str:
    """As RFC 8265's OpaqueString: composed, any space is an ordinary one; so it is the same on every keyboard."""
    spaced = "".join(" " if unicodedata.category(sign) == "Zs" else sign for sign in password)
    return unicodedata.normalize("NFC", spaced)


async def check(password: str, *, known: Sequence[str] = ()) -> None:
    """Refuse what is guessed easily. known: words that belong to the account. Raises InvalidInput."""
    text = normalised(password)
    if len(text) < SHORTEST:
        raise InvalidInput(
            f"the password has fewer than {SHORTEST} characters",
            hint="Use a longer one, a sentence for example; nothing else is asked of it.",
        )
    if len(text) > LONGEST:
        raise InvalidInput(f"the password has more than {LONGEST} characters", hint="Use a shorter one.")
    words = _words(known)
    if _own_part(text, words) < MIN_OWN or await asyncio.to_thread(_score, text, words) < MIN_SCORE:
        raise InvalidInput(
            "the password is commonly used, repeats itself, or follows from the account's name",
            hint="Use several words that do not belong together, or let a password manager make one.",
        )


async def hash_password(password: str) -> str:
    """argon2id in PHC format. Raises InvalidInput for a short one. In a thread: it takes about 50 ms on purpose."""
    text = normalised(password)
    if not SHORTEST <= len(text) <= LONGEST:
        raise InvalidInput(f"the password has not {SHORTEST} to {LONGEST} characters", hint="Use another one.")
    return await asyncio.to_thread(HASHER.hash, text)


async def matches(hashed: str, password: str) -> bool:
    """Whether a password is the one behind a hash."""
    try:
        return await asyncio.to_thread(HASHER.verify, hashed, normalised(password))
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(hashed: str) -> bool:
    """Whether it was made with other parameters than today's: hash again while the password is at hand."""
    try:
        return HASHER.check_needs_rehash(hashed)
    except InvalidHashError:
        return False


def _words(known: Sequence[str]) -> list[str]:
    """The product's and the account's names, whole and in their parts."""
    return [
        word.lower() for name in (PRODUCT, *known) for word in (name, *re.split(r"[^\w]+|_", name)) if len(word) > 2
    ]


def _own_part(text: str, words: Sequence[str]) -> int:
    """Letters and digits beside those words."""
    rest = text.lower()
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(word, "")
    return sum(sign.isalnum() for sign in rest)


def _score(text: str, words: Sequence[str]) -> int:
    from zxcvbn import zxcvbn  # noqa: PLC0415 - its word lists take 20 MB; only who changes passwords loads them

    return int(zxcvbn(text[:LOOKED_AT], user_inputs=list(words))["score"])
