"""Connections that wait in the pool: a dead one costs one look, not a failed request, and a live one costs nothing.

SQLAlchemy's own pre-ping asks the server before each transaction, which is a round trip of each; here only a connection
that waited for long is asked. One whose server went away meanwhile is seen without asking: its socket is closed.
"""

import time
from typing import Any, Final

from sqlalchemy import event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine

ASKED_AFTER: Final = 5.0
"""Seconds; a firewall that drops idle connections does so after minutes."""
_WAITS_SINCE: Final = "waits_since"


def look_at_waiting_connections(engine: AsyncEngine) -> None:
    """Replace connections that are closed or do not answer when they are taken from the pool, and all others with
    them: the server was restarted."""
    dialect = engine.sync_engine.dialect

    @event.listens_for(engine.sync_engine, "checkin")
    def note(_connection: Any, record: Any) -> None:
        record.info[_WAITS_SINCE] = time.monotonic()

    @event.listens_for(engine.sync_engine, "checkout")
    def look(connection: Any, record: Any, _proxy: Any) -> None:
        since = record.info.get(_WAITS_SINCE)
        if since is None:  # a new one
            return
        if connection.driver_connection.is_closed():
            raise InvalidatePoolError
        if time.monotonic() - since > ASKED_AFTER:
            try:
                dialect.do_ping(connection)
            except dialect.loaded_dbapi.Error as error:
                raise InvalidatePoolError from error
