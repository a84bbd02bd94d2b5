"""Subjects: the people who are enrolled, and their templates."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.errors import Conflict, InvalidInput, NotFound
from sightline.domain.arrays import FloatArray
from sightline.models import Image, Subject
from sightline.services import gallery, templates


async def create(
    session: AsyncSession,
    *,
    name: str,
    external_id: str | None = None,
    watchlist_id: int | None = None,
    alert_on_match: bool = True,
    metadata: dict[str, object] | None = None,
) -> Subject:
    """Create a subject. Two may share a name, not an external id: raises Conflict."""
    if not name.strip():
        raise InvalidInput("a subject needs a name", hint="Give a name or a pseudonym.")
    taken = select(Subject.id).where(Subject.external_id == external_id)
    if external_id is not None and await session.scalar(taken) is not None:
        raise Conflict("a subject with that external id exists", hint="Add pictures to that subject instead.")
    subject = Subject(
        name=name.strip(),
        external_id=external_id,
        watchlist_id=watchlist_id,
        alert_on_match=alert_on_match,
        metadata_=metadata or {},
    )
    session.add(subject)
    await session.flush()
    return subject


async def get(session: AsyncSession, *, subject_id: UUID) -> Subject:
    """A subject by id. Raises NotFound."""
    subject = await session.get(Subject, subject_id)
    if subject is None:
        raise NotFound(f"no subject {subject_id}", hint="It may have been erased.")
    return subject


async def find_by_name(session: AsyncSession, *, name: str) -> Sequence[Subject]:
    """Subjects of exactly this name, upper or lower case; several people may share one."""
    statement = select(Subject).where(func.lower(Subject.name) == name.lower()).order_by(Subject.created_at)
    return (await session.scalars(statement)).all()


async def search(session: AsyncSession, *, query: str, limit: int = 50) -> Sequence[Subject]:
    """Subjects whose name or external id resembles query (trigrams), the closest first."""
    closeness = func.greatest(
        func.word_similarity(query, Subject.name), func.word_similarity(query, Subject.external_id)
    )
    pattern = f"%{query}%"
    statement = (
        select(Subject)
        .where(
            Subject.name.ilike(pattern)
            | Subject.external_id.ilike(pattern)
            | Subject.name.bool_op("%>")(query)
            | Subject.external_id.bool_op("%>")(query)
        )
        .order_by(closeness.desc(), Subject.id)
        .limit(limit)
    )
    return (await session.scalars(statement)).all()


async def closest_other(
    session: AsyncSession,
    *,
    template: FloatArray,
    model_version: str,
    min_similarity: float,
    besides: UUID | None = None,
) -> gallery.StoredMatch | None:
    """Another subject whose template is at least this similar, so that enrolment can ask before it goes on.

    Exact, and among all subjects: also those that nobody searches now, whose list is switched off or over.
    """
    statement = text(
        """
        WITH others AS MATERIALIZED (
            SELECT i.subject_id, i.id, 1 - (i.embedding <=> cast(cast(:probe AS text) AS vector)) AS similarity
            FROM images i
            WHERE i.model_version = :model AND i.embedding IS NOT NULL
                AND i.subject_id IS DISTINCT FROM cast(:besides AS uuid)
        )
        SELECT o.subject_id, s.name, o.id, o.similarity FROM others o JOIN subjects s ON s.id = o.subject_id
        WHERE o.similarity >= :least ORDER BY o.similarity DESC LIMIT 1
        """
    )
    given = {"probe": templates.to_text(template), "model": model_version, "besides": besides, "least": min_similarity}
    row = (await session.execute(statement, given)).one_or_none()
    return None if row is None else gallery.StoredMatch(*row)


@dataclass(frozen=True, slots=True, eq=False)
class NewTemplate:
    """A template to be stored. template (512,) float32 of length 1, of the embedder model_version.

    quality 0 to 1; landmarks (5, 2) px of the picture; image_path: object key of the picture, if it is kept.
    """

    template: FloatArray
    model_version: str
    quality: float | None = None
    landmarks: FloatArray | None = None
    image_path: str | None = None
    face_count: int = 1


async def add_template(session: AsyncSession, *, subject_id: UUID, new: NewTemplate) -> UUID:
    """Store a reference image's template; the image's id. Workers know it within 2 s of the commit.

    Raises InvalidInput for another shape or length, NotFound for an unknown subject.
    """
    if not new.model_version:
        raise InvalidInput("a template must name its model", hint="Pass the embedder's model_version.")
    await get(session, subject_id=subject_id)
    row = {
        "subject_id": subject_id,
        "embedding": templates.to_text(new.template),
        "model_version": new.model_version,
        "quality": new.quality,
        "landmarks": None if new.landmarks is None else new.landmarks.ravel().tolist(),
        "image_path": new.image_path,
        "face_count": new.face_count,
    }
    statement = text(
        "INSERT INTO images (subject_id, embedding, model_version, quality_score, landmarks, image_path, face_count)"
        " VALUES (:subject_id, cast(cast(:embedding AS text) AS vector), :model_version, cast(:quality AS real),"
        " cast(:landmarks AS real[]), :image_path, :face_count) RETURNING id"
    )
    image_id: UUID = (await session.execute(statement, row)).scalar_one()
    return image_id


async def list_images(session: AsyncSession, *, subject_id: UUID) -> Sequence[Image]:
    """A subject's reference images without their templates, oldest first."""
    return (await session.scalars(select(Image).where(Image.subject_id == subject_id).order_by(Image.id))).all()


async def remove_image(session: AsyncSession, *, image_id: UUID) -> None:
    """Remove a reference image and its template; the picture's object is queued for removal. Raises NotFound."""
    image = await session.get(Image, image_id)
    if image is None:
        raise NotFound(f"no image {image_id}", hint="See the subject's images.")
    await session.delete(image)
    await session.flush()


async def move_to_watchlist(session: AsyncSession, *, subject_id: UUID, watchlist_id: int | None) -> Subject:
    """Put a subject on a watchlist, or on none. Raises NotFound."""
    subject = await get(session, subject_id=subject_id)
    subject.watchlist_id = watchlist_id
    await session.flush()
    return subject
