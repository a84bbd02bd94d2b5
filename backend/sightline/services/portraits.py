"""From a picture that somebody uploaded to what is kept of it: a template, and the face with its surroundings."""

import hashlib
from dataclasses import dataclass

import numpy as np

from sightline.domain.arrays import FloatArray, ImageArray
from sightline.domain.tracks import Box
from sightline.services.enrolment import Examination, embed_face, examine_image
from sightline.services.face_images import FaceModels
from sightline.services.subjects import Measured
from sightline.vision.crops import encode_jpeg
from sightline.vision.images import load_image, load_upload, reduced

MARGIN = 1.0
"""Share of the face's longer side that is kept around it: enough to find the face again with another detector, and
little of who stands beside it."""
LONGEST_PX = 1600
"""Longer side of a kept picture; a face in it still has 500 px, twice what any detector looks at."""
JPEG_QUALITY = 95
"""Templates are made anew from kept pictures when the models change."""


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """An enrollable picture. template (512,) float32; landmarks (5, 2) px and measured.box in the kept jpeg."""

    template: FloatArray
    model_version: str
    quality: float
    landmarks: FloatArray
    measured: Measured
    face_count: int
    jpeg: bytes
    pixels_digest: bytes


def read_portrait(data: bytes, models: FaceModels) -> Portrait:
    """Decode an upload, judge it, and make the template.

    Raises TooLarge, UnsupportedMedia, ImageRejected, NoFaceFound, SeveralFacesFound, LowQuality.
    """
    return portrait_of(load_upload(data), models)


def portrait_of(image: ImageArray, models: FaceModels) -> Portrait:
    """The same of a decoded picture (H, W, 3) uint8 BGR. Raises NoFaceFound, SeveralFacesFound, LowQuality."""
    seen = examine_image(image, models)
    if seen.refusal is not None:
        raise seen.refusal
    face = seen.faces[0]
    kept, place = _kept(image, face.box)
    return Portrait(
        template=embed_face(image, seen.landmarks[0], models),
        model_version=models.embedder.model_version,
        quality=face.quality.score,
        landmarks=np.asarray(place.points(seen.landmarks[0]), np.float32),
        measured=Measured(
            width=kept.shape[1],
            height=kept.shape[0],
            box=place.box(face.box),
            eye_distance=face.quality.eye_distance,
            sharpness=face.quality.sharpness,
            frontality=face.quality.frontality,
            exposure=face.quality.exposure,
        ),
        face_count=len(seen.faces),
        jpeg=encode_jpeg(kept, quality=JPEG_QUALITY),
        pixels_digest=hashlib.sha256(f"{image.shape}".encode() + image.tobytes()).digest(),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Reembedding:
    """A kept picture's new template; box px."""

    template: FloatArray
    model_version: str
    quality: float | None
    landmarks: FloatArray
    box: Box | None


def reembed_portrait(jpeg: bytes, landmarks: FloatArray | None, models: FaceModels) -> Reembedding:
    """A template of a kept picture by these models; where they find no single face, at the landmarks as kept.

    Raises ImageRejected, NoFaceFound, SeveralFacesFound.
    """
    image = load_image(jpeg)
    seen = examine_image(image, models)
    found = _single(seen)
    if found is None and landmarks is None and seen.refusal is not None:
        raise seen.refusal
    points = seen.landmarks[0] if found is not None or landmarks is None else landmarks
    return Reembedding(
        template=embed_face(image, points, models),
        model_version=models.embedder.model_version,
        quality=seen.faces[0].quality.score if found is not None else None,
        landmarks=points,
        box=found,
    )


def _single(seen: Examination) -> Box | None:
    """The box of the one person in a picture, who was good enough once."""
    people = [face for face in seen.faces if not face.bystander]
    return people[0].box if len(people) == 1 else None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the kept picture lies in the one it was cut from: left, top px, and how much it was scaled."""

    left: int
    top: int
    factor: float

    def points(self, points: FloatArray) -> FloatArray:
        moved = (points - np.array([self.left, self.top], np.float32)) * self.factor
        return np.asarray(moved, np.float32)

    def box(self, box: Box) -> Box:
        x, y, width, height = box
        factor = self.factor
        return ((x - self.left) * factor, (y - self.top) * factor, width * factor, height * factor)


def _kept(image: ImageArray, box: Box) -> tuple[ImageArray, _Place]:
    x, y, width, height = box
    around = MARGIN * max(width, height)
    left, top = max(0, int(x - around)), max(0, int(y - around))
    right, bottom = min(image.shape[1], int(x + width + around)), min(image.shape[0], int(y + height + around))
    small, factor = reduced(image[top:bottom, left:right], LONGEST_PX)
    return small, _Place(left, top, factor)
