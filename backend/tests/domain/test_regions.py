import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline.domain.regions import Polygon

UNIT = st.floats(0, 1)


def test_a_triangle_contains_its_middle_and_not_the_corner_outside() -> None:
    triangle = Polygon(((0, 0), (1, 0), (0, 1)))
    assert triangle.contains(np.array([[0.25, 0.25], [0.9, 0.9]])).tolist() == [True, False]


@given(UNIT, UNIT, UNIT, UNIT, st.tuples(UNIT, UNIT))
def test_a_rectangle_contains_what_lies_strictly_between_its_sides(
    x1: float, y1: float, x2: float, y2: float, point: tuple[float, float]
) -> None:
    left, right, top, bottom = min(x1, x2), max(x1, x2), min(y1, y2), max(y1, y2)
    polygon = Polygon(((left, top), (right, top), (right, bottom), (left, bottom)))
    x, y = point
    strictly_inside = left < x < right and top < y < bottom
    strictly_outside = x < left or x > right or y < top or y > bottom
    found = bool(polygon.contains(np.array([point]))[0])
    assert found or not strictly_inside
    assert not (found and strictly_outside)


def test_an_edge_that_is_all_but_level_does_no_harm() -> None:
    polygon = Polygon(((0, 0), (0, 0), (1.0, 2.2250738585e-313)))
    assert not polygon.contains(np.array([[0.0, 1.0]]))[0]


@given(st.lists(st.tuples(UNIT, UNIT), min_size=3, max_size=8), st.tuples(UNIT, UNIT))
def test_direction_of_drawing_does_not_matter(points: list[tuple[float, float]], probe: tuple[float, float]) -> None:
    there, back = Polygon(tuple(points)), Polygon(tuple(reversed(points)))
    # A probe on an edge may fall to either side by rounding; probes at random do not lie on edges
    # unless coordinates coincide.
    if any(abs(probe[1] - y) < 1e-9 for _, y in points):
        return
    shifted = np.array([[probe[0] + 1e-7, probe[1]], [probe[0] - 1e-7, probe[1]]])
    if there.contains(shifted)[0] == there.contains(shifted)[1]:
        assert there.contains(np.array([probe])) == back.contains(np.array([probe]))


@pytest.mark.parametrize(
    ("points", "words"),
    [
        (((0, 0), (1, 1)), "at least 3 points"),
        (((0, 0), (1, 0), (0, 640)), "fractions of the picture"),
        (((0, 0), (1, 0), (0, float("nan"))), "fractions of the picture"),
    ],
)
def test_what_is_no_polygon_is_refused(points: tuple[tuple[float, float], ...], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Polygon(points)
