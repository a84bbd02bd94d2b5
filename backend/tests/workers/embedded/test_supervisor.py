"""The supervisor, with small programs first and then with the real servers."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline.core.errors import ServiceUnavailable
from sightline.workers.embedded import process
from sightline.workers.embedded.children import STOP_SECONDS, ChildSpec, CommandChild
from sightline.workers.embedded.logs import KEEP, rotate
from sightline.workers.embedded.postgres import EmbeddedPostgres
from sightline.workers.embedded.supervisor import LONGEST_PAUSE, Supervisor, pause
from sightline.workers.embedded.valkey import EmbeddedValkey

BACKEND = Path(__file__).resolve().parents[3]
SLEEPER = "import time; print('up', flush=True); time.sleep(300)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(300)"
)
PARENT = "import subprocess, sys, time; print(subprocess.Popen(['sleep', '301']).pid, flush=True); time.sleep(300)"


class Diary:
    """What was reported; acts when it hears a certain line."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.on: dict[str, Callable[[], None]] = {}

    def __call__(self, name: str, event: str) -> None:
        self.lines.append(f"{name}: {event}")
        for words, act in list(self.on.items()):
            if words in self.lines[-1]:
                del self.on[words]
                act()


def program(tmp_path: Path, name: str, code: str, *, stop_after: float = 4.0) -> CommandChild:
    log = tmp_path / f"{name}.log"
    spec = ChildSpec(
        name,
        (sys.executable, "-c", code),
        ready_probe=lambda: bool(process.tail(log)),
        stop_signals=((signal.SIGTERM, stop_after),),
    )
    return CommandChild(spec, tmp_path)


def stop_me() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def kill(child: CommandChild) -> Callable[[], None]:
    def act() -> None:
        assert child.process
        child.process.kill()

    return act


def test_parts_start_in_order_and_stop_in_reverse(tmp_path: Path) -> None:
    diary = Diary()
    diary.on["second: ready"] = stop_me
    with Supervisor(diary) as supervisor:
        supervisor.start(program(tmp_path, "first", SLEEPER))
        supervisor.start(program(tmp_path, "second", SLEEPER))
        supervisor.run()
    assert [line.split(" after")[0] for line in diary.lines] == [
        "first: ready",
        "second: ready",
        "second: stopped",
        "first: stopped",
    ]


def test_a_child_that_dies_is_started_again(tmp_path: Path) -> None:
    diary, child = Diary(), program(tmp_path, "worker", SLEEPER)
    diary.on["worker: ready after"] = kill(child)
    diary.on["worker: ready again"] = stop_me
    with Supervisor(diary) as supervisor:
        supervisor.start(child)
        supervisor.run()
    assert any("ended (SIGKILL), starting again in 0.2 s" in line for line in diary.lines)


def test_what_a_killed_child_left_behind_is_ended_before_its_successor(tmp_path: Path) -> None:
    diary, child = Diary(), program(tmp_path, "worker", PARENT)
    diary.on["worker: ready after"] = kill(child)
    diary.on["worker: ready again"] = stop_me
    with Supervisor(diary) as supervisor:
        supervisor.start(child)
        supervisor.run()
    pids = [int(line) for line in child.log.read_text().split()]
    assert pids
    left = [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]
    assert psutil.wait_procs(left, timeout=60)[1] == []


def test_a_child_that_cannot_start_ends_the_start_with_its_own_words(tmp_path: Path) -> None:
    spec = ChildSpec("worker", (sys.executable, "-c", "raise SystemExit('no such camera')"), ready_probe=lambda: False)
    with Supervisor(Diary()) as supervisor, pytest.raises(ServiceUnavailable, match="no such camera"):
        supervisor.start(CommandChild(spec, tmp_path))


def test_a_child_that_will_not_stop_is_killed(tmp_path: Path) -> None:
    diary, child = Diary(), program(tmp_path, "worker", STUBBORN, stop_after=0.3)
    diary.on["worker: ready"] = stop_me
    with Supervisor(diary) as supervisor:
        supervisor.start(child)
        started = child.process
        supervisor.run()
    assert started
    assert started.returncode == -signal.SIGKILL


def test_a_sick_child_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sightline.workers.embedded.supervisor.HEALTH_SECONDS", 0.05)
    monkeypatch.setattr("sightline.workers.embedded.supervisor.TICK_SECONDS", 0.05)
    diary, healthy = Diary(), threading.Event()
    healthy.set()
    spec = ChildSpec("api", (sys.executable, "-c", SLEEPER), ready_probe=healthy.is_set)
    diary.on["api: ready after"] = healthy.clear
    diary.on["api: did not answer 3 times"] = healthy.set
    diary.on["api: ready again"] = stop_me
    with Supervisor(diary) as supervisor:
        supervisor.start(CommandChild(spec, tmp_path))
        supervisor.run()
    assert "api: stopped" in diary.lines


