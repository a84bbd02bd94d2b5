"""The commands on model packs, as a person and as a script meet them."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from sightline.commands.models import models_app
from sightline.commands.quantisation import Comparison, Measured
from sightline.core.config import Settings
from sightline.core.errors import LicenceNotAccepted, ModelPackError, NoFaceFound, PackDamaged, PackNotInstalled
from sightline.services.evaluation import Evaluation
from sightline.services.face_images import FailedImage
from sightline.services.statistics import DetCurve
from tests.vision import tiny_models

NOTHING = np.zeros(0)


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Packs go into a folder of this test."""
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("SIGHTLINE_CACHE_DIR", str(Settings().cache_dir))
    monkeypatch.setenv("SIGHTLINE_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


def models(*arguments: str | Path) -> Result:
    return CliRunner().invoke(models_app, [str(argument) for argument in arguments])


def test_a_fresh_machine_lists_what_can_be_had_and_under_which_licence() -> None:
    answer = models("list")
    assert answer.exit_code == 0
    for expected in ("lite (not installed)", "licence MIT", "non-commercial research, must be accepted", "AGPL-3.0"):
        assert expected in answer.stdout
    document = json.loads(models("list", "--json").stdout)
    assert document["packs"] == []
    assert [pack["name"] for pack in document["not_installed"]] == ["lite", "cpu", "standard", "insightface"]


@pytest.mark.usefixtures("lite_pack")
def test_lite_installs_lists_its_error_rates_and_verifies() -> None:
    installed = models("install", "lite")
    assert installed.exit_code == 0, installed.exception
    assert "verified" in installed.stdout
    (pack,) = json.loads(models("list", "--json").stdout)["packs"]
    assert pack["threshold"]["1e-4"] == 0.532
    assert pack["threshold"]["1e-6"] is None
    assert pack["embedder"]["provenance"] == "training data rights: not verified"
    shown = models("list").stdout
    assert "29,640,749 impostor and 8,101 genuine pairs" in shown
    assert "not measured" in shown
    assert "accuracy 99.18% on LFW view 2" in shown
    assert json.loads(models("verify", "--json").stdout)["packs"][0]["ok"] is True


def test_importing_asks_for_the_licence_and_says_that_nothing_is_measured(tmp_path: Path) -> None:
    folder = tiny_models.buffalo(tmp_path / "buffalo_l")
    refused = models("import", folder)
    assert isinstance(refused.exception, LicenceNotAccepted)
    assert "--accept-licence" in refused.exception.hint
    imported = models("import", folder, "--accept-licence")
    assert imported.exit_code == 0
    assert "not measured: run `sightline calibrate`" in imported.stdout
    assert "ignored genderage.onnx: infers attributes of people" in imported.stdout
    (pack,) = json.loads(models("list", "--json").stdout)["packs"]
    assert pack["restricted"] is True
    assert set(pack["threshold"].values()) == {None}
    assert "thresholds not measured" in models("list").stdout


def test_verify_names_every_damaged_pack_and_fails(tmp_path: Path, data_dir: Path) -> None:
    assert isinstance(models("verify").exception, PackNotInstalled)
    for name in ("first", "second", "third"):
        assert models("import", tiny_models.buffalo(tmp_path / name), "--accept-licence").exit_code == 0
    (data_dir / "models" / "second" / "w600k_r50.onnx").unlink()
    (data_dir / "models" / "third" / "manifest.json").write_text("{")
    answer = models("verify", "--json")
    assert isinstance(answer.exception, PackDamaged)
    verdicts = {pack["name"]: pack for pack in json.loads(answer.stdout)["packs"]}
    assert verdicts["first"]["ok"]
    assert "w600k_r50.onnx is missing" in verdicts["second"]["problem"]
    assert "manifest.json is not usable" in verdicts["third"]["problem"]
    assert "--replace" in verdicts["second"]["what_to_do"]
    assert "damaged: pack third" in models("list").stdout


def test_listing_loads_neither_models_nor_trackers() -> None:
    script = (
        "import sys, sightline.commands.models as m; from typer.testing import CliRunner; "
        "CliRunner().invoke(m.models_app, ['list'], catch_exceptions=False); "
        "print(*sorted({'onnx', 'onnxruntime', 'cv2', 'trackers', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


@pytest.mark.usefixtures("lite_pack")
def test_quantising_lite_keeps_a_pack_that_is_as_accurate(media_dir: Path, tmp_path: Path) -> None:
    lines = (media_dir / "pairs" / "pairs.csv").read_text().splitlines()
    chosen = [line for label in ("Yes", "No") for line in [one for one in lines if one.endswith(label)][:6]]
    pairs = tmp_path / "some.csv"
    pairs.write_text("\n".join([lines[0], *chosen]) + "\n")
    assert models("install", "lite").exit_code == 0
    options: list[str | Path] = [
        "--images",
        media_dir / "people",
        "--pairs",
        pairs,
        "--pair-images",
        media_dir / "pairs",
        "--json",
    ]
    answer = models("quantise", "lite", *options)
    assert answer.exit_code == 0, answer.exception
    document = json.loads(answer.stdout)
    assert document["kept"] is True
    assert document["accuracy"] == {"float32": 1.0, "int8": 1.0}
    assert document["newly_missed"] == []
    packs = {pack["name"]: pack for pack in json.loads(models("list", "--json").stdout)["packs"]}
    assert packs["lite-int8"]["detector"]["precision"] == "int8"
    assert packs["lite-int8"]["threshold"]["1e-4"] == packs["lite"]["threshold"]["1e-4"]
    assert "float32" in packs["lite-int8"]["measured_on"]
    assert models("verify", "lite-int8").exit_code == 0


def measured(accuracy: float, *failed: str) -> Measured:
    missing = tuple(FailedImage(name, NoFaceFound("no face")) for name in failed)
    return Measured(10.0, evaluation(accuracy, missing))


def evaluation(accuracy: float, failed: tuple[FailedImage, ...]) -> Evaluation:
    return Evaluation(
        pairs=6000, genuine_pairs=3000, impostor_pairs=3000, accuracy=accuracy, accuracy_std=0.004,
        accuracy_interval=(accuracy, accuracy), accuracy_threshold=0.3, tmr={}, tmr_interval={},
        threshold={}, failed=failed, folds=10, model_version="m", seconds=1.0, det=DetCurve(NOTHING, NOTHING, NOTHING),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "kept"),
    [
        (measured(0.9918), measured(0.9918), True),
        (measured(0.9918), measured(0.9870), True),
        (measured(0.9918), measured(0.9860), False),
        (measured(0.9918, "a.jpg"), measured(0.9918, "a.jpg"), True),
        (measured(0.9918, "a.jpg"), measured(0.9918, "b.jpg"), False),
        (measured(0.9918, "a.jpg"), measured(0.9930), True),
    ],
    ids=["same", "0.48 points", "0.58 points", "missed by both", "newly missed", "better"],
)
def test_int8_is_kept_only_where_accuracy_and_faces_are(before: Measured, after: Measured, *, kept: bool) -> None:
    comparison = Comparison("lite", "lite-int8", "pairs.txt", before, after)
    assert comparison.holds is kept
    if not kept:
        with pytest.raises(ModelPackError, match="was not kept"):
            comparison.require_kept()
