"""Keeps the parts of one machine running: starts them in order, restarts who dies, stops all within 10 seconds.

Everything happens in the main thread: the parts are bound to it (see exec_bound), and signals arrive there.

    with Supervisor(report) as supervisor:
        supervisor.start(postgres)          # returns when it is ready, raises ServiceUnavailable where it is not
        supervisor.start(valkey)
        supervisor.start(api, workers…)     # one call is one group: its members stop together
        supervisor.run()                    # until SIGINT, SIGTERM or SIGHUP

Leaving the block stops the groups in reverse order. A stop signal ends start() and run() by StopRequested, which the
block swallows.
"""

import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Protocol, Self

from sightline.core.errors import ServiceUnavailable
from sightline.workers.embedded import process
from sightline.workers.embedded.logs import rotate

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
TICK_SECONDS = 1.0
STARTING_SECONDS = 0.05
HEALTH_SECONDS = 5.0
UNHEALTHY_PROBES = 3  # in a row; one may fall into a checkpoint or a garbage collection
FIRST_PAUSE = 0.25
LONGEST_PAUSE = 4.0  # even a part that keeps dying is back within 10 s, recovery of the database included
STABLE_SECONDS = 10.0  # running this long, an earlier failure is forgotten

Report = Callable[[str, str], None]
"""Told the name of a part and what happened to it, for the terminal."""


class StopRequested(Exception):
    """Unwinds to the supervisor's block."""


class Service(Protocol):
    """What can be supervised: EmbeddedPostgres, EmbeddedValkey, CommandChild."""

    name: str
    log: Path
    start_timeout: float
    stop_signals: tuple[tuple[signal.Signals, float], ...]
    process: "subprocess.Popen[bytes] | None"

    def launch(self) -> "subprocess.Popen[bytes]":
        """Start without waiting."""
        ...

    def ready(self) -> bool:
        """Whether it serves."""
        ...

    def release(self) -> None:
        """Give back what it holds, after its process ended for good."""
        ...


@dataclass
class _Part:
    """A service and how it fares; times are of time.monotonic()."""

    service: Service
    launched_at: float = 0.0
    ready_at: float | None = None
    failures: int = 0
    sick_probes: int = 0
    retry_at: float | None = None
    group: int = field(default=0)

    @property
    def alive(self) -> bool:
        return self.service.process is not None and self.service.process.poll() is None

    def launch(self) -> None:
        self.ready_at, self.retry_at, self.sick_probes = None, None, 0
        self.service.launch()  # may first wait for what a killed predecessor left, which is no part of its own start
        self.launched_at = time.monotonic()


