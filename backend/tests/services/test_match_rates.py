"""The error rate beside a sighting: from the pack that made its template, or none at all."""

import os
from pathlib import Path

import pytest

from sightline.services.match_rates import MatchRates
from sightline.vision.model_packs.manifest import Manifest, OperatingPointsEntry, PointEntry
from sightline.vision.model_packs.store import PackStore

FILE = {"file": "m.onnx", "sha256": "0" * 64, "licence": "MIT", "source": "tests"}
DETECTOR = FILE | {"kind": "yunet", "score_threshold": 0.5, "nms_iou": 0.3, "colour_order": "BGR"}
EMBEDDER = FILE | {"model_version": "m/1", "dimensions": 128, "layout": "NCHW", "scale": 1.0}
POINTS = (PointEntry(fmr=1e-2, min_similarity=0.3), PointEntry(fmr=1e-4, min_similarity=0.5))


def _write(store: PackStore, points: tuple[PointEntry, ...]) -> None:
    measured = OperatingPointsEntry(source="tests", impostor_pairs=1, genuine_pairs=1, points=points)
    content = {"name": "mine", "title": "t", "detector": DETECTOR, "embedder": EMBEDDER, "operating_points": measured}
    path = store.packs_dir / "mine" / "manifest.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(Manifest.model_validate(content).model_dump_json())
    os.utime(path, ns=(0, len(points)))


@pytest.fixture
def store(tmp_path: Path) -> PackStore:
    made = PackStore(tmp_path, tmp_path / "cache")
    _write(made, POINTS)
    return made


def test_the_rate_is_the_curves_and_a_bound_above_it(store: PackStore) -> None:
    rates = MatchRates(store, "mine")
    at_loosest, beyond = rates.of(0.3, "m/1"), rates.of(0.9, "m/1")
    assert at_loosest is not None
    assert beyond is not None
    assert at_loosest.fmr == pytest.approx(1e-2)
    assert not at_loosest.is_bound
    assert beyond.fmr == pytest.approx(1e-4)
    assert beyond.is_bound


@pytest.mark.parametrize(("similarity", "model"), [(None, "m/1"), (0.9, "m/2"), (0.9, None), (0.1, "m/1")])
def test_nothing_is_stated_that_was_not_measured(store: PackStore, similarity: float | None, model: str | None) -> None:
    assert MatchRates(store, "mine").of(similarity, model) is None


def test_a_new_calibration_counts_at_once_and_a_missing_pack_harms_nobody(store: PackStore) -> None:
    rates = MatchRates(store, "mine")
    assert rates.of(0.9, "m/1") is not None
    _write(store, ())
    assert rates.of(0.9, "m/1") is None
    (store.packs_dir / "mine" / "manifest.json").unlink()
    assert rates.of(0.9, "m/1") is None
