"""Folders and files that belong to one user alone, and handing them to a server of another user."""

import fcntl
import hashlib
import os
import tempfile
from pathlib import Path
from typing import Self

from sightline.core.errors import DataFolderHeld, DataFolderUnusable
from sightline.workers.embedded.process import Account

SOCKET_PATH_MAX = 107  # bytes; sun_path of unix(7) holds 108 with the closing zero


class Handed:
    """A folder as a server shall name it: by its path, or by a descriptor that it inherits (needs /proc)."""

    def __init__(self, folder: Path, *, by_descriptor: bool) -> None:
        self._folder = folder
        self.descriptors = (os.open(folder, os.O_RDONLY | os.O_DIRECTORY),) if by_descriptor else ()

    @property
    def path(self) -> str:
        """Valid in the process that inherits the descriptors."""
        return f"/proc/self/fd/{self.descriptors[0]}" if self.descriptors else str(self._folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for descriptor in self.descriptors:
            os.close(descriptor)


def write_private(path: Path, text: str, account: Account | None = None) -> None:
    """Write a file that only its owner may read, from its first byte on."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        if account:
            os.fchown(stream.fileno(), account.uid, account.gid)
        stream.write(text)


def private_folder(folder: Path, account: Account | None) -> None:
    """Make a folder 0700 of that user (None: ourselves); refuse one that is somebody else's.

    Raises DataFolderUnusable.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    wanted = account.uid if account else os.geteuid()
    status = folder.lstat()
    if account and status.st_uid == os.geteuid() != wanted and not folder.is_symlink():
        os.chown(folder, account.uid, account.gid)
    elif status.st_uid != wanted or folder.is_symlink():
        raise DataFolderUnusable(
            f"{folder} belongs to another user (uid {status.st_uid}, expected {wanted})",
            hint="run sightline as the user who made this data folder, or choose another with --data-dir",
        )


def socket_folder(root: Path, socket_name: str) -> Path:
    """root/run, or a private folder below the temporary one where that path is too long for a unix socket."""
    usual = root / "run"
    if len(os.fsencode(usual / socket_name)) <= SOCKET_PATH_MAX:
        return usual
    digest = hashlib.sha256(os.fsencode(root)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"sightline-{os.geteuid()}-{digest}"


def exclusive_lock(path: Path) -> int:
    """Lock a file for this process; the kernel frees it when we end, however we end. Gives its descriptor.

    Raises DataFolderHeld.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise DataFolderHeld(
            f"another process runs the server in {path.parent}",
            hint="stop the other sightline, or choose another folder with --data-dir",
        ) from error
    return descriptor
