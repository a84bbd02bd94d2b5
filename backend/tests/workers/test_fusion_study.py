"""The experiment on fusion, on a small budget."""

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sightline.core.errors import GalleryInvalid
from sightline.domain.arrays import FloatArray, ImageArray
from sightline.vision.loading import Models, load_models
from sightline.vision.model_packs.manifest import Manifest
from sightline.vision.runtime import RuntimeOptions
from sightline.workers.fusion_study import StudyOptions, study_fusion
from sightline.workers.synthetic_tracks import synthesise


@pytest.fixture(scope="module")
def models(lite_pack: Path) -> Models:
    manifest = Manifest.model_validate_json((lite_pack / "manifest.json").read_text())
    return load_models(lite_pack, manifest, RuntimeOptions(threads=2))


def drawn() -> tuple[ImageArray, FloatArray]:
    """A picture of nobody: shades, with landmarks 50 px between the eyes."""
    shades = np.kron(np.random.default_rng(1).integers(0, 255, (20, 20, 3)), np.ones((10, 10, 1))).astype(np.uint8)
    return shades, np.array([[75, 80], [125, 80], [100, 110], [80, 130], [120, 130]], np.float32)


def test_the_same_seed_makes_the_same_track_and_another_one_another() -> None:
    first, again, other = (np.stack(synthesise(*drawn(), np.random.default_rng(seed), frames=3)) for seed in (1, 1, 2))
    assert first.shape == (3, 360, 640, 3)
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_the_drawn_face_moves() -> None:
    first, last = synthesise(*drawn(), np.random.default_rng(3), frames=8)[::7]
    assert np.abs(first.astype(int) - last).mean() > 1


def test_portraits_of_nobody_are_refused_with_a_hint(tmp_path: Path, models: Models) -> None:
    Image.fromarray(drawn()[0]).save(tmp_path / "nobody-1.png")
    with pytest.raises(GalleryInvalid) as refusal:
        study_fusion(tmp_path, tmp_path, models, models.curve)
    assert "NAME-1.jpg" in refusal.value.hint


def labelled_copy(pairs: Path, folder: Path) -> Path:
    """The pictures of labelled pairs as PERSON/PICTURE, persons being who the pairs call the same."""
    leader: dict[str, str] = {}

    def find(name: str) -> str:
        while leader.setdefault(name, name) != name:
            name = leader[name]
        return name

    with (pairs / "pairs.csv").open(encoding="utf-8") as table:
        for row in csv.DictReader(table):
            first, second = find(row["file_x"]), find(row["file_y"])
            if row["Decision"] == "Yes":
                leader[first] = second
    for name in list(leader):
        (folder / Path(find(name)).stem).mkdir(parents=True, exist_ok=True)
        shutil.copy(pairs / name, folder / Path(find(name)).stem / name)
    return folder


@pytest.mark.media
def test_the_fused_template_beats_the_best_single_shot(media_dir: Path, models: Models, tmp_path: Path) -> None:
    people = labelled_copy(media_dir / "pairs", tmp_path / "people")
    study = study_fusion(people, media_dir / "people", models, models.curve, StudyOptions(tracks=1, frames=12))
    assert study.genuine >= 50
    assert study.fused.d_prime > study.best_single.d_prime
    assert study.fused.fnmr["1e-3"] <= study.best_single.fnmr["1e-3"]
