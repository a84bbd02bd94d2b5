"""`sightline enroll-check`: an answer per picture, a reason per refusal, an exit code for scripts."""

import json
from pathlib import Path

import pytest

from sightline.commands.enroll_check import enroll_check
from tests.commands.painted_pack import invoke, painted_pack, use_pack
from tests.services.fake_models import Painted, save


@pytest.fixture(autouse=True)
def painted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_pack(monkeypatch, "enroll_check", painted_pack(tmp_path / "packs"))


def test_good_pictures_exit_with_0(tmp_path: Path) -> None:
    done = invoke(enroll_check, save(tmp_path / "ann.png", Painted(1)))
    assert done.exit_code == 0
    assert "yes" in done.stdout


def test_each_picture_gets_its_answer_and_any_refusal_exits_with_2(tmp_path: Path) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"no picture at all")
    names = {
        "ann.png": save(tmp_path / "ann.png", Painted(1)),
        "李.png": save(tmp_path / "李.png", Painted(2, sharpness=9)),
        "two.png": save(tmp_path / "two.png", Painted(1, x=0, side=100), Painted(2, x=120, side=100)),
        "broken.jpg": tmp_path / "broken.jpg",
        "gone.jpg": tmp_path / "gone.jpg",
    }
    done = invoke(enroll_check, *names.values(), "--json")
    assert done.exit_code == 2
    found = {Path(image["file"]).name: image for image in json.loads(done.stdout)["images"]}
    assert {name: image["refusal"] and image["refusal"]["code"] for name, image in found.items()} == {
        "ann.png": None,
        "李.png": "low_quality",
        "two.png": "several_faces_found",
        "broken.jpg": "image_rejected",
        "gone.jpg": "image_rejected",
    }
    boxes = sorted(face["box"] for face in found["two.png"]["faces"])
    assert boxes == [[0.0, 60.0, 100.0, 100.0], [120.0, 60.0, 100.0, 100.0]]
    assert [image["enrolled"] for image in found.values()] == [True, False, False, False, False]
    assert all(image["refusal"]["hint"] for image in found.values() if image["refusal"])


def test_the_table_shows_reasons_and_what_to_do(tmp_path: Path) -> None:
    done = invoke(enroll_check, save(tmp_path / "small.png", Painted(1, side=60)), save(tmp_path / "none.png"))
    assert done.exit_code == 2
    assert "the face is too small: 19 px between the eyes" in done.stdout
    assert "no face was found" in done.stdout
    assert "enlarging this one does not help" in done.stdout
