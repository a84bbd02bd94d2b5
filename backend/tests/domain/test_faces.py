import numpy as np
import pytest

from sightline.domain.faces import Faces


def _faces() -> Faces:
    boxes = np.array([[0, 0, 10, 20], [5, 5, 8, 9]], np.float32)
    landmarks = np.zeros((2, 5, 2), np.float32)
    landmarks[0, 1] = (3, 4)
    return Faces(boxes, landmarks, np.array([0.9, 0.8], np.float32))


def test_faces_know_their_eye_distance_and_area() -> None:
    faces = _faces()
    assert faces.eye_distances.tolist() == [5, 0]
    assert faces.areas.tolist() == [200, 12]


def test_taking_faces_keeps_rows_together_and_in_order() -> None:
    swapped = _faces().take(np.array([1, 0]))
    assert swapped.scores.tolist() == pytest.approx([0.8, 0.9])
    assert swapped.boxes[1].tolist() == [0, 0, 10, 20]
    assert len(_faces().take(np.zeros(2, bool))) == 0


def test_rows_that_do_not_belong_together_are_refused() -> None:
    faces = _faces()
    with pytest.raises(ValueError, match="scores must have shape"):
        Faces(faces.boxes, faces.landmarks, faces.scores[:1])


def test_no_face_is_an_empty_value() -> None:
    assert len(Faces.none()) == 0
    assert Faces.none().eye_distances.shape == (0,)
