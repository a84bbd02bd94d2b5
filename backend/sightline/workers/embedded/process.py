"""Starting programs that end when we end, and finding those that a killed predecessor left behind."""

import os
import pwd
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

EXEC_BOUND = Path(__file__).with_name("exec_bound.py")
UNPRIVILEGED = ("postgres", "nobody")  # tried in this order when we are root
POLL_SECONDS = 0.02


@dataclass(frozen=True)
class Account:
    """The system user that a program runs as."""

    name: str
    uid: int
    gid: int


def unprivileged_account() -> Account | None:
    """The user to drop to; None where we are not root and stay who we are.

    Raises LookupError where we are root and the machine knows neither of the usual users.
    """
    if os.geteuid() != 0:
        return None
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise LookupError(f"no user {' or '.join(UNPRIVILEGED)}")


def may_execute(account: Account, program: Path) -> bool:
    """Whether that user can reach and run the program (every folder on the way must let it through)."""
    test = ["/bin/sh", "-c", 'test -x "$0"', str(program)]
    return subprocess.run(test, user=account.uid, group=account.gid, extra_groups=[], check=False).returncode == 0


def spawn(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str],
    log: Path,
    death_signal: signal.Signals = signal.SIGTERM,
    account: Account | None = None,
    pass_fds: Sequence[int] = (),
) -> "subprocess.Popen[bytes]":
    """Start a program in a session of its own, output appended to log, bound to this process (see exec_bound).

    Call from the main thread: the kernel would end the program together with any other thread that started it.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("start programs from the main thread: they end with the thread that started them")
    account_ids = (account.uid, account.gid) if account else (-1, -1)
    prefix = [sys.executable, "-I", "-S", EXEC_BOUND, os.getpid(), int(death_signal), *account_ids]
    with log.open("ab") as output:
        return subprocess.Popen(
            [str(part) for part in (*prefix, *command)],
            env=dict(env),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            pass_fds=pass_fds,
        )


def end(process: "subprocess.Popen[bytes]", signals: Iterable[tuple[signal.Signals, float]]) -> int:
    """Send each signal and wait its seconds for the end; SIGKILL in the end. Gives the exit code."""
    for number, seconds in signals:
        if process.poll() is not None:
            break
        process.send_signal(number)
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
    if process.poll() is None:
        process.kill()
    return process.wait()


def processes_in(folder: Path) -> list[psutil.Process]:
    """Living processes whose working folder is this one; zombies have none."""
    found: list[psutil.Process] = []
    target = str(folder.resolve())
    for process in psutil.process_iter():
        try:
            if process.cwd() == target:
                found.append(process)
        except psutil.Error:  # ended meanwhile, or of another user: not ours
            continue
    return found


def wait_until_gone(folder: Path, seconds: float) -> list[psutil.Process]:
    """Wait for the processes of a folder to end by themselves; gives those that are still there."""
    deadline = time.monotonic() + seconds
    while (alive := processes_in(folder)) and time.monotonic() < deadline:
        time.sleep(5 * POLL_SECONDS)
    return alive


def tail(log: Path, size: int = 800) -> str:
    """The end of a log, for an error message; "" where there is none yet."""
    if not log.is_file():
        return ""
    with log.open("rb") as stream:
        stream.seek(max(0, log.stat().st_size - size))
        return stream.read().decode(errors="replace").strip()
