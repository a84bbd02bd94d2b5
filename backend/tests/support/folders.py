"""Where servers of tests keep their files."""

import shutil
from pathlib import Path
from typing import Final

MEMORY: Final = Path("/dev/shm")  # noqa: S108 - what is made in it has a name of its own
ROOM: Final = 2 * 2**30
"""Bytes that a database server of tests may fill at most: its log grows to 1 GiB before it is cut, copies are small."""


def quick_folder() -> Path | None:
    """A folder in memory where it has room, None (the usual one for temporary files) elsewhere.

    A test's own copy of the database is 600 files that are removed after it. A disk may take half a second for them:
    ext4 without a journal looks through all inodes that were freed within the last minutes.
    """
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
        return MEMORY
    return None
