"""What a job's handler is given, and the contract that it keeps."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import gettempdir
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel
from redis.asyncio import Redis

from sightline.core.config import Settings
from sightline.core.database import MAINTENANCE, Database, Principal
from sightline.core.storage import ObjectStorage
from sightline.services import events, jobs, runtime_settings
from sightline.services.events import Event, EventKind
from sightline.services.jobs import Claim, JobResult
from sightline.vision.loading import Models, load_models
from sightline.vision.model_packs.store import PackStore
from sightline.vision.runtime import RuntimeOptions

PROGRESS_SECONDS = 0.5
"""Progress is written this often at most; a person sees no difference."""

Parameters = TypeVar("Parameters", bound=BaseModel)


@dataclass
class JobRun:
    """One attempt at a job. principal: whoever asked for it; sessions on their behalf see what they may see.
    workspace: a folder for files, gone when the job has ended and its result is stored.

    Work that keeps the processor busy belongs into asyncio.to_thread(), so that the heartbeat goes on.
    """

    claim: Claim
    principal: Principal
    database: Database
    storage: ObjectStorage
    redis: Redis
    settings: Settings
    workspace: Path = field(default_factory=lambda: Path(gettempdir()))
    _told_at: float = field(default=float("-inf"), repr=False)
    _models: Models | None = field(default=None, repr=False)

    @property
    def job_id(self) -> UUID:
        """The job's id."""
        return self.claim.job_id

    @property
    def user_id(self) -> UUID:
        """Whoever asked for it."""
        assert self.principal.user_id is not None  # noqa: S101  jobs are created by users only
        return self.principal.user_id

    def parameters(self, model: type[Parameters]) -> Parameters:
        """What was asked for."""
        return model.model_validate(self.claim.parameters)

    def key(self, name: str) -> str:
        """Key of one of the job's own objects, which are removed with it."""
        return jobs.folder(self.job_id) + name

    async def progress(self, share: float, message: str) -> None:
        """Say how far it is: share 0 to 1, message of amounts and steps, never a name.

        Call it often: here a cancelled job stops, by JobStopped.
        """
        if time.monotonic() - self._told_at < PROGRESS_SECONDS:
            return
        self._told_at = time.monotonic()
        async with self.database.session(MAINTENANCE) as session:
            await jobs.beat(session, self.claim, progress=min(max(share, 0.0), 1.0), message=message[:200])
        await events.publish(self.redis, Event(EventKind.JOB, self.job_id))

    async def rules(self) -> Settings:
        """The settings in force: those that were changed while the system runs lie above the environment's."""
        async with self.database.session(MAINTENANCE) as session:
            return await runtime_settings.effective(session, base=self.settings)

    async def models(self) -> Models:
        """The models of the pack in use, loaded once. Raises PackNotInstalled, PackDamaged."""
        if self._models is None:
            self._models = await asyncio.to_thread(_loaded, await self.rules())
        return self._models


Handler = Callable[[JobRun], Awaitable[JobResult]]
"""Does one kind of job; may be begun again from the start. An AppError it raises is the job's failure."""


def _loaded(settings: Settings) -> Models:
    pack = PackStore.from_settings(settings).get(settings.recognition.pack)
    return load_models(pack.folder, pack.manifest, RuntimeOptions(threads=1), min_score=settings.detection.min_score)
