"""Import of subjects: a CSV file and an archive of pictures become subjects, row by row, each in its own transaction.

A dry run does everything but keep it. jobs.position is written with each row, so that an import whose worker died goes
on with the next one: no row is done twice.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.errors import (
    AppError,
    Conflict,
    DuplicateImage,
    Gone,
    InvalidInput,
    NotFound,
    ObjectNotFound,
    ServiceUnavailable,
)
from sightline.core.storage import ObjectStorage
from sightline.models import Job, Subject, Watchlist
from sightline.schemas.jobs import JobKind, JobStatus
from sightline.schemas.subject_transfers import Existing, ImportParameters, ImportRow, RowStatus
from sightline.schemas.subjects import SubjectIn
from sightline.services import jobs, subject_images, subjects
from sightline.services.archives import PictureArchive
from sightline.services.job_run import JobRun
from sightline.services.jobs import JobResult
from sightline.services.new_objects import NewObjects, new_objects
from sightline.services.portraits import read_portrait
from sightline.services.spreadsheets import BYTE_ORDER_MARK, csv_lines
from sightline.services.subject_import_file import SourceRow, read_rows
from sightline.services.subjects import SubjectFields
from sightline.services.thresholds import choose_threshold
from sightline.vision.loading import Models

CSV_NAME = "input.csv"
ZIP_NAME = "images.zip"
ROWS_NAME = "rows.json"
SAVE_EVERY = 200
"""Rows after which what became of them is saved; of the last ones a report knows less when a worker dies."""
RESULT_COLUMNS = tuple(ImportRow.model_fields)


class _TakenBack(Exception):
    """The row would have gone well: undoes a dry run's transaction."""


@dataclass
class _Import:
    """One attempt."""

    run: JobRun
    given: ImportParameters
    watchlists: Mapping[str, int]
    archive: PictureArchive | None
    models: Models | None
    results: list[ImportRow] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)


async def begin(session: AsyncSession, *, given: ImportParameters, user_id: UUID) -> Job:
    """Queue an import whose files are stored next, before this session commits."""
    job = await jobs.enqueue(session, kind=JobKind.SUBJECT_IMPORT, parameters=given, created_by=user_id)
    job.parameters = given.model_copy(update={"files": job.id}).model_dump(mode="json")
    await session.flush()
    return job


async def store_files(storage: ObjectStorage, *, job_id: UUID, csv_file: Path, archive: Path | None) -> None:
    """Keep the uploaded files until the job runs, and a day longer. Raises InvalidInput for an archive that is none."""
    if archive is not None:
        await asyncio.to_thread(lambda: PictureArchive(archive).close())
    await storage.upload_file(jobs.folder(job_id) + CSV_NAME, csv_file)
    if archive is not None:
        await storage.upload_file(jobs.folder(job_id) + ZIP_NAME, archive)


async def apply(session: AsyncSession, *, job_id: UUID, existing: Existing | None, user_id: UUID) -> Job:
    """Import the files of a dry run for real. Raises NotFound, Conflict (not done, or no dry run), Gone."""
    dry = await _own_import(session, job_id=job_id, user_id=user_id)
    given = ImportParameters.model_validate(dry.parameters)
    if not given.dry_run or dry.status != JobStatus.DONE:
        raise Conflict("only a dry run that is done can be applied", hint="Wait for it, or upload the files again.")
    if dry.files_removed_at is not None:
        raise Gone("the files were removed, a day after the dry run", hint="Upload them again.")
    await session.execute(
        text("UPDATE jobs SET expires_at = now() + cast(:kept AS interval) WHERE id = :id"),
        {"kept": jobs.RESULT_KEPT, "id": job_id},
    )
    wanted = given.model_copy(update={"dry_run": False, "existing": existing or given.existing})
    return await jobs.enqueue(session, kind=JobKind.SUBJECT_IMPORT, parameters=wanted, created_by=user_id)


async def _own_import(session: AsyncSession, *, job_id: UUID, user_id: UUID) -> Job:
    job = await jobs.get(session, job_id=job_id)
    if job.created_by != user_id or job.kind != JobKind.SUBJECT_IMPORT:
        raise NotFound(f"you have no import {job_id}", hint="See the list of your jobs.")
    return job


