"""Background jobs: work that takes longer than a request, done by a worker on behalf of whoever asked for it.

    job = await jobs.enqueue(session, kind=JobKind.REPORT, parameters=ReportParameters(...))   # in the endpoint

A worker claims it, and keeps its heartbeat; one whose worker died is begun again by the next, up to MOST_ATTEMPTS
times, so a handler must be able to begin again. attempts is the fence: a worker that comes back after another has taken
its job may not write any more. Files lie below jobs/{id}/ in the object store and go RESULT_KEPT after the end.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import Principal, Role
from sightline.core.errors import AppError, Conflict, Gone, NotFound
from sightline.models import Job
from sightline.schemas.jobs import JobKind, JobStatus
from sightline.services import keyset
from sightline.services.keyset import Column, PageOf, PageRequest

ABANDONED_AFTER = timedelta(seconds=60)
"""Four missed heartbeats: its worker is gone."""
MOST_ATTEMPTS = 3
"""A job that took three workers with it will take the fourth."""
RESULT_KEPT = timedelta(hours=24)
"""An export of people lies about for as short as is of use."""
RECORD_KEPT = timedelta(days=30)
MOST_UNFINISHED = 20
"""Jobs that one user may have waiting: one runs at a time, the twenty-first would not be seen today."""


UNFINISHED = (JobStatus.QUEUED.value, JobStatus.RUNNING.value)


class JobStopped(Exception):
    """Raised inside a handler: the job was cancelled, or another worker has it. Let it pass."""


@dataclass(frozen=True, slots=True)
class JobResult:
    """What a handler gives back. content: bytes or a file to be stored, None where there is nothing to download.

    name: what the download is called, its suffix says the content type. summary: amounts, never personal data.
    """

    name: str = ""
    content: bytes | Path | None = None
    summary: dict[str, object] = field(default_factory=dict)


async def enqueue(
    session: AsyncSession, *, kind: JobKind, parameters: BaseModel, created_by: UUID, subject_id: UUID | None = None
) -> Job:
    """Queue work for whoever acts in this session. subject_id: whom it is about; erased, their jobs go too.

    Raises Conflict where this user has too many waiting.
    """
    waiting = select(Job.id).where(Job.created_by == created_by, Job.status.in_(UNFINISHED)).limit(MOST_UNFINISHED)
    if len((await session.scalars(waiting)).all()) >= MOST_UNFINISHED:
        raise Conflict(
            f"{MOST_UNFINISHED} of your jobs are waiting already", hint="Wait until they are done, or cancel some."
        )
    job = Job(
        kind=kind.value, parameters=parameters.model_dump(mode="json"), created_by=created_by, subject_id=subject_id
    )
    session.add(job)
    await session.flush()
    await session.refresh(job)
    return job


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs a list shows."""

    kind: JobKind | None = None
    status: JobStatus | None = None
    created_by: UUID | None = None


COLUMNS: dict[str, Column] = {"created_at": Job.created_at}
ORDERS = tuple(COLUMNS)


async def list_jobs(session: AsyncSession, *, where: JobFilter, page: PageRequest) -> PageOf[Job]:
    """Jobs that the principal may see: their own, an administrator's are all."""
    statement = select(Job)
    if where.kind is not None:
        statement = statement.where(Job.kind == where.kind.value)
    if where.status is not None:
        statement = statement.where(Job.status == where.status.value)
    if where.created_by is not None:
        statement = statement.where(Job.created_by == where.created_by)
    positions = {name: name for name in COLUMNS}
    return await keyset.fetch(session, statement, page, columns=COLUMNS, positions=positions, row_id=Job.id)


async def get(session: AsyncSession, *, job_id: UUID) -> Job:
    """A job by id. Raises NotFound, also where it is another's."""
    job = await session.get(Job, job_id)
    if job is None:
        raise NotFound(f"no job {job_id}", hint="See the list of your jobs.")
    return job


async def by_ids(session: AsyncSession, *, job_ids: Sequence[UUID]) -> Sequence[Job]:
    """Those of these jobs that the principal may see."""
    return (await session.scalars(select(Job).where(Job.id.in_(job_ids)))).all()


