"""Canvases, tensors and the way back: laws that hold for pictures of any size."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sightline.domain.faces import Faces
from sightline.vision.preprocess import (
    MAX_CANDIDATES,
    Normalisation,
    Placement,
    Size,
    iou,
    make_tensor,
    place_at_corner,
    place_letterboxed,
    size_of,
    suppress_overlaps,
    to_picture,
)

sizes = st.builds(Size, st.integers(1, 4000), st.integers(1, 4000))
corners = st.tuples(st.floats(0, 500), st.floats(0, 500), st.floats(1, 300), st.floats(1, 300))
box_lists = st.lists(corners.map(lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])), min_size=1, max_size=12)


def one_face(box: tuple[float, float, float, float], score: float = 0.9) -> Faces:
    x1, y1, x2, y2 = box
    width, height = x2 - x1, y2 - y1
    points = [(0.3, 0.3), (0.7, 0.3), (0.5, 0.5), (0.3, 0.7), (0.7, 0.7)]
    landmarks = [(x1 + x * width, y1 + y * height) for x, y in points]
    return Faces(np.asarray([box], np.float32), np.asarray([landmarks], np.float32), np.asarray([score], np.float32))


@given(picture=sizes, limit=st.integers(64, 2000))
def test_at_the_corner_pictures_shrink_but_never_grow(picture: Size, limit: int) -> None:
    placement = place_at_corner(picture, limit)
    assert placement.inner.width <= min(picture.width, limit)
    assert placement.inner.height <= min(picture.height, limit)
    _fits(placement)


@given(picture=sizes)
def test_letterboxed_pictures_fill_the_longer_side_and_lie_in_the_middle(picture: Size) -> None:
    placement = place_letterboxed(picture, 640)
    assert max(placement.inner.width, placement.inner.height) == 640
    right = placement.canvas.width - placement.inner.width - placement.left
    bottom = placement.canvas.height - placement.inner.height - placement.top
    assert 0 <= right - placement.left <= 1
    assert 0 <= bottom - placement.top <= 1
    _fits(placement)


@given(picture=sizes, place=st.sampled_from([place_at_corner, place_letterboxed]))
def test_a_fixed_canvas_is_kept(picture: Size, place: type) -> None:
    placement = place(picture, 640, Size(320, 256))
    assert placement.canvas == Size(320, 256)
    _fits(placement)


def _fits(placement: Placement) -> None:
    assert placement.canvas.width % 32 == placement.canvas.height % 32 == 0
    assert placement.left + placement.inner.width <= placement.canvas.width
    assert placement.top + placement.inner.height <= placement.canvas.height
    assert placement.inner.width >= 1
    assert placement.inner.height >= 1


@given(picture=st.builds(Size, st.integers(200, 2000), st.integers(200, 2000)), box=box_lists)
def test_the_way_back_undoes_the_placement(picture: Size, box: list[tuple[float, float, float, float]]) -> None:
    wanted = one_face(box[0])
    placement = place_letterboxed(picture, 640)
    offset = np.asarray((placement.left, placement.top), np.float32)
    on_canvas = Faces(
        (wanted.boxes.reshape(-1, 2, 2) * placement.scale + offset).reshape(-1, 4),
        wanted.landmarks * placement.scale + offset,
        wanted.scores,
    )
    found = to_picture(on_canvas, placement)
    limit = np.asarray((picture.width, picture.height) * 2)
    clipped = np.clip(wanted.boxes, 0, limit)
    inside = (clipped[0, 2:] - clipped[0, :2] >= 1.01).all()
    if inside:
        np.testing.assert_allclose(found.boxes, clipped, atol=0.05)
        np.testing.assert_allclose(found.landmarks, wanted.landmarks, atol=0.05)


@pytest.mark.parametrize(
    ("name", "boxes", "landmark", "score"),
    [
        ("no width", (5, 5, 5, 30), 0.0, 0.9),
        ("inside out", (30, 5, 5, 30), 0.0, 0.9),
        ("outside", (500, 500, 540, 540), 0.0, 0.9),
        ("not a number", (5, 5, np.nan, 30), 0.0, 0.9),
        ("infinite landmark", (5, 5, 30, 30), np.inf, 0.9),
        ("score not a number", (5, 5, 30, 30), 0.0, np.nan),
    ],
)
def test_degenerate_faces_are_dropped(
    name: str, boxes: tuple[float, float, float, float], landmark: float, score: float
) -> None:
    face = one_face((5, 5, 30, 30), score)
    broken = Faces(np.asarray([boxes], np.float32), face.landmarks + np.float32(landmark), face.scores)
    assert len(to_picture(broken, place_at_corner(Size(100, 100), 640))) == 0


@given(boxes=box_lists)
def test_iou_is_symmetric_and_one_with_itself(boxes: list[tuple[float, float, float, float]]) -> None:
    array = np.asarray(boxes, np.float32)
    table = np.stack([iou(box, array) for box in array])
    np.testing.assert_allclose(table, table.T, atol=1e-5)
    np.testing.assert_allclose(np.diag(table), 1.0, atol=1e-4)
    assert ((table >= 0) & (table <= 1.0001)).all()


@given(boxes=box_lists, limit=st.floats(0, 1), seed=st.integers(0, 99))
@settings(deadline=None)
def test_what_survives_suppression(boxes: list[tuple[float, float, float, float]], limit: float, seed: int) -> None:
    array = np.asarray(boxes, np.float32)
    scores = np.random.default_rng(seed).random(len(boxes), dtype=np.float32)
    kept = suppress_overlaps(array, scores, limit)
    assert (np.diff(scores[kept]) <= 0).all()
    assert kept[0] == scores.argmax()
    for index in range(len(array)):
        beaten = [other for other in kept if scores[other] >= scores[index]]
        overlaps = iou(array[index], array[beaten]) > limit if beaten else np.zeros(0)
        assert (index in kept) != bool(overlaps[np.asarray(beaten) != index].any() if beaten else False)


def test_a_noisy_picture_cannot_make_suppression_slow() -> None:
    lefts = np.arange(3 * MAX_CANDIDATES, dtype=np.float32) * 100
    boxes = np.stack((lefts, lefts * 0, lefts + 10, lefts * 0 + 10), axis=1)
    assert len(suppress_overlaps(boxes, np.ones(len(boxes), np.float32), 0.5)) == MAX_CANDIDATES


def test_pixels_are_fed_as_the_manifest_says() -> None:
    image = np.zeros((20, 40, 3), np.uint8)
    image[:] = (10, 20, 30)
    placement = place_at_corner(Size(40, 20), 640)
    tensor = make_tensor([image], placement, Normalisation(rgb=True, mean=10, scale=0.5), cv2.INTER_LINEAR)
    assert tensor.shape == (1, 3, 32, 64)
    np.testing.assert_array_equal(tensor[0, :, 5, 5], (10, 5, 0))  # RGB
    np.testing.assert_array_equal(tensor[0, :, 31, 63], (-5, -5, -5))  # black around it
    as_is = make_tensor([image], placement, Normalisation(rgb=False, fill=114), cv2.INTER_LINEAR)
    np.testing.assert_array_equal(as_is[0, :, 5, 5], (10, 20, 30))
    np.testing.assert_array_equal(as_is[0, :, 31, 63], (114, 114, 114))


@pytest.mark.parametrize("shape", [(0, 4, 3), (4, 4), (4, 4, 4)])
def test_what_is_no_picture_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="image must be"):
        size_of(np.zeros(shape, np.uint8))