async def result(
    session: AsyncSession, storage: ObjectStorage, *, job_id: UUID, user_id: UUID
) -> tuple[Job, bool, list[ImportRow]]:
    """An import, whether it is a dry run, and its rows (none until it is done). Raises NotFound, Gone."""
    job = await _own_import(session, job_id=job_id, user_id=user_id)
    given = ImportParameters.model_validate(job.parameters)
    if job.status != JobStatus.DONE:
        return job, given.dry_run, []
    try:
        stored = await storage.download(jobs.folder(job_id) + ROWS_NAME)
    except ObjectNotFound as error:
        raise Gone("the rows were removed, as every result is a day after it was made", hint="Import again.") from error
    return job, given.dry_run, [ImportRow.model_validate(row) for row in json.loads(stored.data)]


def as_csv(rows: Sequence[ImportRow]) -> str:
    """The rows for a spreadsheet."""
    cells = [["" if value is None else str(value) for value in row.model_dump(mode="json").values()] for row in rows]
    return BYTE_ORDER_MARK + csv_lines([RESULT_COLUMNS, *cells])


async def handle(run: JobRun) -> JobResult:
    """The job's handler."""
    given = run.parameters(ImportParameters)
    folder = jobs.folder(given.files)
    try:
        rows = await asyncio.to_thread(read_rows, (await run.storage.download(folder + CSV_NAME)).data)
    except ObjectNotFound as error:
        raise Gone("the uploaded files were removed", hint="Upload them again.") from error
    with ExitStack() as opened:
        archive = await _archive(run, folder, opened) if given.has_images else None
        async with run.database.session(run.principal) as session:
            lists = (await session.execute(select(Watchlist.id, Watchlist.name))).all()
            begin = await session.scalar(select(Job.position).where(Job.id == run.job_id)) or 0
        names = {one.name.lower(): one.id for one in lists} | {str(one.id): one.id for one in lists}
        work = _Import(run, given, names, archive, await run.models() if archive is not None else None)
        work.results = await _saved(run, rows[:begin]) if begin else []
        return await _import(work, rows, begin)


async def _archive(run: JobRun, folder: str, opened: ExitStack) -> PictureArchive:
    path = run.workspace / ZIP_NAME
    with path.open("wb") as file:
        async for part in await run.storage.stream(folder + ZIP_NAME):
            file.write(part)
    archive = await asyncio.to_thread(PictureArchive, path)
    opened.callback(archive.close)
    return archive


async def _saved(run: JobRun, done: Sequence[SourceRow]) -> list[ImportRow]:
    """What became of the rows that an attempt before this one did, as far as it was saved."""
    try:
        stored = json.loads((await run.storage.download(run.key(ROWS_NAME))).data)
    except ObjectNotFound:
        stored = []
    known = {row["row"]: ImportRow.model_validate(row) for row in stored}
    lost = "done before its worker was restarted"
    return [known.get(row.line) or ImportRow(row=row.line, status=RowStatus.UPDATED, detail=lost) for row in done]


async def _import(work: _Import, rows: Sequence[SourceRow], begin: int) -> JobResult:
    for index in range(begin, len(rows)):
        work.results.append(await _row(work, rows[index], index + 1))
        await work.run.progress((index + 1) / len(rows), f"{index + 1:,} of {len(rows):,} rows")
        if (index + 1) % SAVE_EVERY == 0:
            await _save(work)
    await _save(work)
    counts = {status.value: sum(row.status is status for row in work.results) for status in RowStatus}
    images = sum(row.images_added for row in work.results)
    summary: dict[str, object] = {"rows": len(rows), **counts, "images": images, "dry_run": work.given.dry_run}
    return JobResult("import.csv", as_csv(work.results).encode(), summary)


async def _save(work: _Import) -> None:
    data = json.dumps([row.model_dump(mode="json") for row in work.results]).encode()
    await work.run.storage.upload(work.run.key(ROWS_NAME), data)


