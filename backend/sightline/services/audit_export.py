"""The audit log as a file, written while it is sent; that it was exported is an entry itself."""

from collections.abc import AsyncIterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import Database, Principal
from sightline.models.base import Json
from sightline.schemas.exports import ExportFormat
from sightline.services import audit, audit_log, table_exports
from sightline.services.audit_log import NEWEST_FIRST, AuditEntry, AuditFilter
from sightline.services.keyset import PageOf, PageRequest
from sightline.services.spreadsheets import Cell
from sightline.services.table_exports import Export, Table
from sightline.services.table_files import moment

CHUNK: Final = 500
"""Entries read at once; their values may hold several kilobytes each."""
COLUMNS: Final = tuple(AuditEntry.__dataclass_fields__)


async def announce(
    session: AsyncSession, *, where: AuditFilter, form: ExportFormat, byte_order_mark: bool = False
) -> Export[AuditFilter]:
    """Put on record that the log is exported, before the first byte."""
    now = datetime.now(UTC)
    given = {name: str(value) for name, value in asdict(where).items() if value and name != "subject_id"}
    details: dict[str, object] = {"format": form.value, "filters": given}
    await audit.record_event(
        session, action="EXPORT", table_name="audit_logs", details=details, subject_id=where.subject_id
    )
    ends = now if where.until is None else min(where.until, now)
    return Export("audit", replace(where, until=ends), form, byte_order_mark)


def written(database: Database, acting: Principal, export: Export[AuditFilter]) -> AsyncIterator[str]:
    """The file, piece by piece. Raises what goes wrong on the way, after a last line that says so."""

    async def fetch(session: AsyncSession, request: PageRequest) -> PageOf[AuditEntry]:
        return await audit_log.list_entries(session, where=export.where, request=request)

    return table_exports.written(
        database, acting, export, Table(COLUMNS, PageRequest(NEWEST_FIRST, CHUNK), fetch, _row)
    )


def _row(entry: AuditEntry) -> dict[str, Cell | Json]:
    return {name: _cell(getattr(entry, name)) for name in COLUMNS}


def _cell(value: object) -> Cell | Json:
    if isinstance(value, datetime):
        return moment(value)
    return value if isinstance(value, str | int | float | dict) or value is None else str(value)
