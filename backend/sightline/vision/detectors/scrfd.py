"""SCRFD (Guo, Deng, Lattas, Zafeiriou: "Sample and Computation Redistribution for Efficient Face
Detection", 2021).

Models with landmarks, as InsightFace exports them (the `_kps` files, and the detectors of its packs).
"""

from collections.abc import Sequence

import numpy as np

from sightline.domain.faces import Faces
from sightline.vision.detectors.base import Recipe, grid
from sightline.vision.detectors.levels import Level, concatenate, split_levels
from sightline.vision.preprocess import Size


def decode(outputs: Sequence[np.ndarray], canvas: Size, min_score: float) -> list[Faces]:
    """Read scores (cells·anchors, 1), edge distances (…, 4), landmark offsets (…, 10) of strides 8, 16, 32.

    Some exports carry a leading batch dimension. Distances (left, top, right, bottom) and offsets
    are in strides from the cell's corner. Returns faces in canvas px, one Faces per picture.
    """
    levels = split_levels(outputs, canvas, scores_per_level=1)
    parts = [_decode_level(level, min_score) for level in levels]
    return [concatenate(faces) for faces in zip(*parts, strict=True)]


def _decode_level(level: Level, min_score: float) -> list[Faces]:
    corners = np.repeat(grid(level.columns, level.rows) * level.stride, level.anchors, axis=0)
    return [
        _decode_one(corners[keep], boxes[keep] * level.stride, points[keep] * level.stride, one[keep])
        for one, boxes, points in zip(level.scores[0], level.boxes, level.landmarks, strict=True)
        for keep in (np.nonzero(one > min_score)[0],)
    ]


def _decode_one(corners: np.ndarray, distances: np.ndarray, offsets: np.ndarray, scores: np.ndarray) -> Faces:
    boxes = np.concatenate((corners - distances[:, :2], corners + distances[:, 2:]), axis=1)
    landmarks = corners[:, None] + offsets.reshape(-1, 5, 2)
    return Faces(boxes.astype(np.float32), landmarks.astype(np.float32), scores.astype(np.float32))


RECIPE = Recipe(decode)
