"""Background jobs."""

from enum import StrEnum
from uuid import UUID

from pydantic import Field

from sightline.schemas.base import Out, UtcDatetime


class JobKind(StrEnum):
    """What kinds of work there are; workers/job_handlers.py names who does each that is not a command's own."""

    REPORT = "report"
    SUBJECT_IMPORT = "subject_import"
    SUBJECT_EXPORT = "subject_export"
    ACCESS_EXPORT = "access_export"
    GALLERY_REEMBED = "gallery_reembed"


class JobStatus(StrEnum):
    """How far a job has come."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class JobOut(Out):
    """Work in the background: how far it is, and what came of it."""

    id: UUID
    kind: JobKind
    status: JobStatus
    progress: float = Field(description="0 to 1.", examples=[0.42])
    message: str = Field(description="The step it is at.", examples=["1,200 of 2,800 rows"])
    cancel_requested: bool = Field(description="Somebody asked it to stop; it does at its next step.")
    result_name: str | None = Field(description="What the result is called; null: nothing to download.")
    result_type: str | None = Field(description="Content type of the result.")
    summary: dict[str, object] = Field(description="Amounts, by kind of job.", examples=[{"rows": 2800}])
    error_code: str | None = Field(description="Why it failed, as in a problem's code.")
    error_detail: str | None = None
    subject_id: UUID | None = Field(description="The subject it is about.")
    created_by: UUID | None = Field(description="Who asked for it; null: the account is gone.")
    created_at: UtcDatetime
    started_at: UtcDatetime | None
    finished_at: UtcDatetime | None
    expires_at: UtcDatetime | None = Field(description="When the result is removed.")
