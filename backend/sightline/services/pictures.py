"""Pictures of people: handed out one by one, and each look goes on record."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.errors import NotFound
from sightline.core.storage import ObjectStorage, StoredObject
from sightline.services import audit, overlay, sighting_views, subject_images
from sightline.services.media_links import Grant, PictureKind
from sightline.services.sighting_views import SightingDetail


class SightingPicture(StrEnum):
    """Which picture of a sighting: the crop of the face, or the full frame around it."""

    CROP = "crop"
    FRAME = "frame"


@dataclass(frozen=True, slots=True)
class Look:
    """How somebody looks: for which purpose, if one was stated, and whether the face is to be marked in the frame."""

    purpose: str | None = None
    overlay: bool = False


PLAIN_LOOK = Look()
_NOT_KEPT = "Pictures go when their time is over."


async def of_sighting(
    session: AsyncSession,
    storage: ObjectStorage,
    *,
    sighting_id: UUID,
    picture: SightingPicture,
    look: Look = PLAIN_LOOK,
) -> StoredObject:
    """A sighting's picture; who looked at which, and why, is written to the audit log in the same transaction.

    Raises NotFound (no such sighting for this principal, or no picture kept), ObjectNotFound, StorageError.
    """
    found = await sighting_views.get(session, sighting_id=sighting_id)
    key = found.view.image_path if picture is SightingPicture.CROP else found.view.frame_path
    if key is None:
        raise NotFound("no such picture is kept of this sighting", hint=_NOT_KEPT)
    stored = await storage.download(key)
    if look.overlay and picture is SightingPicture.FRAME:
        marked = await overlay.marked(stored.data, box=found.view.box, label=overlay.label_of(found.view))
        stored = StoredObject(marked, "image/jpeg")
    await audit.record_event(
        session,
        action="VIEW",
        table_name="sightings",
        record_id=str(sighting_id),
        details={"picture": picture.value, "purpose": look.purpose},
        subject_id=found.view.subject_id,
    )
    return stored


async def detail(session: AsyncSession, *, sighting_id: UUID, purpose: str | None) -> SightingDetail:
    """A sighting with who it may be; recorded like a look at its picture. Raises NotFound."""
    found = await sighting_views.get(session, sighting_id=sighting_id)
    await audit.record_event(
        session,
        action="VIEW",
        table_name="sightings",
        record_id=str(sighting_id),
        details={"purpose": purpose},
        subject_id=found.view.subject_id,
    )
    return found


async def granted(session: AsyncSession, storage: ObjectStorage, *, grant: Grant) -> StoredObject:
    """What a link shows, to the user that the session acts for. Raises NotFound, ObjectNotFound, StorageError."""
    if grant.kind is PictureKind.SUBJECT_IMAGE:
        return await subject_images.picture(session, storage, image_id=grant.record_id, purpose=grant.purpose)
    framed = grant.kind is PictureKind.SIGHTING_CONTEXT
    picture = SightingPicture.FRAME if framed else SightingPicture.CROP
    look = Look(grant.purpose, overlay=framed)
    return await of_sighting(session, storage, sighting_id=grant.record_id, picture=picture, look=look)
