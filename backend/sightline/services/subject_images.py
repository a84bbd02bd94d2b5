"""Reference images: adding them with their verdict, showing them, and making their templates anew."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import numpy as np
from sqlalchemy import column, select, table, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import Database, Principal, constraint
from sightline.core.errors import AppError, Conflict, DuplicateImage, LooksLikeOther, NotFound
from sightline.core.storage import ObjectStorage, StoredObject
from sightline.domain.arrays import FloatArray
from sightline.models import Image, Subject
from sightline.services import audit, gallery, subjects, versions
from sightline.services.new_objects import NewObjects
from sightline.services.portraits import Portrait, Reembedding
from sightline.services.subjects import NewTemplate

MOST_IMAGES = 50
"""Of one subject: a handful serves recognition; each more costs every search and says little new."""

_FIELDS = (
    "id",
    "subject_id",
    "image_path",
    "model_version",
    "quality_score",
    "face_count",
    "width",
    "height",
    "bounding_box",
    "eye_distance",
    "sharpness",
    "frontality",
    "exposure",
    "created_at",
    "updated_at",
)
_ENTRIES = table("image_entries", *(column(name) for name in _FIELDS))


@dataclass(frozen=True, slots=True)
class ImageView:
    """A reference image without its template. bounding_box x, y, width, height and width, height: px of the kept
    picture; eye_distance: px of the picture as it came; is_portrait: the one that lists show."""

    id: UUID
    subject_id: UUID
    image_path: str | None
    model_version: str | None
    quality_score: float | None
    face_count: int
    width: int | None
    height: int | None
    bounding_box: Sequence[float] | None
    eye_distance: float | None
    sharpness: float | None
    frontality: float | None
    exposure: float | None
    created_at: datetime
    updated_at: datetime
    is_portrait: bool


async def list_images(session: AsyncSession, *, subject_id: UUID) -> list[ImageView]:
    """A subject's images, oldest first; there are at most MOST_IMAGES, and more only after a merge. Raises NotFound."""
    subject = await subjects.get(session, subject_id=subject_id)
    statement = select(*_ENTRIES.c).where(_ENTRIES.c.subject_id == subject_id).order_by(_ENTRIES.c.id)
    return [_view(row, subject) for row in (await session.execute(statement)).all()]


async def view(session: AsyncSession, *, image_id: UUID, subject_id: UUID | None = None) -> ImageView:
    """One image, of this subject where one is named. Raises NotFound."""
    statement = select(*_ENTRIES.c).where(_ENTRIES.c.id == image_id)
    if subject_id is not None:
        statement = statement.where(_ENTRIES.c.subject_id == subject_id)
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        raise _no_image()
    return _view(row, await subjects.get(session, subject_id=row.subject_id))


async def add(
    session: AsyncSession,
    *,
    subject_id: UUID,
    portrait: Portrait,
    objects: NewObjects,
    same_person_from: float,
    allow_resembling: bool = False,
) -> ImageView:
    """Enrol a picture; workers know it within 2 s of the commit.

    same_person_from: similarity from which another subject counts as the same person.
    Raises NotFound, DuplicateImage, LooksLikeOther (unless allow_resembling), Conflict (enough images), StorageError.
    """
    statement = select(Subject).where(Subject.id == subject_id)
    subject = await versions.lock(session, statement, expected=None, noun="subject")
    await _require_new(session, subject_id, portrait)
    if not allow_resembling:
        await _require_unlike_others(session, subject_id, portrait, same_person_from)
    key = f"subjects/{subject_id}/{uuid4()}.jpg"
    await objects.upload(key, portrait.jpeg)
    await gallery.activate_model(session, model_version=portrait.model_version)
    image_id = await _insert(session, subject_id, portrait, key)
    await _choose_portrait(session, subject)
    return await view(session, subject_id=subject_id, image_id=image_id)


async def record_resemblance(
    database: Database, principal: Principal, *, subject_id: UUID, refused: LooksLikeOther
) -> None:
    """Put on record that a refused picture told whom it shows: in a transaction of its own, which stays.

    Without it enrolling and being refused would be a search by face that nobody ever sees.
    """
    found = [{"subject": str(refused.subject_id), "similarity": round(refused.similarity, 4)}]
    async with database.session(principal) as session:
        await audit.record_event(
            session,
            action="SEARCH",
            table_name="subjects",
            record_id=str(subject_id),
            details={"by": "enrolment", "candidates": found},
        )


async def remove(session: AsyncSession, *, subject_id: UUID, image_id: UUID) -> None:
    """Remove an image and its template; the picture's object is queued for removal. Raises NotFound."""
    statement = select(Subject).where(Subject.id == subject_id)
    subject = await versions.lock(session, statement, expected=None, noun="subject")
    image = await session.scalar(select(Image).where(Image.id == image_id, Image.subject_id == subject_id))
    if image is None:
        raise _no_image()
    await session.delete(image)
    await session.flush()
    await _choose_portrait(session, subject)


