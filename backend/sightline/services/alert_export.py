"""Alerts as a file, written while it is sent; how many, and by which filters, is an entry of the audit log."""

from collections.abc import AsyncIterator
from dataclasses import asdict, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import Database, Principal
from sightline.schemas.exports import ExportFormat
from sightline.services import alerts, table_exports
from sightline.services.alerts import NEWEST_FIRST, AlertFilter, AlertView
from sightline.services.keyset import PageOf, PageRequest
from sightline.services.spreadsheets import Cell
from sightline.services.table_exports import CHUNK, MOST_ROWS, Export, Table, end_of, record
from sightline.services.table_files import moment

COLUMNS: Final = (
    "id",
    "created_at",
    "matched_at",
    "severity",
    "status",
    "verdict",
    "verification",
    "message",
    "camera_id",
    "camera_name",
    "sighting_id",
    "subject_id",
    "subject_name",
    "watchlist_id",
    "watchlist_name",
    "rule_id",
    "similarity",
    "identity",
    "assigned_to",
    "assigned_to_name",
    "acknowledged_at",
    "acknowledged_by_name",
    "resolved_at",
    "resolved_by_name",
    "verified_at",
)


async def announce(
    session: AsyncSession,
    *,
    where: AlertFilter,
    form: ExportFormat,
    purpose: str | None,
    byte_order_mark: bool = False,
) -> Export[AlertFilter]:
    """Count what would be exported and put it on record, before the first byte. Raises InvalidInput: too many."""
    chosen = replace(where, until=end_of(where.until))
    rows = await alerts.count_up_to(session, where=chosen, most=MOST_ROWS + 1)
    export = Export("alerts", chosen, form, byte_order_mark)
    await record(session, export, rows=rows, most=MOST_ROWS, purpose=purpose, filters=_told(where))
    return export


def _told(where: AlertFilter) -> dict[str, object]:
    """The filters that were given, as JSON; a subject by number only, for audit entries outlive people."""
    given = {name: value for name, value in asdict(where).items() if value is not None and value != ()}
    if given.pop("subject_id", None) is not None:
        given["subjects"] = 1
    return {name: _as_json(value) for name, value in given.items()}


def _as_json(value: object) -> object:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return [_as_json(one) for one in value] if isinstance(value, tuple) else value


def written(database: Database, acting: Principal, export: Export[AlertFilter]) -> AsyncIterator[str]:
    """The file, piece by piece. Raises what goes wrong on the way, after a last line that says so."""

    async def fetch(session: AsyncSession, request: PageRequest) -> PageOf[AlertView]:
        return await alerts.list_alerts(session, where=export.where, request=request)

    return table_exports.written(
        database, acting, export, Table(COLUMNS, PageRequest(NEWEST_FIRST, CHUNK), fetch, _cells)
    )


def _cells(view: AlertView) -> dict[str, Cell]:
    return {name: _cell(getattr(view, name)) for name in COLUMNS}


def _cell(value: object) -> Cell:
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, float):
        return round(value, 4)
    return value if value is None or isinstance(value, int) else str(value)
