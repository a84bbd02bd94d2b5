"""A running `sightline up` or `sightline demo` for tests, as a user starts it, on a data folder of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import psutil
from pydantic import SecretStr

from sightline.core.config import ApiSettings, Settings
from sightline.workers.embedded.machine import running_settings
from tests.support.ports import free_port

BACKEND = Path(__file__).resolve().parents[2]
STARTING = 120.0
"""Seconds that a start may take on a busy machine."""

PARTS = {
    "postgres": "bin/postgres",
    "valkey": "valkey-server",
    "api": "-m sightline api",
    "recognition-0": "worker fused --index 0",
    "recognition-1": "worker fused --index 1",
    "alert-engine": "worker alert-engine",
    "maintenance": "worker maintenance",
    "cameras": "sightline.media.demo_server",
}
"""Names of the supervisor's children, and what tells them in the list of processes."""


class Machine:
    """The running command. data_dir: its data folder; said: everything it has printed."""

    def __init__(
        self,
        data_dir: Path,
        packs: Path,
        command: str,
        *options: str,
        env: Mapping[str, str],
        port: int | None = None,
    ) -> None:
        data_dir.mkdir(parents=True, exist_ok=True)
        if not (data_dir / "models").exists():
            (data_dir / "models").symlink_to(packs)  # installing one takes a minute
        self.data_dir, self.port = data_dir, port or free_port()
        self._output = data_dir.with_name(f"{data_dir.name}.out")
        words = ["-m", "sightline", command, "--data-dir", str(data_dir), "--port", str(self.port), *options]
        self.started_at = time.monotonic()
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, *words],
                cwd=BACKEND,
                env={**os.environ, "COLUMNS": "300", "PYTHONPATH": str(BACKEND), **env},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    @property
    def said(self) -> str:
        return self._output.read_text()

    @property
    def settings(self) -> Settings:
        """What commands beside it use; its database is reached as superuser by database.admin_url."""
        return running_settings(Settings(data_dir=self.data_dir, api=ApiSettings(port=self.port)))

    def until(self, true: Callable[[], object], what: str, seconds: float = STARTING) -> None:
        deadline = time.monotonic() + seconds
        while not true():
            assert self.process.poll() is None, f"it ended while waiting for {what}: {self.said}"
            assert time.monotonic() < deadline, f"waited {seconds:g} s in vain for {what}: {self.said}"
            time.sleep(0.05)

    def pid(self, part: str) -> int | None:
        """Process id of a part, None while it does not run."""
        for child in psutil.Process(self.process.pid).children():
            try:
                if PARTS[part] in " ".join(child.cmdline()) and child.status() != psutil.STATUS_ZOMBIE:
                    return int(child.pid)
            except psutil.NoSuchProcess:
                continue
        return None

    def family(self) -> list[psutil.Process]:
        """It and everything that it started."""
        own = psutil.Process(self.process.pid)
        return [own, *own.children(recursive=True)]

    async def query(self, sql: str, *values: object) -> list[Any]:
        """Rows, as superuser. Raises what asyncpg raises while the database is away."""
        url: SecretStr | None = self.settings.database.admin_url
        assert url
        connection = await asyncpg.connect(url.get_secret_value(), timeout=5)
        try:
            return list(await connection.fetch(sql, *values))
        finally:
            await connection.close(timeout=2)

    def stop(self) -> int:
        """As Ctrl-C does; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)


@contextmanager
def machine(
    data_dir: Path,
    lite_pack: Path,
    command: str = "up",
    *options: str,
    env: Mapping[str, str] | None = None,
    port: int | None = None,
) -> Iterator[Machine]:
    """Start, wait until it is ready, stop it at the end; nothing of it may stay behind. port: a free one if None."""
    running = Machine(data_dir, lite_pack.parent, command, *options, env=env or {}, port=port)
    try:
        running.until(lambda: "is ready" in running.said, "the start")
        yield running
        family = running.family()
        assert running.stop() == 0, running.said
        left = [process for process in family if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]
        assert not left, f"left behind: {left}"
    finally:
        running.process.kill()
        running.process.wait()
