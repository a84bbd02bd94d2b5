"""What came of a job, on its way to whoever asked for it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.storage import UNKNOWN_TYPE, ObjectStorage
from sightline.services import audit, jobs


@dataclass(frozen=True, slots=True)
class FetchedResult:
    """A download."""

    name: str
    content_type: str
    parts: AsyncIterator[bytes]


async def fetch(session: AsyncSession, storage: ObjectStorage, *, job_id: UUID, user_id: UUID) -> FetchedResult:
    """The result of a job, and the record that it was fetched. Raises NotFound, Conflict, Gone."""
    job = await jobs.finished_result(session, job_id=job_id, user_id=user_id)
    assert job.result_key is not None  # noqa: S101  finished_result() made sure
    parts = await storage.stream(job.result_key)
    details: dict[str, object] = {"kind": job.kind, "name": job.result_name}
    await audit.record_event(
        session,
        action="EXPORT",
        table_name="jobs",
        record_id=str(job.id),
        details=details,
        subject_id=job.subject_id,
    )
    return FetchedResult(job.result_name or "result", job.result_type or UNKNOWN_TYPE, parts)