async def finished_result(session: AsyncSession, *, job_id: UUID, user_id: UUID) -> Job:
    """A job of this user whose result can be fetched. Raises NotFound, Conflict (not done yet), Gone (expired)."""
    job = await get(session, job_id=job_id)
    if job.created_by != user_id:
        raise NotFound(f"you have no job {job_id}", hint="A result is for whoever asked for it only.")
    if job.status != JobStatus.DONE:
        raise Conflict(f"the job is {job.status}", hint="Fetch the result when its status is done.")
    if job.files_removed_at is not None or (job.expires_at is not None and job.expires_at <= datetime.now(UTC)):
        raise Gone("the result was removed, as every result is a day after it was made", hint="Ask for it again.")
    if job.result_key is None:
        raise NotFound("this job has no result to fetch", hint="Its summary says all there is.")
    return job


async def cancel(session: AsyncSession, *, job_id: UUID) -> Job:
    """Take it out of the queue, or ask its worker to stop; again changes nothing. Raises NotFound, Conflict (over)."""
    job = (await session.scalars(select(Job).where(Job.id == job_id).with_for_update())).one_or_none()
    if job is None:
        raise NotFound(f"no job {job_id}", hint="See the list of your jobs.")
    if job.status in {JobStatus.DONE, JobStatus.FAILED}:
        raise Conflict(f"the job is {job.status} already", hint="Nothing is left to cancel.")
    if job.status == JobStatus.QUEUED:
        now = datetime.now(UTC)
        job.status, job.finished_at, job.expires_at = JobStatus.CANCELLED.value, now, now
    job.cancel_requested = True
    await session.flush()
    return job


# What follows is for work that a command does itself and shows as a job, as SYSTEM. Nobody else takes it up.


async def begin_own(session: AsyncSession, *, kind: JobKind) -> UUID:
    """Show work that begins now; its id."""
    job_id: UUID = (await session.execute(_BEGIN_OWN, {"kind": kind.value, "attempts": MOST_ATTEMPTS})).scalar_one()
    return job_id


async def tell_own(session: AsyncSession, *, job_id: UUID, done: int, total: int) -> None:
    """Show how far it is."""
    share = done / total if total else 1.0
    await session.execute(_TELL_OWN, {"id": job_id, "progress": share, "message": f"{done} of {total}"})


async def end_own(
    session: AsyncSession, *, job_id: UUID, summary: dict[str, object] | None = None, error: AppError | None = None
) -> None:
    """Show that it is over."""
    values = {
        "id": job_id,
        "status": (JobStatus.DONE if error is None else JobStatus.FAILED).value,
        "summary": json.dumps(summary or {}),
        "code": None if error is None else error.code,
        "detail": None if error is None else error.message,
    }
    await session.execute(_END_OWN, values)


_BEGIN_OWN = text(
    "INSERT INTO jobs (kind, status, attempts, started_at, heartbeat_at)"
    " VALUES (:kind, 'running', :attempts, now(), now()) RETURNING id"
)
_TELL_OWN = text(
    "UPDATE jobs SET progress = :progress, message = :message, heartbeat_at = now(), status = 'running',"
    " finished_at = NULL, expires_at = NULL, error_code = NULL, error_detail = NULL WHERE id = :id"
)
_END_OWN = text(
    "UPDATE jobs SET status = :status, progress = CASE WHEN :status = 'done' THEN 1 ELSE progress END,"
    " summary = cast(:summary AS json), error_code = :code, error_detail = :detail, finished_at = now(),"
    " expires_at = now() WHERE id = :id"
)


# What follows is the worker's side, as MAINTENANCE.


@dataclass(frozen=True, slots=True)
class Claim:
    """A job in the hands of one worker. attempt: its fence; principal: on whose behalf it runs."""

    job_id: UUID
    kind: str
    parameters: dict[str, object]
    attempt: int
    principal: Principal | None


