"""`sightline up` as a process, with a plain web server in place of the API and the workers."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import httpx
import psutil
import pytest

from sightline.core.config import Settings
from sightline.workers.embedded.machine import check_redis, running_settings
from sightline.workers.embedded.postgres import EmbeddedPostgres
from sightline.workers.embedded.valkey import ValkeyAddress

BACKEND = Path(__file__).resolve().parents[2]
UP = '''
import sys, typer
from sightline import cli
from sightline.commands import up
from sightline.workers.embedded.children import ChildSpec

SERVER = """
import os, socket, sys, http.server as web
print(os.environ["SIGHTLINE_DATABASE__URL"], flush=True)
class Page(web.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
server = web.ThreadingHTTPServer(("127.0.0.1", 0), Page, bind_and_activate=False)
server.socket.close()
server.socket = socket.socket(fileno=int(sys.argv[1]))
server.serve_forever()
"""

def stand_in(settings, listener):
    return [ChildSpec("api", (sys.executable, "-c", SERVER, str(listener)), up.child_environment(settings),
                      up.answers("127.0.0.1", settings.api.port), inherited=(listener,))]

up.children = stand_in
app = typer.Typer(pretty_exceptions_enable=False)
app.command()(up.up)
cli.build_app = lambda names: app
cli.main()
'''


class Up:
    """A running command; text is everything it said."""

    def __init__(self, data_dir: Path, port: int, **environment: str) -> None:
        arguments = ["--data-dir", str(data_dir), "--port", str(port)]
        self.process = subprocess.Popen(
            [sys.executable, "-c", UP, *arguments],
            cwd=BACKEND,
            env={**os.environ, "COLUMNS": "300", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.text = ""

    def until(self, words: str) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.text += line
            if words in line:
                return
        pytest.fail(f"never said {words!r} but: {self.text}")

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.finish()

    def finish(self) -> int:
        said, _ = self.process.communicate(timeout=60)
        self.text += said
        return self.process.returncode


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture
def running(tmp_path: Path, port: int) -> Iterator[Up]:
    machine = Up(tmp_path / "data", port)
    machine.until("is ready: ")
    yield machine
    if machine.process.poll() is None:
        machine.end()


def test_the_first_start_makes_an_admin_and_shows_the_password_once(tmp_path: Path, running: Up, port: int) -> None:
    found = re.search(r"password  (\S{15,})", running.text)
    assert found
    assert f"http://localhost:{port}" in running.text
    assert running.end() == 0
    again = Up(tmp_path / "data", port)
    again.until("is ready: ")
    assert again.end(signal.SIGTERM) == 0
    assert "password" not in again.text
    for log in (tmp_path / "data" / "logs").iterdir():
        assert found.group(1) not in log.read_text()


def test_a_second_one_says_who_holds_the_folder_and_disturbs_nobody(tmp_path: Path, running: Up, port: int) -> None:
    second = Up(tmp_path / "data", port)
    assert second.finish() == 5
    assert f"process {running.process.pid}, since " in second.text
    assert running.process.poll() is None


def test_while_the_api_starts_anew_callers_wait_instead_of_being_refused(running: Up, port: int) -> None:
    (api,) = [
        child
        for child in psutil.Process(running.process.pid).children()
        if "ThreadingHTTPServer" in str(child.cmdline())
    ]
    api.kill()
    api.wait()
    assert httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=60).status_code == 200
    assert running.end() == 0
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/healthz")


def test_other_commands_find_the_running_servers(tmp_path: Path, running: Up) -> None:
    settings = running_settings(Settings(data_dir=tmp_path / "data"))
    assert settings.database.url
    assert settings.storage.signing_key
    assert asyncio.run(check_redis(settings.redis))
    dsn = settings.database.url.get_secret_value()

    async def who_am_i() -> object:
        connection = await asyncpg.connect(dsn)
        try:
            return await connection.fetchval("select current_user")
        finally:
            await connection.close()

    assert asyncio.run(who_am_i()) == "sightline_app"


def test_a_taken_port_is_told_before_anything_starts(tmp_path: Path, port: int) -> None:
    with socket.create_server(("127.0.0.1", port)):
        machine = Up(tmp_path / "data", port)
        assert machine.finish() == 5
    assert f"port {port} on 127.0.0.1 is taken" in machine.text
    assert not (tmp_path / "data" / "postgres").exists()


def test_named_servers_are_used_and_none_is_started(tmp_path: Path, port: int, redis_server: ValkeyAddress) -> None:
    theirs = EmbeddedPostgres(tmp_path / "theirs", settings={"fsync": "off"})
    address = theirs.start()
    named = {"SIGHTLINE_DATABASE__URL": address.dsn(), "SIGHTLINE_REDIS__URL": redis_server.url}
    machine = Up(tmp_path / "data", port, **named)
    machine.until("is ready: ")
    assert machine.end() == 0
    assert "postgres " not in machine.text
    assert "valkey " not in machine.text
    assert not (tmp_path / "data" / "postgres").exists()
    assert (tmp_path / "data" / "logs" / "api.log").read_text().startswith("postgresql://sightline_app:")
    assert theirs.ready()
    theirs.stop()


def test_a_wrong_external_server_ends_the_start_with_what_to_do(tmp_path: Path, port: int) -> None:
    machine = Up(tmp_path / "data", port, SIGHTLINE_REDIS__URL="redis://:hunter2@127.0.0.1:9/0")
    assert machine.finish() == 5
    assert "does not answer" in machine.text
    assert "SIGHTLINE_REDIS__URL" in machine.text
    assert "hunter2" not in machine.text
    assert "postgres    stopped" in machine.text
