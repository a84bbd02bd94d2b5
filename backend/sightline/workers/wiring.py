"""Puts models, settings and rules together into a pipeline."""

from uuid_utils.compat import uuid7

from sightline.core.config import Settings
from sightline.domain.gallery import Gallery
from sightline.domain.regions import Regions
from sightline.pipeline.best_shot import BestShotStage
from sightline.pipeline.chain import Pipeline
from sightline.pipeline.detect import CameraRules, DetectStage, RuleBook
from sightline.pipeline.gate import MotionGate
from sightline.pipeline.observe import ObserveStage
from sightline.pipeline.recognise import RecogniseStage, RecognitionRules
from sightline.pipeline.track import TrackRules, TrackStage
from sightline.services.thresholds import Threshold
from sightline.vision.loading import Models


def camera_rules(settings: Settings, regions: Regions) -> CameraRules:
    """A camera's rules: its regions of interest, and the smallest face that counts."""
    return CameraRules(
        interest=regions.interest,
        min_eye_distance_detect=settings.detection.min_eye_distance,
        min_eye_distance_recognise=settings.recognition.min_eye_distance,
    )


def build_pipeline(
    models: Models,
    gallery: Gallery,
    threshold: Threshold,
    settings: Settings,
    *,
    rules: RuleBook,
    motion_gate: bool = True,
) -> Pipeline:
    """The fused pipeline of one process. rules: of its cameras; they may be put in later."""
    recognition = RecognitionRules(threshold.min_similarity, top_k=settings.recognition.top_k)
    return Pipeline(
        *_observing(models, settings, rules, motion_gate=motion_gate),
        RecogniseStage(models.embedder, gallery, models.curve, recognition),
    )


def build_observing(models: Models, settings: Settings, *, rules: RuleBook) -> ObserveStage:
    """The first half alone, for a worker that only detects and tracks."""
    return ObserveStage(*_observing(models, settings, rules, motion_gate=True))


def _observing(
    models: Models, settings: Settings, rules: RuleBook, *, motion_gate: bool
) -> tuple[DetectStage, TrackStage, BestShotStage]:
    return (
        DetectStage(models.detector, MotionGate() if motion_gate else None, rules),
        TrackStage(uuid7, TrackRules(frame_rate=settings.capture.sample_rate)),
        BestShotStage(models.aligner, models.quality, camera_rules=rules),
    )
