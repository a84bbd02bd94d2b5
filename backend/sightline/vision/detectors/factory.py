"""From a pack's manifest to a running detector."""

from pathlib import Path

from sightline.domain.ports import FaceDetector
from sightline.vision.detectors import centerface, scrfd, yolov8_face, yunet
from sightline.vision.detectors.base import OnnxFaceDetector, Recipe
from sightline.vision.detectors.second_look import SECOND_SCORE, SecondLook
from sightline.vision.model_packs.manifest import DetectorEntry, DetectorKind
from sightline.vision.runtime import RuntimeOptions, open_session

RECIPES: dict[DetectorKind, Recipe] = {
    DetectorKind.CENTERFACE: centerface.RECIPE,
    DetectorKind.YUNET: yunet.RECIPE,
    DetectorKind.SCRFD: scrfd.RECIPE,
    DetectorKind.YOLOV8_FACE: yolov8_face.RECIPE,
}


def create_detector(
    folder: Path, entry: DetectorEntry, options: RuntimeOptions, *, input_size: int | None = None
) -> FaceDetector:
    """Open a pack's detector. input_size px overrides the manifest's longer side. Raises PackDamaged."""
    session = open_session(folder / entry.file, options)
    recipe = RECIPES[entry.kind]
    detector = OnnxFaceDetector(session, entry, recipe, input_size=input_size)
    if entry.kind is not DetectorKind.CENTERFACE:
        return detector
    closer = entry.model_copy(update={"score_threshold": min(entry.score_threshold, SECOND_SCORE)})
    return SecondLook(detector, OnnxFaceDetector(session, closer, recipe))