async def _row(work: _Import, row: SourceRow, position: int) -> ImportRow:
    """What becomes of a row; whatever is wrong with it leaves the others alone."""
    external_id = row.cells.get("external_id")
    done = ImportRow(row=row.line, status=RowStatus.FAILED, external_id=external_id)
    try:
        fields = row.fields(work.watchlists)
        if external_id and (before := work.seen.setdefault(external_id, row.line)) != row.line:
            raise Conflict(f"the same external_id stands in line {before}", hint="Name each person once.")
        async with _objects(work) as objects, work.run.database.session(work.run.principal) as session:
            done = await _write(session, work, row, fields, objects)
            await _advance(session, work.run.job_id, position)
            if work.given.dry_run:
                raise _TakenBack
    except _TakenBack:
        done = done.model_copy(update={"subject_id": None if done.status is RowStatus.CREATED else done.subject_id})
    except ServiceUnavailable:
        raise
    except AppError as error:
        done = done.model_copy(update={"status": RowStatus.FAILED, "code": error.code, "detail": error.message})
    return done


class _Nowhere(NewObjects):
    """Where a dry run's pictures go."""

    async def upload(self, key: str, data: bytes) -> None:
        """Keep nothing."""


@asynccontextmanager
async def _objects(work: _Import) -> AsyncIterator[NewObjects]:
    if work.given.dry_run:
        yield _Nowhere(work.run.storage)
        return
    async with new_objects(work.run.storage) as objects:
        yield objects


async def _advance(session: AsyncSession, job_id: UUID, position: int) -> None:
    await session.execute(
        text("UPDATE jobs SET position = :position WHERE id = :id"), {"position": position, "id": job_id}
    )


async def _write(
    session: AsyncSession, work: _Import, row: SourceRow, fields: SubjectIn, objects: NewObjects
) -> ImportRow:
    wanted = SubjectFields(**{**fields.model_dump(), "status": fields.status.value})
    found = None
    if fields.external_id is not None:
        found = await session.scalar(select(Subject).where(Subject.external_id == fields.external_id))
    if found is not None and work.given.existing is Existing.SKIP:
        return ImportRow(row=row.line, status=RowStatus.SKIPPED, external_id=fields.external_id, subject_id=found.id)
    if found is None:
        subject_id, status = (await subjects.add(session, fields=wanted)).id, RowStatus.CREATED
    else:
        subject_id, status = found.id, RowStatus.UPDATED
        kept = _kept(found, fields)
        await subjects.replace(session, subject_id=subject_id, fields=replace(wanted, **kept), expected=None)
    added = known = 0
    for name in row.images:
        if await _add_picture(session, work, subject_id, name, objects):
            added += 1
        else:
            known += 1
    return ImportRow(
        row=row.line,
        status=status,
        external_id=fields.external_id,
        subject_id=subject_id,
        images_added=added,
        images_known=known,
    )


def _kept(found: Subject, fields: SubjectIn) -> dict[str, Any]:
    """What the file says nothing about stays as it is."""
    names = ("watchlist_id", "status", "alert_on_match", "expires_at")
    stays: dict[str, Any] = {name: getattr(found, name) for name in names if name not in fields.model_fields_set}
    return {**stays, "metadata": {**found.metadata_, **fields.metadata}}


async def _add_picture(session: AsyncSession, work: _Import, subject_id: UUID, name: str, objects: NewObjects) -> bool:
    """Enrol a picture; False where the subject has it. Raises InvalidInput naming the picture."""
    if work.archive is None or work.models is None:
        raise InvalidInput("the row names pictures, and no archive was uploaded", hint="Upload the ZIP file as well.")
    settings = (await work.run.rules()).recognition
    least = choose_threshold(work.models.curve, fmr=settings.fmr, min_similarity=settings.min_similarity)
    try:
        data = await asyncio.to_thread(work.archive.read, name)
        portrait = await asyncio.to_thread(read_portrait, data, work.models)
        await subject_images.add(
            session,
            subject_id=subject_id,
            portrait=portrait,
            objects=objects,
            same_person_from=least.min_similarity,
            allow_resembling=work.given.allow_resembling,
        )
    except DuplicateImage:
        return False
    except InvalidInput as error:
        error.message = f"{name}: {error.message}"
        raise
    return True
