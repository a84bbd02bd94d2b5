"""YuNet (Wu, Peng, Yu, 2023: "YuNet: A Tiny Millisecond-level Face Detector")."""

from collections.abc import Sequence

import numpy as np

from sightline.domain.faces import Faces
from sightline.vision.detectors.base import Recipe, grid, require
from sightline.vision.detectors.levels import Level, concatenate, split_levels
from sightline.vision.preprocess import Size


def decode(outputs: Sequence[np.ndarray], canvas: Size, min_score: float) -> list[Faces]:
    """Read class and objectness (n, cells, 1), boxes (n, cells, 4), landmarks (n, cells, 10) of 3 strides.

    The score is the geometric mean of class and objectness, so their order does not matter.
    Returns faces in canvas px, one Faces per picture.
    """
    levels = split_levels(outputs, canvas, scores_per_level=2)
    require(holds=all(level.anchors == 1 for level in levels), what="YuNet has one anchor per cell")
    parts = [_decode_level(level, min_score) for level in levels]
    return [concatenate(faces) for faces in zip(*parts, strict=True)]


def _decode_level(level: Level, min_score: float) -> list[Faces]:
    first, second = level.scores
    scores = np.sqrt(np.clip(first, 0, 1) * np.clip(second, 0, 1))
    cells = grid(level.columns, level.rows)
    return [
        _decode_one(cells[keep], boxes[keep], points[keep], one[keep], level.stride)
        for one, boxes, points in zip(scores, level.boxes, level.landmarks, strict=True)
        for keep in (np.nonzero(one > min_score)[0],)
    ]


def _decode_one(cells: np.ndarray, boxes: np.ndarray, points: np.ndarray, scores: np.ndarray, stride: int) -> Faces:
    centres = (cells + boxes[:, :2]) * stride
    halves = np.exp(boxes[:, 2:]) * stride / 2
    return Faces(
        np.concatenate((centres - halves, centres + halves), axis=1).astype(np.float32),
        ((cells[:, None] + points.reshape(-1, 5, 2)) * stride).astype(np.float32),
        scores.astype(np.float32),
    )


RECIPE = Recipe(decode)
