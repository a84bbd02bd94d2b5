"""Access to PostgreSQL: one transaction per unit of work, always on behalf of a named principal.

The program connects as sightline_app, which owns nothing. Each transaction says who acts; the
policies of row level security and the audit log go by that, so there is no session without one.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

import asyncpg
from sqlalchemy import URL, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from sightline.core.database_pool import LingeringPool, look_at_waiting_connections
from sightline.core.errors import (
    AppError,
    Conflict,
    DatabaseUnreachable,
    Forbidden,
    InvalidInput,
    NotFound,
    ServiceUnavailable,
)

CONNECT_TIMEOUT = 10.0
"""Seconds to wait for a connection; a healthy server answers within milliseconds."""

_PLANNER = {"max_parallel_workers_per_gather": "0", "jit": "off"}
"""To start processes or a compiler takes longer than our statements do, which the policies make look expensive:
counting 10,000 alerts took 40 ms with two processes and takes 3 ms without."""

_SET_PRINCIPAL = text(
    "SELECT set_config('sightline.user_id', :user_id, true), set_config('sightline.role', :role, true),"
    " set_config('sightline.ip_address', :ip_address, true), set_config('sightline.user_agent', :user_agent, true)"
)


class Role(StrEnum):
    """Who may act: the four roles of users, and the services that act for nobody (migrations/sql/0005)."""

    ADMIN = "admin"
    OPERATOR = "operator"
    VIEWER = "viewer"
    AUDITOR = "auditor"
    SYSTEM = "system"
    WORKER = "worker"
    AUTH = "auth"
    MAINTENANCE = "maintenance"


@dataclass(frozen=True, slots=True)
class Principal:
    """On whose behalf a transaction runs, and from where. user_id is None for services.

    The database looks a user's role up itself: a principal whose role is not the account's gets nothing.
    """

    role: Role
    user_id: UUID | None = None
    ip_address: str = ""
    user_agent: str = ""


SYSTEM = Principal(Role.SYSTEM)
"""The machine's own command line: whoever may read the database's password."""
WORKER = Principal(Role.WORKER)
"""Recognition: reads cameras, subjects and templates, writes sightings, alerts and counters."""
AUTH = Principal(Role.AUTH)
"""Login, before it is known who logs in."""
MAINTENANCE = Principal(Role.MAINTENANCE)
"""Partitions, retention, removal of objects."""


def async_url(dsn: str) -> URL:
    """A postgresql:// address as SQLAlchemy's, on asyncpg. Raises InvalidInput without repeating the address."""
    try:
        url = make_url(dsn)
    except (ValueError, ArgumentError) as error:
        raise InvalidInput("the database address cannot be read", hint=_URL_HINT) from error
    if url.get_backend_name() not in {"postgresql", "postgres"}:
        raise InvalidInput(f"{url.get_backend_name()} is not supported as database", hint=_URL_HINT)
    return url.set(drivername="postgresql+asyncpg")


_URL_HINT = "Use postgresql://user:password@host:5432/database or ...@/database?host=/socket/folder."


def native_dsn(dsn: str) -> str:
    """The same address for asyncpg itself."""
    return async_url(dsn).set(drivername="postgresql").render_as_string(hide_password=False)


class Database:
    """A pool of connections as the application role. Close it with dispose()."""

    def __init__(
        self,
        dsn: str,
        *,
        pool_size: int = 5,
        max_overflow: int = 5,
        pool_timeout: float = CONNECT_TIMEOUT,
        statement_timeout: float = 0.0,
        idle_timeout: float = 0.0,
    ) -> None:
        """pool_size: connections that stay open; max_overflow: more that may be needed at once, and stay open for a
        minute or two after that; pool_timeout: seconds to wait for a free one; statement_timeout: seconds a query may
        take, 0: any; idle_timeout: seconds that a transaction may stand still before the server ends it, 0: any."""
        self._dsn = dsn
        self.engine: AsyncEngine = create_async_engine(
            async_url(dsn),
            poolclass=LingeringPool,
            pool_size=pool_size,
            max_overflow=max_overflow,
            pool_timeout=pool_timeout,
            hide_parameters=True,  # or an unexpected error would carry personal data into the log
            connect_args={
                "timeout": CONNECT_TIMEOUT,
                "server_settings": {
                    "statement_timeout": str(int(statement_timeout * 1000)),
                    "idle_in_transaction_session_timeout": str(int(idle_timeout * 1000)),
                    **_PLANNER,
                },
            },
        )
        look_at_waiting_connections(self.engine)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        self._single_statements = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    async def dispose(self) -> None:
        """Close every connection."""
        await self.engine.dispose()

    @asynccontextmanager
    async def session(self, principal: Principal) -> AsyncIterator[AsyncSession]:
        """One transaction on behalf of principal: committed at the end, rolled back on any error.

        Raises DatabaseUnreachable, ServiceUnavailable (took too long), Forbidden (a policy refused),
        Conflict (a constraint refused, or others changed the same rows), NotFound, InvalidInput (a value refused).
        """
        with _translated():
            async with self._sessions() as session, session.begin():
                await act_as(session, principal)
                yield session

    @asynccontextmanager
    async def nobody(self) -> AsyncIterator[AsyncConnection]:
        """A connection on behalf of nobody, each statement of which is its own transaction.

        Row level security shows it nothing: it is for functions that may answer anybody, such as active_session(),
        in one round trip instead of four. Raises as session().
        """
        with _translated():
            async with self._single_statements.connect() as connection:
                yield connection

    @asynccontextmanager
    async def changes(self, *channels: str) -> AsyncIterator[AsyncIterator[str]]:
        """Listen to channels (sightline_gallery, sightline_cameras); the iterator gives the name of each that spoke.

        Several notices that were not fetched yet count as one. The iterator raises DatabaseUnreachable when
        the connection is lost: changes may then have been missed.
        """
        notices = _Notices()
        try:
            connection = await asyncpg.connect(native_dsn(self._dsn), timeout=CONNECT_TIMEOUT)
        except CONNECTION_ERRORS as error:
            raise unreachable(error) from error
        connection.add_termination_listener(notices.lost)
        try:
            await _listen(connection, channels, notices)
            yield notices
        finally:
            await connection.close(timeout=1)


