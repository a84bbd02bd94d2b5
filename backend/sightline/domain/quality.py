"""Capture quality of a face (ISO/IEC 29794-5 speaks of its components)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CaptureQuality:
    """How usable a face picture is. score is 0 to 1 and orders best shots; the rest says why.

    eye_distance in px of the original picture; sharpness, frontality, exposure each 0 to 1 (1 is
    best); detector_score as the detector gave it; yaw, pitch and roll are rough degrees from
    landmarks.
    """

    score: float
    eye_distance: float
    sharpness: float
    frontality: float
    exposure: float
    detector_score: float
    yaw: float
    pitch: float
    roll: float


@dataclass(frozen=True, slots=True)
class ExaminedFace:
    """A face of a picture. box x, y, width, height in px; visible is the share of its crop inside the picture;
    bystander: too small beside the principal face to count as a second person."""

    box: tuple[float, float, float, float]
    quality: CaptureQuality
    visible: float
    bystander: bool = False
