"""YOLOv8-face: the Ultralytics pose head trained on one class with five landmarks."""

from collections.abc import Sequence

import numpy as np

from sightline.domain.faces import Faces
from sightline.vision.detectors.base import Recipe, require
from sightline.vision.preprocess import Size, place_letterboxed

GREY = 114
"""Ultralytics' letterbox colour."""

WITH_VISIBILITY = 4 + 1 + 5 * 3
WITHOUT_VISIBILITY = 4 + 1 + 5 * 2


def decode(outputs: Sequence[np.ndarray], canvas: Size, min_score: float) -> list[Faces]:
    """Read (n, 20, anchors) or (n, anchors, 20): centre x, y, width, height, score, 5 × (x, y, visibility).

    All in canvas px. Models without visibility have 15 channels. Returns one Faces per picture.
    """
    del canvas  # the head has already decoded its anchors
    require(
        holds=len(outputs) == 1 and outputs[0].ndim == 3,
        what=f"YOLOv8-face has one output (n, 20, anchors), found {[output.shape for output in outputs]}",
    )
    return [_decode_one(anchors, min_score) for anchors in _anchors_first(outputs[0])]


def _anchors_first(output: np.ndarray) -> np.ndarray:
    """(n, anchors, channels), whichever way the export has it."""
    known = {WITH_VISIBILITY, WITHOUT_VISIBILITY}
    if output.shape[1] in known:
        return output.transpose(0, 2, 1)
    require(
        holds=output.shape[2] in known,
        what=f"expected 20 channels (a box, a score, five landmarks), found {output.shape}; "
        "a model without landmarks cannot serve recognition",
    )
    return output


def _decode_one(anchors: np.ndarray, min_score: float) -> Faces:
    kept = anchors[anchors[:, 4] > min_score]
    centres, halves = kept[:, :2], kept[:, 2:4] / 2
    points = kept[:, 5:].reshape(len(kept), 5, (anchors.shape[1] - 5) // 5)[:, :, :2]
    return Faces(
        np.concatenate((centres - halves, centres + halves), axis=1).astype(np.float32),
        np.ascontiguousarray(points, dtype=np.float32),
        kept[:, 4].astype(np.float32),
    )


RECIPE = Recipe(decode, place=place_letterboxed, fill=GREY)
