"""The small grey copy of a picture that the motion gate looks at; needs no decoder."""

import numpy as np

from sightline.domain.arrays import ImageArray

LUMA_WIDTH = 96
"""Columns of the grey copy, about: enough to see a head of a sixth of the picture's height move, cheap to compare."""

SAMPLES_ACROSS = 3
"""A cell of the grey copy averages this many pixels squared: as calm as the full mean, at a tenth of its cost."""

_WEIGHTS = np.array((24.966, 128.553, 65.481), np.float32) / 255.0
"""Of blue, green and red: brightness from 16 to 235 as video states it (ITU-R BT.601), so that frames that came as JPEG
move the gate like those that come from the decoder."""


def mean_of_cells(picture: ImageArray) -> np.ndarray:
    """Shrink to about LUMA_WIDTH columns: each cell is the mean of pixels spread evenly over it.

    picture (H, W) or (H, W, 3) uint8 -> (h, w) or (h, w, 3) uint8.
    """
    cell = max(picture.shape[1] // LUMA_WIDTH, 1)
    height, width = (max(size // cell, 1) for size in picture.shape[:2])
    total = np.zeros((height, width, *picture.shape[2:]), np.uint16)
    offsets = range(0, cell, max(cell // SAMPLES_ACROSS, 1))
    for row in offsets:
        for column in offsets:
            total += picture[row : height * cell : cell, column : width * cell : cell]
    return (total // len(offsets) ** 2).astype(np.uint8)


def luma_of(image: ImageArray) -> ImageArray:
    """The grey copy of a colour picture. image (H, W, 3) uint8 BGR -> (h, w) uint8, about 96 px wide."""
    return np.asarray(16.0 + mean_of_cells(image) @ _WEIGHTS, dtype=np.uint8)
