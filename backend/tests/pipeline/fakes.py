"""A small painted world: faces are flat rectangles whose colour says who it is and how good the picture is."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from uuid import UUID

import numpy as np

from sightline.domain.arrays import FloatArray, ImageArray, normalise
from sightline.domain.faces import Faces
from sightline.domain.frames import ArrayPixels, Frame
from sightline.domain.gallery import Gallery
from sightline.domain.operating_points import OperatingCurve, OperatingPoint
from sightline.domain.quality import CaptureQuality
from sightline.domain.tracks import DetectedFrame

WIDTH, HEIGHT = 640, 360
FACE_MARK = 255
MODEL = "painted-1"
CURVE = OperatingCurve((OperatingPoint(1e-2, 0.3), OperatingPoint(1e-4, 0.5)), 10**6, 10**4, "painted")


@dataclass(frozen=True)
class Painted:
    """A face at its centre, of a size in px; person 1 to 250; quality 0 to 1."""

    person: int
    x: float
    y: float = 180.0
    size: float = 60.0
    quality: float = 0.8

    @property
    def box(self) -> tuple[float, float, float, float]:
        half = self.size / 2
        return (self.x - half, self.y - half, self.x + half, self.y + half)


def paint(*faces: Painted) -> ImageArray:
    image = np.full((HEIGHT, WIDTH, 3), 60, np.uint8)
    for face in faces:
        x1, y1, x2, y2 = (max(0, round(value)) for value in face.box)
        image[y1:y2, x1:x2] = (face.person, FACE_MARK, round(face.quality * 200))
    return image


def shrink(image: ImageArray) -> ImageArray:
    """The luma copy that capture makes: 96×54, averaged."""
    grey = image.mean(axis=2)
    rows, columns = np.linspace(0, HEIGHT, 55).astype(int), np.linspace(0, WIDTH, 97).astype(int)
    summed = np.add.reduceat(np.add.reduceat(grey, rows[:-1], axis=0), columns[:-1], axis=1)
    return np.asarray(summed / np.outer(np.diff(rows), np.diff(columns)), np.uint8)


def frame_at(media_time: float, *faces: Painted, camera_id: str = "gate", discontinuity: bool = False) -> Frame:
    image = paint(*faces)
    return Frame(
        camera_id=camera_id,
        sequence=round(media_time * 5),
        media_time=media_time,
        received_at=media_time,
        width=WIDTH,
        height=HEIGHT,
        luma=shrink(image),
        pixels=ArrayPixels(image),
        discontinuity=discontinuity,
    )


def faces_of(*painted: Painted) -> Faces:
    """As a detector would report them: eyes 40 % of the size apart."""
    boxes = np.array([face.box for face in painted], np.float32).reshape(-1, 4)
    sizes = (boxes[:, 2:] - boxes[:, :2])[:, None]
    spots = np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.8], [0.65, 0.8]], np.float32)
    return Faces(boxes, boxes[:, None, :2] + spots * sizes, np.full(len(boxes), 0.9, np.float32))


def detected(frame: Frame, *painted: Painted) -> DetectedFrame:
    return DetectedFrame(frame, faces_of(*painted))


class PaintedDetector:
    """Reads painted faces, one per person; counts the pictures it was shown."""

    def __init__(self) -> None:
        self.seen = 0
        self.calls = 0

    def detect(self, images: Sequence[ImageArray]) -> list[Faces]:
        self.calls += 1
        self.seen += len(images)
        return [faces_of(*self._read(image)) for image in images]

    @staticmethod
    def _read(image: ImageArray) -> Iterator[Painted]:
        marked = image[..., 1] == FACE_MARK
        for person in np.unique(image[..., 0][marked]):
            rows, columns = np.nonzero(marked & (image[..., 0] == person))
            x1, x2 = columns.min(), columns.max() + 1
            yield Painted(
                int(person), (x1 + x2) / 2, (rows.min() + rows.max() + 1) / 2, float(rows.max() + 1 - rows.min())
            )


class PaintedAligner:
    """Cuts the colour at the nose."""

    def __init__(self) -> None:
        self.cut = 0

    def align(self, image: ImageArray, landmarks: FloatArray) -> ImageArray:
        self.cut += len(landmarks)
        noses = landmarks[:, 2].astype(int)
        colours = image[noses[:, 1].clip(0, HEIGHT - 1), noses[:, 0].clip(0, WIDTH - 1)]
        return np.broadcast_to(colours[:, None, None], (len(noses), 112, 112, 3)).copy()


class PaintedQuality:
    """Reads quality off the colour."""

    def assess(self, faces: Faces, aligned: ImageArray) -> list[CaptureQuality]:
        scores = aligned[:, 0, 0, 2] / 200
        return [
            CaptureQuality(float(score), float(eyes), 1, 1, 1, 0.9, 0, 0, 0)
            for score, eyes in zip(scores, faces.eye_distances, strict=True)
        ]


def face_of(person: int) -> FloatArray:
    """The true template of a painted person (512,)."""
    return normalise(np.random.default_rng(person).normal(size=512))


class PaintedEmbedder:
    """The person's true template, disturbed the more the worse the picture."""

    model_version = MODEL

    def __init__(self, noise: float = 0.0) -> None:
        self.embedded = 0
        self.calls = 0
        self._noise = noise
        self._random = np.random.default_rng(5)

    def embed(self, aligned: ImageArray) -> FloatArray:
        self.calls += 1
        self.embedded += len(aligned)
        true = np.stack([face_of(int(crop[0, 0, 0])) for crop in aligned])
        lack = 1 - aligned[:, 0, 0, 2:] / 200
        disturbance = normalise(self._random.normal(size=true.shape))
        return normalise(true + (self._noise + lack) * disturbance * (self._noise > 0))


def gallery_of(model_version: str = MODEL, **people: int) -> Gallery:
    templates = np.stack([face_of(person) for person in people.values()])
    return Gallery(tuple(people), templates, model_version)


def counted_ids() -> Callable[[], UUID]:
    numbers = count(1)
    return lambda: UUID(int=next(numbers))
