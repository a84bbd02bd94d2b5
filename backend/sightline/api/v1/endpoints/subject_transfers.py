"""Import and export of subjects, and the export of everything held on one person; all of it in the background."""

import asyncio
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, File, Form, Query, Response, UploadFile

from sightline.api.deps import CurrentUser, ResourcesDep, SessionDep
from sightline.api.permissions import Permission, Requires
from sightline.api.purpose import PurposeDep
from sightline.api.routing import Router
from sightline.models import Job
from sightline.schemas.jobs import JobKind, JobOut
from sightline.schemas.subject_transfers import (
    AccessExportIn,
    ApplyIn,
    Existing,
    ExportFormat,
    ExportParameters,
    ImportOut,
    ImportParameters,
    SubjectExportIn,
)
from sightline.services import access_export, jobs, subject_import

router = Router(prefix="/subjects", tags=["subjects"])

MANAGE = [Depends(Requires(Permission.MANAGE_SUBJECTS))]
EXPORT = [Depends(Requires(Permission.EXPORT_SUBJECTS))]
CSV: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {}}, "description": "JSON, or CSV where format=csv asks for it."}
}


@router.post("/imports", status_code=202, dependencies=MANAGE)
async def import_subjects(  # noqa: PLR0913, PLR0917 - a form's fields are its signature
    session: SessionDep,
    opened: ResourcesDep,
    current: CurrentUser,
    response: Response,
    file: Annotated[UploadFile, File(description="CSV in UTF-8: name, external_id, watchlist, images, … metadata.*")],
    images: Annotated[UploadFile | None, File(description="ZIP of the pictures that the column images names.")] = None,
    dry_run: Annotated[bool, Form(description="Say what would happen, and keep nothing.")] = True,  # noqa: FBT002
    existing: Annotated[Existing, Form(description="Rows whose external_id is enrolled already.")] = Existing.SKIP,
    allow_resembling: Annotated[  # noqa: FBT002
        bool, Form(description="Import pictures that resemble another subject.")
    ] = False,
) -> JobOut:
    """Import a list of people with their pictures; in the background, row by row.

    The rows are told by GET /v1/subjects/imports/{id}. After a dry run, POST …/apply imports the same files.
    """
    given = ImportParameters(
        files=UUID(int=0),
        has_images=images is not None,
        dry_run=dry_run,
        existing=existing,
        allow_resembling=allow_resembling,
    )
    job = await subject_import.begin(session, given=given, user_id=current.user_id)
    with TemporaryDirectory(prefix="sightline-upload-") as folder:
        csv_file = await _kept(file, Path(folder) / subject_import.CSV_NAME)
        archive = await _kept(images, Path(folder) / subject_import.ZIP_NAME) if images else None
        await subject_import.store_files(opened.storage, job_id=job.id, csv_file=csv_file, archive=archive)
    return _accepted(job, response)


@router.get("/imports/{job_id}", dependencies=MANAGE, responses=CSV, response_model=ImportOut)
async def get_import(
    job_id: UUID,
    session: SessionDep,
    opened: ResourcesDep,
    current: CurrentUser,
    *,
    format: Annotated[  # noqa: A002 - the parameter's name in the address
        ExportFormat, Query(description="csv: the rows only, for a spreadsheet.")
    ] = ExportFormat.JSON,
) -> ImportOut | Response:
    """Your import: how far it is and, when it is done, what became of each row."""
    job, dry_run, rows = await subject_import.result(session, opened.storage, job_id=job_id, user_id=current.user_id)
    if format is ExportFormat.CSV:
        headers = {"Content-Disposition": 'attachment; filename="import.csv"', "Cache-Control": "private, no-store"}
        return Response(subject_import.as_csv(rows), media_type="text/csv", headers=headers)
    return ImportOut(job=JobOut.model_validate(job), dry_run=dry_run, rows=rows)


@router.post("/imports/{job_id}/apply", status_code=202, dependencies=MANAGE)
async def apply_import(
    job_id: UUID, wanted: ApplyIn, session: SessionDep, current: CurrentUser, response: Response
) -> JobOut:
    """Import the files of a dry run for real."""
    job = await subject_import.apply(session, job_id=job_id, existing=wanted.existing, user_id=current.user_id)
    return _accepted(job, response)


@router.post("/export", status_code=202, dependencies=EXPORT)
async def export_subjects(
    wanted: SubjectExportIn, session: SessionDep, current: CurrentUser, purpose: PurposeDep, response: Response
) -> JobOut:
    """A list of subjects as CSV or JSON, with their pictures where you ask for them; it can be imported again."""
    given = ExportParameters(**wanted.model_dump(), purpose=purpose)
    job = await jobs.enqueue(session, kind=JobKind.SUBJECT_EXPORT, parameters=given, created_by=current.user_id)
    return _accepted(job, response)


@router.post("/{subject_id}/access-export", status_code=202, dependencies=EXPORT)
async def export_everything_held(
    subject_id: UUID, wanted: AccessExportIn, session: SessionDep, current: CurrentUser, response: Response
) -> JobOut:
    """Everything held on a person (GDPR, article 15) as a ZIP file: data, pictures, and a page to read.

    Faces of others are made unrecognisable in the pictures.

    Look through the pictures before you hand them out: a face that the detector missed is not covered.
    """
    job = await access_export.begin(session, subject_id=subject_id, reason=wanted.reason, user_id=current.user_id)
    return _accepted(job, response)


def _accepted(job: Job, response: Response) -> JobOut:
    response.headers["Location"] = f"/v1/jobs/{job.id}"
    return JobOut.model_validate(job)


async def _kept(upload: UploadFile, path: Path) -> Path:
    """The upload as a file of its own; the name it came with is not used."""

    def copy() -> None:
        with path.open("wb") as file:
            shutil.copyfileobj(upload.file, file)

    await asyncio.to_thread(copy)
    return path
