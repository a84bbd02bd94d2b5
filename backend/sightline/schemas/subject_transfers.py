"""Import and export of subjects, and the export of everything held on one."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from sightline.schemas.base import In, Out, Text
from sightline.schemas.jobs import JobOut
from sightline.schemas.subjects import ListId, SubjectStatus


class Existing(StrEnum):
    """What becomes of rows whose external_id is enrolled already."""

    SKIP = "skip"
    UPDATE = "update"


class ImportParameters(BaseModel):
    """What an import job is given. files: the job in whose folder the uploaded files lie."""

    files: UUID
    has_images: bool
    dry_run: bool
    existing: Existing
    allow_resembling: bool = False


class RowStatus(StrEnum):
    """What became of a row; in a dry run: what would."""

    CREATED = "created"
    UPDATED = "updated"
    SKIPPED = "skipped"
    FAILED = "failed"


class ImportRow(Out):
    """A row of the file."""

    row: int = Field(description="Line of the file on which it begins; the header is line 1.")
    status: RowStatus
    external_id: str | None = None
    subject_id: UUID | None = Field(None, description="The subject; null in a dry run, and where it failed.")
    images_added: int = 0
    images_known: int = Field(0, description="Pictures that this subject has already.")
    code: str | None = Field(None, description="Why it failed, or the first picture was refused.")
    detail: str | None = None


class ImportOut(Out):
    """An import: its job, and what became of each row."""

    job: JobOut
    dry_run: bool
    rows: Sequence[ImportRow] = Field(description="Empty until the job is done.")


class ApplyIn(In):
    """How a dry run's files are imported."""

    existing: Existing | None = Field(None, description="As in the dry run where it is left out.")


class ExportFormat(StrEnum):
    """Of the list of subjects."""

    CSV = "csv"
    JSON = "json"


class SubjectExportIn(In):
    """Which subjects, and how."""

    format: ExportFormat = ExportFormat.CSV
    pictures: bool = Field(default=False, description="A ZIP file with the pictures beside the list.")
    watchlist_id: ListId | None = Field(None, description="Only those of this list.")
    status: SubjectStatus | None = Field(None, description="Only these.")
    ids: list[UUID] | None = Field(None, min_length=1, max_length=5000, description="Only these.")


class ExportParameters(BaseModel):
    """What an export job is given."""

    format: ExportFormat
    pictures: bool
    watchlist_id: int | None
    status: SubjectStatus | None
    ids: list[UUID] | None
    purpose: str | None


class AccessExportParameters(BaseModel):
    """What a job of a subject access export is given."""

    subject_id: UUID
    purpose: str


Reason = Annotated[Text, StringConstraints(strip_whitespace=True, min_length=3, max_length=200)]


class AccessExportIn(In):
    """Why everything held on a person is handed out."""

    reason: Reason = Field(description="On whose request, a case number for example.", examples=["DSR-2026-117"])