def pause(failures: int) -> float:
    """Seconds before the next attempt after so many failures in a row: doubling, bounded."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(failures - 1, 16))


class Supervisor:
    """See the module. report is told of every start, end and restart."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._parts: list[_Part] = []
        self._groups = 0
        self._stop_requested = False
        self._wake_reader, self._wake_writer = -1, -1
        self._previous: dict[signal.Signals, Any] = {}
        self._next_health = 0.0

    def __enter__(self) -> Self:
        self._wake_reader, self._wake_writer = os.pipe()
        for descriptor in (self._wake_reader, self._wake_writer):
            os.set_blocking(descriptor, False)
        signal.set_wakeup_fd(self._wake_writer, warn_on_full_buffer=False)
        for number in STOP_SIGNALS:
            if number is signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
                continue  # nohup: shall survive the terminal
            self._previous[number] = signal.signal(number, self._on_stop_signal)
        self._previous[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, _wake_only)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        try:
            self._stop_all()
        finally:
            signal.set_wakeup_fd(-1)
            for number, handler in self._previous.items():
                signal.signal(number, handler)
            os.close(self._wake_reader)
            os.close(self._wake_writer)
        return kind is StopRequested

    def start(self, *services: Service) -> None:
        """Start a group, in order, each when the one before is ready. Raises ServiceUnavailable."""
        self._groups += 1
        for service in services:
            part = _Part(service, group=self._groups)
            self._parts.append(part)
            part.launch()
            self._await_first_ready(part)
            self._report(service.name, f"ready after {time.monotonic() - part.launched_at:.1f} s")

    def run(self) -> None:
        """Watch until a stop signal comes, which raises StopRequested."""
        while True:
            self._sleep(self._until_next())
            for part in self._parts:
                self._look_after(part)
            if time.monotonic() >= self._next_health:
                self._next_health = time.monotonic() + HEALTH_SECONDS
                self._check_health()

    def _until_next(self) -> float:
        """Seconds until somebody needs us: soon while a part is starting, at its time where one waits."""
        now = time.monotonic()
        waits = [TICK_SECONDS]
        waits += [part.retry_at - now for part in self._parts if part.retry_at is not None]
        waits += [STARTING_SECONDS for part in self._parts if part.alive and part.ready_at is None]
        return max(0.0, min(waits))

    def check_stop(self) -> None:
        """For work between two starts. Raises StopRequested where a stop signal has come."""
        if self._stop_requested:
            raise StopRequested

    def _await_first_ready(self, part: _Part) -> None:
        service = part.service
        deadline = part.launched_at + service.start_timeout
        while not service.ready():
            if not part.alive or time.monotonic() > deadline:
                what = "was not ready in time" if part.alive else "ended while starting"
                raise ServiceUnavailable(
                    f"{service.name} {what}: {process.tail(service.log)}", hint=f"see {service.log} for the whole story"
                )
            self._sleep(process.POLL_SECONDS)
        part.ready_at = time.monotonic()

    def _look_after(self, part: _Part) -> None:
        now = time.monotonic()
        if part.alive:
            self._note_ready(part, now)
        elif part.retry_at is None:
            self._plan_restart(part, now)
        elif now >= part.retry_at:
            self._restart(part)

    def _note_ready(self, part: _Part, now: float) -> None:
        if part.ready_at is None and part.service.ready():
            part.ready_at = now
            self._report(part.service.name, f"ready again after {now - part.launched_at:.1f} s")
        if part.ready_at is not None and now - part.ready_at > STABLE_SECONDS:
            part.failures = 0
        if part.ready_at is None and now - part.launched_at > part.service.start_timeout:
            self._report(part.service.name, "is not ready in time, stopping it")
            self._end(part)

    def _plan_restart(self, part: _Part, now: float) -> None:
        part.failures += 1
        wait = pause(part.failures)
        part.retry_at = now + wait
        code = part.service.process.returncode if part.service.process else None
        self._report(
            part.service.name, f"ended ({_ending(code)}), starting again in {wait:.1f} s; see {part.service.log}"
        )

    def _restart(self, part: _Part) -> None:
        part.service.release()
        try:
            part.launch()
        except (ServiceUnavailable, OSError) as error:  # a full disk, too many processes: try again later
            part.retry_at = None
            part.service.process = None
            self._report(part.service.name, f"cannot start: {error}")

    def _check_health(self) -> None:
        for part in self._parts:
            if part.alive and part.ready_at is not None:
                part.sick_probes = 0 if part.service.ready() else part.sick_probes + 1
            if part.sick_probes >= UNHEALTHY_PROBES:
                self._report(part.service.name, f"did not answer {UNHEALTHY_PROBES} times, stopping it")
                self._end(part)
            self._bound_log(part.service)

    def _bound_log(self, service: Service) -> None:
        try:
            rotate(service.log)
        except OSError as error:  # a full disk must not stop what still runs
            self._report(service.name, f"its log cannot be moved away: {error.strerror}")

    def _end(self, part: _Part) -> None:
        part.sick_probes = 0
        if part.service.process is not None:
            process.end(part.service.process, part.service.stop_signals)

    def _stop_all(self) -> None:
        for group in range(self._groups, 0, -1):
            members = [part for part in reversed(self._parts) if part.group == group]
            _end_together([part.service for part in members])
            for part in members:
                part.service.release()
                self._report(part.service.name, "stopped")
        self._parts.clear()

    def _sleep(self, seconds: float) -> None:
        """Wait, but no longer than until a child ends or a signal comes."""
        self.check_stop()
        if select.select([self._wake_reader], [], [], seconds)[0]:
            os.read(self._wake_reader, 4096)
        self.check_stop()

    def _on_stop_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stop_requested = True


def _wake_only(_number: int, _frame: FrameType | None) -> None:
    """Python writes the signal's number to the wake-up descriptor; nothing else is to be done."""


def _end_together(services: Sequence[Service]) -> None:
    """Signal all at once, then wait: so a group takes as long as its slowest member."""
    running = [service for service in services if service.process is not None and service.process.poll() is None]
    for service in running:
        assert service.process  # noqa: S101  for the type checker
        service.process.send_signal(service.stop_signals[0][0])
    began = time.monotonic()
    for service in running:
        assert service.process  # noqa: S101
        (_, seconds), *others = service.stop_signals
        try:
            service.process.wait(max(0.0, began + seconds - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.end(service.process, others)


def _ending(code: int | None) -> str:
    if code is None:
        return "could not start"
    if code >= 0:
        return f"exit code {code}"
    names = {number.value: number.name for number in signal.Signals}
    return names.get(-code, f"signal {-code}")
