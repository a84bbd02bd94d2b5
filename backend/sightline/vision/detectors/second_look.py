"""A second look at small faces, for detectors whose landmarks are noisy on them."""

from collections.abc import Sequence

import cv2
import numpy as np

from sightline.domain.arrays import FloatArray, ImageArray
from sightline.domain.faces import Faces
from sightline.domain.ports import FaceDetector

LOOK_WIDTH = 64.0
"""px to which a face is scaled for the second look."""

LOOK_SIDE = 128
"""px, side of the square that is looked at: the face and half its width around it, 1.2 ms for CenterFace."""

SMALL_FACE = 96.0
"""px: wider faces keep their landmarks as they are (those of portraits came out no better when averaged)."""

MAX_LOOKS = 16
"""Faces per picture that get a second look, best first, so that a crowd cannot make detection slow."""

MAX_SHIFT = 0.4
"""How far, in face widths, the face found may lie from the middle; beyond that it is another one."""

SECOND_SCORE = 0.2
"""Least score of a face in its own crop: that there is one is known already."""


class SecondLook:
    """A detector that averages the landmarks of small faces with those found in a crop of each (implements
    FaceDetector).

    With CenterFace the fused similarity of a 62 px face in half profile rose from 0.50 to 0.54; d' of
    portraits scaled down to 30 to 60 px from 6.00, 6.72, 6.87 to 6.03, 6.78, 6.92.
    """

    def __init__(self, detector: FaceDetector, closer: FaceDetector) -> None:
        self._detector = detector
        self._closer = closer

    def detect(self, images: Sequence[ImageArray]) -> list[Faces]:
        """Find faces. images (H, W, 3) uint8 BGR, of any sizes -> one Faces per image, best score first."""
        found = self._detector.detect(images)
        return [self._look_again(image, faces) for image, faces in zip(images, found, strict=True)]

    def _look_again(self, image: ImageArray, faces: Faces) -> Faces:
        small = np.flatnonzero(_widths(faces.boxes) < SMALL_FACE)[:MAX_LOOKS]
        if not len(small):
            return faces
        views = [_view(box) for box in faces.boxes[small]]
        crops = [
            np.asarray(cv2.warpAffine(image, view, (LOOK_SIDE, LOOK_SIDE), flags=cv2.INTER_LINEAR), np.uint8)
            for view in views
        ]
        landmarks = faces.landmarks.copy()
        for index, view, seen in zip(small, views, self._closer.detect(crops), strict=True):
            closer = _central(seen)
            if closer is not None:
                landmarks[index] = (landmarks[index] + (closer - view[:, 2]) / view[0, 0]) / 2
        return Faces(faces.boxes, landmarks, faces.scores)


def _widths(boxes: FloatArray) -> FloatArray:
    """Widths of faces (n,) px; a box much higher than wide (a face in profile) counts by its height."""
    sides = boxes[:, 2:] - boxes[:, :2]
    return np.asarray(np.maximum(sides[:, 0], sides[:, 1] * 0.8), dtype=np.float32)


def _view(box: FloatArray) -> FloatArray:
    """Transform (2, 3) that puts a face into the middle of the square, LOOK_WIDTH wide."""
    scale = LOOK_WIDTH / float(_widths(box[None])[0])
    centre = (box[:2] + box[2:]) / 2
    shift = LOOK_SIDE / 2 - scale * centre
    return np.asarray(((scale, 0, shift[0]), (0, scale, shift[1])), np.float32)


def _central(seen: Faces) -> FloatArray | None:
    """Landmarks (5, 2) of the face in the middle of the square, None when there is none."""
    if not len(seen):
        return None
    offsets = np.linalg.norm(seen.boxes.reshape(-1, 2, 2).mean(axis=1) - LOOK_SIDE / 2, axis=1)
    nearest = int(offsets.argmin())
    return seen.landmarks[nearest] if offsets[nearest] <= MAX_SHIFT * LOOK_WIDTH else None
