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
from datetime import UTC, datetime, timedelta
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
        self._read_at = _changed_at(path)

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

    def newest(self) -> Key:
        """As current, after a look whether the file has changed: a rotation holds at once, in every process."""
        self._refresh()
        return self.current

    def find(self, key_id: bytes) -> Key | None:
        """The key of that id; the file is looked at for an unknown one."""
        found = self._known(key_id)
        if found is None:
            self._refresh()
            found = self._known(key_id)
        return found

    def has_ended(self, key: Key, *, grace: timedelta) -> bool:
        """Whether a newer key took its place longer than grace ago. Keys without a date of making never end."""
        self._refresh()
        place = next((index for index, other in enumerate(self._keys) if other.id == key.id), 0)
        replaced_at = self._keys[place - 1].created_at if place else None
        return replaced_at is not None and datetime.now(UTC) > replaced_at + grace

    def _known(self, key_id: bytes) -> Key | None:
        return next((key for key in self._keys if key.id == key_id), None)

    def _refresh(self) -> None:
        """Read the file again where it has changed: forged key ids cost one stat() each."""
        if self._path is None:
            return
        changed_at = _changed_at(self._path)
        if changed_at != self._read_at:
            self._keys = tuple(_read(self._path))
            self._read_at = changed_at

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


def _changed_at(path: Path | None) -> tuple[int, int]:
    """Tells one version of the file from another; a rotation makes a new file."""
    if path is None:
        return 0, 0
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_ino, status.st_mtime_ns


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
