"""From a picture of a face to ranked subjects. The picture and its template are never stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.errors import InvalidInput, LowQuality
from sightline.domain.arrays import FloatArray
from sightline.domain.operating_points import OperatingCurve, false_positive_identification_rate
from sightline.domain.quality import ExaminedFace
from sightline.domain.views import PROBE_VIEWS
from sightline.models import Subject, Watchlist
from sightline.services import audit, gallery
from sightline.services.enrolment import defects, embed_face, examine_image, several_faces
from sightline.services.face_images import FaceModels
from sightline.services.gallery import StoredMatch
from sightline.vision.images import load_upload

MOST_CANDIDATES = 20


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """A face that is searched. index: its number among the faces of the picture; warnings: what makes it weak."""

    template: FloatArray
    model_version: str
    index: int
    faces: tuple[ExaminedFace, ...]
    warnings: tuple[str, ...]

    @property
    def face(self) -> ExaminedFace:
        """The one that is searched."""
        return self.faces[self.index]


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """What is asked for: so many subjects of at least this similarity (-1 to 1), of one watchlist or of all."""

    min_similarity: float
    top_k: int = 10
    watchlist_id: int | None = None
    purpose: str | None = None


@dataclass(frozen=True, slots=True)
class FaceCandidate:
    """A ranked subject with its list."""

    match: StoredMatch
    watchlist_id: int | None
    watchlist_name: str | None


@dataclass(frozen=True, slots=True)
class FaceSearch:
    """The answer. gallery_size: templates that the probe was compared with."""

    candidates: tuple[FaceCandidate, ...]
    gallery_size: int


def read_probe(data: bytes, models: FaceModels, *, face: int | None, min_eye_distance: float) -> Probe:
    """Find the face that is meant in an upload, and make its template, as recognition makes them of shots.

    face: its number, the principal one is 0; None where the picture shows one person. min_eye_distance px below
    which nobody is told apart. Weaker pictures than enrolment takes are searched, with warnings.
    Raises TooLarge, UnsupportedMedia, ImageRejected, NoFaceFound, SeveralFacesFound, LowQuality, InvalidInput.
    """
    image = load_upload(data)
    seen = examine_image(image, models)
    if not seen.faces and seen.refusal is not None:
        raise seen.refusal
    chosen = _chosen(seen.faces, face)
    weak = seen.faces[chosen]
    if weak.quality.eye_distance < min_eye_distance:
        raise LowQuality(
            f"the face is too small to be told: {weak.quality.eye_distance:.0f} px between the eyes, at least"
            f" {min_eye_distance:.0f} are needed",
            hint="Use a larger or closer picture; enlarging this one does not help.",
            faces=seen.faces,
        )
    return Probe(
        template=embed_face(image, seen.landmarks[chosen], models, PROBE_VIEWS),
        model_version=models.embedder.model_version,
        index=chosen,
        faces=seen.faces,
        warnings=tuple(defect.message for defect in defects((weak,))),
    )


async def find_matches(
    session: AsyncSession, *, probes: FloatArray, model_version: str, options: SearchOptions
) -> list[tuple[StoredMatch, ...]]:
    """Ranked subjects per probe (n, 512): the closest template of each counts; nothing goes on record here."""
    return await gallery.search(
        session,
        probes=probes,
        min_similarity=options.min_similarity,
        top_k=options.top_k,
        model_version=model_version,
        watchlist_id=options.watchlist_id,
    )


async def search(session: AsyncSession, *, probe: Probe, options: SearchOptions) -> FaceSearch:
    """Search a face among the subjects that may be recognised; that you searched, and whom it found, goes on record."""
    probes = np.asarray(probe.template, np.float32)[None]
    (found,) = await find_matches(session, probes=probes, model_version=probe.model_version, options=options)
    candidates = await _with_lists(session, found)
    size = await _gallery_size(session, probe.model_version, options.watchlist_id)
    await _record(session, candidates, options)
    return FaceSearch(candidates, size)


def fpir(curve: OperatingCurve, similarity: float, templates: int) -> float | None:
    """How often a stranger finds anybody this similar among so many templates; None where it was not measured."""
    fmr = curve.false_match_rate(similarity)
    return None if fmr is None else false_positive_identification_rate(fmr, templates)


def _chosen(faces: tuple[ExaminedFace, ...], wanted: int | None) -> int:
    if wanted is None:
        if len([face for face in faces if not face.bystander]) > 1:
            raise several_faces(faces)
        return 0
    if not 0 <= wanted < len(faces):
        raise InvalidInput(f"the picture shows {len(faces)} faces", hint=f"Choose face 0 to {len(faces) - 1}.")
    return wanted


async def _with_lists(session: AsyncSession, found: Sequence[StoredMatch]) -> tuple[FaceCandidate, ...]:
    statement = (
        select(Subject.id, Watchlist.id, Watchlist.name)
        .join(Watchlist, Watchlist.id == Subject.watchlist_id)
        .where(Subject.id.in_([match.subject_id for match in found]))
    )
    rows = (await session.execute(statement)).all() if found else ()
    lists: dict[UUID, tuple[int, str]] = {subject: (number, name) for subject, number, name in rows}
    return tuple(FaceCandidate(match, *lists.get(match.subject_id, (None, None))) for match in found)


_SIZE = text(
    "SELECT count(*) FROM gallery_templates g JOIN searchable_subjects s ON s.id = g.subject_id"
    " WHERE g.model_version = :model AND (cast(:list AS int) IS NULL OR s.watchlist_id = :list)"
)


async def _gallery_size(session: AsyncSession, model_version: str, watchlist_id: int | None) -> int:
    return int((await session.execute(_SIZE, {"model": model_version, "list": watchlist_id})).scalar_one())


async def _record(session: AsyncSession, candidates: Sequence[FaceCandidate], options: SearchOptions) -> None:
    """candidates has the form of those of sightings, so that erasing a person finds it here too."""
    ranked = [
        {"subject": str(one.match.subject_id), "similarity": round(one.match.similarity, 4)} for one in candidates
    ]
    details: dict[str, object] = {
        "candidates": ranked,
        "purpose": options.purpose,
        "min_similarity": options.min_similarity,
        "watchlist_id": options.watchlist_id,
    }
    await audit.record_event(session, action="SEARCH", table_name="subjects", details=details)
