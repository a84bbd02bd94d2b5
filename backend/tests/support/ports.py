"""Ports for tests: no two processes that test at the same time are given the same one.

Asking the kernel for a free port and listening on it later leaves a gap in which it gives the port to somebody else:
another test process, or any outgoing connection. So these ports lie below those that the kernel gives away by itself
(32768 and up on Linux), and each process takes them from a slice that it holds a lock on until it ends.
"""

import fcntl
import os
import socket
import tempfile
from functools import cache
from itertools import cycle
from pathlib import Path
from typing import Final, TextIO

LOWEST: Final = 20000
SLICE: Final = 250
"""Ports per process: a whole run of the suite on one core asks for about a hundred."""
SLICES: Final = 48
"""They end at 32000."""

_held: list[TextIO] = []


def free_port() -> int:
    """A port that nobody listens on, over TCP or UDP, and that no other test process is given."""
    ports = _ports()
    for _ in range(SLICE):
        port = next(ports)
        if _is_free(port):
            return port
    raise RuntimeError("all ports of this process are taken")


@cache
def _ports() -> "cycle[int]":
    first = LOWEST + _slice() * SLICE
    return cycle(range(first, first + SLICE))


def _slice() -> int:
    """Number of a slice that was nobody's; the lock on it ends with this process, however that ends."""
    folder = Path(tempfile.gettempdir()) / f"sightline-test-ports-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    for number in range(SLICES):
        lock = (folder / str(number)).open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        _held.append(lock)
        return number
    raise RuntimeError(f"{SLICES} processes hold ports already")


def _is_free(port: int) -> bool:
    return all(_can_bind(kind, port) for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM))


def _can_bind(kind: socket.SocketKind, port: int) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind is socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port in TIME_WAIT is free
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
