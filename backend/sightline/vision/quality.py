"""Capture quality of a face: one score from 0 to 1 and the components behind it.

score = size^0.30 · sharpness^0.25 · frontality^0.25 · exposure^0.10 · detector^0.10, a weighted
geometric mean: one bad component cannot be made up for by the others. Each component is 0 to 1:

- size: logarithm of the distance between the eyes corrected for turned heads, 0 at 6 px, 1 at 60 px;
- sharpness: energy of fine detail relative to the face's own contrast;
- frontality: cos²(yaw) · cos²(pitch), from five landmarks; roll is undone by alignment;
- exposure: brightness and contrast of the face region, less what is clipped;
- detector: the detector's own score.

Nothing about the person is inferred. The components are those of ISO/IEC 29794-5 in spirit; the
score is not that standard's unified quality score.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from sightline.domain.arrays import FloatArray, ImageArray, require_shape
from sightline.domain.faces import Faces
from sightline.domain.quality import CaptureQuality
from sightline.vision.aligner import CROP_SIZE

WEIGHTS = {"size": 0.30, "sharpness": 0.25, "frontality": 0.25, "exposure": 0.10, "detector": 0.10}
"""Exponents of the components. Size, detail and pose decide recognition; the other two are hints."""

FLOOR = 0.01
"""Least value of a component inside the product, so that bad faces keep an order among themselves."""

EYE_DISTANCE_RANGE = (6.0, 60.0)
"""px: below 6 no embedder we measured tells people apart, beyond 60 a 112 px crop gains nothing (35 px there)."""

DETAIL_RANGE = (0.001, 0.05)
"""Detail ratio of useless and of sharp faces: on 62 portraits the median is 0.049 as taken, 0.006 after a
Gaussian blur of sigma 2 px in the crop, 0.0008 at sigma 5; 0.008 for faces with 10 px between the eyes."""

NOSE_DEPTH = 0.41
"""How far the tip of the nose stands out of the plane of eyes and mouth, as a fraction of the distance from
eyes to mouth (130/320 in the generic head model that OpenCV's pose examples use)."""

NOSE_HEIGHT = 0.53
"""Where the nose of a level face lies between eyes (0) and mouth (1): 170/320 in the same head model."""

NOISE_VARIANCE = 25.0
"""Grey² added to the face's contrast: where there is hardly any (a standard deviation of 5), rounding and sensor
noise would pass for detail."""

BRIGHTNESS_KNEES = (15.0, 50.0, 215.0, 250.0)
"""Mean grey at which the face is lost in the dark, is well lit, still is, is burnt out. The well-lit range is
wide so that the colour of a skin does not count."""

GOOD_CONTRAST = 25.0
"""Standard deviation of grey from which contrast is no obstacle (10 % of 62 portraits lie under 36)."""

CLIPPED_GREY = (5, 250)
"""Grey values that count as crushed or burnt out."""


def _face_region() -> np.ndarray:
    """Pixels of an aligned crop that show the face, not hair or background: an ellipse, bool (112, 112)."""
    rows, columns = np.mgrid[:CROP_SIZE, :CROP_SIZE]
    return np.asarray(((columns - 56) / 38) ** 2 + ((rows - 66) / 46) ** 2 <= 1)


FACE_REGION = _face_region()


@dataclass(frozen=True, slots=True)
class HeadPose:
    """Rough degrees. yaw > 0: the nose points to the picture's right; pitch > 0: up; roll > 0: clockwise."""

    yaw: float
    pitch: float
    roll: float


class LandmarkQuality:
    """Quality from landmarks and aligned crops (implements QualityAssessor)."""

    def assess(self, faces: Faces, aligned: ImageArray) -> list[CaptureQuality]:
        """One quality per face. aligned (n, 112, 112, 3) uint8 BGR, the crops of these faces."""
        require_shape("aligned", aligned, (len(faces), CROP_SIZE, CROP_SIZE, 3))
        sizes = faces.corrected_eye_distances
        return [_assess(faces, index, float(sizes[index]), crop) for index, crop in enumerate(aligned)]


def head_pose(landmarks: FloatArray) -> HeadPose:
    """Rough pose of one face from its five landmarks (5, 2) px.

    In the frame of the face's own axis (middle of the eyes to middle of the mouth) the nose moves
    sideways by depth·sin(yaw) and up by depth·tan(pitch). Good to some 10 degrees up to 45.
    """
    right_eye, left_eye, nose, right_mouth, left_mouth = landmarks[:, 0].astype(float) + 1j * landmarks[:, 1]
    eyes, mouth = (right_eye + left_eye) / 2, (right_mouth + left_mouth) / 2
    axis = mouth - eyes
    if abs(axis) < 1e-6:
        return HeadPose(90.0, 0.0, 0.0)
    # Divided by the axis, the eyes lie at 0, the mouth at 1; the imaginary part is negative to the right.
    relative = (nose - eyes) / axis
    yaw = np.arcsin(np.clip(-relative.imag / NOSE_DEPTH, -1, 1))
    pitch = np.arctan((NOSE_HEIGHT - relative.real) / NOSE_DEPTH)
    roll = np.angle((left_eye - right_eye) + (left_mouth - right_mouth))
    return HeadPose(*(float(np.degrees(angle)) for angle in (yaw, pitch, roll)))


def frontality(pose: HeadPose) -> float:
    """1 for a face that looks straight at the camera, 0.5 at 45 degrees of yaw or pitch, 0 in profile."""
    return float((np.cos(np.radians(pose.yaw)) * np.cos(np.radians(pose.pitch))) ** 2)


def size_score(eye_distance: float) -> float:
    """0 to 1 for a distance between the eyes in px of the original picture, as seen from the front."""
    return _logarithmic(eye_distance, EYE_DISTANCE_RANGE)


def sharpness(grey: FloatArray) -> float:
    """0 to 1 for an aligned crop (112, 112) float32 grey.

    Variance of the Laplacian after a light blur (which keeps sensor noise from passing for
    detail), over the variance of the face itself, so that light and contrast do not count. Crops
    of small faces are enlarged, hence soft, and score low as they should.
    """
    smooth = cv2.GaussianBlur(grey, (0, 0), 1.0)
    detail = cv2.Laplacian(smooth, cv2.CV_32F)[FACE_REGION].var()
    contrast = smooth[FACE_REGION].var()
    return _logarithmic(float(detail / (contrast + NOISE_VARIANCE)), DETAIL_RANGE)


def exposure(grey: FloatArray) -> float:
    """0 to 1 for an aligned crop (112, 112) float32 grey: brightness × contrast × what is not clipped."""
    face = grey[FACE_REGION]
    brightness = np.interp(face.mean(), BRIGHTNESS_KNEES, (0, 1, 1, 0))
    contrast = min(1.0, float(face.std()) / GOOD_CONTRAST)
    dark, burnt = CLIPPED_GREY
    clipped = ((face <= dark) | (face >= burnt)).mean()
    return float(brightness * contrast * (1 - clipped))


def _assess(faces: Faces, index: int, eye_distance: float, crop: ImageArray) -> CaptureQuality:
    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY).astype(np.float32)
    pose = head_pose(faces.landmarks[index])
    detector_score = float(faces.scores[index])
    parts = {
        "size": size_score(eye_distance),
        "sharpness": sharpness(grey),
        "frontality": frontality(pose),
        "exposure": exposure(grey),
        "detector": min(max(detector_score, 0.0), 1.0),
    }
    return CaptureQuality(
        score=_combine(parts),
        eye_distance=float(faces.eye_distances[index]),
        sharpness=parts["sharpness"],
        frontality=parts["frontality"],
        exposure=parts["exposure"],
        detector_score=detector_score,
        yaw=pose.yaw,
        pitch=pose.pitch,
        roll=pose.roll,
    )


def _combine(parts: dict[str, float]) -> float:
    """Weighted geometric mean."""
    logarithms = (weight * np.log(max(parts[name], FLOOR)) for name, weight in WEIGHTS.items())
    return float(np.exp(sum(logarithms)))


def _logarithmic(value: float, limits: tuple[float, float]) -> float:
    """0 at or below the first limit, 1 at or above the second, logarithmic between."""
    low, high = limits
    return float(np.clip(np.log(max(value, 1e-9) / low) / np.log(high / low), 0, 1))
