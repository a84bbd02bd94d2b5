"""Privacy masks: the pixels of a picture that nobody may see."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sightline.domain.arrays import ImageArray
from sightline.domain.regions import Point, Polygon

ROWS_AT_ONCE = 64
"""Rows of pixel centres that are tested together: keeps the memory of a 4K mask near 10 MB."""


class PrivacyMasks:
    """Blackens polygons in pictures of any size; the mask of each size is drawn once and kept."""

    def __init__(self, polygons: Sequence[Polygon]) -> None:
        self._polygons = tuple(polygons)
        self._masks: dict[tuple[int, int], NDArray[np.bool_]] = {}

    def apply(self, image: ImageArray) -> None:
        """Blacken in place. image (H, W) or (H, W, 3) uint8; every pixel that a polygon touches becomes 0."""
        if self._polygons:
            image[self.mask(image.shape[0], image.shape[1])] = 0

    def mask(self, height: int, width: int) -> NDArray[np.bool_]:
        """Which pixels are hidden: bool (height, width)."""
        known = self._masks.get((height, width))
        if known is None:
            known = np.zeros((height, width), dtype=bool)
            for polygon in self._polygons:
                known |= draw(polygon, height, width)
            self._masks[height, width] = known
        return known


def draw(polygon: Polygon, height: int, width: int) -> NDArray[np.bool_]:
    """Pixels that a polygon touches, and perhaps one more around them: bool (height, width).

    A touched pixel either has its centre inside, or the outline passes through it; the outline is
    sampled finer than a pixel and widened by one, so that rounding cannot open a gap.
    """
    return _centres_inside(polygon, height, width) | _widen(_outline(polygon, height, width))


def _centres_inside(polygon: Polygon, height: int, width: int) -> NDArray[np.bool_]:
    inside = np.zeros((height, width), dtype=bool)
    xs = (np.arange(width) + 0.5) / width
    for top in range(0, height, ROWS_AT_ONCE):
        rows = np.arange(top, min(top + ROWS_AT_ONCE, height))
        grid_x, grid_y = np.meshgrid(xs, (rows + 0.5) / height)
        points = np.column_stack([grid_x.ravel(), grid_y.ravel()])
        inside[rows] = polygon.contains(points).reshape(len(rows), width)
    return inside


def _outline(polygon: Polygon, height: int, width: int) -> NDArray[np.bool_]:
    touched = np.zeros((height, width), dtype=bool)
    for start, end in zip(polygon.points, (*polygon.points[1:], polygon.points[0]), strict=True):
        columns, rows = _edge_pixels(start, end, height, width)
        touched[rows, columns] = True
    return touched


def _edge_pixels(start: Point, end: Point, height: int, width: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    longest = max(abs(end[0] - start[0]) * width, abs(end[1] - start[1]) * height)
    steps = np.linspace(0.0, 1.0, int(longest * 2) + 2)
    x = (start[0] + (end[0] - start[0]) * steps) * width
    y = (start[1] + (end[1] - start[1]) * steps) * height
    columns = np.clip(x.astype(np.intp), 0, width - 1)
    rows = np.clip(y.astype(np.intp), 0, height - 1)
    return columns, rows


def _widen(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The mask and its eight neighbours."""
    wide = mask.copy()
    wide[1:] |= mask[:-1]
    wide[:-1] |= mask[1:]
    tall = wide.copy()
    tall[:, 1:] |= wide[:, :-1]
    tall[:, :-1] |= wide[:, 1:]
    return tall
