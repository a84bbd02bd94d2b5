"""Connections that wait in the pool: a dead one costs one look, not a failed request, and a live one costs nothing.

SQLAlchemy's own pre-ping asks the server before each transaction, which is a round trip of each; here only a connection
that waited for long is asked. One whose server went away meanwhile is seen without asking: its socket is closed.

Nor does its pool suit us, which closes what is beyond its size after each use. To make a connection costs 15 ms of
processor time on both sides together (a process, the password, what each has to learn of tables and types), our usual
transaction one or two: at ten alerts a second it was most of the time from a face to its mail.
"""

from time import monotonic
from typing import Any, Final, Self

from sqlalchemy import event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry

ASKED_AFTER: Final = 5.0
"""Seconds; a firewall that drops idle connections does so after minutes."""
_WAITS_SINCE: Final = "waits_since"
LINGER_SECONDS: Final = 60.0
"""For so long, and up to twice as long, as many connections stay open as were in use at once: bursts come again."""


class LingeringPool(AsyncAdaptedQueuePool):
    """Keeps pool_size connections, and of max_overflow more those that were needed at the same time of late."""

    def __init__(self, creator: Any, pool_size: int = 5, max_overflow: int = 10, **rest: Any) -> None:
        super().__init__(creator, pool_size=pool_size + max_overflow, max_overflow=0, **rest)
        self._kept = pool_size
        self._since = monotonic()
        self._most = self._most_before = 0
        self._closing = 0

    def recreate(self) -> Self:
        """An empty one like it."""
        pool = super().recreate()
        assert isinstance(pool, type(self))  # noqa: S101 - for the type checker
        pool._kept = self._kept  # noqa: SLF001 - of this class
        return pool

    def opened(self) -> int:
        """Connections that there are."""
        return self.checkedin() + self.checkedout()

    def overflow(self) -> int:
        """Connections beyond those that are kept; below zero: so many fewer."""
        return self.opened() - self._kept

    def _do_get(self) -> ConnectionPoolEntry:
        record = super()._do_get()
        self._note_use()
        return record

    def _do_return_conn(self, record: ConnectionPoolEntry) -> None:
        self._note_use()
        if self.opened() - self._closing <= max(self._kept, self._most, self._most_before):
            super()._do_return_conn(record)
            return
        self._closing += 1  # it takes its time, and counts as open until then
        try:
            record.close()
        finally:
            self._closing -= 1
            self._dec_overflow()

    def _note_use(self) -> None:
        """How many are in use at once: the most of this while, and of the one before."""
        now = monotonic()
        if (passed := now - self._since) >= LINGER_SECONDS:
            self._most_before = self._most if passed < 2 * LINGER_SECONDS else 0
            self._most, self._since = 0, now
        self._most = max(self._most, self.checkedout())


def look_at_waiting_connections(engine: AsyncEngine) -> None:
    """Replace connections that are closed or do not answer when they are taken from the pool, and all others with
    them: the server was restarted."""
    dialect = engine.sync_engine.dialect

    @event.listens_for(engine.sync_engine, "checkin")
    def note(_connection: Any, record: Any) -> None:
        record.info[_WAITS_SINCE] = monotonic()

    @event.listens_for(engine.sync_engine, "checkout")
    def look(connection: Any, record: Any, _proxy: Any) -> None:
        since = record.info.get(_WAITS_SINCE)
        if since is None:  # a new one
            return
        if connection.driver_connection.is_closed():
            raise InvalidatePoolError
        if monotonic() - since > ASKED_AFTER:
            try:
                dialect.do_ping(connection)
            except dialect.loaded_dbapi.Error as error:
                raise InvalidatePoolError from error
