"""The data folder: its layout, its version, and the lock that lets one sightline run in it.

    <data folder>/
        VERSION        format of this folder, a whole number
        lock           held (flock) by the running sightline: its pid and since when
        postgres/      the database            valkey/     the queue
        objects/       crops and frames        models/     installed model packs
        secrets/       keys made on first start, 0600
        logs/          one file per part, bounded

Nothing outside of the folder is written or changed; parents that are missing are made as mkdir -p does.
"""

import fcntl
import json
import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from sightline.core.errors import DataFolderHeld, DataFolderUnusable
from sightline.workers.embedded.private import write_private

FORMAT = 1
MIN_FREE_BYTES = 500 * 1024**2  # a new cluster takes 40 MB, its WAL up to 512 MB later


@dataclass(frozen=True)
class Holder:
    """Who runs in a data folder."""

    pid: int
    since: datetime

    def __str__(self) -> str:
        return f"process {self.pid}, since {self.since.astimezone():%Y-%m-%d %H:%M:%S}"


class DataFolder:
    """A folder that this process holds between open() and close(); also a context manager."""

    def __init__(self, path: Path, *, min_free_bytes: int = MIN_FREE_BYTES) -> None:
        self.path = path.expanduser().resolve()
        self._min_free_bytes = min_free_bytes
        self._lock: int | None = None

    @property
    def logs(self) -> Path:
        """One log per part."""
        return self.path / "logs"

    def inspect(self) -> None:
        """Look at an existing folder without changing it. Raises DataFolderUnusable."""
        if not self.path.is_dir() or not os.access(self.path, os.W_OK | os.X_OK):
            raise DataFolderUnusable(
                f"the data folder {self.path} cannot be written",
                hint="choose another with SIGHTLINE_DATA_DIR, or make it writable for this user",
            )
        self._check_owner()
        self._check_version()

    def open(self) -> Self:
        """Make what is missing, check version, owner and space, and lock.

        Raises DataFolderUnusable or DataFolderHeld; a folder of another version or user is left as it was.
        """
        self._make()
        self._check_owner()
        self._check_version()
        self._acquire()
        self._check_space()
        self._write_version()
        for name in ("logs", "secrets", "objects"):
            (self.path / name).mkdir(mode=0o700, exist_ok=True)
        return self

    def close(self) -> None:
        """Free the lock."""
        if self._lock is not None:
            os.ftruncate(self._lock, 0)
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(self, *_: object) -> None:
        self.close()

    def secret(self, name: str, make: str) -> str:
        """The secret of that name; the given one where there is none yet."""
        path = self.path / "secrets" / name
        if not path.exists():
            write_private(path, make)
        return path.read_text().strip()

    def _make(self) -> None:
        try:
            if not self.path.exists():
                self.path.mkdir(mode=0o700, parents=True)
            _try_writing(self.path / f".probe-{os.getpid()}")
        except (PermissionError, FileExistsError, NotADirectoryError) as error:
            raise DataFolderUnusable(
                f"the data folder {self.path} cannot be written: {error.strerror}",
                hint="choose another with --data-dir (or SIGHTLINE_DATA_DIR), or make it writable for this user",
            ) from error
        except OSError as error:  # ENOSPC, EDQUOT, EROFS, EIO
            raise DataFolderUnusable(
                f"the data folder {self.path} cannot be written: {error.strerror}",
                hint="free space on that disk, or choose another with --data-dir (or SIGHTLINE_DATA_DIR)",
            ) from error

    def _check_owner(self) -> None:
        owner = self.path.stat().st_uid
        if owner != os.geteuid():
            raise DataFolderUnusable(
                f"the data folder {self.path} belongs to another user (uid {owner}, this one is {os.geteuid()})",
                hint="run sightline as that user, or choose another folder with --data-dir",
            )

    def _check_version(self) -> None:
        marker = self.path / "VERSION"
        if not marker.exists():
            return
        text = marker.read_text().strip()
        if not text.isdigit():
            raise DataFolderUnusable(
                f"{marker} does not hold a version but {text[:20]!r}",
                hint=f"if this is a data folder of sightline, write {FORMAT} into that file; else choose another",
            )
        if int(text) > FORMAT:
            raise DataFolderUnusable(
                f"the data folder {self.path} was written by a newer sightline: format {text}, known is {FORMAT}",
                hint="update sightline, or choose another folder with --data-dir",
            )

    def _write_version(self) -> None:
        marker = self.path / "VERSION"
        if not marker.exists():
            marker.write_text(f"{FORMAT}\n")

    def _check_space(self) -> None:
        free = shutil.disk_usage(self.path).free
        if free < self._min_free_bytes:
            self.close()
            raise DataFolderUnusable(
                f"only {free / 1024**2:.0f} MB free for the data folder {self.path}, "
                f"at least {self._min_free_bytes / 1024**2:.0f} MB are needed",
                hint="free space on that disk, or choose another with --data-dir (or SIGHTLINE_DATA_DIR)",
            )

    def _acquire(self) -> None:
        lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(lock)
            who = holder(self.path)
            raise DataFolderHeld(
                f"the data folder {self.path} is in use by another sightline ({who or 'just starting'})",
                hint=f"stop it first{f' (kill {who.pid})' if who else ''}, or choose another folder with --data-dir",
            ) from error
        text = json.dumps({"pid": os.getpid(), "since": datetime.now(UTC).isoformat()})
        os.ftruncate(lock, 0)
        os.write(lock, text.encode())
        self._lock = lock


def _try_writing(probe: Path) -> None:
    try:
        probe.write_bytes(b"\0" * 4096)
    finally:
        probe.unlink(missing_ok=True)


def holder(path: Path) -> Holder | None:
    """Who wrote itself into the lock; None where nobody has yet. Says nothing about whether the lock is held."""
    try:
        entry = json.loads((path / "lock").read_text())
        return Holder(int(entry["pid"]), datetime.fromisoformat(entry["since"]))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def is_held(path: Path) -> bool:
    """Whether a sightline runs in the folder now."""
    try:
        lock = os.open(path / "lock", os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False
