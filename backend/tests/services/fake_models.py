"""Models that read painted faces: a square on black whose colour says who it is and how good the picture is."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from sightline.domain.arrays import TEMPLATE_DIMENSIONS, FloatArray, ImageArray, normalise
from sightline.domain.faces import Faces
from sightline.domain.quality import CaptureQuality
from sightline.vision.aligner import ARCFACE_TEMPLATE, CROP_SIZE, ArcFaceAligner
from sightline.vision.images import CANVAS_GREY

SOUND = 200
"""A quality byte that every policy accepts."""

EMPTY = frozenset({0, CANVAS_GREY * (1 + 256 + 65536)})
"""Colours that are no face: black, and the canvas beside a shrunk picture."""


@dataclass(frozen=True, slots=True)
class Painted:
    """A face as a square. person and shot 1 to 255, sharpness 0 to 255; x, y its top left corner in px."""

    person: int
    shot: int = 1
    x: int = 60
    y: int = 60
    side: int = 120
    sharpness: int = SOUND


def picture(*faces: Painted, width: int = 240, height: int = 240) -> ImageArray:
    image = np.zeros((height, width, 3), np.uint8)
    for face in faces:
        rows = slice(max(face.y, 0), face.y + face.side)
        columns = slice(max(face.x, 0), face.x + face.side)
        image[rows, columns] = (face.shot, face.sharpness, face.person)
    return image


def save(path: Path, *faces: Painted) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.ascontiguousarray(picture(*faces)[:, :, ::-1])).save(path, "PNG")
    return path


class PaintedDetector:
    """Finds one face per colour; one cut by the left edge is completed beyond it."""

    def detect(self, images: Sequence[ImageArray]) -> list[Faces]:
        return [self._find(image) for image in images]

    def _find(self, image: ImageArray) -> Faces:
        codes = image.astype(np.int32) @ (1, 256, 65536)
        corners = [self._corners(codes == code) for code in np.unique(codes) if code not in EMPTY]
        boxes = np.array(corners, np.float32).reshape(-1, 4)
        sides = boxes[:, 2:] - boxes[:, :2]
        landmarks = boxes[:, None, :2] + ARCFACE_TEMPLATE[None] / CROP_SIZE * sides[:, None]
        return Faces(boxes, landmarks.astype(np.float32), np.full(len(boxes), 0.9, np.float32))

    def _corners(self, mask: np.ndarray) -> tuple[int, int, int, int]:
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        bottom, right = int(rows[-1]) + 1, int(columns[-1]) + 1
        side = max(bottom - int(rows[0]), right - int(columns[0]))
        return right - side, bottom - side, right, bottom


class PaintedQuality:
    """Reads the sharpness off the colour."""

    def assess(self, faces: Faces, aligned: ImageArray) -> list[CaptureQuality]:
        return [
            CaptureQuality(float(crop[56, 56, 1]) / 255, float(eyes), float(crop[56, 56, 1]) / 255, 1, 1, 0.9, 0, 0, 0)
            for crop, eyes in zip(aligned, faces.eye_distances, strict=True)
        ]


class PaintedEmbedder:
    """One direction per person, a little to the side for each shot. Counts the crops it has seen."""

    model_version = "painted-1"

    def __init__(self) -> None:
        self.embedded = 0

    def embed(self, aligned: ImageArray) -> FloatArray:
        self.embedded += len(aligned)
        vectors = [template(int(crop[56, 56, 2]), int(crop[56, 56, 0])) for crop in aligned]
        return np.array(vectors, np.float32).reshape(-1, TEMPLATE_DIMENSIONS)


def template(person: int, shot: int) -> FloatArray:
    own = normalise(np.random.default_rng(person).normal(size=TEMPLATE_DIMENSIONS))
    side = normalise(np.random.default_rng((person, shot)).normal(size=TEMPLATE_DIMENSIONS))
    return normalise(own + 0.5 * side)


class PaintedModels:
    """A pack of the above."""

    def __init__(self) -> None:
        self.detector = PaintedDetector()
        self.aligner = ArcFaceAligner()
        self.quality = PaintedQuality()
        self.embedder = PaintedEmbedder()
