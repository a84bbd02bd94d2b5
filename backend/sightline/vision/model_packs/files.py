"""Files of packs: checksums, writes that happen wholly or not at all, one writer per pack."""

import errno
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sightline.core.errors import ModelPackError

MANIFEST = "manifest.json"


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that readers, and a crash, see the old content or the new one. Raises OSError."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


_FULL = (errno.ENOSPC, errno.EDQUOT)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)


@contextmanager
def explained_disk_errors(folder: Path) -> Iterator[None]:
    """Turn a full disk or a missing permission into words; other errors pass. Raises ModelPackError."""
    try:
        yield
    except OSError as error:
        if error.errno not in (*_FULL, *_FORBIDDEN):
            raise
        first = "Free some space there" if error.errno in _FULL else "Make the folder writable"
        raise ModelPackError(
            f"cannot write to {error.filename or folder}: {error.strerror}",
            hint=f"{first}, or set SIGHTLINE_DATA_DIR and SIGHTLINE_CACHE_DIR to other folders.",
        ) from error


@contextmanager
def exclusive(folder: Path, name: str) -> Iterator[None]:
    """Hold the right to write one pack (or download); others wait. Ends with the process, however it ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f".{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def new_folder(parent: Path, name: str) -> Iterator[Path]:
    """A folder to fill: published as parent/name when the block succeeds, else removed.

    Call it inside `exclusive(parent, name)`: left-overs of a killed installation are removed first.
    """
    prefix = f".new-{name}-"
    for stale in parent.glob(f"{prefix}*"):
        shutil.rmtree(stale)
    temporary = Path(tempfile.mkdtemp(dir=parent, prefix=prefix))
    try:
        temporary.chmod(0o755)
        yield temporary
        _publish(temporary, parent / name)
    finally:
        if temporary.exists():
            shutil.rmtree(temporary)


def _publish(folder: Path, target: Path) -> None:
    """Move a complete folder to its place; what lay there before is removed afterwards."""
    if not target.exists():
        folder.rename(target)
        return
    old = target.with_name(f"{folder.name}-old")  # has the prefix of the left-overs that the next writer removes
    target.rename(old)
    folder.rename(target)
    shutil.rmtree(old)
