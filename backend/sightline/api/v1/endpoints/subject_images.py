"""Reference images of subjects, and search by face."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request, Response

from sightline.api import conditional
from sightline.api.deps import PrincipalDep, ResourcesDep, SessionDep
from sightline.api.media_urls import PictureUrls, PictureUrlsDep
from sightline.api.permissions import Permission, Requires
from sightline.api.pictures import PICTURES, shown
from sightline.api.purpose import PurposeDep
from sightline.api.resources import Resources
from sightline.api.routing import Router
from sightline.api.rules import RulesDep
from sightline.api.uploads import NewObjectsDep, PictureDep
from sightline.core.config import RecognitionSettings
from sightline.core.errors import InvalidInput, LooksLikeOther
from sightline.domain.arrays import FloatArray
from sightline.schemas.base import Page
from sightline.schemas.subjects import (
    FaceCandidateOut,
    FaceSearchOut,
    ImageQuality,
    ProbeOut,
    ReembeddedOut,
    ReembedOut,
    SubjectImageOut,
)
from sightline.services import face_search, subject_images
from sightline.services.face_search import FaceCandidate, FaceSearch, Probe, SearchOptions
from sightline.services.media_links import PictureKind
from sightline.services.portraits import Portrait, Reembedding, read_portrait, reembed_portrait
from sightline.services.subject_images import ImageView, Reembedded
from sightline.services.thresholds import choose_threshold
from sightline.vision.loading import Models

router = Router(prefix="/subjects", tags=["subjects"])

READ = [Depends(Requires(Permission.READ_SUBJECTS))]
MANAGE = [Depends(Requires(Permission.MANAGE_SUBJECTS))]


async def _portrait(data: PictureDep, opened: ResourcesDep) -> Portrait:
    """Judged before a connection to the database is taken: inference may have to wait for its turn."""
    return await opened.faces.run(partial(read_portrait, data))


async def _probe(
    data: PictureDep,
    opened: ResourcesDep,
    face: Annotated[int | None, Query(ge=0, le=100, description="Which face; the principal one is 0.")] = None,
) -> Probe:
    least = opened.settings.recognition.min_eye_distance
    return await opened.faces.run(partial(face_search.read_probe, data, face=face, min_eye_distance=least))


@router.post("/search", dependencies=[Depends(Requires(Permission.SEARCH_BY_FACE))])
async def search_subjects(  # noqa: PLR0913 - query parameters are its signature
    probe: Annotated[Probe, Depends(_probe)],
    session: SessionDep,
    purpose: PurposeDep,
    opened: ResourcesDep,
    rules: RulesDep,
    urls: PictureUrlsDep,
    *,
    top_k: Annotated[int, Query(ge=1, le=face_search.MOST_CANDIDATES, description="Subjects, at most.")] = 10,
    min_similarity: Annotated[float | None, Query(ge=-1, le=1, description="Instead of fmr.")] = None,
    fmr: Annotated[
        float | None,
        Query(gt=0, lt=1, description="False-match rate of one comparison; the operating point where not given."),
    ] = None,
    watchlist_id: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
) -> FaceSearchOut:
    """Who is this? The picture is not kept; that you searched, and whom it found, is recorded."""
    least = _least_similarity(opened, rules, probe.model_version, min_similarity, fmr)
    options = SearchOptions(least, top_k, watchlist_id, purpose)
    found = await face_search.search(session, probe=probe, options=options)
    return _search_out(opened, rules, found, probe, least, urls)


@router.get("/{subject_id}/images", dependencies=READ)
async def list_subject_images(subject_id: UUID, session: SessionDep, urls: PictureUrlsDep) -> Page[SubjectImageOut]:
    """A subject's reference images, oldest first, all on one page."""
    found = await subject_images.list_images(session, subject_id=subject_id)
    return Page(items=[_image_out(image, urls) for image in found], next=None, total=len(found))


@router.post("/{subject_id}/images", status_code=201, dependencies=MANAGE)
async def add_subject_image(  # noqa: PLR0913 - dependencies are its signature
    subject_id: UUID,
    portrait: Annotated[Portrait, Depends(_portrait)],
    objects: NewObjectsDep,
    session: SessionDep,
    opened: ResourcesDep,
    *,
    rules: RulesDep,
    acting: PrincipalDep,
    urls: PictureUrlsDep,
    request: Request,
    response: Response,
    allow_resembling: Annotated[
        bool, Query(description="Enrol although another subject looks like the same person.")
    ] = False,
) -> SubjectImageOut:
    """Enrol a picture that shows this person alone; in force on all workers within two seconds.

    Only the face with its surroundings is kept. A refusal says what is wrong and what was measured: no_face_found,
    several_faces_found, low_quality, image_rejected; duplicate_image and looks_like_other are conflicts. The last one
    says whom the picture resembles, and is on record like a search.
    """
    least = _least_similarity(opened, rules, portrait.model_version)
    try:
        made = await subject_images.add(
            session,
            subject_id=subject_id,
            portrait=portrait,
            objects=objects,
            same_person_from=least,
            allow_resembling=allow_resembling,
        )
    except LooksLikeOther as refused:
        await subject_images.record_resemblance(opened.database, acting, subject_id=subject_id, refused=refused)
        raise
    response.headers["Location"] = f"{request.url.path}/{made.id}"
    conditional.tag(response, made.updated_at)
    return _image_out(made, urls)


