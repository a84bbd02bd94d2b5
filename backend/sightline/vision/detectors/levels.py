"""Outputs of detectors with three feature levels, told apart by shape: exports differ in names and order."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sightline.domain.faces import Faces
from sightline.vision.detectors.base import require
from sightline.vision.preprocess import Size

STRIDES = (8, 16, 32)


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """Raw outputs of one stride, row by row over its cells, anchors of a cell side by side.

    scores: arrays (n, cells·anchors); boxes (n, cells·anchors, 4); landmarks (n, cells·anchors, 10).
    """

    stride: int
    columns: int
    rows: int
    anchors: int
    scores: tuple[np.ndarray, ...]
    boxes: np.ndarray
    landmarks: np.ndarray


def split_levels(outputs: Sequence[np.ndarray], canvas: Size, *, scores_per_level: int) -> list[Level]:
    """Sort outputs into levels: by their last dimension (1 score, 4 box, 10 landmarks), then by length,
    the finest stride being the longest. Raises PackDamaged when they do not fit the canvas."""
    batched = [_with_batch(output) for output in outputs]
    scores, boxes, landmarks = (_of_width(batched, width) for width in (1, 4, 10))
    counts = (len(scores), len(boxes), len(landmarks))
    expected = (3 * scores_per_level, 3, 3)
    require(holds=counts == expected, what=f"expected {expected} score, box and landmark outputs, found {counts}")
    return [
        _level(
            stride,
            canvas,
            tuple(scores[index * scores_per_level : (index + 1) * scores_per_level]),
            boxes[index],
            landmarks[index],
        )
        for index, stride in enumerate(STRIDES)
    ]


def concatenate(parts: Sequence[Faces]) -> Faces:
    """Faces of several levels as one."""
    return Faces(
        np.concatenate([part.boxes for part in parts]),
        np.concatenate([part.landmarks for part in parts]),
        np.concatenate([part.scores for part in parts]),
    )


def _level(
    stride: int, canvas: Size, scores: tuple[np.ndarray, ...], boxes: np.ndarray, landmarks: np.ndarray
) -> Level:
    columns, rows = canvas.width // stride, canvas.height // stride
    anchors, remainder = divmod(boxes.shape[1], columns * rows)
    lengths = {output.shape[1] for output in (*scores, boxes, landmarks)}
    require(
        holds=anchors > 0 and remainder == 0 and len(lengths) == 1,
        what=f"stride {stride} has {columns}×{rows} cells, found outputs of length {sorted(lengths)}",
    )
    return Level(stride, columns, rows, anchors, tuple(score[..., 0] for score in scores), boxes, landmarks)


def _with_batch(output: np.ndarray) -> np.ndarray:
    """(cells, width) as a batch of one."""
    require(
        holds=output.ndim in {2, 3},
        what=f"expected (n, cells, width) or (cells, width), found {output.shape}",
    )
    return output[None] if output.ndim == 2 else output


def _of_width(outputs: Sequence[np.ndarray], width: int) -> list[np.ndarray]:
    return sorted((output for output in outputs if output.shape[-1] == width), key=lambda output: -output.shape[1])
