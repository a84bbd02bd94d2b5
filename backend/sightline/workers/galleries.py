"""Keeps a worker's gallery as the database has it."""

import logging

from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import WORKER, Database
from sightline.core.errors import GalleryInvalid
from sightline.domain.gallery import Gallery
from sightline.services import gallery

logger = logging.getLogger(__name__)


async def changed_gallery(database: Database, *, model_version: str, known: int | None) -> tuple[int, Gallery | None]:
    """The gallery's fingerprint, and the gallery itself where it is another than the known one."""
    async with database.session(WORKER) as session:
        fingerprint = await gallery.fingerprint(session, model_version=model_version)
        if fingerprint == known:
            return fingerprint, None
        people = await load_people(session, model_version)
    logger.info("the gallery holds %d templates of %d subjects", len(people), len(set(people.subjects)))
    return fingerprint, people


async def load_people(session: AsyncSession, model_version: str) -> Gallery:
    """The gallery. Where every template is of another model nobody can be named, but cameras stay watched."""
    try:
        return await gallery.load_gallery(session, model_version=model_version)
    except GalleryInvalid as error:
        logger.error("nobody is recognised: %s. %s", error.message, error.hint)
        return Gallery.empty(model_version)
