"""Commands beside the running system and without one: who holds the folder, is the machine sound, nothing hangs."""

import asyncio
import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from sightline.core.errors import NotFound
from sightline.services import passwords
from tests.commands.conftest import Cli
from tests.support.guests import PORTRAIT
from tests.support.machine import BACKEND, Machine
from tests.support.ports import free_port

SERVICE = 5
NEED_A_SYSTEM = [
    ("camera", "list"),
    ("camera", "remove", "x"),
    ("camera", "add", "x", "rtsp://127.0.0.1:9/", "--no-check"),
    ("watchlist", "list"),
    ("watchlist", "switch", "x", "--off"),
    ("sightings", "list"),
    ("purge", "--dry-run"),
    ("enroll", "x", str(PORTRAIT)),
    ("worker", "fused"),
    ("worker", "alert-engine"),
    ("worker", "maintenance"),
    ("api",),
    ("db", "check"),
    ("db", "upgrade"),
    ("admin", "reset-password"),
]


@pytest.mark.parametrize("command", NEED_A_SYSTEM, ids=" ".join)
def test_without_a_running_system_a_command_says_so(
    cli: Cli, command: tuple[str, ...], tmp_path: Path, lite_pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGHTLINE_DATA_DIR", str(tmp_path))
    (tmp_path / "models").symlink_to(lite_pack.parent)
    done = cli(*command)
    assert done.code == SERVICE, done.both
    assert f"no sightline runs in {tmp_path}" in done.both
    assert "sightline up" in done.both


def test_a_workers_number_must_fit(cli: Cli) -> None:
    done = cli("worker", "fused", "--index", "2", "--count", "2")
    assert (done.code, "--index must be below --count" in done.both) == (2, True)


def test_a_second_up_says_who_holds_the_folder(system: Machine) -> None:
    second = subprocess.run(
        [sys.executable, "-m", "sightline", "up", "--data-dir", str(system.data_dir), "--port", str(free_port())],
        cwd=BACKEND,
        env={**os.environ, "COLUMNS": "300"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert second.returncode == SERVICE
    assert f"process {system.process.pid}, since " in second.stderr
    assert system.process.poll() is None


def test_the_doctor_finds_the_running_system_sound(beside: Cli) -> None:
    done = beside("doctor", "--json")
    found = {finding["check"]: finding["verdict"] for finding in json.loads(done.stdout)}
    assert done.code == 0, done.stdout
    assert "fail" not in found.values()


def test_schema_and_audit_log_are_whole(beside: Cli) -> None:
    done = beside("db", "check")
    assert done.code == 0, done.both
    assert "current" in done.both
    assert re.search(r"audit log: \d+ events", done.both)


def test_a_new_password_is_shown_once_and_is_the_right_one(system: Machine, beside: Cli) -> None:
    first = re.search(r"password  (\S+)", system.said)
    done = beside("admin", "reset-password")
    fresh = re.search(r"password  (\S+)", done.stdout)
    assert first
    assert fresh
    (row,) = asyncio.run(system.query("SELECT hashed_password FROM users WHERE username = 'admin'"))
    assert asyncio.run(passwords.matches(row["hashed_password"], fresh.group(1)))
    assert not asyncio.run(passwords.matches(row["hashed_password"], first.group(1)))
    nobody = beside("admin", "reset-password", "nobody")
    assert nobody.code == NotFound.exit_code
    assert "no account named nobody" in nobody.both


def test_every_part_runs_once(system: Machine) -> None:
    for part in ("postgres", "valkey", "api", "recognition-0", "alert-engine", "maintenance"):
        assert system.pid(part) is not None, part


def test_a_port_for_metrics_that_is_taken_is_said_where_it_was_asked_for(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGHTLINE_DATA_DIR", str(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        asked = cli("worker", "--metrics-port", port, "maintenance")
        assert (asked.code, f"127.0.0.1:{port}" in asked.both) == (SERVICE, True)
        monkeypatch.setenv("SIGHTLINE_METRICS__PORT", port)
        assert f"no sightline runs in {tmp_path}" in cli("worker", "maintenance").both
    assert "no sightline runs" in cli("worker", "--metrics-port", "0", "maintenance").both