async def picture(
    session: AsyncSession,
    storage: ObjectStorage,
    *,
    image_id: UUID,
    purpose: str | None,
    subject_id: UUID | None = None,
) -> StoredObject:
    """The kept picture, of this subject where one is named; who looked goes to the audit log in the same transaction.

    Raises NotFound (no such image, or only its template is kept), ObjectNotFound, StorageError.
    """
    found = await view(session, subject_id=subject_id, image_id=image_id)
    if found.image_path is None:
        raise NotFound("of this image only the template is kept", hint="Add a picture, if you need one.")
    stored = await storage.download(found.image_path)
    await audit.record_event(
        session,
        action="VIEW",
        table_name="images",
        record_id=str(image_id),
        details={"purpose": purpose},
        subject_id=found.subject_id,
    )
    return stored


@dataclass(frozen=True, slots=True)
class Reembedded:
    """How it went with one image: error is None where it has a template of the current models."""

    image_id: UUID
    error: AppError | None = None


Reembed = Callable[[bytes, FloatArray | None], Awaitable[Reembedding]]
"""reembed_portrait() with the models of this process."""


async def update_subject_embeddings(
    session: AsyncSession, storage: ObjectStorage, *, subject_id: UUID, reembed: Reembed
) -> list[Reembedded]:
    """Make a subject's templates anew from the kept pictures, after the model pack was changed. Raises NotFound.

    An image whose picture is not kept, or shows no face to these models, keeps the template that it has.
    """
    statement = select(Subject).where(Subject.id == subject_id)
    await versions.lock(session, statement, expected=None, noun="subject")
    images = (await session.scalars(select(Image).where(Image.subject_id == subject_id).order_by(Image.id))).all()
    done = []
    for image in images:
        try:
            await _reembed(session, storage, image, reembed)
            done.append(Reembedded(image.id))
        except AppError as error:
            done.append(Reembedded(image.id, error))
    return done


async def _reembed(session: AsyncSession, storage: ObjectStorage, image: Image, reembed: Reembed) -> None:
    if image.image_path is None:
        raise NotFound("of this image only the template is kept", hint="Enrol a picture again.")
    stored = await storage.download(image.image_path)
    landmarks = None if image.landmarks is None else np.array(image.landmarks, np.float32).reshape(5, 2)
    made = await reembed(stored.data, landmarks)
    await gallery.activate_model(session, model_version=made.model_version)
    quality = image.quality_score if made.quality is None else made.quality
    new = NewTemplate(made.template, made.model_version, quality, made.landmarks)
    await subjects.replace_template(session, image_id=image.id, new=new, box=made.box)


def _view(row: Any, subject: Subject) -> ImageView:
    is_portrait = row.image_path is not None and row.image_path == subject.portrait_path
    values: Sequence[Any] = (*row, is_portrait)
    return ImageView(*values)


def _no_image() -> NotFound:
    return NotFound("this subject has no such image", hint="List the subject's images.")


async def _require_new(session: AsyncSession, subject_id: UUID, portrait: Portrait) -> None:
    digests = (await session.scalars(select(Image.pixels_digest).where(Image.subject_id == subject_id))).all()
    if portrait.pixels_digest in digests:
        raise _duplicate()
    if len(digests) >= MOST_IMAGES:
        raise Conflict(f"the subject has {len(digests)} images", hint="Delete the least telling of them first.")


def _duplicate() -> DuplicateImage:
    return DuplicateImage("the subject has this very picture", hint="Add another picture of the person.")


async def _require_unlike_others(
    session: AsyncSession, subject_id: UUID, portrait: Portrait, same_person_from: float
) -> None:
    twin = await subjects.closest_other(
        session,
        template=portrait.template,
        model_version=portrait.model_version,
        min_similarity=same_person_from,
        besides=subject_id,
    )
    if twin is not None:
        raise LooksLikeOther(
            f"this face looks like another subject's (similarity {twin.similarity:.3f})",
            hint="Add it there, merge the two, or repeat with allow_resembling=true if they are two people.",
            subject_id=twin.subject_id,
            similarity=twin.similarity,
        )


async def _insert(session: AsyncSession, subject_id: UUID, portrait: Portrait, key: str) -> UUID:
    new = NewTemplate(
        template=portrait.template,
        model_version=portrait.model_version,
        quality=portrait.quality,
        landmarks=portrait.landmarks,
        image_path=key,
        face_count=portrait.face_count,
        measured=portrait.measured,
        pixels_digest=portrait.pixels_digest,
    )
    try:
        return await subjects.add_template(session, subject_id=subject_id, new=new)
    except IntegrityError as error:
        if constraint(error) == "uq_images_subject_pixels":
            raise _duplicate() from error
        raise


async def _choose_portrait(session: AsyncSession, subject: Subject) -> None:
    """Lists show the best of the kept pictures."""
    best = text(
        "SELECT image_path FROM images WHERE subject_id = :subject AND image_path IS NOT NULL"
        " ORDER BY quality_score DESC NULLS LAST, id LIMIT 1"
    )
    path = await session.scalar(best, {"subject": subject.id})
    if path != subject.portrait_path:
        await session.execute(update(Subject).where(Subject.id == subject.id).values(portrait_path=path))
        await session.refresh(subject)
