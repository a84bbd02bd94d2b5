"""From an installed pack to everything that recognition needs."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sightline.domain.operating_points import OperatingCurve
from sightline.domain.ports import FaceAligner, FaceDetector, FaceEmbedder, QualityAssessor
from sightline.vision.aligner import CROP_SIZE, ArcFaceAligner
from sightline.vision.detectors.factory import create_detector
from sightline.vision.embedder import ArcFaceEmbedder
from sightline.vision.model_packs.manifest import Manifest
from sightline.vision.quality import LandmarkQuality
from sightline.vision.runtime import RuntimeOptions, open_session

WARM_UP_HEIGHT, WARM_UP_WIDTH = 360, 640
"""px of the picture that warms the detector up: a common size of a camera's second stream."""


@dataclass(frozen=True, slots=True)
class Models:
    """The models of one pack, ready to run. All may be called from several threads."""

    detector: FaceDetector
    aligner: FaceAligner
    quality: QualityAssessor
    embedder: FaceEmbedder
    curve: OperatingCurve
    pack_name: str

    def warm_up(self) -> None:
        """Run each model once, so that the first frame is not slower and a broken model fails now.

        Raises PackDamaged.
        """
        self.detector.detect([np.zeros((WARM_UP_HEIGHT, WARM_UP_WIDTH, 3), np.uint8)])
        self.embedder.embed(np.zeros((1, CROP_SIZE, CROP_SIZE, 3), np.uint8))


def load_models(
    folder: Path,
    manifest: Manifest,
    options: RuntimeOptions,
    *,
    input_size: int | None = None,
    min_score: float | None = None,
) -> Models:
    """Open a pack's models. input_size px and min_score override the detector's longer side and score threshold.

    Raises PackDamaged.
    """
    entry = manifest.detector
    if min_score is not None:
        entry = entry.model_copy(update={"score_threshold": min_score})
    return Models(
        detector=create_detector(folder, entry, options, input_size=input_size),
        aligner=ArcFaceAligner(),
        quality=LandmarkQuality(),
        embedder=ArcFaceEmbedder(open_session(folder / manifest.embedder.file, options), manifest.embedder),
        curve=manifest.curve,
        pack_name=manifest.name,
    )
