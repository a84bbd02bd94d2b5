"""Sightings as a file, written while it is sent; how many, and by which filters, is an entry of the audit log."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import Database, Principal
from sightline.core.errors import InvalidInput
from sightline.schemas.exports import ExportFormat
from sightline.services import audit, sighting_views
from sightline.services.keyset import PageOf, PageRequest
from sightline.services.match_rates import MatchRates
from sightline.services.sighting_views import NEWEST_FIRST, SightingFilter, SightingView
from sightline.services.spreadsheets import Cell
from sightline.services.table_files import TableRows, TableWriter, moment, pages, stream

MOST_ROWS: Final = 1_000_000
"""About 250 MB of CSV: what a spreadsheet takes (1,048,576 rows) and a line brings in minutes."""
CHUNK: Final = 1000
"""Rows per page: about a megabyte in memory."""
COLUMNS: Final = (
    "id",
    "detected_at",
    "last_seen_at",
    "closed_at",
    "camera_id",
    "camera_name",
    "subject_id",
    "subject_name",
    "similarity",
    "false_match_rate",
    "quality",
    "detections",
    "verdict",
    "model_version",
)


@dataclass(frozen=True, slots=True)
class Export:
    """What is written: as it was announced in the audit log, so with an end in time."""

    where: SightingFilter
    form: ExportFormat
    rows: int
    byte_order_mark: bool = False

    @property
    def file_name(self) -> str:
        """Such as sightings-20261122T120000Z.csv."""
        ends = self.where.until or datetime.now(UTC)
        return f"sightings-{ends:%Y%m%dT%H%M%SZ}.{self.form.value}"


async def announce(
    session: AsyncSession,
    *,
    where: SightingFilter,
    form: ExportFormat,
    purpose: str | None,
    byte_order_mark: bool = False,
) -> Export:
    """Count what would be exported and put it on record, before the first byte. Raises InvalidInput: too many."""
    now = datetime.now(UTC)
    ends = now if where.until is None else min(where.until, now + timedelta(days=1))
    chosen = await sighting_views.resolved(session, replace(where, until=ends))
    rows = await sighting_views.count_up_to(session, where=chosen, most=MOST_ROWS + 1)
    if rows > MOST_ROWS:
        raise InvalidInput(
            f"these are more than {MOST_ROWS:,} sightings", hint="Choose a shorter time, or fewer cameras."
        )
    details: dict[str, object] = {"rows": rows, "format": form.value, "purpose": purpose, "filters": _told(where)}
    await audit.record_event(session, action="EXPORT", table_name="sightings", details=details)
    return Export(chosen, form, rows, byte_order_mark)


def _told(where: SightingFilter) -> dict[str, object]:
    """The filters that were given, as JSON; subjects by number only, for audit entries outlive people."""
    given: dict[str, object] = {
        "cameras": None if where.camera_ids is None else [str(one) for one in where.camera_ids],
        "group": None if where.group_id is None else str(where.group_id),
        "subjects": None if where.subject_ids is None else len(where.subject_ids),
        "watchlist": where.watchlist_id,
        "known": where.known,
        "min_similarity": where.min_similarity,
        "min_quality": where.min_quality,
        "since": None if where.since is None else where.since.isoformat(),
        "until": None if where.until is None else where.until.isoformat(),
        "open": where.open,
        "verdict": where.verdict,
    }
    return {name: value for name, value in given.items() if value is not None}


async def written(database: Database, acting: Principal, export: Export, rates: MatchRates) -> AsyncIterator[str]:
    """The file, piece by piece. Raises what goes wrong on the way, after a last line that says so."""

    async def fetch(session: AsyncSession, request: PageRequest) -> PageOf[SightingView]:
        return await sighting_views.list_page(session, where=export.where, request=request)

    async def rows() -> AsyncIterator[TableRows]:
        async for views in pages(database, acting, PageRequest(NEWEST_FIRST, CHUNK), fetch):
            yield [_cells(view, rates) for view in views]

    async for piece in stream(TableWriter(export.form, COLUMNS, byte_order_mark=export.byte_order_mark), rows()):
        yield piece


def _cells(view: SightingView, rates: MatchRates) -> dict[str, Cell]:
    rate = rates.of(view.confidence, view.model_version)
    values: tuple[Cell, ...] = (
        str(view.id),
        moment(view.detected_at),
        moment(view.last_seen_at),
        moment(view.closed_at),
        str(view.camera_id),
        view.camera_name,
        str(view.subject_id) if view.subject_id else None,
        view.subject_name,
        None if view.confidence is None else round(view.confidence, 4),
        rate.fmr if rate else None,
        None if view.quality_score is None else round(view.quality_score, 4),
        view.detections,
        view.verdict,
        view.model_version,
    )
    return dict(zip(COLUMNS, values, strict=True))
