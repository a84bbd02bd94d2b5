"""Making faces unrecognisable, for good."""

from collections.abc import Sequence

import cv2
import numpy as np

from sightline.domain.arrays import ImageArray
from sightline.domain.tracks import Box

CELLS = 4
"""Cells a side: a face becomes 16 means, fewer than any method of restoring faces from pixelation begins with."""
MARGIN = 0.35
"""Of the box on each side: hair, ears and chin tell people too, and detectors cut them off."""


def pixelated(image: ImageArray, boxes: Sequence[Box]) -> ImageArray:
    """A copy of image (H, W, 3) uint8 BGR whose boxes (x, y, width, height px) are 4 by 4 flat cells."""
    covered: ImageArray = image.copy()
    height, width = image.shape[:2]
    for x, y, wide, high in boxes:
        left, top = max(int(x - wide * MARGIN), 0), max(int(y - high * MARGIN), 0)
        right = min(int(np.ceil(x + wide * (1 + MARGIN))), width)
        bottom = min(int(np.ceil(y + high * (1 + MARGIN))), height)
        if right <= left or bottom <= top:
            continue
        face = image[top:bottom, left:right]
        cells = cv2.resize(face, (CELLS, CELLS), interpolation=cv2.INTER_AREA)
        covered[top:bottom, left:right] = cv2.resize(
            cells, (right - left, bottom - top), interpolation=cv2.INTER_NEAREST
        )
    return covered
