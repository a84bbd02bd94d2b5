"""Programs of our own that the supervisor keeps running: what to start, how to know it is ready, how to stop it."""

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

from sightline.workers.embedded import process

STOP_SECONDS = 3.0  # leaves 6 of the 10 s that stopping may take to valkey and to postgres, which writes a checkpoint


PROBE_SECONDS = 1.5
"""A probe that takes longer has failed; the supervisor looks after nobody else meanwhile."""


def always() -> bool:
    """The probe of a child that is ready as soon as it runs."""
    return True


@dataclass(frozen=True)
class ChildSpec:
    """One program. env is added to our own environment; ready_probe must answer within 2 s and not raise.

    inherited: file descriptors of ours that it gets, under the same numbers.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict, repr=False)  # carries passwords
    ready_probe: Callable[[], bool] = always
    start_timeout: float = 30.0
    stop_signals: tuple[tuple[signal.Signals, float], ...] = ((signal.SIGTERM, STOP_SECONDS),)
    inherited: tuple[int, ...] = ()


def sightline_child(
    name: str,
    *arguments: str,
    env: Mapping[str, str],
    ready_probe: Callable[[], bool] = always,
    inherited: tuple[int, ...] = (),
) -> ChildSpec:
    """`python -m sightline ARGUMENTS…` with this interpreter."""
    argv = (sys.executable, "-m", "sightline", *arguments)
    return ChildSpec(name, argv, env, ready_probe, inherited=inherited)


class CommandChild:
    """A ChildSpec as the supervisor runs it; output goes to logs/<name>.log."""

    def __init__(self, spec: ChildSpec, logs: Path) -> None:
        self.spec = spec
        self.name = spec.name
        self.stop_signals = spec.stop_signals
        self.start_timeout = spec.start_timeout
        self.log = logs / f"{spec.name}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def launch(self) -> "subprocess.Popen[bytes]":
        """Start without waiting. Main thread only."""
        env = {**os.environ, **self.spec.env}
        self.process = process.spawn(self.spec.argv, env=env, log=self.log, pass_fds=self.spec.inherited)
        return self.process

    def ready(self) -> bool:
        """Whether it runs and its probe says yes."""
        return self.process is not None and self.process.poll() is None and self.spec.ready_probe()

    def release(self) -> None:
        """End what the program started and left behind: its process group is its own."""
        if self.process is None:
            return
        group, self.process = self.process.pid, None
        try:
            os.killpg(group, signal.SIGKILL)
        except ProcessLookupError:  # it left nothing
            return


def listens(host: str, port: int) -> Callable[[], bool]:
    """A probe: whether somebody accepts connections there."""
    target = "127.0.0.1" if host in {"0.0.0.0", "::", ""} else host  # noqa: S104  compared, not bound

    def probe() -> bool:
        try:
            socket.create_connection((target, port), timeout=1.0).close()
        except OSError:
            return False
        return True

    return probe


def answers(host: str, port: int) -> Callable[[], bool]:
    """A probe: whether /healthz is answered there. Where we hold the socket, connecting succeeds by itself."""
    target = "127.0.0.1" if host in {"0.0.0.0", "::", ""} else host  # noqa: S104  compared, not bound

    def probe() -> bool:
        connection = http.client.HTTPConnection(target, port, timeout=PROBE_SECONDS)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    return probe
