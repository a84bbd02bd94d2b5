"""Secrets at rest: AES-256-GCM with a key that the database does not hold.

A sealed secret names its key and is bound to its place (context): a copy put into another row does not open.
Layout: version (1 byte), key id (8), nonce (12), ciphertext with tag (16 more than the plain text).
"""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sightline.core.config import Settings
from sightline.core.errors import SecretUnreadable
from sightline.core.key_ring import ID_BYTES, KeyRing, parse_keys

VERSION = b"\x01"
NONCE_BYTES = 12
"""NIST SP 800-38D, 8.2.2: at random, good for 2^32 secrets per key."""
_HEAD = len(VERSION) + ID_BYTES


class Sealer:
    """Seals and opens. context: where the secret lies, "camera:<id>" for example; the same one opens it."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    def seal(self, plain: bytes, *, context: str) -> bytes:
        """Encrypt with the newest key."""
        key = self._ring.newest()
        head = VERSION + key.id
        nonce = secrets.token_bytes(NONCE_BYTES)
        return head + nonce + AESGCM(key.secret).encrypt(nonce, plain, head + context.encode())

    def open(self, sealed: bytes, *, context: str) -> bytes:
        """Decrypt. Raises SecretUnreadable where it was changed or moved, or its key is lost."""
        key = self._ring.find(sealed[len(VERSION) : _HEAD]) if sealed[: len(VERSION)] == VERSION else None
        if key is None:
            raise SecretUnreadable(
                "a secret was sealed with a key that this installation does not have",
                hint="Restore the keys folder that belongs to this database, or enter the secret again.",
            )
        nonce, text = sealed[_HEAD : _HEAD + NONCE_BYTES], sealed[_HEAD + NONCE_BYTES :]
        try:
            return AESGCM(key.secret).decrypt(nonce, text, sealed[:_HEAD] + context.encode())
        except (InvalidTag, ValueError) as error:
            raise SecretUnreadable(
                "a sealed secret was changed, or belongs to another record", hint="Enter the secret again."
            ) from error

    def is_stale(self, sealed: bytes) -> bool:
        """Whether it was sealed with an older key than the current one: seal it again when you write it."""
        return sealed[:_HEAD] != VERSION + self._ring.current.id


def open_sealer(settings: Settings) -> Sealer:
    """By SIGHTLINE_SEALING__KEYS, else by a key in the data folder. Raises ConfigInvalid, DataFolderUnusable."""
    if settings.sealing.keys is not None:
        text = settings.sealing.keys.get_secret_value()
        return Sealer(KeyRing.given(parse_keys(text, variable="SIGHTLINE_SEALING__KEYS")))
    return Sealer(KeyRing.in_file(settings.keys_dir / "sealing.json"))
