"""A second look at small faces: who gets one, and what it may change."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sightline.domain.arrays import ImageArray
from sightline.domain.faces import Faces
from sightline.vision.detectors.second_look import LOOK_SIDE, MAX_LOOKS, SMALL_FACE, SecondLook
from tests.vision.detectors.encoders import face

PICTURE = np.zeros((400, 600, 3), np.uint8)


class Answers:
    """A detector that gives the same faces for every picture and counts pictures."""

    def __init__(self, faces: Faces) -> None:
        self.faces = faces
        self.seen: list[ImageArray] = []

    def detect(self, images: Sequence[ImageArray]) -> list[Faces]:
        self.seen.extend(images)
        return [self.faces] * len(images)


def _many(faces: Faces, count: int) -> Faces:
    return faces.take(np.zeros(count, dtype=np.intp))


def _centred(width: float) -> Faces:
    return face(LOOK_SIDE / 2, LOOK_SIDE / 2, width, width, 0.9)


@given(cx=st.floats(0, 600), cy=st.floats(0, 400), width=st.floats(4, SMALL_FACE - 1))
@settings(max_examples=30, deadline=None)
def test_a_look_that_agrees_changes_nothing(cx: float, cy: float, width: float) -> None:
    first = face(cx, cy, width, width, 0.9)
    found = SecondLook(Answers(first), Answers(_centred(64))).detect([PICTURE])[0]
    np.testing.assert_allclose(found.landmarks, first.landmarks, atol=0.01)
    np.testing.assert_array_equal(found.boxes, first.boxes)


def test_landmarks_are_the_mean_of_both_looks() -> None:
    first, second = face(300, 200, 32, 32, 0.9), _centred(64)
    moved = Faces(second.boxes, second.landmarks + np.float32(8), second.scores)
    found = SecondLook(Answers(first), Answers(moved)).detect([PICTURE])[0]
    # 8 px in the square are 4 px in the picture, and count half.
    np.testing.assert_allclose(found.landmarks, first.landmarks + 2, atol=0.01)


def test_large_faces_are_left_alone() -> None:
    closer = Answers(_centred(64))
    SecondLook(Answers(face(300, 200, SMALL_FACE + 1, 90, 0.9)), closer).detect([PICTURE])
    assert closer.seen == []


def test_a_face_that_is_not_found_again_keeps_its_landmarks() -> None:
    first = face(300, 200, 32, 32, 0.9)
    neighbour = face(8, 8, 30, 30, 0.9)
    for seen in (Faces.none(), neighbour):
        found = SecondLook(Answers(first), Answers(seen)).detect([PICTURE])[0]
        np.testing.assert_array_equal(found.landmarks, first.landmarks)


def test_a_crowd_gets_a_bounded_number_of_looks() -> None:
    closer = Answers(_centred(64))
    crowd = _many(face(300, 200, 32, 32, 0.9), MAX_LOOKS + 5)
    assert len(SecondLook(Answers(crowd), closer).detect([PICTURE])[0]) == MAX_LOOKS + 5
    assert len(closer.seen) == MAX_LOOKS
