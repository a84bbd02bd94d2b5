"""What the launchers of PostgreSQL and Valkey share: folders, one launcher per folder, orphans, start and stop."""

import os
import signal
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from pathlib import Path

import psutil

from sightline.core.errors import ServiceUnavailable
from sightline.workers.embedded import process
from sightline.workers.embedded.private import exclusive_lock, private_folder, socket_folder

ORPHAN_SECONDS = 20.0  # half to end by itself after its supervisor was killed, half after being asked


class EmbeddedServer(ABC):
    """One server in data_dir/<name>. start() and stop() for tests; launch() and ready() for the supervisor."""

    name: str
    socket_name: str
    stop_signals: tuple[tuple[signal.Signals, float], ...]
    start_timeout: float

    def __init__(self, data_dir: Path) -> None:
        self.root = data_dir.resolve() / self.name
        self.log = data_dir.resolve() / "logs" / f"{self.name}.log"
        self.process: subprocess.Popen[bytes] | None = None
        self._lock: int | None = None
        self.account = _account()

    @property
    def socket_dir(self) -> Path:
        """The folder of the socket: <name>/run, or a short private one where that path would be too long."""
        return socket_folder(self.root, self.socket_name)

    @property
    def by_descriptor(self) -> bool:
        """Hand folders over as descriptors: where privileges are dropped, the user may not reach the path."""
        return self.account is not None and sys.platform == "linux"

    @property
    @abstractmethod
    def home(self) -> Path:
        """The server's working folder: who works in it belongs to this server."""

    @abstractmethod
    def ready(self) -> bool:
        """Whether the process that we started answers."""

    @abstractmethod
    def _spawn(self) -> "subprocess.Popen[bytes]":
        """Make what is missing and start the process."""

    def launch(self) -> "subprocess.Popen[bytes]":
        """Start without waiting. Main thread only. Raises ServiceUnavailable."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._lock is None:
            self._lock = exclusive_lock(self.root / "lock")
        for folder in {self.home, self.socket_dir}:
            private_folder(folder, self.account)
        self._clear_predecessor()
        self.process = self._spawn()
        return self.process

    def wait_ready(self) -> None:
        """Wait until it answers. Raises ServiceUnavailable with the end of the log."""
        deadline = time.monotonic() + self.start_timeout
        while not self.ready():
            self._check_alive(deadline)
            time.sleep(process.POLL_SECONDS)

    def stop(self) -> None:
        """Stop in order; does nothing where it does not run."""
        if self.process is not None:
            process.end(self.process, self.stop_signals)
            self.process = None
        self.release()

    def release(self) -> None:
        """Free the folder for another launcher, after the process ended."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _check_alive(self, deadline: float) -> None:
        ended = self.process is None or self.process.poll() is not None
        if not ended and time.monotonic() < deadline:
            return
        reason = "ended while starting" if ended else f"was not ready within {self.start_timeout:.0f} s"
        self.stop()
        raise ServiceUnavailable(
            f"{self.name} {reason}: {process.tail(self.log)}", hint=f"see {self.log} for the whole story"
        )

    def _clear_predecessor(self) -> None:
        """Let what a killed supervisor left behind finish, then ask it to.

        Who belongs to us is known by the working folder, never by a number in a pid file: that may be any other
        process by now. We hold the lock, so whoever is left has lost its supervisor.
        """
        alive = process.wait_until_gone(self.home, ORPHAN_SECONDS / 2)
        for orphan in alive:
            _ask_to_end(orphan, self.stop_signals[0][0])
        if alive and process.wait_until_gone(self.home, ORPHAN_SECONDS / 2):
            raise ServiceUnavailable(
                f"a {self.name} left from before still runs in {self.home} (pid {alive[0].pid}) and does not stop",
                hint=f"see {self.log}; stop that process, then start again",
            )


def _account() -> process.Account | None:
    try:
        return process.unprivileged_account()
    except LookupError as error:
        raise ServiceUnavailable(
            "PostgreSQL refuses to run as root, and this machine has neither a user postgres nor nobody",
            hint="run sightline as a normal user, or add a user named postgres",
        ) from error


def _ask_to_end(orphan: psutil.Process, number: signal.Signals) -> None:
    try:
        orphan.send_signal(number)
    except psutil.NoSuchProcess:  # it finished by itself
        return
