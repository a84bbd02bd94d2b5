"""The database on this machine: real server, real crashes."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from sightline.core.errors import DataFolderHeld, ServiceUnavailable
from sightline.workers.embedded import process
from sightline.workers.embedded.postgres import EmbeddedPostgres, PostgresAddress

BACKEND = Path(__file__).resolve().parents[3]
START_AND_WAIT = """
import sys, time
from pathlib import Path
from sightline.workers.embedded.postgres import EmbeddedPostgres
print(EmbeddedPostgres(Path(sys.argv[1])).start().dsn(), flush=True)
time.sleep(120)
"""


async def _fetch(address: PostgresAddress, query: str) -> object:
    connection = await asyncpg.connect(address.dsn())
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


def query(address: PostgresAddress, text: str) -> object:
    return asyncio.run(_fetch(address, text))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(tmp_path)
    yield server
    server.stop()
    assert process.processes_in(server.home) == []


def started_elsewhere(
    data_dir: Path, *, python: Path = Path(sys.executable), account: process.Account | None = None
) -> "subprocess.Popen[str]":
    """Another process that runs the database, ready when this returns."""
    packages = Path(asyncpg.__file__).parents[1]
    child = subprocess.Popen(
        [python, "-c", START_AND_WAIT, data_dir],
        env={**os.environ, "PYTHONPATH": f"{BACKEND}:{packages}", "PYTHONDONTWRITEBYTECODE": "1"},
        cwd="/",
        stdout=subprocess.PIPE,
        text=True,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )
    assert child.stdout
    line = child.stdout.readline()
    child.stdout.close()
    if not line.startswith("postgresql://"):
        pytest.fail(f"the other process ended with {child.wait()}")
    return child


def _python_for(account: process.Account) -> Path:
    """An interpreter of our version that this user may run: ours may lie in root's home."""
    name = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    for candidate in (Path(sys.executable), Path("/usr/bin", name), Path("/usr/local/bin", name)):
        if process.may_execute(account, candidate.resolve()) and process.may_execute(account, candidate):
            return candidate
    pytest.skip(f"no {name} that {account.name} may run")


def test_the_session_server_is_postgres_18_with_pgvector(postgres_server: PostgresAddress) -> None:
    assert str(query(postgres_server, "show server_version")).startswith("18.")
    names = query(postgres_server, "select array_agg(name::text) from pg_available_extensions")
    assert isinstance(names, list)
    assert {"vector", "pg_trgm"} <= set(names)


def test_what_was_committed_is_there_after_a_warm_start(server: EmbeddedPostgres) -> None:
    query(server.start(), "create table kept as select 42 as answer")
    server.stop()
    assert query(server.start(), "select answer from kept") == 42


@pytest.mark.skipif(sys.platform != "linux", reason="syncfs is a call of Linux")
def test_after_a_crash_its_folder_is_synced_by_one_call(postgres_server: PostgresAddress) -> None:
    assert query(postgres_server, "show recovery_init_sync_method") == "syncfs"


def test_the_server_asks_a_password_and_its_folders_are_private(server: EmbeddedPostgres) -> None:
    address = server.start()
    assert address.password not in repr(address)
    with pytest.raises(asyncpg.InvalidPasswordError):
        query(PostgresAddress(address.socket_dir, "guess"), "select 1")
    for folder in (server.root, server.home, server.socket_dir):
        assert folder.stat().st_mode & 0o077 == 0
    assert (server.root / "password").stat().st_mode & 0o777 == 0o600
    assert query(address, "show listen_addresses") == ""


def test_a_home_that_nobody_else_may_enter_stays_so(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    server = EmbeddedPostgres(home / "data")
    assert query(server.start(), "select 1") == 1
    server.stop()
    assert home.stat().st_mode & 0o777 == 0o700


def test_a_killed_server_starts_again_at_once(server: EmbeddedPostgres) -> None:
    query(server.start(), "create table kept as select 42 as answer")
    assert server.process
    server.process.kill()
    os.waitid(os.P_PID, server.process.pid, os.WEXITED | os.WNOWAIT)  # dead, not reaped: a zombie and its pid file
    assert query(server.start(), "select answer from kept") == 42


def test_kill_9_of_the_process_that_started_it_stops_the_server_in_order(server: EmbeddedPostgres) -> None:
    child = started_elsewhere(server.root.parent)
    child.kill()
    child.wait()
    assert query(server.start(), "select 1") == 1
    assert "was interrupted" not in server.log.read_text()


def test_a_stale_pid_file_that_names_a_living_process_kills_nobody(server: EmbeddedPostgres) -> None:
    server.start()
    server.stop()
    account = server.account
    stranger = subprocess.Popen(["sleep", "60"], user=account.uid if account else None)
    (server.home / "postmaster.pid").write_text(f"{stranger.pid}\n{server.home}\n1700000000\n5432\n\n\n\nready\n")
    assert query(server.start(), "select 1") == 1
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_a_server_that_hangs_is_not_ready(server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sightline.workers.embedded.postgres.ANSWER_SECONDS", 0.2)
    server.start()
    assert server.process
    server.process.send_signal(signal.SIGSTOP)
    assert not server.ready()
    server.process.send_signal(signal.SIGCONT)
    server.wait_ready()
    assert "incomplete startup packet" not in server.log.read_text()


def test_a_truncated_pid_file_is_no_obstacle(server: EmbeddedPostgres) -> None:
    server.start()
    server.stop()
    (server.home / "postmaster.pid").write_text("")
    assert query(server.start(), "select 1") == 1


def test_a_first_start_that_was_killed_is_begun_anew(server: EmbeddedPostgres) -> None:
    half = server.root / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18")
    assert query(server.start(), "select 1") == 1
    assert not half.exists()


def test_two_cannot_run_one_cluster(server: EmbeddedPostgres) -> None:
    server.start()
    with pytest.raises(DataFolderHeld):
        EmbeddedPostgres(server.root.parent).start()
    assert server.ready()


def test_a_cluster_of_another_major_version_is_left_alone(server: EmbeddedPostgres) -> None:
    server.home.mkdir(parents=True)
    (server.home / "PG_VERSION").write_text("15\n")
    with pytest.raises(ServiceUnavailable, match="PostgreSQL 15; this one is 18") as caught:
        server.start()
    assert "pg_dumpall" in caught.value.hint
    assert [entry.name for entry in server.home.iterdir()] == ["PG_VERSION"]


def test_a_server_that_cannot_start_shows_the_end_of_its_log(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path, settings={"shared_buffers": "nonsense"})
    with pytest.raises(ServiceUnavailable, match="invalid value for parameter") as caught:
        server.start()
    assert str(server.log) in caught.value.hint


def test_a_data_folder_with_a_very_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / ("long" * 30))
    address = server.start()
    assert address.socket_dir.parent != server.root
    assert query(address, "select 1") == 1
    server.stop()
    assert list(address.socket_dir.iterdir()) == []
    address.socket_dir.rmdir()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
def test_it_works_as_a_normal_user_too() -> None:
    account = process.unprivileged_account()
    assert account
    with tempfile.TemporaryDirectory(prefix="sightline-user-") as name:  # its parents let everybody through
        folder = Path(name)
        os.chown(folder, account.uid, account.gid)
        child = started_elsewhere(folder, python=_python_for(account), account=account)
        home = folder / "postgres" / "data"
        assert {member.uids().real for member in process.processes_in(home)} == {account.uid}
        child.kill()
        child.wait()
        assert process.wait_until_gone(home, 60) == []
