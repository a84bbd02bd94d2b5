"""The yardstick: what decoding, detection and embedding cost alone."""

import math
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from sightline.core.config import CaptureSettings
from sightline.media.sources import parse_source
from sightline.vision.loading import Models
from sightline.workers.bench_parts import FACES, FRAMES, RUNS, measure_parts
from sightline.workers.fused import BATCH_FRAMES
from tests.pipeline.fakes import PaintedAligner, PaintedDetector, PaintedEmbedder
from tests.support.clips import Clip, record


@pytest.fixture(params=[2.0, 6.0])
def clip(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A clip shorter and one longer than what a run takes."""
    return record(tmp_path / "clip.mp4", Clip(seconds=request.param))


def test_every_part_is_measured_with_the_batches_of_the_pipeline(clip: Path) -> None:
    detector, embedder = PaintedDetector(), PaintedEmbedder()
    fakes = SimpleNamespace(detector=detector, aligner=PaintedAligner(), embedder=embedder, warm_up=lambda: None)
    parts = measure_parts(parse_source(str(clip)), cast("Models", fakes), CaptureSettings(), live=False)
    per_run = detector.seen // (RUNS + 1)  # once more to find the faces
    assert min(parts.decode, parts.detect, parts.embed) > 0
    assert 10 <= per_run <= FRAMES
    assert detector.calls == RUNS * math.ceil(per_run / BATCH_FRAMES) + 1
    assert embedder.calls == RUNS
    assert embedder.embedded % (RUNS * FACES) == 0  # as many views per face as the pipeline takes
