"""The audit log as a file, written while it is sent; that it was exported is an entry itself."""

from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import Database, Principal
from sightline.models.base import Json
from sightline.schemas.exports import ExportFormat
from sightline.services import audit, audit_log
from sightline.services.audit_log import NEWEST_FIRST, AuditEntry, AuditFilter
from sightline.services.keyset import PageOf, PageRequest
from sightline.services.spreadsheets import Cell
from sightline.services.table_files import TableRows, TableWriter, moment, pages, stream

CHUNK: Final = 500
"""Entries read at once; their values may hold several kilobytes each."""
COLUMNS: Final = tuple(AuditEntry.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class AuditExport:
    """What is written: everything up to the moment when it was announced."""

    where: AuditFilter
    form: ExportFormat
    byte_order_mark: bool = False

    @property
    def file_name(self) -> str:
        """Such as audit-20261122T120000Z.csv."""
        ends = self.where.until or datetime.now(UTC)
        return f"audit-{ends:%Y%m%dT%H%M%SZ}.{self.form.value}"


async def announce(
    session: AsyncSession, *, where: AuditFilter, form: ExportFormat, byte_order_mark: bool = False
) -> AuditExport:
    """Put on record that the log is exported, before the first byte."""
    now = datetime.now(UTC)
    given = {name: str(value) for name, value in asdict(where).items() if value and name != "subject_id"}
    details: dict[str, object] = {"format": form.value, "filters": given}
    await audit.record_event(
        session, action="EXPORT", table_name="audit_logs", details=details, subject_id=where.subject_id
    )
    ends = now if where.until is None else min(where.until, now)
    return AuditExport(replace(where, until=ends), form, byte_order_mark)


async def written(database: Database, acting: Principal, export: AuditExport) -> AsyncIterator[str]:
    """The file, piece by piece. Raises what goes wrong on the way, after a last line that says so."""

    async def fetch(session: AsyncSession, request: PageRequest) -> PageOf[AuditEntry]:
        return await audit_log.list_entries(session, where=export.where, request=request)

    async def rows() -> AsyncIterator[TableRows]:
        async for entries in pages(database, acting, PageRequest(NEWEST_FIRST, CHUNK), fetch):
            yield [_row(entry) for entry in entries]

    async for piece in stream(TableWriter(export.form, COLUMNS, byte_order_mark=export.byte_order_mark), rows()):
        yield piece


def _row(entry: AuditEntry) -> dict[str, Cell | Json]:
    return {name: _cell(getattr(entry, name)) for name in COLUMNS}


def _cell(value: object) -> Cell | Json:
    if isinstance(value, datetime):
        return moment(value)
    return value if isinstance(value, str | int | float | dict) or value is None else str(value)
