"""Enrolment: which pictures make good templates, and galleries made of folders of pictures."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sightline.core.errors import (
    GalleryInvalid,
    ImageRejected,
    InvalidInput,
    LowQuality,
    NoFaceFound,
    SeveralFacesFound,
)
from sightline.domain.arrays import FloatArray, ImageArray
from sightline.domain.faces import Faces
from sightline.domain.gallery import Gallery
from sightline.domain.quality import ExaminedFace
from sightline.domain.tracks import Box
from sightline.domain.views import ENROLMENT_VIEWS, View, cut_views, embed_views
from sightline.services.face_images import (
    FaceModels,
    FailedImage,
    OnProgress,
    find_faces,
    ignore_progress,
    principal_face,
)
from sightline.services.labelled_folder import LAYOUT, LabelledFolder, read_labelled_folder
from sightline.vision.aligner import CROP_SIZE, similarity_transforms
from sightline.vision.images import load_image


@dataclass(frozen=True, slots=True)
class EnrolmentPolicy:
    """What a picture must offer to become a template: more than a probe, since a template is used for years.

    The limits come from 14 portraits, made worse step by step and compared with themselves (default pack):

    - min_eye_distance px: at 24 the similarity stays at 0.94 or more, at 14, which a probe needs, at 0.80;
    - min_visible: share of the aligned crop inside the picture; faces cut by the frame had 0.62 to
      0.74, whole ones at least 0.96;
    - min_sharpness: a blur of 1.5 px in the crop leaves 0.33 to 0.71 and a similarity of 0.83 or
      more, one of 2 px 0.18 to 0.53 and 0.67;
    - min_exposure: at a quarter of the light 0.11 to 0.38 and 0.92, at 15 % under 0.09 and 0.84;
    - min_frontality: cos² of the angle, 0.4 is 51 degrees; portraits had 0.70 or more;
    - min_score: several weaknesses may add up; portraits had 0.87 or more, 24 px alone cost them down to 0.75;
    - bystander_area: another face counts as a second person from this share of the principal
      face's area on; 1/9 is a third of its height.
    """

    min_eye_distance: float = 24.0
    min_visible: float = 0.9
    bystander_area: float = 1 / 9
    min_sharpness: float = 0.35
    min_exposure: float = 0.1
    min_frontality: float = 0.4
    min_score: float = 0.6


DEFAULT_POLICY = EnrolmentPolicy()


@dataclass(frozen=True, slots=True, eq=False)
class Examination:
    """What enrolment sees in a picture of width × height px. faces: the principal one first, with their
    landmarks (n, 5, 2) px. refusal: why the picture would not be enrolled, None when it would."""

    width: int
    height: int
    faces: tuple[ExaminedFace, ...]
    landmarks: FloatArray
    refusal: InvalidInput | None


def examine_image(image: ImageArray, models: FaceModels, policy: EnrolmentPolicy = DEFAULT_POLICY) -> Examination:
    """Judge a picture for enrolment. image (H, W, 3) uint8 BGR. Raises nothing for a bad picture: see refusal."""
    found = _principal_first(find_faces(image, models.detector), image)
    crops = models.aligner.align(image, found.landmarks)
    qualities = models.quality.assess(found, crops) if len(found) else []
    shares = visible_shares(found, image)
    faces = tuple(
        ExaminedFace(
            _box(found.boxes[index]),
            quality,
            float(shares[index]),
            bystander=bool(found.areas[index] < policy.bystander_area * found.areas[0]),
        )
        for index, quality in enumerate(qualities)
    )
    return Examination(image.shape[1], image.shape[0], faces, found.landmarks, _refusal(faces, policy))


def enrol_image(image: ImageArray, models: FaceModels, policy: EnrolmentPolicy = DEFAULT_POLICY) -> FloatArray:
    """The template (512,) float32 of the one person in a picture. image (H, W, 3) uint8 BGR.

    Raises NoFaceFound, SeveralFacesFound (with their boxes) or LowQuality (with what is wrong).
    """
    examination = examine_image(image, models, policy)
    if examination.refusal is not None:
        raise examination.refusal
    return embed_face(image, examination.landmarks[0], models)


def embed_face(
    image: ImageArray, landmarks: FloatArray, models: FaceModels, views: Sequence[View] = ENROLMENT_VIEWS
) -> FloatArray:
    """The template (512,) float32 of one face of a picture. image (H, W, 3) uint8 BGR; landmarks (5, 2) px."""
    template: FloatArray = embed_views(models.embedder, [cut_views(models.aligner, image, landmarks, views)])[0]
    return template


def visible_shares(faces: Faces, image: ImageArray) -> FloatArray:
    """Share of each face's aligned crop that lies inside the picture (n,), from a grid of 16 × 16 points."""
    if not len(faces):
        return np.zeros((0,), np.float32)
    axis = np.linspace(0, CROP_SIZE - 1, 16, dtype=np.float32)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    transforms = similarity_transforms(faces.landmarks)
    inverse = np.linalg.pinv(transforms[:, :, :2].astype(np.float64))
    points = (grid[None] - transforms[:, None, :, 2]) @ inverse.transpose(0, 2, 1)
    inside = (points >= 0).all(axis=2) & (points < (image.shape[1], image.shape[0])).all(axis=2)
    return np.asarray(inside.mean(axis=1), dtype=np.float32)


