"""Faces cut out for people to look at."""

import io

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from PIL import Image

from sightline.vision.crops import encode_jpeg, face_crop


def numbered(height: int, width: int) -> np.ndarray:
    """A picture whose pixels say where they are."""
    image = np.zeros((height, width, 3), np.uint8)
    image[..., 0] = np.arange(width) % 256
    image[..., 1] = (np.arange(height) % 256)[:, None]
    return image


def test_a_face_keeps_half_its_longer_side_around_it() -> None:
    crop = face_crop(numbered(200, 250), (100, 80, 20, 40))
    assert crop.shape == (80, 60, 3)
    assert tuple(crop[0, 0, :2]) == (80, 60)


@example(x=0.0, y=-0.75, width=1.0, height=1.0)  # a quarter of a pixel is inside
@given(
    x=st.floats(-60, 160), y=st.floats(-60, 120), width=st.floats(1, 80), height=st.floats(1, 80)
)  # fmt: skip
def test_a_crop_is_a_part_of_the_picture(x: float, y: float, width: float, height: float) -> None:
    assume(x + width > 0 and y + height > 0 and x < 119 and y < 89)
    image = numbered(90, 120)
    crop = face_crop(image, (x, y, width, height))
    left, top = int(crop[0, 0, 0]), int(crop[0, 0, 1])
    np.testing.assert_array_equal(crop, image[top : top + crop.shape[0], left : left + crop.shape[1]])
    crop[:] = 0
    assert image.any()  # a copy


def test_a_box_outside_of_the_picture_is_an_error() -> None:
    with pytest.raises(ValueError, match="lies outside of the picture 120x90 px"):
        face_crop(numbered(90, 120), (500, 10, 20, 20))


def test_a_jpeg_keeps_size_and_colours() -> None:
    image = np.full((40, 64, 3), (200, 100, 20), np.uint8)
    with Image.open(io.BytesIO(encode_jpeg(image))) as opened:
        assert (opened.format, opened.size) == ("JPEG", (64, 40))
        assert opened.getpixel((32, 20)) == pytest.approx((20, 100, 200), abs=4)
    assert len(encode_jpeg(numbered(90, 120), quality=20)) < len(encode_jpeg(numbered(90, 120), quality=95))


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="no JPEG"):
        encode_jpeg(np.zeros((70_000, 1, 3), np.uint8))
