"""Sightings as a file, written while it is sent; how many, and by which filters, is an entry of the audit log."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import Database, Principal
from sightline.schemas.exports import ExportFormat
from sightline.services import sighting_views, table_exports
from sightline.services.keyset import PageOf, PageRequest
from sightline.services.match_rates import MatchRates
from sightline.services.sighting_views import NEWEST_FIRST, SightingFilter, SightingView
from sightline.services.spreadsheets import Cell
from sightline.services.table_exports import CHUNK, MOST_ROWS, Export, Table, end_of, record
from sightline.services.table_files import moment

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


async def announce(
    session: AsyncSession,
    *,
    where: SightingFilter,
    form: ExportFormat,
    purpose: str | None,
    byte_order_mark: bool = False,
) -> Export[SightingFilter]:
    """Count what would be exported and put it on record, before the first byte. Raises InvalidInput: too many."""
    chosen = await sighting_views.resolved(session, replace(where, until=end_of(where.until)))
    rows = await sighting_views.count_up_to(session, where=chosen, most=MOST_ROWS + 1)
    export = Export("sightings", chosen, form, byte_order_mark)
    await record(session, export, rows=rows, most=MOST_ROWS, purpose=purpose, filters=_told(where))
    return export


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


def written(
    database: Database, acting: Principal, export: Export[SightingFilter], rates: MatchRates
) -> AsyncIterator[str]:
    """The file, piece by piece. Raises what goes wrong on the way, after a last line that says so."""

    async def fetch(session: AsyncSession, request: PageRequest) -> PageOf[SightingView]:
        return await sighting_views.list_page(session, where=export.where, request=request)

    table = Table(COLUMNS, PageRequest(NEWEST_FIRST, CHUNK), fetch, lambda view: _cells(view, rates))
    return table_exports.written(database, acting, export, table)


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