def _principal_first(faces: Faces, image: ImageArray) -> Faces:
    first = principal_face(faces, image)
    if first is None:
        return faces
    rest = [index for index in np.argsort(-faces.areas) if index != first]
    return faces.take(np.array([first, *rest]))


def _box(corners: FloatArray) -> Box:
    x1, y1, x2, y2 = (float(value) for value in corners)
    return x1, y1, x2 - x1, y2 - y1


def _no_face() -> NoFaceFound:
    return NoFaceFound("no face was found", hint="Use a picture that shows the face upright, uncovered and larger.")


def _refusal(faces: tuple[ExaminedFace, ...], policy: EnrolmentPolicy) -> InvalidInput | None:
    if not faces:
        return _no_face()
    if len([face for face in faces if not face.bystander]) > 1:
        return several_faces(faces)
    return next(defects(faces, policy), None)


def several_faces(faces: tuple[ExaminedFace, ...]) -> SeveralFacesFound:
    """The refusal of a picture that shows more than one person."""
    people = [face for face in faces if not face.bystander]
    boxes = "; ".join(" ".join(f"{value:.0f}" for value in face.box) for face in people)
    return SeveralFacesFound(
        f"{len(people)} faces were found, at x y width height (px): {boxes}",
        hint="Cut out the person you mean and use that picture.",
        faces=faces,
    )


def defects(faces: tuple[ExaminedFace, ...], policy: EnrolmentPolicy = DEFAULT_POLICY) -> Iterator[LowQuality]:
    """What is wrong with the first of these faces, the plainest cause first."""
    face, quality = faces[0], faces[0].quality
    if face.visible < policy.min_visible:
        yield LowQuality(
            f"the frame cuts the face: {face.visible:.0%} of it is inside the picture",
            hint="Use a picture that shows the whole face.",
            faces=faces,
        )
    if quality.eye_distance < policy.min_eye_distance:
        yield LowQuality(
            f"the face is too small: {quality.eye_distance:.0f} px between the eyes, "
            f"at least {policy.min_eye_distance:.0f} are needed",
            hint="Use a larger or closer picture; enlarging this one does not help.",
            faces=faces,
        )
    if quality.frontality < policy.min_frontality:
        yield LowQuality(
            f"the face is turned away (about {quality.yaw:.0f}° sideways, {quality.pitch:.0f}° up or down)",
            hint="Use a picture that looks towards the camera.",
            faces=faces,
        )
    if quality.exposure < policy.min_exposure:
        hint = "Use a picture with even light on the face."
        yield LowQuality("the face is too dark or too bright", hint=hint, faces=faces)
    if quality.sharpness < policy.min_sharpness:
        hint = "Use a sharp picture, taken with a steady camera."
        yield LowQuality("the face is blurred", hint=hint, faces=faces)
    if quality.score < policy.min_score:
        yield LowQuality(
            f"several weaknesses add up to a quality of {quality.score:.2f}; at least {policy.min_score:.2f} is needed",
            hint="Use a larger, sharper picture that looks towards the camera.",
            faces=faces,
        )


