"""INT8 detectors: calibrated on pictures, faster to compute, still finding the same faces."""

from pathlib import Path

import pytest

from sightline.core.errors import InvalidInput
from sightline.vision.detectors.factory import create_detector
from sightline.vision.images import load_image
from sightline.vision.model_packs.probe import detector_kind, probe
from sightline.vision.model_packs.quantise import quantise_detector
from sightline.vision.model_packs.store import PackStore
from sightline.vision.runtime import RuntimeOptions


def test_a_quantised_centerface_finds_the_same_face(lite_pack: Path, media_dir: Path, tmp_path: Path) -> None:
    pack = PackStore(lite_pack.parent).get("lite")
    entry = quantise_detector(pack, media_dir / "people", tmp_path, lambda _: None)
    assert (entry.precision, entry.file) == ("int8", "centerface-int8.onnx")
    assert "calibrated on" in entry.source
    assert detector_kind(probe(tmp_path / entry.file, batch=2)) is entry.kind
    picture = load_image(media_dir / "pairs" / "img1.jpg")
    options = RuntimeOptions()
    (before,) = create_detector(pack.folder, pack.manifest.detector, options).detect([picture])
    (after,) = create_detector(tmp_path, entry, options).detect([picture])
    assert len(before) == len(after) >= 1
    eyes = abs(before.landmarks[0, 0, 0] - before.landmarks[0, 1, 0])
    assert abs(before.landmarks[0] - after.landmarks[0]).max() < 0.15 * eyes
    assert abs(before.scores[0] - after.scores[0]) < 0.1


def test_pictures_are_needed_and_unreadable_ones_are_left_out(lite_pack: Path, tmp_path: Path) -> None:
    pack = PackStore(lite_pack.parent).get("lite")
    (tmp_path / "torn.jpg").write_bytes(b"\xff\xd8\xff")
    said: list[str] = []
    with pytest.raises(InvalidInput, match="no readable picture"):
        quantise_detector(pack, tmp_path, tmp_path, said.append)
    assert "torn.jpg is left out" in said[0]
