"""`sightline evaluate`: the table, the JSON, the picture, and the promised accuracy of real packs."""

import json
from pathlib import Path

import pytest
from PIL import Image

from sightline.commands.evaluate import evaluate
from sightline.core.errors import InvalidInput, PairsInvalid
from tests.commands.painted_pack import invoke, painted_pack, use_pack
from tests.services.fake_models import Painted, save
from tests.services.real_packs import DEFAULT, IMPORTED, real_store


@pytest.fixture
def pairs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four people, two pictures each, and one picture without a face."""
    use_pack(monkeypatch, "evaluate", painted_pack(tmp_path / "packs"))
    for person in range(1, 5):
        for shot in (1, 2):
            save(tmp_path / f"p{person}-{shot}.png", Painted(person, shot))
    save(tmp_path / "blank.png")
    rows = [f"p{a}-1.png,p{b}-2.png,{'Yes' if a == b else 'No'}" for a in range(1, 5) for b in range(1, 5)]
    path = tmp_path / "pairs.csv"
    path.write_text("\n".join(["file_x,file_y,Decision", *rows, "p1-1.png,blank.png,Yes"]))
    return path


def test_json_has_the_documented_keys_and_nothing_else_on_standard_output(pairs: Path) -> None:
    done = invoke(evaluate, "--pairs", pairs, "--images", pairs.parent, "--json")
    assert done.exit_code == 0
    found = json.loads(done.stdout)
    assert (found["pairs"], found["genuine_pairs"], found["impostor_pairs"]) == (17, 5, 12)
    assert found["tmr"] == {"1e-1": 0.8, "1e-2": None, "1e-3": None, "1e-4": None, "1e-5": None, "1e-6": None}
    assert found["threshold"].keys() == found["tmr_interval"].keys() == found["tmr"].keys()
    assert found["tmr_interval"]["1e-1"] == pytest.approx([0.2836, 0.9949], abs=1e-4)
    assert found["failed_to_enrol"] == 1
    assert found["failed_files"] == ["blank.png"]
    assert 0 < found["accuracy_interval"][0] < found["accuracy"] < found["accuracy_interval"][1]
    assert {"accuracy_std", "accuracy_threshold", "folds", "pack", "model_version", "seconds"} <= found.keys()


def test_the_table_says_what_the_data_does_not_support(pairs: Path) -> None:
    done = invoke(evaluate, "--pairs", pairs, "--images", pairs.parent)
    assert "5 genuine and 12 impostor pairs" in done.stdout
    assert done.stdout.count("not supported by the data") == 5
    assert "blank.png: no face was found" in done.stdout


def test_the_det_curve_is_drawn(pairs: Path) -> None:
    target = pairs.parent / "det.png"
    invoke(evaluate, "--pairs", pairs, "--images", pairs.parent, "--det", target)
    with Image.open(target) as picture:
        assert picture.format == "PNG"
        assert len(picture.convert("RGB").getcolors(maxcolors=100_000) or []) > 10


def test_a_picture_that_could_not_be_written_is_refused_before_the_work(pairs: Path) -> None:
    arguments = ("--pairs", pairs, "--images", pairs.parent, "--det")
    done = invoke(evaluate, *arguments, pairs.parent / "det.txt")
    assert isinstance(done.exception, InvalidInput)
    done = invoke(evaluate, *arguments, pairs.parent / "nowhere" / "det.png")
    assert isinstance(done.exception, InvalidInput)


def test_a_wrong_pairs_file_is_an_error_of_its_own(pairs: Path) -> None:
    done = invoke(evaluate, "--pairs", pairs.parent / "none.csv", "--images", pairs.parent)
    assert isinstance(done.exception, PairsInvalid)


@pytest.fixture(params=[DEFAULT, *IMPORTED])
def real_pack(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The default pack, and detectors of a user's folder with the default pack's embedder."""
    others = None if request.param == DEFAULT else request.getfixturevalue("models_dir")
    real_store(tmp_path / "models", request.getfixturevalue("lite_pack"), others)
    monkeypatch.setenv("SIGHTLINE_DATA_DIR", str(tmp_path))
    return str(request.param)


@pytest.mark.media
def test_real_packs_tell_the_shared_pairs_apart(media_dir: Path, real_pack: str) -> None:
    """The promise: accuracy at least 0.99 and TMR at least 0.97 at FMR 1e-2."""
    folder = media_dir / "pairs"
    done = invoke(evaluate, "--pairs", folder / "pairs.csv", "--images", folder, "--pack", real_pack, "--json")
    assert done.exit_code == 0, done.exception
    found = json.loads(done.stdout)
    assert found["pack"] == real_pack
    assert (found["pairs"], found["genuine_pairs"], found["failed_to_enrol"]) == (300, 38, 0)
    assert found["accuracy"] >= 0.99
    assert found["tmr"]["1e-2"] >= 0.97
    assert found["tmr"]["1e-3"] is None
