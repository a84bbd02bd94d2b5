"""Export of subjects as CSV or JSON, with their pictures where that is wanted. It can be imported again."""

import json
import zipfile
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.errors import ObjectNotFound, TooLarge
from sightline.models import Image, Subject, Watchlist
from sightline.schemas.subject_transfers import ExportFormat, ExportParameters
from sightline.services import audit
from sightline.services.job_run import JobRun
from sightline.services.jobs import JobResult
from sightline.services.spreadsheets import BYTE_ORDER_MARK, Cell, csv_lines
from sightline.services.subject_import_file import OWN_FIELDS

CHUNK = 500
"""Subjects per transaction; each is one event of the audit log."""
MOST_BYTES = 2 * 1024**3
HEAD = (
    "id",
    "name",
    "external_id",
    "watchlist",
    "status",
    "alert_on_match",
    "expires_at",
    "created_at",
    "last_seen_at",
    "images",
)


@dataclass(frozen=True, slots=True)
class ExportedSubject:
    """A subject as it stands in the file. pictures: object keys by name in the archive."""

    cells: Mapping[str, Cell | bool]
    metadata: Mapping[str, object]
    pictures: Mapping[str, str]


async def handle(run: JobRun) -> JobResult:
    """The job's handler. Raises TooLarge."""
    given = run.parameters(ExportParameters)
    found: list[ExportedSubject] = []
    async for chunk in _chunks(run, given):
        found += chunk
        await run.progress(0.0 if given.pictures else 0.5, f"{len(found):,} subjects")
    listing = _csv(found) if given.format is ExportFormat.CSV else _json(found)
    name = f"subjects.{given.format.value}"
    summary: dict[str, object] = {"subjects": len(found)}
    if not given.pictures:
        return JobResult(name, listing, summary)
    path = run.workspace / "subjects.zip"
    summary["pictures"] = await _archive(run, path, name, listing, found)
    return JobResult("subjects.zip", path, summary)


async def _chunks(run: JobRun, given: ExportParameters) -> AsyncIterator[list[ExportedSubject]]:
    after: UUID | None = None
    while True:
        async with run.database.session(run.principal) as session:
            rows = await _rows(session, given, after)
            if not rows:
                return
            chunk = await _exported(session, rows, with_pictures=given.pictures)
            details: dict[str, object] = {
                "job": str(run.job_id),
                "subjects": [str(row.id) for row, _ in rows],
                "pictures": given.pictures,
                "purpose": given.purpose,
            }
            await audit.record_event(session, action="EXPORT", table_name="subjects", details=details)
        yield chunk
        after = rows[-1][0].id


async def _rows(
    session: AsyncSession, given: ExportParameters, after: UUID | None
) -> Sequence[tuple[Subject, str | None]]:
    statement = select(Subject, Watchlist.name).outerjoin(Watchlist, Watchlist.id == Subject.watchlist_id)
    if given.watchlist_id is not None:
        statement = statement.where(Subject.watchlist_id == given.watchlist_id)
    if given.status is not None:
        statement = statement.where(Subject.status == given.status.value)
    if given.ids is not None:
        statement = statement.where(Subject.id.in_(given.ids))
    if after is not None:
        statement = statement.where(Subject.id > after)
    return [(row[0], row[1]) for row in await session.execute(statement.order_by(Subject.id).limit(CHUNK))]


async def _exported(
    session: AsyncSession, rows: Sequence[tuple[Subject, str | None]], *, with_pictures: bool
) -> list[ExportedSubject]:
    pictures: dict[UUID, dict[str, str]] = {row.id: {} for row, _ in rows}
    if with_pictures:
        kept = select(Image.subject_id, Image.id, Image.image_path).where(
            Image.subject_id.in_(pictures), Image.image_path.is_not(None)
        )
        for subject_id, image_id, key in await session.execute(kept.order_by(Image.id)):
            pictures[subject_id][f"{subject_id}/{image_id}.jpg"] = str(key)
    return [_one(row, watchlist, pictures[row.id]) for row, watchlist in rows]


def _one(row: Subject, watchlist: str | None, pictures: dict[str, str]) -> ExportedSubject:
    cells: dict[str, Cell | bool] = {
        "id": str(row.id),
        "name": row.name,
        "external_id": row.external_id,
        "watchlist": watchlist,
        "status": row.status,
        "alert_on_match": row.alert_on_match,
        "expires_at": row.expires_at.isoformat() if row.expires_at else None,
        "created_at": row.created_at.isoformat(),
        "last_seen_at": row.last_seen_at.isoformat() if row.last_seen_at else None,
        "images": ";".join(pictures),
    }
    return ExportedSubject(cells, row.metadata_, pictures)


def _csv(found: Sequence[ExportedSubject]) -> bytes:
    own = sorted({name for subject in found for name in subject.metadata})
    rows = [[*HEAD, *(OWN_FIELDS + name for name in own)]]
    rows += [
        [_cell(subject.cells[name]) for name in HEAD] + [_cell(subject.metadata.get(name)) for name in own]
        for subject in found
    ]
    return (BYTE_ORDER_MARK + csv_lines(rows)).encode()


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _json(found: Sequence[ExportedSubject]) -> bytes:
    everybody = [
        {**subject.cells, "images": list(subject.pictures), "metadata": dict(subject.metadata)} for subject in found
    ]
    return json.dumps({"subjects": everybody}, ensure_ascii=False, indent=1).encode()


async def _archive(run: JobRun, path: Path, name: str, listing: bytes, found: Sequence[ExportedSubject]) -> int:
    """Write the archive; how many pictures it holds."""
    written = size = 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(name, listing)
        for number, subject in enumerate(found):
            for inside, key in subject.pictures.items():
                try:
                    data = (await run.storage.download(key)).data
                except ObjectNotFound:
                    continue
                written, size = written + 1, size + len(data)
                if size > MOST_BYTES:
                    raise TooLarge("the pictures are more than 2 GiB", hint="Export one watchlist after another.")
                archive.writestr(inside, data)
            await run.progress(number / len(found), f"{number:,} of {len(found):,} subjects")
    return written
