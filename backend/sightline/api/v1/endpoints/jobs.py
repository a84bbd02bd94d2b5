"""Background jobs: following them, stopping them, fetching what came of them."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query
from fastapi.responses import StreamingResponse

from sightline.api.deps import CurrentUser, ResourcesDep, SessionDep
from sightline.api.paging import Cursor, Limit, page_out, page_request, sort_parameter
from sightline.api.permissions import Permission, Requires, allows, scope
from sightline.api.routing import Router
from sightline.core.errors import Forbidden
from sightline.schemas.base import Page
from sightline.schemas.jobs import JobKind, JobOut, JobStatus
from sightline.services import job_results, jobs
from sightline.services.jobs import JobFilter

router = Router(prefix="/jobs", tags=["jobs"], dependencies=[Depends(Requires(Permission.OWN_JOBS))])

NEVER = {"Cache-Control": "private, no-store"}
MAKING = {
    JobKind.REPORT: Permission.CREATE_REPORTS,
    JobKind.SUBJECT_IMPORT: Permission.MANAGE_SUBJECTS,
    JobKind.SUBJECT_EXPORT: Permission.EXPORT_SUBJECTS,
    JobKind.ACCESS_EXPORT: Permission.EXPORT_SUBJECTS,
}
"""What a result was made by: whoever lost it since, or a key that never had it, does not get the file."""


@router.get("")
async def list_jobs(
    session: SessionDep,
    *,
    kind: Annotated[JobKind | None, Query(description="Only these.")] = None,
    status: Annotated[JobStatus | None, Query(description="Only these.")] = None,
    created_by: Annotated[UUID | None, Query(description="Only those of this account.")] = None,
    sort: Annotated[str, sort_parameter(jobs.ORDERS)] = "-created_at",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[JobOut]:
    """Your jobs, the newest first; an administrator's list holds everybody's."""
    where = JobFilter(kind, status, created_by)
    found = await jobs.list_jobs(session, where=where, page=page_request(sort=sort, limit=limit, cursor=cursor))
    return page_out(found, JobOut.model_validate)


@router.get("/{job_id}")
async def get_job(job_id: UUID, session: SessionDep) -> JobOut:
    """How far it is."""
    return JobOut.model_validate(await jobs.get(session, job_id=job_id))


@router.post("/{job_id}/cancel")
async def cancel_job(job_id: UUID, session: SessionDep) -> JobOut:
    """Take it out of the queue, or let it stop at its next step. 409 where it is over."""
    return JobOut.model_validate(await jobs.cancel(session, job_id=job_id))


@router.get(
    "/{job_id}/result",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/octet-stream": {}}, "description": "The result, as a download."}},
)
async def get_job_result(
    job_id: UUID, session: SessionDep, opened: ResourcesDep, current: CurrentUser
) -> StreamingResponse:
    """What came of it, for whoever asked for it only, and for a day. That you fetched it is recorded.

    It needs what asking for it needs. 409: not done yet; 410: removed.
    """
    needed = MAKING[JobKind((await jobs.get(session, job_id=job_id)).kind)]
    if not allows(current, needed):
        raise Forbidden(f"this result needs {scope(needed)}", hint="Use a login or a key that has it.")
    result = await job_results.fetch(session, opened.storage, job_id=job_id, user_id=current.user_id)
    headers = {**NEVER, "Content-Disposition": f'attachment; filename="{result.name}"'}
    return StreamingResponse(result.parts, media_type=result.content_type, headers=headers)
