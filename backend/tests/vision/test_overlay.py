"""Marking a face: the box is drawn where it is, wherever that is, and any name can be written."""

import numpy as np
import pytest

from sightline.domain.tracks import Box
from sightline.vision.overlay import ACCENT, draw_face

GREY = np.full((360, 640, 3), 90, np.uint8)


def test_the_frame_stands_on_the_box_and_the_original_is_left_alone() -> None:
    drawn = draw_face(GREY, (200, 100, 80, 90), "A. Guest 0.62")
    assert drawn.shape == GREY.shape
    assert tuple(drawn[150, 200][::-1]) == ACCENT
    assert tuple(drawn[150, 240]) == (90, 90, 90)
    assert (GREY == 90).all()


@pytest.mark.parametrize(
    "box",
    [(-50, -50, 100, 100), (600, 340, 200, 200), (0, 0, 640, 360), (5, 5, 0, 0), (900, 900, 10, 10), (3, 2, 20, 20)],
)
@pytest.mark.parametrize("label", ["", "x" * 500, "Иван Ω \n\t\0 名", "unknown"])
def test_boxes_at_the_edge_and_names_of_any_kind(box: Box, label: str) -> None:
    assert draw_face(GREY, box, label).shape == GREY.shape


@pytest.mark.parametrize(("label", "like"), [("欧阳修 0.62", "… 0.62"), ("W" * 200, "W" * 44 + "…")])
def test_what_cannot_be_written_or_is_too_wide_is_left_out(label: str, like: str) -> None:
    assert (draw_face(GREY, (200, 100, 80, 90), label) == draw_face(GREY, (200, 100, 80, 90), like)).all()


def test_small_pictures_too() -> None:
    assert draw_face(np.zeros((20, 20, 3), np.uint8), (2, 2, 10, 10), "A. Guest").shape == (20, 20, 3)
