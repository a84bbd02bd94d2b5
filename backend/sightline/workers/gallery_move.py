"""Moves a gallery to the model of another pack, step by step, each of which may be interrupted."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.config import Settings
from sightline.core.database import SYSTEM, Database
from sightline.core.errors import AppError, Conflict, ImageRejected, NoFaceFound, ObjectNotFound, SeveralFacesFound
from sightline.core.storage import ObjectStorage
from sightline.schemas.jobs import JobKind
from sightline.services import gallery, jobs, reembedding, runtime_settings
from sightline.services.face_images import OnProgress, ignore_progress
from sightline.services.portraits import Reembedding, reembed_portrait
from sightline.services.reembedding import Progress, RefusedPicture, StoredPicture
from sightline.services.thresholds import choose_threshold
from sightline.vision.loading import Models

logger = logging.getLogger(__name__)

BATCH = 16
"""Pictures between two commits: what a crash costs, and how often progress is seen."""
SWAPPED = 500
"""Templates per transaction after the switch; workers load their gallery anew after each."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What a move came to. made: images with a template of the new model, of total; switched: whether workers use it
    now; refused: images of which it made none."""

    model_version: str
    made: int
    total: int
    switched: bool
    refused: tuple[RefusedPicture, ...]


class GalleryMove:
    """One move, on behalf of the machine."""

    def __init__(
        self, database: Database, storage: ObjectStorage, models: Models, pack: str, settings: Settings
    ) -> None:
        """settings: the environment's; the rules in force lie above them."""
        self._database = database
        self._settings = settings
        self._storage = storage
        self._models = models
        self._pack = pack
        self._version = models.embedder.model_version

    async def run(
        self,
        *,
        grace: timedelta | None,
        retry_refused: bool = False,
        allow_refused: bool = False,
        on_progress: OnProgress = ignore_progress,
    ) -> Moved:
        """Make what is missing, switch, and make the new templates those of their images.

        grace: how long the old ones stay beside them, None: until somebody removes them. Where pictures are refused,
        nothing is switched unless that is allowed. Raises NotMeasured where the pack lacks the false-match rate in use;
        ServiceUnavailable: then begin again.
        """
        async with self._database.session(SYSTEM) as session:
            await self._require_measured(session)
        if retry_refused:
            async with self._database.session(SYSTEM) as session:
                await reembedding.forget_refusals(session, model_version=self._version)
        async with self._database.session(SYSTEM) as session:
            job_id = await jobs.begin_own(session, kind=JobKind.GALLERY_REEMBED)
        try:
            moved = await self._move(job_id, grace, on_progress, allow_refused=allow_refused)
        except AppError as error:
            async with self._database.session(SYSTEM) as session:
                await jobs.end_own(session, job_id=job_id, error=error)
            raise
        async with self._database.session(SYSTEM) as session:
            summary: dict[str, object] = {
                "templates": moved.made,
                "refused": len(moved.refused),
                "switched": moved.switched,
            }
            await jobs.end_own(session, job_id=job_id, summary=summary)
        return moved

    async def _move(
        self, job_id: UUID, grace: timedelta | None, on_progress: OnProgress, *, allow_refused: bool
    ) -> Moved:
        while True:
            state = await self._make_all(on_progress, job_id)
            if state.refused and not allow_refused:
                return await self._moved(state, switched=False)
            try:
                async with self._database.session(SYSTEM) as session:
                    await self._require_measured(session)
                    await reembedding.switch(session, pack=self._pack, model_version=self._version, grace=grace)
                break
            except Conflict as error:  # somebody enrolled meanwhile
                logger.info("once more: %s", error.message)
        await self._swap(grace)
        return await self._moved(state, switched=True)

    async def catch_up(self) -> int:
        """After the switch: do the same with what was enrolled by the former pack since; how many images that were.

        Raises ServiceUnavailable.
        """
        await self._make_all(ignore_progress)
        async with self._database.session(SYSTEM) as session:
            grace = await reembedding.former_grace(session)
        return await self._swap(grace)

    async def _require_measured(self, session: AsyncSession) -> None:
        rules = (await runtime_settings.effective(session, base=self._settings)).recognition
        choose_threshold(self._models.curve, fmr=rules.fmr, min_similarity=rules.min_similarity)

    async def _make_all(self, on_progress: OnProgress, job_id: UUID | None = None) -> Progress:
        """Make templates until none is missing."""
        while True:
            async with self._database.session(SYSTEM) as session:
                state = await reembedding.progress(session, model_version=self._version)
                done = state.made + state.refused
                if job_id is not None:
                    await jobs.tell_own(session, job_id=job_id, done=done, total=state.total)
                batch = await reembedding.missing_pictures(session, model_version=self._version, most=BATCH)
            on_progress(done, state.total)
            if not batch:
                return state
            made = [(picture, await self._made(picture)) for picture in batch]
            async with self._database.session(SYSTEM) as session:
                for picture, result in made:
                    if isinstance(result, Reembedding):
                        await reembedding.keep_template(session, image_id=picture.image_id, made=result)
                    else:
                        await reembedding.keep_refusal(
                            session, image_id=picture.image_id, model_version=self._version, reason=result
                        )

    async def _made(self, picture: StoredPicture) -> Reembedding | str:
        """The new template, or why there is none."""
        if picture.image_path is None:
            return reembedding.NO_PICTURE
        try:
            stored = await self._storage.download(picture.image_path)
            return await asyncio.to_thread(reembed_portrait, stored.data, picture.landmarks, self._models)
        except ObjectNotFound:
            return reembedding.NO_PICTURE
        except (ImageRejected, NoFaceFound, SeveralFacesFound) as error:
            return error.message

    async def _swap(self, grace: timedelta | None) -> int:
        """How many images that were."""
        swapped = 0
        while True:
            async with self._database.session(SYSTEM) as session:
                count = await reembedding.swap(session, model_version=self._version, grace=grace, most=SWAPPED)
            swapped += count
            if count == 0:
                break
        async with self._database.session(SYSTEM) as session:
            await gallery.forget_expired(session)
        return swapped

    async def _moved(self, state: Progress, *, switched: bool) -> Moved:
        async with self._database.session(SYSTEM) as session:
            refused = await reembedding.refused_pictures(session, model_version=self._version)
        return Moved(self._version, state.made, state.total, switched, tuple(refused))
