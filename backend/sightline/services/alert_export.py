"""Alerts as a file, written while it is sent; how many, and by which filters, is an entry of the audit log."""

from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import Database, Principal
from sightline.core.errors import InvalidInput
from sightline.schemas.exports import ExportFormat
from sightline.services import alerts, audit
from sightline.services.alerts import NEWEST_FIRST, AlertFilter, AlertView
from sightline.services.keyset import PageOf, PageRequest
from sightline.services.spreadsheets import Cell
from sightline.services.table_files import TableRows, TableWriter, moment, pages, stream

MOST_ROWS: Final = 1_000_000
"""As of sightings: what a spreadsheet takes (1,048,576 rows)."""
CHUNK: Final = 1000
"""Rows per page: about a megabyte in memory."""
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


@dataclass(frozen=True, slots=True)
class Export:
    """What is written: as it was announced in the audit log, so with an end in time."""

    where: AlertFilter
    form: ExportFormat
    rows: int
    byte_order_mark: bool = False

    @property
    def file_name(self) -> str:
        """Such as alerts-20261122T120000Z.csv."""
        ends = self.where.until or datetime.now(UTC)
        return f"alerts-{ends:%Y%m%dT%H%M%SZ}.{self.form.value}"


async def announce(
    session: AsyncSession,
    *,
    where: AlertFilter,
    form: ExportFormat,
    purpose: str | None,
    byte_order_mark: bool = False,
) -> Export:
    """Count what would be exported and put it on record, before the first byte. Raises InvalidInput: too many."""
    now = datetime.now(UTC)
    ends = now if where.until is None else min(where.until, now + timedelta(days=1))
    chosen = replace(where, until=ends)
    rows = await alerts.count_up_to(session, where=chosen, most=MOST_ROWS + 1)
    if rows > MOST_ROWS:
        raise InvalidInput(f"these are more than {MOST_ROWS:,} alerts", hint="Choose a shorter time, or fewer cameras.")
    details: dict[str, object] = {"rows": rows, "format": form.value, "purpose": purpose, "filters": _told(where)}
    await audit.record_event(session, action="EXPORT", table_name="alerts", details=details)
    return Export(chosen, form, rows, byte_order_mark)


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


async def written(database: Database, acting: Principal, export: Export) -> AsyncIterator[str]:
    """The file, piece by piece. Raises what goes wrong on the way, after a last line that says so."""

    async def fetch(session: AsyncSession, request: PageRequest) -> PageOf[AlertView]:
        return await alerts.list_alerts(session, where=export.where, request=request)

    async def rows() -> AsyncIterator[TableRows]:
        async for views in pages(database, acting, PageRequest(NEWEST_FIRST, CHUNK), fetch):
            yield [_cells(view) for view in views]

    async for piece in stream(TableWriter(export.form, COLUMNS, byte_order_mark=export.byte_order_mark), rows()):
        yield piece


def _cells(view: AlertView) -> dict[str, Cell]:
    return {name: _cell(getattr(view, name)) for name in COLUMNS}


def _cell(value: object) -> Cell:
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, float):
        return round(value, 4)
    return value if value is None or isinstance(value, int) else str(value)