@dataclass(frozen=True, slots=True)
class SimilarSubjects:
    """Two names whose templates match each other: one person under two names, or a picture in the wrong place."""

    first: str
    second: str
    similarity: float


@dataclass(frozen=True, slots=True, eq=False)
class LoadedGallery:
    """A gallery and what it left out.

    images: paths (n,) behind the gallery's templates, relative to the folder; refused: pictures
    without a template, and why; missing: subjects none of whose pictures was usable; similar: names
    that may mean one person; ignored: files that are no pictures by their suffix.
    """

    gallery: Gallery
    images: tuple[str, ...]
    refused: tuple[FailedImage, ...]
    missing: tuple[str, ...]
    similar: tuple[SimilarSubjects, ...]
    ignored: tuple[str, ...]


def load_gallery(
    folder: Path,
    models: FaceModels,
    *,
    policy: EnrolmentPolicy = DEFAULT_POLICY,
    similar_from: float | None = None,
    on_progress: OnProgress = ignore_progress,
) -> LoadedGallery:
    """Enrol DIR/NAME/*.jpg and DIR/NAME-1.jpg, one template per usable picture.

    A picture that cannot be enrolled is refused with its reason, never dropped in silence. Subjects
    whose templates reach the cosine similarity similar_from are reported (None: not looked for).
    Raises GalleryInvalid when nobody could be enrolled.
    """
    listing = read_labelled_folder(folder)
    templates: list[FloatArray] = []
    subjects: list[str] = []
    images: list[str] = []
    refused = list(listing.refused)
    for done, image in enumerate(listing.images):
        on_progress(done, len(listing.images))
        try:
            templates.append(enrol_image(load_image(folder / image.path), models, policy))
        except (ImageRejected, NoFaceFound, SeveralFacesFound, LowQuality) as error:
            refused.append(FailedImage(image.path, error))
            continue
        subjects.append(image.subject)
        images.append(image.path)
    on_progress(len(listing.images), len(listing.images))
    if not templates:
        raise _nobody(listing, refused)
    gallery = Gallery(tuple(subjects), np.stack(templates), models.embedder.model_version)
    return LoadedGallery(
        gallery,
        tuple(images),
        tuple(refused),
        tuple(name for name in listing.subjects if name not in set(subjects)),
        similar_subjects(gallery, similar_from) if similar_from is not None else (),
        listing.ignored,
    )


def _nobody(listing: LabelledFolder, refused: list[FailedImage]) -> GalleryInvalid:
    reasons = "; ".join(f"{image.name}: {image.error.message}" for image in refused[:5])
    return GalleryInvalid(
        f"none of the {len(refused)} pictures in {listing.folder} can be enrolled ({reasons})",
        hint=f"Look at each with `sightline enroll-check`. {LAYOUT}",
    )


def similar_subjects(gallery: Gallery, min_similarity: float) -> tuple[SimilarSubjects, ...]:
    """Pairs of subjects that own templates at least this similar, the most similar pair first."""
    closest: dict[tuple[str, str], float] = {}
    for row, template in enumerate(gallery.templates):
        similarities = gallery.templates[row + 1 :] @ template
        for other in np.flatnonzero(similarities >= min_similarity):
            names = sorted((gallery.subjects[row], gallery.subjects[row + 1 + int(other)]))
            pair = (names[0], names[1])
            closest[pair] = max(closest.get(pair, -1.0), float(similarities[other]))
    found = (SimilarSubjects(*pair, value) for pair, value in closest.items() if pair[0] != pair[1])
    return tuple(sorted(found, key=lambda pair: -pair.similarity))
