"""From a pack's folder to running models."""

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest

from sightline.core.errors import PackDamaged
from sightline.domain.arrays import FloatArray
from sightline.vision.loading import Models, load_models
from sightline.vision.model_packs.manifest import DetectorKind, Manifest
from sightline.vision.runtime import RuntimeOptions
from tests.vision.detectors import encoders
from tests.vision.detectors.encoders import face
from tests.vision.detectors.factories import constant_model, detector_entry
from tests.vision.embedding_models import embedder_entry, quarters_model


def small_pack(folder: Path) -> Manifest:
    constant_model(folder / "detector.onnx", encoders.yolov8(face(320, 200, 90, 110, 0.9)), [1, 3, "h", "w"])
    quarters_model(folder / "embedder.onnx")
    return Manifest(
        name="small",
        title="A pack for tests",
        detector=detector_entry(DetectorKind.YOLOV8_FACE, input_size=640),
        embedder=embedder_entry(),
    )


def test_a_pack_becomes_models_that_run(tmp_path: Path) -> None:
    models = load_models(tmp_path, small_pack(tmp_path), RuntimeOptions())
    models.warm_up()
    image = np.full((360, 640, 3), 90, np.uint8)
    faces = models.detector.detect([image])[0]
    aligned = models.aligner.align(image, faces.landmarks)
    assert len(models.quality.assess(faces, aligned)) == len(faces) == 1
    assert models.embedder.embed(aligned).shape == (1, 512)
    assert models.pack_name == "small"
    assert models.curve.measured == ()


@pytest.mark.parametrize("file", ["detector.onnx", "embedder.onnx"])
def test_a_missing_file_is_named(tmp_path: Path, file: str) -> None:
    manifest = small_pack(tmp_path)
    (tmp_path / file).unlink()
    with pytest.raises(PackDamaged, match=f"{file} is missing"):
        load_models(tmp_path, manifest, RuntimeOptions())


def test_a_broken_detector_fails_at_warm_up(tmp_path: Path) -> None:
    manifest = small_pack(tmp_path)
    constant_model(tmp_path / "detector.onnx", [np.zeros((1, 7, 9))], [1, 3, "h", "w"])
    with pytest.raises(PackDamaged, match="do not fit"):
        load_models(tmp_path, manifest, RuntimeOptions()).warm_up()


@pytest.mark.media
def test_the_default_pack_tells_labelled_people_apart(lite_pack: Path, media_dir: Path) -> None:
    manifest = Manifest.model_validate_json((lite_pack / "manifest.json").read_text())
    models = load_models(lite_pack, manifest, RuntimeOptions())
    folder = media_dir / "pairs"
    rows = list(csv.DictReader((folder / "pairs.csv").read_text().splitlines()))
    names = {row[key] for row in rows for key in ("file_x", "file_y")}
    templates = {name: _template(models, folder / name) for name in names}
    similarities = np.asarray([templates[row["file_x"]] @ templates[row["file_y"]] for row in rows])
    same = np.asarray([row["Decision"] == "Yes" for row in rows])
    at_one_percent = models.curve.min_similarity(1e-2)
    assert at_one_percent is not None
    assert similarities[same].min() > at_one_percent
    assert (similarities[~same] < at_one_percent).mean() > 0.98
    assert similarities[same].min() > similarities[~same].max()


def _template(models: Models, path: Path) -> FloatArray:
    image = np.asarray(cv2.imread(str(path)), np.uint8)
    faces = models.detector.detect([image])[0]
    largest = faces.take(np.asarray([int(np.argmax(faces.areas))]))
    template: FloatArray = models.embedder.embed(models.aligner.align(image, largest.landmarks))[0]
    return template