@router.get("/{subject_id}/images/{image_id}", dependencies=READ)
async def get_subject_image(
    subject_id: UUID, image_id: UUID, session: SessionDep, urls: PictureUrlsDep, response: Response
) -> SubjectImageOut:
    """What is known of a reference image."""
    found = await subject_images.view(session, subject_id=subject_id, image_id=image_id)
    conditional.tag(response, found.updated_at)
    return _image_out(found, urls)


@router.get(
    "/{subject_id}/images/{image_id}/picture",
    dependencies=[Depends(Requires(Permission.SEE_PICTURES))],
    response_class=Response,
    responses={200: PICTURES},
)
async def get_subject_picture(
    subject_id: UUID, image_id: UUID, session: SessionDep, opened: ResourcesDep, purpose: PurposeDep
) -> Response:
    """The kept picture. That you looked is recorded."""
    found = await subject_images.picture(
        session, opened.storage, subject_id=subject_id, image_id=image_id, purpose=purpose
    )
    return shown(found)


@router.delete("/{subject_id}/images/{image_id}", status_code=204, dependencies=MANAGE)
async def delete_subject_image(subject_id: UUID, image_id: UUID, session: SessionDep) -> None:
    """Remove a reference image with its template and picture."""
    await subject_images.remove(session, subject_id=subject_id, image_id=image_id)


@router.post("/{subject_id}/reembed", dependencies=MANAGE)
async def reembed_subject(subject_id: UUID, session: SessionDep, opened: ResourcesDep) -> ReembedOut:
    """Make the templates anew from the kept pictures, after the model pack was changed."""

    async def reembed(jpeg: bytes, landmarks: FloatArray | None) -> Reembedding:
        return await opened.faces.run(partial(reembed_portrait, jpeg, landmarks))

    done = await subject_images.update_subject_embeddings(
        session, opened.storage, subject_id=subject_id, reembed=reembed
    )
    version = await opened.faces.run(_model_version)
    return ReembedOut(model_version=version, items=[_reembedded(item) for item in done])


def _model_version(models: Models) -> str:
    return models.embedder.model_version


def _least_similarity(
    opened: Resources,
    rules: RecognitionSettings,
    model_version: str,
    min_similarity: float | None = None,
    fmr: float | None = None,
) -> float:
    """The similarity from which somebody counts by this model. Raises InvalidInput, NotMeasured."""
    if min_similarity is not None and fmr is not None:
        raise InvalidInput("min_similarity and fmr say the same", hint="Give one of them.")
    given = rules.min_similarity if fmr is None and min_similarity is None else min_similarity
    curve = opened.rates.curve_of(model_version)
    return choose_threshold(curve, fmr=fmr or rules.fmr, min_similarity=given).min_similarity


def _search_out(
    opened: Resources, rules: RecognitionSettings, found: FaceSearch, probe: Probe, least: float, urls: PictureUrls
) -> FaceSearchOut:
    operating_point = _least_similarity(opened, rules, probe.model_version)
    face = probe.face
    return FaceSearchOut(
        candidates=[
            _candidate_out(opened, one, probe.model_version, found.gallery_size, operating_point, urls)
            for one in found.candidates
        ],
        probe=ProbeOut(
            face=probe.index,
            faces=len(probe.faces),
            box=face.box,
            quality=face.quality.score,
            eye_distance=face.quality.eye_distance,
            warnings=probe.warnings,
        ),
        min_similarity=least,
        gallery_size=found.gallery_size,
        model_version=probe.model_version,
    )


def _candidate_out(
    opened: Resources,
    one: FaceCandidate,
    model_version: str,
    gallery_size: int,
    operating_point: float,
    urls: PictureUrls,
) -> FaceCandidateOut:
    similarity = one.match.similarity
    rate = opened.rates.of(similarity, model_version)
    return FaceCandidateOut(
        subject_id=one.match.subject_id,
        name=one.match.name,
        watchlist_id=one.watchlist_id,
        watchlist_name=one.watchlist_name,
        image_id=one.match.image_id,
        picture_url=urls.of(PictureKind.SUBJECT_IMAGE, one.match.image_id),
        similarity=similarity,
        is_match=similarity >= operating_point,
        false_match_rate=rate.fmr if rate else None,
        false_match_rate_is_bound=rate.is_bound if rate else False,
        false_positive_identification_rate=face_search.fpir(
            opened.rates.curve_of(model_version), similarity, gallery_size
        ),
    )


def _image_out(image: ImageView, urls: PictureUrls) -> SubjectImageOut:
    return SubjectImageOut(
        id=image.id,
        subject_id=image.subject_id,
        has_picture=image.image_path is not None,
        picture_url=urls.of(PictureKind.SUBJECT_IMAGE, image.id, kept=image.image_path is not None),
        is_portrait=image.is_portrait,
        model_version=image.model_version,
        width=image.width,
        height=image.height,
        box=image.bounding_box,
        face_count=image.face_count,
        quality=ImageQuality(
            score=image.quality_score,
            eye_distance=image.eye_distance,
            sharpness=image.sharpness,
            frontality=image.frontality,
            exposure=image.exposure,
        ),
        created_at=image.created_at,
        updated_at=image.updated_at,
    )


def _reembedded(item: Reembedded) -> ReembeddedOut:
    error = item.error
    return ReembeddedOut(
        image_id=item.image_id,
        done=error is None,
        code=error.code if error else None,
        detail=error.message if error else None,
    )
