"""`sightline calibrate`: thresholds reach the manifest, and never replace better ones by accident."""

import json
from pathlib import Path

import pytest

from sightline.commands.calibrate import calibrate
from sightline.core.errors import InvalidInput, NotMeasured
from sightline.vision.model_packs.manifest import OperatingPointsEntry, PointEntry
from sightline.vision.model_packs.store import read_manifest
from tests.commands.painted_pack import invoke, painted_pack, use_pack
from tests.services.fake_models import Painted, save

PEOPLE = 26
"""The fewest whose 325 impostor pairs support FMR 1e-1 by the rule of thirty."""


@pytest.fixture
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SIGHTLINE_DATA_DIR", str(tmp_path))
    for person in range(1, PEOPLE + 1):
        save(tmp_path / "people" / f"p{person}-1.png", Painted(person))
    save(tmp_path / "people" / "p1-2.png", Painted(1, 2))
    return tmp_path / "people"


def measured(impostor_pairs: int) -> OperatingPointsEntry:
    points = (PointEntry(fmr=1e-4, min_similarity=0.5),)
    return OperatingPointsEntry(source="before", impostor_pairs=impostor_pairs, genuine_pairs=1, points=points)


def test_thresholds_are_written_into_the_manifest(people: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pack = painted_pack(people.parent / "models")
    use_pack(monkeypatch, "calibrate", pack)
    done = invoke(calibrate, "--images", people, "--json")
    assert done.exit_code == 0, done.exception
    found = json.loads(done.stdout)
    assert found["written"] is True
    assert (found["images"], found["subjects"], found["impostor_pairs"], found["genuine_pairs"]) == (27, 26, 350, 1)
    entry = read_manifest(pack.folder).operating_points
    assert entry is not None
    assert entry.points[0].min_similarity == found["threshold"]["1e-1"] > 0
    assert [point.min_similarity for point in entry.points[1:]] == [None] * 5
    assert entry.source.startswith("all pairs of 27 pictures of 26 subjects in people")


def test_a_dry_run_changes_nothing(people: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pack = painted_pack(people.parent / "models")
    use_pack(monkeypatch, "calibrate", pack)
    done = invoke(calibrate, "--images", people, "--dry-run")
    assert "The pack's manifest is unchanged." in done.stdout
    assert done.stdout.count("not measured") == 5
    assert read_manifest(pack.folder).operating_points is None


def test_a_better_supported_measurement_stays_unless_forced(people: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pack = painted_pack(people.parent / "models", measured(impostor_pairs=1_000_000))
    use_pack(monkeypatch, "calibrate", pack)
    done = invoke(calibrate, "--images", people)
    assert isinstance(done.exception, InvalidInput)
    assert "--force" in done.exception.hint
    assert read_manifest(pack.folder) == pack.manifest
    assert invoke(calibrate, "--images", people, "--force").exit_code == 0
    replaced = read_manifest(pack.folder).operating_points
    assert replaced is not None
    assert replaced.impostor_pairs == 350


def test_too_few_people_are_not_measured(people: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_pack(monkeypatch, "calibrate", painted_pack(people.parent / "models"))
    for picture in sorted(people.iterdir())[5:]:
        picture.unlink()
    assert isinstance(invoke(calibrate, "--images", people).exception, NotMeasured)