@contextmanager
def _translated() -> Iterator[None]:
    """Raise our errors in place of SQLAlchemy's and the driver's."""
    try:
        yield
    except DBAPIError as error:
        raise translate(error) from error
    except PoolExhausted as error:
        raise DatabaseUnreachable(
            "every connection to the database is in use", hint="Try again soon; see SIGHTLINE_DATABASE__POOL_SIZE."
        ) from error
    except CONNECTION_ERRORS as error:
        raise unreachable(error) from error


async def _listen(connection: asyncpg.Connection, channels: Sequence[str], notices: "_Notices") -> None:
    try:
        for channel in channels:
            await connection.add_listener(channel, notices.spoke)
    except CONNECTION_ERRORS as error:  # the server went between the connection and this
        raise unreachable(error) from error


async def act_as(session: AsyncSession, principal: Principal) -> None:
    """Say in this transaction who acts."""
    await session.execute(
        _SET_PRINCIPAL,
        {
            "user_id": str(principal.user_id or ""),
            "role": principal.role.value,
            "ip_address": principal.ip_address,
            "user_agent": principal.user_agent,
        },
    )


async def without_time_limit(session: AsyncSession) -> None:
    """Let this transaction's statements take as long as they need: what must succeed however much there is."""
    await session.execute(text("SET LOCAL statement_timeout = 0"))


CONNECTION_ERRORS = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)
"""What connecting raises beside SQLAlchemy's own errors."""


def unreachable(error: Exception) -> DatabaseUnreachable:
    """In words, and without the address, which holds a password."""
    state = sqlstate(error)
    if state.startswith("28"):
        return DatabaseUnreachable(
            "the database refuses the login", hint="Check user and password in SIGHTLINE_DATABASE__URL."
        )
    if state == "3D000":
        return DatabaseUnreachable(
            "the server has no database of that name", hint="Create it, or correct SIGHTLINE_DATABASE__URL."
        )
    return DatabaseUnreachable(
        f"the database does not answer ({type(error).__name__})",
        hint="Check that it runs, and SIGHTLINE_DATABASE__URL where it is not the embedded one.",
    )


def sqlstate(error: Exception) -> str:
    """The five characters of PostgreSQL's error code (its manual, appendix A), or nothing."""
    return str(getattr(getattr(error, "orig", error), "sqlstate", None) or "")


def constraint(error: DBAPIError) -> str:
    """Name of the constraint that refused, or nothing."""
    cause = getattr(error.orig, "__cause__", None)
    return str(getattr(cause, "constraint_name", None) or "")


_RACES = ("40001", "40P01", "55P03")
"""Others held or changed the same rows: a deadlock that this transaction was chosen to end, for example."""
_UNSTORABLE = ("22000", "22003", "22008", "22021", "22P02", "22P05")
"""What a value itself is refused for: NUL in a text, a number or moment that is too large."""


def translate(error: DBAPIError) -> AppError | DBAPIError:
    """A database error as one of ours. Its own text stays out, because it may quote personal data."""
    state, name = sqlstate(error), constraint(error)
    if state.startswith("28") or state == "3D000":
        return unreachable(error)
    if error.connection_invalidated or state[:2] in {"08", "53"} or state[:3] == "57P":
        return DatabaseUnreachable(
            "the connection to the database was lost", hint="Try again; if it stays, see `sightline doctor`."
        )
    known: dict[str, AppError] = {
        "42501": Forbidden("not allowed for this role", hint="Ask an administrator."),
        "23505": Conflict(f"such a record exists already ({name})", hint="Choose another name, or change that record."),
        "23503": Conflict(
            f"a record it refers to is missing, or others refer to it ({name})", hint="Check the ids in the request."
        ),
        "23502": InvalidInput("a required value is missing", hint="Fill in every required field."),
        "23514": InvalidInput(f"a value is out of its range ({name})", hint="See the field's description."),
        **dict.fromkeys(_UNSTORABLE, InvalidInput("a value cannot be stored", hint="Check texts for NUL, and ranges.")),
        **dict.fromkeys(
            _RACES, Conflict("others are changing the same records; nothing was changed", hint="Send it again.")
        ),
        "57014": ServiceUnavailable(
            "the database took too long over this, and stopped", hint="Ask for less: a shorter time, fewer cameras."
        ),
        "22023": InvalidInput("a parameter has no meaning here", hint="See the command's description."),
        "P0002": NotFound("no such record", hint="Check the id."),
    }
    return known.get(state, error)


class _Notices:
    """Collects notices until they are fetched."""

    def __init__(self) -> None:
        self._spoken: dict[str, None] = {}
        self._wake = asyncio.Event()
        self._closed = False

    def spoke(self, _connection: object, _pid: int, channel: str, _payload: object) -> None:
        self._spoken[channel] = None
        self._wake.set()

    def lost(self, _connection: object) -> None:
        self._closed = True
        self._wake.set()

    def __aiter__(self) -> "_Notices":
        return self

    async def __anext__(self) -> str:
        while not self._spoken:
            if self._closed:
                raise DatabaseUnreachable("the connection that listens for changes was lost", hint="Reconnect.")
            self._wake.clear()
            await self._wake.wait()
        return self._spoken.popitem()[0]
