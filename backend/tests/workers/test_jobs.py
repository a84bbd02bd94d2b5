"""Background jobs: done on behalf of whoever asked, once; begun again where a worker died; stopped when asked."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio
from pydantic import BaseModel
from redis.asyncio import Redis
from sqlalchemy import text

from sightline.core.config import Settings, StorageSettings
from sightline.core.database import MAINTENANCE, SYSTEM, Database, Principal, Role
from sightline.core.errors import Conflict, NotFound
from sightline.core.storage import UrlSigner, open_storage
from sightline.models import Job
from sightline.schemas.jobs import JobKind, JobStatus
from sightline.services import jobs
from sightline.services.job_run import Handler, JobRun
from sightline.services.jobs import JobResult, JobStopped, Outcome
from sightline.workers import jobs as worker_module
from sightline.workers.embedded.valkey import ValkeyAddress
from sightline.workers.jobs import JobServices, JobWorker
from tests.support.database import add_user

pytestmark = pytest.mark.asyncio


class Wish(BaseModel):
    """Parameters of the jobs of these tests."""

    amount: int = 3


@dataclass
class Office:
    services: JobServices
    asker: Principal

    @property
    def database(self) -> Database:
        return self.services.database

    async def enqueue(self, asker: Principal | None = None, kind: JobKind = JobKind.REPORT) -> UUID:
        acting = asker or self.asker
        assert acting.user_id
        async with self.database.session(acting) as session:
            return (await jobs.enqueue(session, kind=kind, parameters=Wish(), created_by=acting.user_id)).id

    def worker(self, handler: Handler, kind: JobKind = JobKind.REPORT) -> JobWorker:
        handlers: Mapping[str, Handler] = {kind: handler}
        return JobWorker(self.services, handlers)

    async def job(self, job_id: UUID) -> Job:
        async with self.database.session(SYSTEM) as session:
            return await jobs.get(session, job_id=job_id)

    async def set(self, job_id: UUID, change: str) -> None:
        async with self.database.session(SYSTEM) as session:
            await session.execute(text(f"UPDATE jobs SET {change} WHERE id = :id"), {"id": job_id})  # noqa: S608


@pytest_asyncio.fixture
async def office(database: Database, redis_server: ValkeyAddress, tmp_path: Path) -> AsyncIterator[Office]:
    redis = Redis.from_url(redis_server.url)
    storage = open_storage(StorageSettings(), folder=tmp_path / "objects", signer=UrlSigner("k" * 40))
    async with database.session(SYSTEM) as session:
        asker = await add_user(session, Role.OPERATOR)
    yield Office(JobServices(database, storage, redis, Settings(data_dir=tmp_path)), asker)
    await redis.aclose()


async def count_to(run: JobRun) -> JobResult:
    """Counts, as whoever asked for it."""
    amount = run.parameters(Wish).amount
    async with run.database.session(run.principal) as session:
        role = await session.scalar(text("SELECT sightline_role()"))
    return JobResult("counted.csv", f"{role},{amount}".encode(), {"counted": amount})


async def test_a_job_is_done_on_behalf_of_whoever_asked_and_its_result_stored(office: Office) -> None:
    job_id = await office.enqueue()
    assert await office.worker(count_to).drain() == 1
    job = await office.job(job_id)
    assert (job.status, job.progress, job.summary, job.attempts) == ("done", 1.0, {"counted": 3}, 1)
    assert (job.result_name, job.result_type) == ("counted.csv", "text/csv")
    assert job.result_key
    assert (await office.services.storage.download(job.result_key)).data == b"operator,3"


async def test_two_workers_never_share_a_job(office: Office) -> None:
    ids = [await office.enqueue() for _ in range(6)]
    seen: list[UUID] = []

    async def note(run: JobRun) -> JobResult:
        seen.append(run.job_id)
        await asyncio.sleep(0)
        return JobResult()

    await asyncio.gather(office.worker(note).drain(), office.worker(note).drain())
    assert sorted(seen) == sorted(ids)


async def test_an_error_of_ours_is_the_jobs_failure_and_no_other_error_ends_the_worker(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    async def refuse(_run: JobRun) -> JobResult:
        raise Conflict("there is nothing to report", hint="Wait for a sighting.")

    async def break_down(_run: JobRun) -> JobResult:
        raise ZeroDivisionError("Jane Doe")

    first = await office.enqueue()
    await office.worker(refuse).drain()
    failed = await office.job(first)
    assert (failed.status, failed.error_code) == ("failed", "conflict")
    assert failed.error_detail == "there is nothing to report. Wait for a sighting"
    second = await office.enqueue()
    await office.worker(break_down).drain()
    failed = await office.job(second)
    assert (failed.status, failed.error_code) == ("failed", "job_failed")
    assert "Jane" not in str(failed.error_detail)
    assert "ZeroDivisionError" in caplog.text


async def test_a_job_nobody_here_can_do_or_whose_asker_is_gone_fails(office: Office) -> None:
    unknown = await office.enqueue(kind=JobKind.ACCESS_EXPORT)
    orphan = await office.enqueue()
    async with office.database.session(SYSTEM) as session:
        await session.execute(text("UPDATE users SET is_active = false"))
    await office.worker(count_to).drain()
    assert (await office.job(unknown)).error_code == "job_failed"
    assert (await office.job(orphan)).error_code == "forbidden"


async def test_a_job_whose_worker_died_is_begun_again_and_given_up_after_three(office: Office) -> None:
    job_id = await office.enqueue()
    async with office.database.session(MAINTENANCE) as session:
        first = await jobs.claim(session)
    assert first
    assert await office.worker(count_to).drain() == 0, "its heartbeat is fresh"
    await office.set(job_id, "heartbeat_at = now() - interval '61 seconds'")
    assert await office.worker(count_to).drain() == 1
    assert (await office.job(job_id)).attempts == 2
    async with office.database.session(MAINTENANCE) as session:
        assert not await jobs.finish(session, first, Outcome(JobStatus.FAILED)), "the first worker comes too late"
    assert (await office.job(job_id)).status == "done"

    poison = await office.enqueue()
    await office.set(poison, "status = 'running', attempts = 3, heartbeat_at = now() - interval '61 seconds'")
    assert await office.worker(count_to).drain() == 0
    assert (await office.job(poison)).error_code == "job_abandoned"


async def test_who_lost_a_job_may_not_write_any_more(office: Office) -> None:
    job_id = await office.enqueue()
    async with office.database.session(MAINTENANCE) as session:
        first = await jobs.claim(session)
    assert first
    await office.set(job_id, "heartbeat_at = now() - interval '61 seconds'")
    async with office.database.session(MAINTENANCE) as session:
        second = await jobs.claim(session)
    assert second == replace(first, attempt=2)
    with pytest.raises(JobStopped):
        async with office.database.session(MAINTENANCE) as session:
            await jobs.beat(session, first, progress=0.9, message="late")
    assert (await office.job(job_id)).progress == 0


async def test_a_cancelled_job_never_starts_or_stops_at_its_next_step(office: Office) -> None:
    waiting = await office.enqueue()
    async with office.database.session(office.asker) as session:
        assert (await jobs.cancel(session, job_id=waiting)).status == "cancelled"
    assert await office.worker(count_to).drain() == 0

    async def long(run: JobRun) -> JobResult:
        async with run.database.session(run.principal) as session:
            await jobs.cancel(session, job_id=run.job_id)
        await run.progress(0.5, "half")
        raise AssertionError("goes on")

    running = await office.enqueue()
    await office.worker(long).drain()
    assert (await office.job(running)).status == "cancelled"
    await office.set(running, "status = 'done'")
    async with office.database.session(office.asker) as session:
        with pytest.raises(Conflict):
            await jobs.cancel(session, job_id=running)


async def test_the_heartbeat_stops_a_cancelled_handler_that_tells_no_progress(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "BEAT_SECONDS", 0.01)

    async def silent(run: JobRun) -> JobResult:
        async with run.database.session(run.principal) as session:
            await jobs.cancel(session, job_id=run.job_id)
        await asyncio.sleep(3600)
        return JobResult()

    job_id = await office.enqueue()
    await office.worker(silent).drain()
    assert (await office.job(job_id)).status == "cancelled"


async def test_a_worker_that_is_told_to_stop_leaves_its_job_to_the_next(office: Office) -> None:
    began, stop = asyncio.Event(), asyncio.Event()

    async def long(_run: JobRun) -> JobResult:
        began.set()
        await asyncio.sleep(3600)
        return JobResult()

    job_id = await office.enqueue()
    running = asyncio.create_task(office.worker(long).run(stop))
    await began.wait()
    stop.set()
    await running
    assert (await office.job(job_id)).status == "running"
    await office.set(job_id, "heartbeat_at = now() - interval '61 seconds'")
    await office.worker(count_to).drain()
    assert (await office.job(job_id)).status == "done"


async def test_a_new_job_wakes_the_worker(office: Office) -> None:
    done, stop = asyncio.Event(), asyncio.Event()

    async def quick(_run: JobRun) -> JobResult:
        done.set()
        return JobResult()

    running = asyncio.create_task(office.worker(quick).run(stop))
    await office.enqueue()
    async with asyncio.timeout(20):
        await done.wait()
    stop.set()
    await running


async def test_files_go_when_their_time_is_over_and_the_record_later(office: Office) -> None:
    job_id = await office.enqueue()
    worker = office.worker(count_to)
    await worker.drain()
    storage = office.services.storage
    await storage.upload(f"jobs/{job_id}/input.csv", b"name")
    await worker.remove_expired()
    assert len([entry async for entry in storage.list(f"jobs/{job_id}/")]) == 2
    await office.set(job_id, "expires_at = now()")
    await worker.remove_expired()
    assert [entry async for entry in storage.list(f"jobs/{job_id}/")] == []
    assert (await office.job(job_id)).files_removed_at
    await office.set(job_id, "finished_at = now() - interval '31 days'")
    other = await office.enqueue()
    await worker.drain()
    await office.set(other, "expires_at = now()")
    await worker.remove_expired()
    with pytest.raises(NotFound):
        await office.job(job_id)


async def test_others_see_no_job_but_an_admin_sees_all(office: Office) -> None:
    job_id = await office.enqueue()
    async with office.database.session(SYSTEM) as session:
        other, admin = await add_user(session, Role.OPERATOR), await add_user(session, Role.ADMIN)
    async with office.database.session(admin) as session:
        assert (await jobs.get(session, job_id=job_id)).id == job_id
        with pytest.raises(NotFound):
            await jobs.finished_result(session, job_id=job_id, user_id=admin.user_id or job_id)
    async with office.database.session(other) as session:
        with pytest.raises(NotFound):
            await jobs.get(session, job_id=job_id)
        with pytest.raises(NotFound):
            await jobs.cancel(session, job_id=job_id)


async def test_nobody_fills_the_queue_or_queues_in_anothers_name(office: Office) -> None:
    for _ in range(jobs.MOST_UNFINISHED):
        await office.enqueue()
    with pytest.raises(Conflict):
        await office.enqueue()
    async with office.database.session(SYSTEM) as session:
        other = await add_user(session, Role.OPERATOR)
    assert other.user_id
    with pytest.raises(Exception, match="not allowed"):
        async with office.database.session(office.asker) as session:
            await jobs.enqueue(session, kind=JobKind.REPORT, parameters=Wish(), created_by=other.user_id)


async def test_progress_makes_no_noise_in_the_audit_log_and_parameters_stay_out_of_it(office: Office) -> None:
    await office.enqueue()

    async def tells(run: JobRun) -> JobResult:
        await run.progress(0.5, "half")
        return JobResult()

    await office.worker(tells).drain()
    async with office.database.session(SYSTEM) as session:
        rows = (
            await session.execute(
                text("SELECT action, new_values FROM audit_entries WHERE table_name = 'jobs' ORDER BY created_at")
            )
        ).all()
    assert [row.action for row in rows] == ["INSERT", "UPDATE", "UPDATE"], "queued, begun, done"
    assert all("parameters" not in row.new_values for row in rows)