_GIVE_UP = text(
    "UPDATE jobs SET status = 'failed', finished_at = now(), expires_at = now(), error_code = 'job_abandoned',"
    " error_detail = 'its worker ended each time it was tried'"
    " WHERE status = 'running' AND heartbeat_at < now() - cast(:silent AS interval) AND attempts >= :most"
)
_CLAIM = text(
    """
    UPDATE jobs j SET status = 'running', attempts = j.attempts + 1, heartbeat_at = now(), progress = 0, message = '',
        started_at = coalesce(j.started_at, now())
    WHERE j.id = (
        SELECT id FROM jobs WHERE status = 'queued'
            OR (status = 'running' AND heartbeat_at < now() - cast(:silent AS interval) AND attempts < :most)
        ORDER BY created_at FOR UPDATE SKIP LOCKED LIMIT 1)
    RETURNING j.id, j.kind, j.parameters, j.attempts, j.created_by,
        (SELECT u.role FROM user_names u WHERE u.id = j.created_by AND u.is_active) AS role
    """
)


async def claim(session: AsyncSession) -> Claim | None:
    """Take the oldest job that waits or was abandoned; None where there is none.

    principal is None where the account that asked for it is gone or switched off.
    """
    given = {"silent": ABANDONED_AFTER, "most": MOST_ATTEMPTS}
    await session.execute(_GIVE_UP, given)
    row = (await session.execute(_CLAIM, given)).one_or_none()
    if row is None:
        return None
    principal = Principal(Role(row.role), row.created_by) if row.role else None
    return Claim(row.id, row.kind, row.parameters, row.attempts, principal)


_BEAT = text(
    "UPDATE jobs SET heartbeat_at = now(), progress = coalesce(cast(:progress AS real), progress),"
    " message = coalesce(cast(:message AS text), message)"
    " WHERE id = :job_id AND attempts = :attempt AND status = 'running' RETURNING cancel_requested"
)


async def beat(
    session: AsyncSession, claimed: Claim, *, progress: float | None = None, message: str | None = None
) -> None:
    """Say that the work goes on. Raises JobStopped where it shall not: cancelled, erased, or another worker has it."""
    given = {"job_id": claimed.job_id, "attempt": claimed.attempt, "progress": progress, "message": message}
    row = (await session.execute(_BEAT, given)).one_or_none()
    if row is None or row.cancel_requested:
        raise JobStopped


_FINISH = text(
    "UPDATE jobs SET status = :status, finished_at = now(), expires_at = now() + cast(:kept AS interval),"
    " progress = CASE WHEN :status = 'done' THEN 1 ELSE progress END,"
    " result_key = :key, result_name = :name, result_type = :type, summary = cast(:summary AS json),"
    " error_code = :code, error_detail = :detail"
    " WHERE id = :job_id AND attempts = :attempt AND status = 'running' RETURNING id"
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended. key: of the stored result; error: why it failed."""

    status: JobStatus
    result: JobResult = field(default_factory=JobResult)
    key: str | None = None
    content_type: str | None = None
    error: AppError | None = None


async def finish(session: AsyncSession, claimed: Claim, outcome: Outcome) -> bool:
    """Record the end; False where the job is no longer ours, so that the files can be removed."""
    given = {
        "job_id": claimed.job_id,
        "attempt": claimed.attempt,
        "status": outcome.status.value,
        "kept": RESULT_KEPT,
        "key": outcome.key,
        "name": outcome.result.name or None,
        "type": outcome.content_type,
        "summary": json.dumps(outcome.result.summary),
        "code": outcome.error.code if outcome.error else None,
        "detail": f"{outcome.error.message}. {outcome.error.hint}".strip(". ") if outcome.error else None,
    }
    return (await session.execute(_FINISH, given)).one_or_none() is not None


async def with_expired_files(session: AsyncSession, *, limit: int = 50) -> Sequence[UUID]:
    """Jobs whose files are due, locked until the transaction ends."""
    statement = (
        select(Job.id)
        .where(Job.expires_at <= datetime.now(UTC), Job.files_removed_at.is_(None))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(statement)).all()


async def files_removed(session: AsyncSession, *, job_ids: Sequence[UUID]) -> None:
    """Note that the files of these jobs are gone; jobs that ended long ago go altogether."""
    statement = text("UPDATE jobs SET files_removed_at = now(), result_key = NULL WHERE id = ANY(:ids)")
    await session.execute(statement, {"ids": list(job_ids)})
    old = text("DELETE FROM jobs WHERE files_removed_at IS NOT NULL AND finished_at < now() - cast(:kept AS interval)")
    await session.execute(old, {"kept": RECORD_KEPT})


def folder(job_id: UUID) -> str:
    """Where a job's files lie in the object store."""
    return f"jobs/{job_id}/"
