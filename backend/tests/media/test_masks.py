import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sightline.domain.regions import Polygon
from sightline.media.masks import PrivacyMasks, draw

fractions = st.floats(0, 1, width=32)
polygons = st.lists(st.tuples(fractions, fractions), min_size=3, max_size=6).map(lambda points: Polygon(tuple(points)))


@given(polygons, st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_every_pixel_that_a_polygon_touches_is_hidden(polygon: Polygon, height: int, width: int, seed: int) -> None:
    points = np.random.default_rng(seed).random((500, 2))
    inside = points[polygon.contains(points)]
    columns, rows = (inside * (width, height)).astype(int).T
    assert draw(polygon, height, width)[rows, columns].all()


def test_a_mask_hides_little_more_than_its_polygon() -> None:
    square = Polygon(((0.25, 0.25), (0.5, 0.25), (0.5, 0.5), (0.25, 0.5)))
    mask = draw(square, 100, 200)
    assert mask[25:50, 50:100].all()
    assert mask.sum() <= 29 * 54  # the square and two pixels around it


def test_a_line_thinner_than_a_pixel_is_hidden_too() -> None:
    sliver = Polygon(((0.0, 0.501), (1.0, 0.501), (1.0, 0.502)))
    assert draw(sliver, 10, 10)[5].all()


def test_colour_and_grey_pictures_of_all_sizes_are_blackened() -> None:
    masks = PrivacyMasks([Polygon(((0, 0), (0.5, 0), (0.5, 1), (0, 1)))])
    for shape in ((40, 60, 3), (20, 30), (40, 60, 3)):
        image = np.full(shape, 200, np.uint8)
        masks.apply(image)
        assert not image[:, : shape[1] // 2].any()
        assert (image[:, shape[1] // 2 + 2 :] == 200).all()


def test_without_polygons_nothing_changes() -> None:
    image = np.full((4, 4, 3), 7, np.uint8)
    PrivacyMasks([]).apply(image)
    assert (image == 7).all()
