"""Runs background jobs, one at a time per process, until told to stop. Any number of processes may do so."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from redis.asyncio import Redis

from sightline.core.config import Settings
from sightline.core.database import MAINTENANCE, Database
from sightline.core.errors import AppError, Forbidden, ServiceUnavailable
from sightline.core.storage import ObjectStorage, content_type
from sightline.schemas.jobs import JobStatus
from sightline.services import events, jobs
from sightline.services.events import Event, EventKind
from sightline.services.job_run import Handler, JobRun
from sightline.services.jobs import Claim, JobResult, JobStopped, Outcome
from sightline.workers.clock import pause

logger = logging.getLogger(__name__)

BEAT_SECONDS = 15.0
"""A quarter of the silence after which a job counts as abandoned."""
IDLE_SECONDS = 10.0
"""How often is looked without a notice: for abandoned jobs, which nobody announces."""
RETRY_SECONDS = 5.0


@dataclass(frozen=True)
class JobServices:
    """What jobs work with."""

    database: Database
    storage: ObjectStorage
    redis: Redis
    settings: Settings


class JobFailed(AppError):
    """A handler ended by an error that nobody foresaw; the log has it."""

    code = "job_failed"


class JobWorker:
    """Claims jobs and runs their handlers."""

    def __init__(self, services: JobServices, handlers: Mapping[str, Handler]) -> None:
        self._services = services
        self._handlers = handlers

    async def run(self, stop: asyncio.Event) -> None:
        """Work until stop is set; a job that runs then is given up, and begun again by the next worker."""
        working = asyncio.create_task(self._work(stop), name="jobs")
        stopped = asyncio.create_task(stop.wait(), name="jobs-stop")
        await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
        working.cancel()
        stopped.cancel()
        await asyncio.wait({working, stopped})
        if not working.cancelled() and (error := working.exception()) is not None:
            raise error

    async def _work(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                async with self._services.database.changes("sightline_jobs") as notices:
                    while True:
                        await self.drain()
                        await self.remove_expired()
                        await _notice(notices)
            except ServiceUnavailable as error:
                logger.warning("jobs wait: %s", error.message)
                await pause(stop, RETRY_SECONDS)

    async def drain(self) -> int:
        """Run what waits; how many jobs that were. Raises ServiceUnavailable where database or queue are away."""
        done = 0
        while (claimed := await self._claim()) is not None:
            await self._run_one(claimed)
            done += 1
        return done

    async def remove_expired(self) -> None:
        """Remove files whose time is over."""
        opened = self._services
        async with opened.database.session(MAINTENANCE) as session:
            due = await jobs.with_expired_files(session)
            for job_id in due:
                await self._remove_files(jobs.folder(job_id))
            if due:
                await jobs.files_removed(session, job_ids=due)

    async def _claim(self) -> Claim | None:
        async with self._services.database.session(MAINTENANCE) as session:
            return await jobs.claim(session)

    async def _run_one(self, claimed: Claim) -> None:
        beating = asyncio.create_task(self._beat(claimed), name="heartbeat")
        working = asyncio.create_task(self._outcome(claimed), name=f"job {claimed.kind}")
        try:
            await asyncio.wait({beating, working}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():  # the heartbeat ended first: cancelled, or somebody else's
                working.cancel()
                await asyncio.wait({working})
            outcome = Outcome(JobStatus.CANCELLED) if working.cancelled() else working.result()
        finally:
            beating.cancel()
            working.cancel()
            await asyncio.wait({beating, working})
        await self._finish(claimed, outcome)

    async def _outcome(self, claimed: Claim) -> Outcome:
        """Run the handler. The one place where any error is caught: a job's failure must not end its worker."""
        try:
            with TemporaryDirectory(prefix="sightline-job-") as workspace:
                return await self._stored(claimed, await self._handle(claimed, Path(workspace)))
        except JobStopped:
            return Outcome(JobStatus.CANCELLED)
        except ServiceUnavailable:
            raise
        except AppError as error:
            return Outcome(JobStatus.FAILED, error=error)
        except Exception:
            logger.exception("job %s (%s) failed", claimed.job_id, claimed.kind)
            failed = JobFailed(
                "it failed for a reason that nobody foresaw", hint="An administrator finds it in the log."
            )
            return Outcome(JobStatus.FAILED, error=failed)

    async def _handle(self, claimed: Claim, workspace: Path) -> JobResult:
        handler = self._handlers.get(claimed.kind)
        if handler is None:
            raise JobFailed(f"nobody here does {claimed.kind}", hint="Run workers of this version.")
        if claimed.principal is None:
            raise Forbidden("the account that asked for it is gone or switched off", hint="Ask with another account.")
        opened = self._services
        run = JobRun(
            claimed, claimed.principal, opened.database, opened.storage, opened.redis, opened.settings, workspace
        )
        return await handler(run)

    async def _stored(self, claimed: Claim, result: JobResult) -> Outcome:
        if result.content is None:
            return Outcome(JobStatus.DONE, result)
        key = f"{jobs.folder(claimed.job_id)}result-{claimed.attempt}{PurePosixPath(result.name).suffix.lower()}"
        if isinstance(result.content, bytes):
            await self._services.storage.upload(key, result.content)
        else:
            await self._services.storage.upload_file(key, result.content)
        return Outcome(JobStatus.DONE, result, key, content_type(key))

    async def _finish(self, claimed: Claim, outcome: Outcome) -> None:
        async with self._services.database.session(MAINTENANCE) as session:
            ours = await jobs.finish(session, claimed, outcome)
        if not ours and outcome.key is not None:
            await self._services.storage.delete([outcome.key])
        await self._tell(claimed)
        logger.info("job %s (%s): %s", claimed.job_id, claimed.kind, outcome.status.value)

    async def _beat(self, claimed: Claim) -> None:
        """Until the job is cancelled or another's; a database that is away for a while is waited for."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            try:
                async with self._services.database.session(MAINTENANCE) as session:
                    await jobs.beat(session, claimed)
            except JobStopped:
                return
            except ServiceUnavailable as error:
                logger.warning("heartbeat of a job is late: %s", error.message)

    async def _tell(self, claimed: Claim) -> None:
        try:
            await events.publish(self._services.redis, Event(EventKind.JOB, claimed.job_id))
        except ServiceUnavailable as error:
            logger.warning("a job's end was not announced: %s", error.message)

    async def _remove_files(self, folder: str) -> None:
        await self._services.storage.delete([entry.key async for entry in self._services.storage.list(folder)])


async def _notice(notices: AsyncIterator[str]) -> None:
    """Until somebody queues a job, or it is time to look anyway."""
    try:
        async with asyncio.timeout(IDLE_SECONDS):
            await anext(notices)
    except TimeoutError:
        return
