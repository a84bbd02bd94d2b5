"""Logs of the parts, bounded: nobody looks after the disk of a mini-PC."""

import shutil
from pathlib import Path

MAX_BYTES = 10 * 1024**2
KEEP = 2  # older pieces per log: .1 and .2


def rotate(log: Path, *, max_bytes: int = MAX_BYTES) -> bool:
    """Move a grown log away by copying and emptying it: its writer keeps it open (O_APPEND) and need not know.

    Lines written between the two steps are lost. Gives whether it rotated.
    """
    if not log.is_file() or log.stat().st_size <= max_bytes:
        return False
    for number in range(KEEP, 1, -1):
        older = _piece(log, number - 1)
        if older.exists():
            older.replace(_piece(log, number))
    shutil.copyfile(log, _piece(log, 1))
    with log.open("r+b") as stream:
        stream.truncate(0)
    return True


def _piece(log: Path, number: int) -> Path:
    return log.with_name(f"{log.name}.{number}")
