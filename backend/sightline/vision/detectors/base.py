"""What all face detectors share: canvas, batches, suppression, the way back to the picture."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
import onnxruntime as ort

from sightline.core.errors import PackDamaged
from sightline.domain.arrays import ImageArray
from sightline.domain.faces import Faces
from sightline.vision.model_packs.manifest import DetectorEntry
from sightline.vision.preprocess import (
    Normalisation,
    Placement,
    Size,
    finite,
    make_tensor,
    place_at_corner,
    size_of,
    suppress_overlaps,
    to_picture,
)
from sightline.vision.runtime import REINSTALL, InputSpec, input_spec, run, runs_on_cpu

ACCELERATOR_BATCH = 16
"""Pictures per run on an accelerator. On a CPU it is one: four 640×384 pictures in a batch took 22 %
(CenterFace) and 60 % (YuNet) longer per picture than one by one, because activations leave the caches."""

Place = Callable[[Size, int, Size | None], Placement]


class Decode(Protocol):
    """Turns raw outputs of a batch into faces over a score, in canvas px, overlapping ones included."""

    def __call__(self, outputs: Sequence[np.ndarray], canvas: Size, min_score: float) -> list[Faces]:
        """Decode. outputs in the model's order. Raises PackDamaged when their shapes are not this model's."""
        ...


@dataclass(frozen=True, slots=True)
class Recipe:
    """What makes one architecture different: how it decodes, how pictures lie on its canvas."""

    decode: Decode
    place: Place = place_at_corner
    fill: int = 0
    interpolation: int = cv2.INTER_LINEAR


class OnnxFaceDetector:
    """A face detector on ONNX Runtime (implements FaceDetector). Safe to call from several threads."""

    def __init__(
        self,
        session: ort.InferenceSession,
        entry: DetectorEntry,
        recipe: Recipe,
        *,
        input_size: int | None = None,
    ) -> None:
        self._session = session
        self._recipe = recipe
        self._entry = entry
        self._input = input_spec(session)
        self._input_size = input_size or entry.input_size
        self._canvas = _fixed_canvas(self._input, entry)
        self._normalisation = Normalisation(entry.colour_order == "RGB", entry.mean, entry.scale, recipe.fill)
        single = self._input.shape[0] == 1 or runs_on_cpu(session)
        self._batch = 1 if single else ACCELERATOR_BATCH

    def detect(self, images: Sequence[ImageArray]) -> list[Faces]:
        """Find faces. images (H, W, 3) uint8 BGR, of any sizes -> one Faces per image, best score first."""
        found: list[Faces] = [Faces.none()] * len(images)
        for size, indices in _by_size(images).items():
            for start in range(0, len(indices), self._batch):
                chunk = indices[start : start + self._batch]
                for index, faces in zip(chunk, self._detect([images[i] for i in chunk], size), strict=True):
                    found[index] = faces
        return found

    def _detect(self, images: Sequence[ImageArray], size: Size) -> list[Faces]:
        placement = self._recipe.place(size, self._input_size, self._canvas)
        tensor = make_tensor(images, placement, self._normalisation, self._recipe.interpolation)
        outputs = run(self._session, self._input.name, tensor)
        raw = self._recipe.decode(outputs, placement.canvas, self._entry.score_threshold)
        return [self._finish(faces, placement) for faces in raw]

    def _finish(self, faces: Faces, placement: Placement) -> Faces:
        faces = finite(faces)
        kept = faces.take(suppress_overlaps(faces.boxes, faces.scores, self._entry.nms_iou))
        return to_picture(kept, placement)


def require(*, holds: bool, what: str) -> None:
    """Raise PackDamaged when a model's outputs are not those of its architecture."""
    if not holds:
        raise PackDamaged(f"the detector's outputs do not fit: {what}", hint=REINSTALL)


def grid(width: int, height: int) -> np.ndarray:
    """Cells of a feature map row by row: (height * width, 2) float32 x, y."""
    rows, columns = np.divmod(np.arange(width * height, dtype=np.int64), width)
    return np.stack((columns, rows), axis=1).astype(np.float32)


def _by_size(images: Sequence[ImageArray]) -> dict[Size, list[int]]:
    groups: dict[Size, list[int]] = {}
    for index, image in enumerate(images):
        groups.setdefault(size_of(image), []).append(index)
    return groups


def _fixed_canvas(spec: InputSpec, entry: DetectorEntry) -> Size | None:
    """The canvas that the export fixed, None when any goes. Raises PackDamaged when it cannot serve."""
    if len(spec.shape) != 4 or spec.shape[1] not in {3, None} or spec.shape[0] not in {1, None}:
        raise PackDamaged(
            f"{entry.file} takes input {spec.shape}; a detector takes (batch, 3, height, width), batch 1 or any",
            hint=REINSTALL,
        )
    height, width = spec.shape[2:]
    return None if height is None or width is None else Size(width, height)
