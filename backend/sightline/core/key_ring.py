"""Keys that the product makes for itself: a file in the data folder that its owner alone may read, or the environment.

A ring holds several keys of 32 bytes. The first one makes new things; the others still read old ones, so that a key
can be changed without a break. A key is named by a digest of itself.
"""

import base64
import binascii
import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sightline.core.errors import ConfigInvalid, DataFolderUnusable

KEY_BYTES = 32
"""256 bits: AES-256, and as long as the hash of HS256 (RFC 7518, 3.2)."""
ID_BYTES = 8


@dataclass(frozen=True, slots=True)
class Key:
    """One key; id is public."""

    secret: bytes = field(repr=False)
    created_at: datetime | None = None

    @property
    def id(self) -> bytes:
        """Eight bytes of a digest; they say nothing about the key."""
        return hashlib.sha256(b"sightline key id:" + self.secret).digest()[:ID_BYTES]


class KeyRing:
    """Keys, newest first. One from a file sees keys that another process added, without a restart."""

    def __init__(self, keys: Sequence[Key], *, path: Path | None = None) -> None:
        self._keys = tuple(keys)
        self._path = path

    @classmethod
    def given(cls, secret_keys: Sequence[bytes]) -> "KeyRing":
        """Of these keys; for clusters, whose processes share no folder."""
        return cls([Key(secret) for secret in secret_keys])

    @classmethod
    def in_file(cls, path: Path) -> "KeyRing":
        """The ring of that file, made with one random key where there is none. Raises DataFolderUnusable."""
        with _locked(path):
            if not path.exists():
                _write(path, [_new_key()])
        return cls(_read(path), path=path)

    @property
    def current(self) -> Key:
        """What new things are made with."""
        return self._keys[0]

    def find(self, key_id: bytes) -> Key | None:
        """The key of that id; the file is read again for an unknown one."""
        found = next((key for key in self._keys if key.id == key_id), None)
        if found is None and self._path is not None:
            self._keys = tuple(_read(self._path))
            found = next((key for key in self._keys if key.id == key_id), None)
        return found

    def all(self) -> tuple[Key, ...]:
        """Every key, the current one first."""
        return self._keys

    def __len__(self) -> int:
        return len(self._keys)


def rotate(path: Path, *, keep: int) -> Key:
    """Put a new key in front of the file's and keep the newest `keep` ones. Raises DataFolderUnusable."""
    with _locked(path):
        keys = _read(path) if path.exists() else []
        _write(path, [_new_key(), *keys][:keep])
        return _read(path)[0]


def parse_keys(text: str, *, variable: str) -> list[bytes]:
    """Base64 keys by comma. Raises ConfigInvalid, which does not repeat them."""
    try:
        found = [base64.b64decode(part.strip(), validate=True) for part in text.split(",")]
    except (ValueError, binascii.Error):
        found = []
    if not found or any(len(key) != KEY_BYTES for key in found):
        raise ConfigInvalid(
            f"{variable} does not hold keys of {KEY_BYTES} bytes in base64",
            hint="make one with `openssl rand -base64 32`; several are separated by commas",
        )
    return found


def _new_key() -> Key:
    return Key(secrets.token_bytes(KEY_BYTES), datetime.now(UTC))


def _read(path: Path) -> list[Key]:
    try:
        entries = json.loads(path.read_text(encoding="ascii"))
        keys = [Key(base64.b64decode(entry["key"]), datetime.fromisoformat(entry["created_at"])) for entry in entries]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataFolderUnusable(f"the keys in {path} cannot be read", hint="restore the file from a backup") from error
    if not keys or any(len(key.secret) != KEY_BYTES for key in keys):
        raise DataFolderUnusable(f"{path} holds no usable key", hint="restore the file from a backup")
    return keys


def _write(path: Path, keys: Sequence[Key]) -> None:
    """Whole or not at all: a new file takes the place of the old one."""
    entries = [
        {"key": base64.b64encode(key.secret).decode(), "created_at": (key.created_at or datetime.now(UTC)).isoformat()}
        for key in keys
    ]
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as stream:
        json.dump(entries, stream)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(path)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One process at a time makes or changes the ring."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise DataFolderUnusable(
            f"keys cannot be kept in {path.parent}: {error.strerror}", hint="make that folder writable for this user"
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
