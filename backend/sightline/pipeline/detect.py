"""From frames to the faces in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sightline.domain.faces import Faces
from sightline.domain.frames import Frame
from sightline.domain.ports import FaceDetector
from sightline.domain.regions import Polygon
from sightline.domain.tracks import DetectedFrame
from sightline.pipeline.gate import MotionGate


@dataclass(frozen=True, slots=True)
class CameraRules:
    """Which faces of a camera count.

    interest: polygons in normalised coordinates, of which one must hold the face's centre; none means the
    whole picture. min_eye_distance_detect, min_eye_distance_recognise: px between the eyes, corrected for
    turned heads, below which a face is ignored, or tracked but not told (8 and 14 of the specification: the
    smallest face that was told reliably has 16).
    """

    interest: tuple[Polygon, ...] = ()
    min_eye_distance_detect: float = 8.0
    min_eye_distance_recognise: float = 14.0


class RuleBook:
    """The rules of each camera, with a default for those that have none of their own."""

    def __init__(self, default: CameraRules | None = None, cameras: Mapping[str, CameraRules] | None = None) -> None:
        self._default = default or CameraRules()
        self._cameras = dict(cameras or {})

    def put(self, camera_id: str, rules: CameraRules) -> None:
        """Give a camera rules of its own."""
        self._cameras[camera_id] = rules

    def of(self, camera_id: str) -> CameraRules:
        """The rules of this camera."""
        return self._cameras.get(camera_id, self._default)


class DetectStage:
    """Frames to faces: runs the detector once over those frames of a batch that the gate lets through."""

    consumes = Frame
    produces = DetectedFrame

    def __init__(self, detector: FaceDetector, gate: MotionGate | None = None, rules: RuleBook | None = None) -> None:
        self._detector = detector
        self._gate = gate
        self._rules = rules or RuleBook()
        self._busy: set[str] = set()

    def process(self, batch: Sequence[Frame]) -> list[DetectedFrame]:
        """Find faces. A frame that the gate keeps back is neither converted nor analysed."""
        opened = [self._opens(frame) for frame in batch]
        images = [frame.pixels.bgr() for frame, is_open in zip(batch, opened, strict=True) if is_open]
        found = iter(self._detector.detect(images) if images else ())
        return [
            self._analysed(frame, next(found)) if is_open else DetectedFrame(frame, Faces.none(), analysed=False)
            for frame, is_open in zip(batch, opened, strict=True)
        ]

    def close(self, camera_id: str) -> None:
        """Drop what is known of a camera."""
        self._busy.discard(camera_id)
        if self._gate:
            self._gate.forget(camera_id)

    def _opens(self, frame: Frame) -> bool:
        return self._gate is None or self._gate.opens(frame, busy=frame.camera_id in self._busy)

    def _analysed(self, frame: Frame, faces: Faces) -> DetectedFrame:
        counted = faces.take(counting(faces, frame, self._rules.of(frame.camera_id)))
        (self._busy.add if len(counted) else self._busy.discard)(frame.camera_id)
        return DetectedFrame(frame, counted)


def counting(faces: Faces, frame: Frame, rules: CameraRules) -> np.ndarray:
    """Which faces of a frame count by its camera's rules: bool (n,)."""
    large_enough = faces.corrected_eye_distances >= rules.min_eye_distance_detect
    if not rules.interest or not len(faces):
        return np.asarray(large_enough)
    centres = (faces.boxes[:, :2] + faces.boxes[:, 2:]) / (2.0 * np.array([frame.width, frame.height]))
    inside = np.any([polygon.contains(centres) for polygon in rules.interest], axis=0)
    return np.asarray(large_enough & inside)
