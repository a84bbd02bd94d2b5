"""Faces made unrecognisable: nothing of them is left but a few flat cells, and nothing else is touched."""

import numpy as np
import pytest

from sightline.domain.tracks import Box
from sightline.vision.pixelation import CELLS, MARGIN, pixelated


def noise() -> np.ndarray:
    return np.random.default_rng(7).integers(0, 255, (200, 300, 3), dtype=np.uint8)


def test_a_face_becomes_a_few_flat_cells_and_the_rest_stays() -> None:
    image = noise()
    covered = pixelated(image, [(100.0, 60.0, 40.0, 40.0)])
    grown = int(40 * MARGIN)
    inside = covered[60 - grown : 100 + grown, 100 - grown : 140 + grown]
    assert len(np.unique(inside.reshape(-1, 3), axis=0)) <= CELLS * CELLS
    outside = np.ones(image.shape[:2], bool)
    outside[60 - grown : 100 + grown, 100 - grown : 140 + grown] = False
    assert (covered[outside] == image[outside]).all()
    assert (image == noise()).all(), "the picture that came in is not changed"


@pytest.mark.parametrize(
    "box", [(-50.0, -50.0, 60.0, 60.0), (290.0, 190.0, 90.0, 90.0), (0.0, 0.0, 300.0, 200.0), (500.0, 10.0, 5.0, 5.0)]
)
def test_boxes_may_reach_out_of_the_picture(box: Box) -> None:
    assert pixelated(noise(), [box]).shape == (200, 300, 3)


def test_two_pictures_that_differ_within_a_cell_only_come_out_alike() -> None:
    """What a cell's mean does not hold cannot be brought back."""
    one = np.full((80, 80, 3), 100, np.uint8)
    other = one.copy()
    other[30:32, 30:32] = ((90, 90, 90), (110, 110, 110))
    box = (0.0, 0.0, 80.0, 80.0)
    assert (pixelated(one, [box]) == pixelated(other, [box])).all()
