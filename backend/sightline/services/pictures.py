"""Pictures of people: handed out one by one, and each look goes on record."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.errors import NotFound
from sightline.core.storage import ObjectStorage, StoredObject
from sightline.models import Sighting
from sightline.services import audit


class SightingPicture(StrEnum):
    """Which picture of a sighting: the crop of the face, or the full frame around it."""

    CROP = "crop"
    FRAME = "frame"


async def of_sighting(
    session: AsyncSession, storage: ObjectStorage, *, sighting_id: UUID, picture: SightingPicture
) -> StoredObject:
    """A sighting's picture; who looked at which is written to the audit log in the same transaction.

    Raises NotFound (no such sighting for this principal, or no picture kept), ObjectNotFound, StorageError.
    """
    path = Sighting.image_path if picture is SightingPicture.CROP else Sighting.frame_path
    row = (await session.execute(select(path, Sighting.subject_id).where(Sighting.id == sighting_id))).first()
    if row is None:
        raise NotFound(f"no sighting {sighting_id}", hint="See the list of sightings.")
    key, subject_id = row
    if key is None:
        raise NotFound("no such picture is kept of this sighting", hint="Pictures go when their time is over.")
    found = await storage.download(key)
    await audit.record_event(
        session,
        action="VIEW",
        table_name="sightings",
        record_id=str(sighting_id),
        details={"picture": picture.value},
        subject_id=subject_id,
    )
    return found
