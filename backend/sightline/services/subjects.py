"""Subjects: the people who are enrolled, and their templates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Select, func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import constraint
from sightline.core.errors import AppError, Conflict, InvalidInput, NotFound
from sightline.domain.arrays import FloatArray
from sightline.domain.tracks import Box
from sightline.models import Subject, Watchlist
from sightline.services import gallery, subject_views, templates, versions

STATUSES = ("active", "inactive")


@dataclass(frozen=True, slots=True)
class SubjectFields:
    """What is kept on a person beside pictures. expires_at: when the entry ends, None: with its list or never."""

    name: str
    external_id: str | None = None
    watchlist_id: int | None = None
    status: str = "active"
    alert_on_match: bool = True
    expires_at: datetime | None = None
    metadata: Mapping[str, object] = field(default_factory=dict)


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
    fields = SubjectFields(name, external_id, watchlist_id, alert_on_match=alert_on_match, metadata=metadata or {})
    return await add(session, fields=fields)


async def add(session: AsyncSession, *, fields: SubjectFields) -> Subject:
    """Create a subject. Raises Conflict (the external id is taken), NotFound (the watchlist), InvalidInput."""
    if fields.expires_at is not None:
        _require_future(fields.expires_at)
    subject = Subject()
    await _write(session, subject, fields)
    session.add(subject)
    await _flush(session)
    return subject


async def replace(session: AsyncSession, *, subject_id: UUID, fields: SubjectFields, expected: datetime | None) -> None:
    """Give a subject other fields. expected: the version that the change is based on.

    Raises NotFound (subject, watchlist), PreconditionFailed, Conflict, InvalidInput.
    """
    subject = await versions.lock(session, _by_id(subject_id), expected=expected, noun="subject")
    if fields.expires_at is not None and fields.expires_at != subject.expires_at:
        _require_future(fields.expires_at)
    await _write(session, subject, fields)
    await _flush(session)


@dataclass(frozen=True, slots=True)
class SubjectChange:
    """What changes on many at once; None leaves it. moves: watchlist_id is meant, also where it is None (no list)."""

    status: str | None = None
    alert_on_match: bool | None = None
    moves: bool = False
    watchlist_id: int | None = None


async def change(session: AsyncSession, *, subject_id: UUID, wanted: SubjectChange) -> None:
    """Change some fields, whatever the version. Raises NotFound."""
    subject = await versions.lock(session, _by_id(subject_id), expected=None, noun="subject")
    if wanted.moves:
        await _require_watchlist(session, wanted.watchlist_id)
        subject.watchlist_id = wanted.watchlist_id
    if wanted.status is not None:
        subject.status = wanted.status
    if wanted.alert_on_match is not None:
        subject.alert_on_match = wanted.alert_on_match
    await session.flush()


@dataclass(frozen=True, slots=True)
class Changed:
    """How it went with one of many: error is None where it is done."""

    id: UUID
    error: AppError | None = None


async def change_many(session: AsyncSession, *, ids: Sequence[UUID], wanted: SubjectChange) -> list[Changed]:
    """Change each by itself: one that cannot be changed leaves the others as they should be. In the order of ids."""
    done: dict[UUID, Changed] = {}
    for subject_id in sorted(set(ids)):  # one order for everybody, so that two calls cannot lock each other out
        try:
            async with session.begin_nested():
                await change(session, subject_id=subject_id, wanted=wanted)
            done[subject_id] = Changed(subject_id)
        except AppError as error:
            done[subject_id] = Changed(subject_id, error)
    return [done[subject_id] for subject_id in ids]


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
    statement = (
        select(Subject)
        .where(subject_views.matches(query))
        .order_by(subject_views.closeness(query).desc(), Subject.id)
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
            SELECT g.subject_id, g.image_id AS id,
                1 - (g.embedding <=> cast(cast(:probe AS text) AS vector)) AS similarity
            FROM gallery_templates g
            WHERE g.model_version = :model AND g.subject_id IS DISTINCT FROM cast(:besides AS uuid)
        )
        SELECT o.subject_id, s.name, o.id, o.similarity FROM others o JOIN subjects s ON s.id = o.subject_id
        WHERE o.similarity >= :least ORDER BY o.similarity DESC LIMIT 1
        """
    )
    given = {"probe": templates.to_text(template), "model": model_version, "besides": besides, "least": min_similarity}
    row = (await session.execute(statement, given)).one_or_none()
    return None if row is None else gallery.StoredMatch(*row)


@dataclass(frozen=True, slots=True)
class Measured:
    """What was seen in a picture. width, height, box (x, y, width, height): px of the kept picture; eye_distance: px
    of the picture as it came; the rest 0 to 1, 1 is best."""

    width: int
    height: int
    box: Box
    eye_distance: float
    sharpness: float
    frontality: float
    exposure: float


@dataclass(frozen=True, slots=True, eq=False)
class NewTemplate:
    """A template to be stored. template (512,) float32 of length 1, of the embedder model_version.

    quality 0 to 1; landmarks (5, 2) px of the picture; image_path: object key of the picture, if it is kept.
    measured: what was seen in the picture; pixels_digest: by which the same picture is known again.
    """

    template: FloatArray
    model_version: str
    quality: float | None = None
    landmarks: FloatArray | None = None
    image_path: str | None = None
    face_count: int = 1
    measured: Measured | None = None
    pixels_digest: bytes | None = None


