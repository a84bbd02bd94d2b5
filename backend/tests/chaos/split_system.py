"""A machine in split mode with a mail server, and how its parts are hit: killed, frozen, two at once, lease owners."""

import asyncio
import contextlib
import random
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from redis.asyncio import Redis

from sightline.bus.poison import SUFFIX
from sightline.core.redis import open_redis, redis_errors
from tests.support.guests import record_guest
from tests.support.machine import BACKEND, Machine, machine
from tests.support.ports import free_port

WORKERS = {
    "ingestion": "worker ingestion",
    "detection": "worker detection",
    "recognition": "worker recognition",
    "alert-engine": "worker alert-engine",
    "maintenance": "worker maintenance",
}
LEASED = ("ingestion", "detection")
SERVERS = {"postgres": "bin/postgres", "valkey": "valkey-server"}
PARTS = (*WORKERS, *SERVERS, "mail")
WORKER_FROZEN = (12.0, 16.0)
"""Seconds; a lease lasts ten."""
SERVER_AWAY = (2.0, 5.0)
"""Seconds that a server is frozen, or that the mail server stays away."""
OWNER_CHANCE = 0.75
"""Of ingestion and detection: that who holds a camera is hit, not just any replica."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One part that is hit. is_owner: of who holds a camera's lease."""

    part: str
    how: str
    is_owner: bool = False

    def __str__(self) -> str:
        return f"{self.part}{' (owner)' if self.is_owner else ''} {self.how}"


class Mail:
    """The mail server's process."""

    def __init__(self, port: int, notes: Path) -> None:
        self.port, self._notes = port, notes
        self.process = self._started()

    def start(self) -> None:
        """Start it again, and wait until it listens."""
        self.process.wait()
        self.process = self._started()
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            time.sleep(0.05)
        raise TimeoutError("the mail server does not listen")

    def deliveries(self) -> Counter[str]:
        """Ids of what it took, and how often."""
        return Counter(self._notes.read_text().split()) if self._notes.exists() else Counter()

    def _started(self) -> "subprocess.Popen[bytes]":
        words = [sys.executable, "-m", "tests.chaos.mail_server", str(self.port), str(self._notes)]
        return subprocess.Popen(words, cwd=BACKEND, stdin=subprocess.DEVNULL)


class Parts:
    """The processes of a system, to be hit."""

    def __init__(self, system: Machine, mail: Mail, chance: random.Random) -> None:
        self._system = system
        self._mail = mail
        self._random = chance
        self._thawing: set[asyncio.Task[None]] = set()

    def choose(self, parts: list[str]) -> list[Hit]:
        """How these parts are hit."""
        return [
            Hit(
                part,
                self._random.choice(["SIGKILL", "SIGSTOP"]),
                is_owner=part in LEASED and self._random.random() < OWNER_CHANCE,
            )
            for part in parts
        ]

    async def strike(self, hits: list[Hit]) -> float:
        """Hit all at once; from when on the system has to recover: the hit, or when a server was let go on."""
        victims = [(hit, await self._victim(hit)) for hit in hits]
        return max(await asyncio.gather(*(self._hit(hit, victim) for hit, victim in victims)))

    async def thawed(self) -> None:
        """Wait until every worker that was frozen goes on."""
        while self._thawing:
            await asyncio.wait(set(self._thawing))

    async def set_aside(self) -> int:
        """Messages with the poison of any stream."""
        async with self._redis() as client:
            keys = [key async for key in client.scan_iter(match=f"*{SUFFIX}") if isinstance(key, bytes)]
            return sum([int(await client.xlen(key)) for key in keys])

    async def _hit(self, hit: Hit, victim: psutil.Process) -> float:
        began = time.monotonic()
        with contextlib.suppress(psutil.NoSuchProcess):
            if hit.how == "SIGKILL":
                victim.kill()
            else:
                await self._freeze(hit.part, victim)
        if hit.part == "mail" and hit.how == "SIGKILL":
            await asyncio.sleep(self._random.uniform(*SERVER_AWAY))
            await asyncio.to_thread(self._mail.start)
        is_on_its_own = hit.part in WORKERS or (hit.how == "SIGKILL" and hit.part != "mail")
        return began if is_on_its_own else time.monotonic()

    async def _freeze(self, part: str, victim: psutil.Process) -> None:
        frozen = [victim, *(victim.children(recursive=True) if part == "postgres" else [])]
        for process in frozen:
            process.suspend()
        if part not in WORKERS:
            await asyncio.sleep(self._random.uniform(*SERVER_AWAY))
            _resume(frozen)
            return
        thawing = asyncio.create_task(_resume_after(frozen, self._random.uniform(*WORKER_FROZEN)))
        self._thawing.add(thawing)
        thawing.add_done_callback(self._thawing.discard)

    async def _victim(self, hit: Hit) -> psutil.Process:
        if hit.part == "mail":
            return psutil.Process(self._mail.process.pid)
        running = self._processes(hit.part)
        if hit.is_owner:
            owners = await self._owners(hit.part)
            running = [process for process in running if process.pid in owners] or running
        return self._random.choice(running)

    def _processes(self, part: str) -> list[psutil.Process]:
        found = []
        for child in psutil.Process(self._system.process.pid).children():
            with contextlib.suppress(psutil.NoSuchProcess):
                words = " ".join(child.cmdline())
                if child.status() != psutil.STATUS_ZOMBIE and {**WORKERS, **SERVERS}[part] in words:
                    found.append(child)
        assert found, f"{part} does not run"
        return sorted(found, key=lambda process: process.pid)

    async def _owners(self, stage: str) -> set[int]:
        """Process ids of who holds a camera's lease: a holder is named "<host>-<process id>"."""
        async with self._redis() as client:
            with redis_errors():
                keys = [key async for key in client.scan_iter(match=f"lease:{stage}:*")]
                values = await client.mget(keys) if keys else []
        return {int(value.decode().rpartition("-")[2]) for value in values if isinstance(value, bytes)}

    @contextlib.asynccontextmanager
    async def _redis(self) -> AsyncIterator[Redis]:
        client = open_redis(self._system.settings.redis)
        try:
            yield client
        finally:
            await client.aclose()


def lost_with_redis(hits: list[Hit]) -> bool:
    """The embedded server keeps nothing on disk: killed, it has lost its data."""
    return any(hit.part == "valkey" and hit.how == "SIGKILL" for hit in hits)


def _resume(processes: list[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.resume()


async def _resume_after(processes: list[psutil.Process], seconds: float) -> None:
    try:
        await asyncio.sleep(seconds)
    finally:
        _resume(processes)


@contextmanager
def split_demo(folder: Path, lite_pack: Path) -> Iterator[tuple[Machine, Mail]]:
    """`sightline demo --split` with a mail server; the guest comes and goes at both cameras."""
    clips = folder / "data" / "clips"
    clips.mkdir(parents=True)
    for name in ("entrance.mp4", "corridor.mp4"):
        record_guest(clips / name, seconds=6.0, present=3.0, title=name)
    mail = Mail(free_port(), folder / "mails")
    smtp = {"HOST": "127.0.0.1", "PORT": str(mail.port), "SECURITY": "none"}
    env = {f"SIGHTLINE_SMTP__{name}": value for name, value in smtp.items()}
    options = ("demo", "--split", "--camera-port", str(free_port()))
    try:
        with machine(folder / "data", lite_pack, *options, env=env) as running:
            yield running, mail
    finally:
        mail.process.kill()
        mail.process.wait()