def test_handlers_are_given_back(tmp_path: Path) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)]
    with Supervisor(Diary()):
        pass
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)] == before


@given(st.integers(1, 10_000))
def test_the_pause_grows_and_is_bounded(failures: int) -> None:
    assert 0 < pause(failures) <= pause(failures + 1) <= LONGEST_PAUSE


def test_a_log_that_grew_is_moved_away_while_its_writer_goes_on(tmp_path: Path) -> None:
    log = tmp_path / "api.log"
    with log.open("ab", buffering=0) as writer:
        for number in range(4):
            writer.write(f"{number}".encode() * 100)
            assert rotate(log, max_bytes=50)
        writer.write(b"last")
    assert not rotate(log, max_bytes=50)
    assert log.read_bytes() == b"last"
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "api.log",
        *(f"api.log.{n}" for n in range(1, KEEP + 1)),
    ]
    assert (tmp_path / "api.log.1").read_bytes() == b"3" * 100


# --- the real servers, in a process of their own

MACHINE = """
import sys
from pathlib import Path
from sightline.workers.embedded.children import ChildSpec, CommandChild
from sightline.workers.embedded.data_folder import DataFolder
from sightline.workers.embedded.postgres import EmbeddedPostgres
from sightline.workers.embedded.supervisor import Supervisor
from sightline.workers.embedded.valkey import EmbeddedValkey

def report(name, event):
    print(f"{name}: {event}", flush=True)

with DataFolder(Path(sys.argv[1])) as folder, Supervisor(report) as up:
    up.start(EmbeddedPostgres(folder.path))
    up.start(EmbeddedValkey(folder.path))
    up.start(CommandChild(ChildSpec("worker", ("/bin/sleep", "300")), folder.logs))
    up.run()
"""


class Machine:
    """A supervisor with database, queue and a worker."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.main = subprocess.Popen(
            [sys.executable, "-c", MACHINE, data_dir], cwd=BACKEND, stdout=subprocess.PIPE, text=True
        )
        self.heard: list[str] = []
        self.wait_for("worker: ready")

    def wait_for(self, words: str) -> None:
        assert self.main.stdout
        for line in self.main.stdout:
            self.heard.append(line)
            if words in line:
                return
        pytest.fail(f"never heard {words!r} but {self.heard}")

    def child(self, words: str) -> psutil.Process:
        found = [child for child in psutil.Process(self.main.pid).children() if words in " ".join(child.cmdline())]
        assert len(found) == 1
        return found[0]

    def close(self) -> int:
        code = self.main.wait(60)
        assert self.main.stdout
        self.main.stdout.close()
        return code


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    machine = Machine(tmp_path)
    yield machine
    if machine.main.poll() is None:
        machine.main.kill()
        machine.close()
    for part in ("postgres/data", "valkey/run"):
        assert process.wait_until_gone(tmp_path / part, 60) == []


def test_each_child_survives_kill_9(machine: Machine) -> None:
    for name, words in (("postgres", "bin/postgres"), ("valkey", "valkey-server"), ("worker", "sleep")):
        before = machine.child(words)
        before.kill()
        machine.wait_for(f"{name}: ready again")
        assert machine.child(words).pid != before.pid


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_signal_stops_all_in_order(machine: Machine, number: signal.Signals) -> None:
    children = psutil.Process(machine.main.pid).children(recursive=True)
    machine.main.send_signal(number)
    machine.wait_for("worker: stopped")
    machine.wait_for("valkey: stopped")
    machine.wait_for("postgres: stopped")
    assert machine.close() == 0
    assert not any(child.is_running() for child in children)
    assert not (machine.data_dir / "postgres" / "data" / "postmaster.pid").exists()


def test_kill_9_of_the_supervisor_blocks_no_next_start(machine: Machine) -> None:
    children = psutil.Process(machine.main.pid).children(recursive=True)
    machine.main.kill()
    machine.close()
    successor = Machine(machine.data_dir)  # at once, while the others may still be going
    successor.main.terminate()
    assert successor.close() == 0
    psutil.wait_procs(children, timeout=60)
    assert not any(child.is_running() for child in children)
    assert "not properly shut down" not in (machine.data_dir / "logs" / "postgres.log").read_text()


def test_a_part_that_hangs_does_not_keep_the_machine_from_stopping(machine: Machine) -> None:
    machine.child("valkey-server").suspend()
    machine.child("sleep").suspend()
    machine.main.terminate()
    assert machine.close() == 0


def test_the_bounds_of_all_parts_add_up_to_less_than_ten_seconds() -> None:
    parts = (EmbeddedPostgres.stop_signals, EmbeddedValkey.stop_signals, ((signal.SIGTERM, STOP_SECONDS),))
    assert sum(seconds for part in parts for _, seconds in part) < 10