async def add_template(session: AsyncSession, *, subject_id: UUID, new: NewTemplate) -> UUID:
    """Store a reference image's template; the image's id. Workers know it within 2 s of the commit.

    Raises InvalidInput for another shape or length, NotFound for an unknown subject.
    """
    if not new.model_version:
        raise InvalidInput("a template must name its model", hint="Pass the embedder's model_version.")
    await get(session, subject_id=subject_id)
    image_id: UUID = (await session.execute(_INSERT_IMAGE, {"subject_id": subject_id, **_row(new)})).scalar_one()
    return image_id


async def move_to_watchlist(session: AsyncSession, *, subject_id: UUID, watchlist_id: int | None) -> Subject:
    """Put a subject on a watchlist, or on none. Raises NotFound."""
    subject = await get(session, subject_id=subject_id)
    subject.watchlist_id = watchlist_id
    await session.flush()
    return subject


def _by_id(subject_id: UUID) -> Select[Subject]:
    return select(Subject).where(Subject.id == subject_id)


async def _write(session: AsyncSession, subject: Subject, fields: SubjectFields) -> None:
    if not fields.name.strip():
        raise InvalidInput("a subject needs a name", hint="Give a name or a pseudonym.")
    if fields.watchlist_id is not None and fields.watchlist_id != subject.watchlist_id:
        await _require_watchlist(session, fields.watchlist_id)
    if fields.external_id is not None and fields.external_id != subject.external_id:
        taken = select(Subject.id).where(Subject.external_id == fields.external_id)
        if await session.scalar(taken) is not None:
            raise _external_id_taken()
    subject.name = fields.name.strip()
    subject.external_id = fields.external_id
    subject.watchlist_id = fields.watchlist_id
    subject.status = fields.status
    subject.alert_on_match = fields.alert_on_match
    subject.expires_at = fields.expires_at
    subject.metadata_ = dict(fields.metadata)


async def _flush(session: AsyncSession) -> None:
    """Raises Conflict where somebody else took the external id in this very moment."""
    try:
        await session.flush()
    except IntegrityError as error:
        if constraint(error) == "subjects_external_id_key":
            raise _external_id_taken() from error
        raise


def _external_id_taken() -> Conflict:
    return Conflict("a subject with that external id exists", hint="Add pictures to that subject instead.")


async def _require_watchlist(session: AsyncSession, watchlist_id: int | None) -> None:
    if watchlist_id is None:
        return
    statement = select(Watchlist.id).where(Watchlist.id == watchlist_id)
    if await session.scalar(statement) is None:
        raise NotFound(f"no watchlist {watchlist_id}", hint="List the watchlists.")


def _require_future(expires_at: datetime) -> None:
    if expires_at <= datetime.now(UTC):
        raise InvalidInput("the entry would be over already", hint="Choose a later end, or set it inactive.")


_COLUMNS = {
    "embedding": "cast(cast(:embedding AS text) AS vector)",
    "model_version": ":model_version",
    "quality_score": "cast(:quality_score AS real)",
    "landmarks": "cast(:landmarks AS real[])",
    "image_path": ":image_path",
    "face_count": ":face_count",
    "pixels_digest": ":pixels_digest",
    "width": ":width",
    "height": ":height",
    "bounding_box": "cast(:bounding_box AS real[])",
    "eye_distance": "cast(:eye_distance AS real)",
    "sharpness": "cast(:sharpness AS real)",
    "frontality": "cast(:frontality AS real)",
    "exposure": "cast(:exposure AS real)",
}
"""Columns of images, and how the values of _row() are read."""
_INSERT_IMAGE = text(
    f"INSERT INTO images (subject_id, {', '.join(_COLUMNS)})"  # noqa: S608 - the names above
    f" VALUES (:subject_id, {', '.join(_COLUMNS.values())}) RETURNING id"
)


def _row(new: NewTemplate) -> dict[str, object]:
    seen = new.measured
    return {
        "embedding": templates.to_text(new.template),
        "model_version": new.model_version,
        "quality_score": new.quality,
        "landmarks": None if new.landmarks is None else new.landmarks.ravel().tolist(),
        "image_path": new.image_path,
        "face_count": new.face_count,
        "pixels_digest": new.pixels_digest,
        "width": seen.width if seen else None,
        "height": seen.height if seen else None,
        "bounding_box": list(seen.box) if seen else None,
        "eye_distance": seen.eye_distance if seen else None,
        "sharpness": seen.sharpness if seen else None,
        "frontality": seen.frontality if seen else None,
        "exposure": seen.exposure if seen else None,
    }


_REPLACE_TEMPLATE = text(
    "UPDATE images SET embedding = cast(cast(:embedding AS text) AS vector), model_version = :model_version,"
    " quality_score = cast(:quality_score AS real), landmarks = cast(:landmarks AS real[]),"
    " bounding_box = coalesce(cast(:box AS real[]), bounding_box) WHERE id = :image_id"
)


async def replace_template(session: AsyncSession, *, image_id: UUID, new: NewTemplate, box: Box | None) -> None:
    """Give an image the template of another model; the picture and what else was measured on it stay.

    box: x, y, width, height px of the kept picture, None where the face was not found anew.
    """
    row = _row(new)
    values = {name: row[name] for name in ("embedding", "model_version", "quality_score", "landmarks")}
    given = {"image_id": image_id, "box": list(box) if box else None, **values}
    await session.execute(_REPLACE_TEMPLATE, given)
