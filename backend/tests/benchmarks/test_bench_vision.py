"""What each step of vision costs: `pytest tests/benchmarks --benchmark-only`."""

from pathlib import Path

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from sightline.domain.arrays import ImageArray
from sightline.domain.faces import Faces
from sightline.vision.detectors.factory import create_detector
from sightline.vision.loading import Models, load_models
from sightline.vision.model_packs.manifest import DetectorKind, Manifest
from sightline.vision.runtime import RuntimeOptions
from tests.vision.detectors.factories import detector_entry
from tests.vision.detectors.test_factory import frames_of

OPTIONS = RuntimeOptions(threads=1)


@pytest.fixture(scope="module")
def models(lite_pack: Path) -> Models:
    manifest = Manifest.model_validate_json((lite_pack / "manifest.json").read_text())
    return load_models(lite_pack, manifest, OPTIONS)


@pytest.fixture(scope="module")
def stage(media_dir: Path) -> ImageArray:
    return frames_of(media_dir / "clips" / "stage.mp4", {180})[180]


@pytest.fixture(scope="module")
def street(media_dir: Path) -> ImageArray:
    return frames_of(media_dir / "clips" / "street.mp4", {50})[50]


@pytest.fixture(scope="module")
def face(models: Models, stage: ImageArray) -> Faces:
    return models.detector.detect([stage])[0].take(np.asarray([0]))


@pytest.mark.media
@pytest.mark.benchmark(group="detect")
@pytest.mark.parametrize("input_size", [640, 960])
def test_centerface_full_hd(benchmark: BenchmarkFixture, lite_pack: Path, street: ImageArray, input_size: int) -> None:
    manifest = Manifest.model_validate_json((lite_pack / "manifest.json").read_text())
    detector = create_detector(lite_pack, manifest.detector, OPTIONS, input_size=input_size)
    assert len(benchmark(detector.detect, [street])[0]) > 0


@pytest.mark.media
@pytest.mark.benchmark(group="detect")
def test_centerface_640x360(benchmark: BenchmarkFixture, models: Models, stage: ImageArray) -> None:
    assert len(benchmark(models.detector.detect, [stage])[0]) > 0


@pytest.mark.media
@pytest.mark.benchmark(group="detect")
def test_yunet_640x360(benchmark: BenchmarkFixture, models_dir: Path, stage: ImageArray) -> None:
    entry = detector_entry(DetectorKind.YUNET, "yunet_n_dynamic.onnx", colour_order="BGR")
    detector = create_detector(models_dir, entry, OPTIONS)
    assert len(benchmark(detector.detect, [stage])[0]) > 0


@pytest.mark.media
@pytest.mark.benchmark(group="per face")
def test_align(benchmark: BenchmarkFixture, models: Models, stage: ImageArray, face: Faces) -> None:
    assert len(benchmark(models.aligner.align, stage, face.landmarks)) == 1


@pytest.mark.media
@pytest.mark.benchmark(group="per face")
def test_quality(benchmark: BenchmarkFixture, models: Models, stage: ImageArray, face: Faces) -> None:
    aligned = models.aligner.align(stage, face.landmarks)
    assert len(benchmark(models.quality.assess, face, aligned)) == 1


@pytest.mark.media
@pytest.mark.benchmark(group="per face")
@pytest.mark.parametrize("batch", [1, 8])
def test_embed(benchmark: BenchmarkFixture, models: Models, batch: int) -> None:
    aligned = np.zeros((batch, 112, 112, 3), np.uint8)
    assert len(benchmark(models.embedder.embed, aligned)) == batch
