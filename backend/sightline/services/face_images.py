"""Faces in still pictures: which one counts, and its template. Shared by enrolment, evaluation and calibration."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from sightline.core.errors import ImageRejected, InvalidInput, NoFaceFound
from sightline.domain.arrays import TEMPLATE_DIMENSIONS, FloatArray, ImageArray
from sightline.domain.faces import Faces
from sightline.domain.ports import FaceAligner, FaceDetector, FaceEmbedder, QualityAssessor
from sightline.domain.views import cut_views, embed_views
from sightline.vision.images import load_image, shrunk

OnProgress = Callable[[int, int], None]
"""Called with pictures done and pictures in all."""

_BATCH = 32
"""Crops that are embedded at once: enough to fill the model, 1.2 MB of pixels."""

_CLOSE_UP_FACTORS = (2, 4)
"""How much smaller a picture is looked at in which nothing was found surely."""

_SURE = 0.7
"""Detector score from which a picture is not looked at again: the confidence that the specification asks for."""


class FaceModels(Protocol):
    """The models of a pack, loaded."""

    @property
    def detector(self) -> FaceDetector:
        """Finds faces."""
        ...

    @property
    def aligner(self) -> FaceAligner:
        """Cuts them out."""
        ...

    @property
    def quality(self) -> QualityAssessor:
        """Judges them."""
        ...

    @property
    def embedder(self) -> FaceEmbedder:
        """Makes templates of them."""
        ...


def ignore_progress(_done: int, _total: int) -> None:
    """For callers that show none."""


def principal_face(faces: Faces, image: ImageArray) -> int | None:
    """The face that a portrait is of: the largest, with a preference for the middle. None when there is none.

    Area minus twice the squared distance from the centre, both px², as is usual for LFW, whose
    pictures are centred on their subject and often show others at the edge (Sandberg, facenet,
    align_dataset_mtcnn).
    """
    if not len(faces):
        return None
    centre = np.array([image.shape[1], image.shape[0]], np.float32) / 2
    offsets = (faces.boxes[:, :2] + faces.boxes[:, 2:]) / 2 - centre
    return int(np.argmax(faces.areas - 2 * np.square(offsets).sum(axis=1)))


def find_faces(image: ImageArray, detector: FaceDetector) -> Faces:
    """Find the faces of a still picture, portraits included. image (H, W, 3) uint8 BGR.

    Detectors made for scenes miss faces that fill the picture, or put their landmarks down loosely. Where none is
    found, or none surely, the picture is looked at again at a half and a quarter of its size, and the surest look
    counts: of twelve portraits, a YOLOv8n-face trained on small faces found four at once and all twelve so
    (confidence 0.7).
    """
    faces = detector.detect([image])[0]
    for factor in _CLOSE_UP_FACTORS:
        if _surest(faces) >= _SURE:
            break
        small = detector.detect([shrunk(image, factor)])[0]
        if _surest(small) > _surest(faces):
            faces = Faces(small.boxes * factor, small.landmarks * factor, small.scores)
    return faces


def _surest(faces: Faces) -> float:
    return float(faces.scores.max()) if len(faces) else 0.0


@dataclass(frozen=True, slots=True)
class FailedImage:
    """A picture without a template, and why."""

    name: str
    error: InvalidInput


@dataclass(frozen=True, slots=True, eq=False)
class EmbeddedImages:
    """Templates (n, 512) float32 of the pictures that had a usable face, their names (n,), and the others."""

    names: tuple[str, ...]
    templates: FloatArray
    failed: tuple[FailedImage, ...]


def embed_principal_faces(
    folder: Path, names: Sequence[str], models: FaceModels, on_progress: OnProgress = ignore_progress
) -> EmbeddedImages:
    """Embed the principal face of each picture once. names are paths below folder.

    A picture that cannot be read or shows no face is among the failed ones; nothing is raised for it.
    """
    pending: list[ImageArray] = []
    found: list[str] = []
    templates = [np.zeros((0, TEMPLATE_DIMENSIONS), np.float32)]
    failed: list[FailedImage] = []
    for done, name in enumerate(names):
        on_progress(done, len(names))
        try:
            pending.append(_principal_views(folder / name, models))
        except (ImageRejected, NoFaceFound) as error:
            failed.append(FailedImage(name, error))
            continue
        found.append(name)
        if len(pending) == _BATCH:
            templates.append(embed_views(models.embedder, pending))
            pending.clear()
    if pending:
        templates.append(embed_views(models.embedder, pending))
    on_progress(len(names), len(names))
    return EmbeddedImages(tuple(found), np.concatenate(templates), tuple(failed))


def _principal_views(path: Path, models: FaceModels) -> ImageArray:
    """The views (v, 112, 112, 3) of a picture's principal face, as recognition takes them of a shot."""
    image = load_image(path)
    faces = find_faces(image, models.detector)
    index = principal_face(faces, image)
    if index is None:
        raise NoFaceFound("no face was found", hint="Use a picture that shows the face larger and upright.")
    return cut_views(models.aligner, image, faces.landmarks[index])
