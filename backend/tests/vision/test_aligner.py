"""Alignment: laws of the similarity transform, and crops that look as they should."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sightline.domain.arrays import FloatArray, ImageArray
from sightline.vision.aligner import (
    ARCFACE_TEMPLATE,
    CROP_SIZE,
    ArcFaceAligner,
    similarity_transforms,
    transform_points,
)

similarities = st.tuples(st.floats(0.05, 20), st.floats(-np.pi, np.pi), st.floats(-2000, 2000), st.floats(-2000, 2000))


def moved_template(scale: float, angle: float, x: float, y: float) -> FloatArray:
    turn = np.asarray(((np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))))
    return np.asarray(scale * ARCFACE_TEMPLATE @ turn.T + (x, y), dtype=np.float32)


@given(similarity=similarities)
def test_landmarks_of_a_moved_template_come_back_to_it(similarity: tuple[float, float, float, float]) -> None:
    landmarks = moved_template(*similarity)[None]
    back = transform_points(landmarks, similarity_transforms(landmarks))[0]
    np.testing.assert_allclose(back, ARCFACE_TEMPLATE, atol=0.05)


@given(similarity=similarities, seed=st.integers(0, 1000))
@settings(max_examples=50)
def test_no_other_similarity_fits_better(similarity: tuple[float, float, float, float], seed: int) -> None:
    rng = np.random.default_rng(seed)
    landmarks = (ARCFACE_TEMPLATE + rng.normal(0, 4, (5, 2))).astype(np.float32)[None]
    best = similarity_transforms(landmarks)
    error = ((transform_points(landmarks, best) - ARCFACE_TEMPLATE) ** 2).sum()
    other = best.copy()
    other[0, :, :2] *= 1 + rng.normal(0, 0.02)
    other[0, :, 2] += rng.normal(0, 1, 2)
    assert error <= ((transform_points(landmarks, other) - ARCFACE_TEMPLATE) ** 2).sum() + 1e-3


@given(similarity=similarities)
def test_the_transform_is_a_similarity(similarity: tuple[float, float, float, float]) -> None:
    (a, b), (c, d) = similarity_transforms(moved_template(*similarity)[None])[0, :, :2]
    assert a == pytest.approx(d)
    assert b == pytest.approx(-c)


def test_landmarks_that_coincide_do_not_fail() -> None:
    transform = similarity_transforms(np.full((1, 5, 2), 40.0, np.float32))
    assert np.isfinite(transform).all()


def test_faces_are_aligned_independently_of_each_other() -> None:
    image = np.random.default_rng(1).integers(0, 256, (300, 400, 3), dtype=np.uint8)
    landmarks = np.stack((moved_template(1.5, 0.2, 60, 30), moved_template(0.7, -0.4, 200, 90)))
    aligner = ArcFaceAligner()
    together = aligner.align(image, landmarks)
    alone = [aligner.align(image, one[None])[0] for one in landmarks]
    np.testing.assert_array_equal(together, np.stack(alone))
    assert aligner.align(image, np.zeros((0, 5, 2), np.float32)).shape == (0, CROP_SIZE, CROP_SIZE, 3)


def _gradient(scale: float) -> ImageArray:
    """A picture whose blue rises to the right and green downwards, as the crop's own pixel coordinates."""
    side = int(CROP_SIZE * scale)
    ramp = (np.arange(side) + 0.5) / scale
    columns, rows = np.meshgrid(ramp, ramp)
    return np.stack((columns, rows, np.zeros_like(rows)), axis=2).round().astype(np.uint8)


@pytest.mark.parametrize("scale", [1.0, 1.9, 2.5, 8.0])
def test_large_faces_are_shrunk_without_being_moved(scale: float) -> None:
    image = _gradient(scale)
    landmarks = ((ARCFACE_TEMPLATE + 0.5) * scale - 0.5)[None].astype(np.float32)
    crop = ArcFaceAligner().align(image, landmarks)[0].astype(int)
    columns, rows = np.meshgrid(np.arange(CROP_SIZE) + 0.5, np.arange(CROP_SIZE) + 0.5)
    inner = slice(4, -4)
    assert abs(crop[inner, inner, 0] - columns[inner, inner]).mean() < 0.6
    assert abs(crop[inner, inner, 1] - rows[inner, inner]).mean() < 0.6


def test_fine_detail_of_a_large_face_is_averaged_not_aliased() -> None:
    image = np.zeros((896, 896, 3), np.uint8)
    image[::2] = 255  # lines one pixel high: grey at an eighth of the size
    crop = ArcFaceAligner().align(image, (ARCFACE_TEMPLATE * 8)[None])[0]
    assert crop[4:-4, 4:-4].std() < 12


def test_a_face_outside_the_picture_is_black() -> None:
    image = np.full((100, 100, 3), 200, np.uint8)
    for scale in (1.0, 6.0):
        far = moved_template(scale, 0.0, 5000, 5000)[None]
        assert ArcFaceAligner().align(image, far).max() == 0
