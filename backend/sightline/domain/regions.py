"""Polygons over a camera's picture: regions of interest and privacy masks."""

from dataclasses import dataclass

import numpy as np

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Polygon:
    """A closed polygon in normalised coordinates: (0, 0) is the picture's top left, (1, 1) its bottom right."""

    points: tuple[Point, ...]

    def __post_init__(self) -> None:
        """Refuse fewer than three points and points outside the picture."""
        if len(self.points) < 3:
            raise ValueError(f"a polygon needs at least 3 points, got {len(self.points)}")
        if not all(0.0 <= value <= 1.0 for point in self.points for value in point):
            raise ValueError("polygon points are fractions of the picture's width and height, from 0 to 1")

    def contains(self, points: np.ndarray) -> np.ndarray:
        """Which normalised points (n, 2) lie inside: bool (n,), by the even-odd rule."""
        x, y = points[:, 0], points[:, 1]
        inside = np.zeros(len(points), dtype=bool)
        for (x1, y1), (x2, y2) in zip(self.points, (*self.points[1:], self.points[0]), strict=True):
            crosses = (y1 > y) != (y2 > y)
            # Left of the edge: a product instead of a quotient, which nearly level edges would make overflow.
            left = (x - x1) * (y2 - y1) - (x2 - x1) * (y - y1)
            inside ^= crosses & (left < 0 if y2 > y1 else left > 0)
        return inside


@dataclass(frozen=True, slots=True)
class Regions:
    """Where a camera looks for faces, and what nobody may see.

    interest: faces whose centre lies in one of these polygons count; none means the whole picture.
    privacy: pixels inside are blackened before anything sees or stores the picture.
    """

    interest: tuple[Polygon, ...] = ()
    privacy: tuple[Polygon, ...] = ()
