"""Faces found in one picture."""

from dataclasses import dataclass

import numpy as np

from sightline.domain.arrays import FloatArray, require_shape

EYES_TO_MOUTH = 0.866
"""Distance between the eyes over that from the eyes' middle to the mouth's middle, of a face seen from the front
(35.24 px over 40.68 px on the ArcFace template)."""


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """What a detector found in one image, in that image's pixels.

    boxes (n, 4) x1, y1, x2, y2; landmarks (n, 5, 2) x, y in the order right eye, left eye, nose,
    right mouth corner, left mouth corner (of the person, so the right eye is on the picture's
    left); scores (n,) from 0 to 1. All float32.
    """

    boxes: FloatArray
    landmarks: FloatArray
    scores: FloatArray

    def __post_init__(self) -> None:
        """Check shapes."""
        require_shape("boxes", self.boxes, (None, 4))
        require_shape("landmarks", self.landmarks, (len(self.boxes), 5, 2))
        require_shape("scores", self.scores, (len(self.boxes),))

    def __len__(self) -> int:
        return len(self.boxes)

    @classmethod
    def none(cls) -> "Faces":
        """No face."""
        return cls(np.zeros((0, 4), np.float32), np.zeros((0, 5, 2), np.float32), np.zeros((0,), np.float32))

    def take(self, keep: np.ndarray) -> "Faces":
        """The faces that an index or boolean array selects, in its order."""
        return Faces(self.boxes[keep], self.landmarks[keep], self.scores[keep])

    @property
    def eye_distances(self) -> FloatArray:
        """Distance between the eyes of each face, px (n,)."""
        return np.asarray(np.linalg.norm(self.landmarks[:, 0] - self.landmarks[:, 1], axis=1), dtype=np.float32)

    @property
    def corrected_eye_distances(self) -> FloatArray:
        """Distance between the eyes as it would be if the face looked into the camera, px (n,).

        A head that is turned shows its eyes closer together though the picture is no coarser, which is why
        ISO/IEC 29794-5 divides by the cosine of yaw. Here the height of the face stands in for the yaw:
        the larger of the distance as it is and EYES_TO_MOUTH times that from eyes to mouth.
        """
        heights = np.linalg.norm(self.landmarks[:, :2].mean(axis=1) - self.landmarks[:, 3:].mean(axis=1), axis=1)
        return np.asarray(np.maximum(self.eye_distances, EYES_TO_MOUTH * heights), np.float32)

    @property
    def areas(self) -> FloatArray:
        """Area of each box, px² (n,)."""
        sides = np.maximum(self.boxes[:, 2:] - self.boxes[:, :2], 0)
        return np.asarray(sides[:, 0] * sides[:, 1], dtype=np.float32)
