"""Calibration: all pairs counted once, thresholds that hold, and no rate beyond the data."""

from pathlib import Path

import numpy as np
import pytest

from sightline.core.errors import NotMeasured
from sightline.domain.arrays import FloatArray, normalise
from sightline.domain.operating_points import RULE_OF_THIRTY, fmr_key
from sightline.services.calibration import better_supported, calibrate, compare_all_pairs, operating_points
from tests.services.fake_models import Painted, PaintedModels, save, template


def random_templates(subjects: int, shots: int) -> tuple[FloatArray, np.ndarray]:
    rows = [template(subject, shot) for subject in range(subjects) for shot in range(shots)]
    return np.stack(rows), np.repeat(np.arange(subjects), shots)


def test_every_pair_is_counted_once_across_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    templates, labels = random_templates(subjects=30, shots=3)
    whole = compare_all_pairs(templates, labels)
    assert whole.genuine_pairs == 30 * 3
    assert whole.impostor_pairs == 90 * 89 // 2 - 90
    monkeypatch.setattr("sightline.services.calibration._BLOCK", 7)
    in_blocks = compare_all_pairs(templates, labels)
    assert in_blocks.impostor_pairs == whole.impostor_pairs
    assert in_blocks.genuine_pairs == whole.genuine_pairs
    assert [row[:2] for row in in_blocks.closest] == [row[:2] for row in whole.closest]


def test_thresholds_hold_their_rate_on_the_pairs_they_came_from() -> None:
    templates, labels = random_templates(subjects=120, shots=2)
    entry = operating_points(compare_all_pairs(templates, labels), "a test")
    similarities = (templates @ templates.T)[np.triu_indices(len(templates), 1)]
    impostors = similarities[(labels[:, None] != labels[None])[np.triu_indices(len(templates), 1)]]
    assert entry.impostor_pairs == len(impostors) == 28_560
    stated = [point for point in entry.points if point.min_similarity is not None]
    assert [fmr_key(point.fmr) for point in stated] == ["1e-1", "1e-2"]
    for point in stated:
        share = (impostors >= point.min_similarity).mean()
        assert share <= point.fmr
        assert share == pytest.approx(point.fmr, rel=0.02)
        assert point.tmr == 1.0
    assert entry.curve().min_similarity(1e-2) == stated[1].min_similarity


def test_thirty_false_matches_must_be_expected() -> None:
    people = 26  # 325 pairs: 1e-1 expects 32.5 of them
    templates, labels = random_templates(people, 1)
    entry = operating_points(compare_all_pairs(templates, labels), "a test")
    assert entry.impostor_pairs * 0.1 >= RULE_OF_THIRTY
    assert [point.min_similarity is None for point in entry.points] == [False, True, True, True, True, True]
    assert entry.points[0].tmr is None
    with pytest.raises(NotMeasured, match="276 pairs of different people") as refused:
        operating_points(compare_all_pairs(*random_templates(24, 1)), "a test")
    assert "300 pairs" in refused.value.hint


def test_opposite_and_equal_templates_stay_inside_the_scale() -> None:
    one = normalise(np.ones((1, 512), np.float32))
    pairs = compare_all_pairs(np.concatenate((one, one, -one)), np.array([0, 0, 1]))
    assert (pairs.genuine_pairs, pairs.impostor_pairs) == (1, 2)


def test_the_closest_strangers_are_named_since_one_may_be_mislabelled() -> None:
    templates, labels = random_templates(subjects=20, shots=2)
    labels[5] = 99  # the second picture of person 2 under another name
    closest = compare_all_pairs(templates, labels).closest
    assert closest[0][:2] == (4, 5)
    assert closest[0][2] == pytest.approx(float(templates[4] @ templates[5]), abs=1e-6)
    assert len(closest) == 10
    assert [row[2] for row in closest] == sorted((row[2] for row in closest), reverse=True)


def test_a_folder_of_people_becomes_an_entry_that_says_where_it_is_from(tmp_path: Path, painted: PaintedModels) -> None:
    folder = tmp_path / "staff"
    for person in range(1, 31):
        save(folder / f"Person {person}" / "a.png", Painted(person, 1))
        save(folder / f"person-{person}-1.png", Painted(person + 100, 1))
    save(folder / "Person 1" / "blank.png")
    found = calibrate(folder, painted, pack="painted")
    assert (found.images, found.subjects) == (60, 60)
    assert [image.name for image in found.failed] == ["Person 1/blank.png"]
    assert found.entry.source.startswith(
        "all pairs of 60 pictures of 60 subjects in staff, principal faces, pack painted"
    )
    assert found.entry.impostor_pairs == 60 * 59 // 2


def test_more_pairs_are_better_support() -> None:
    small = operating_points(compare_all_pairs(*random_templates(30, 1)), "small")
    large = operating_points(compare_all_pairs(*random_templates(60, 1)), "large")
    assert better_supported(large, small)
    assert not better_supported(small, large)
    assert not better_supported(small, small)
    assert not better_supported(None, small)
