"""Evaluation: the arithmetic on known similarities, the whole on painted faces, the truth on real ones."""

from pathlib import Path

import numpy as np
import pytest

from sightline.core.errors import PairsInvalid
from sightline.domain.views import PROBE_VIEWS
from sightline.services.evaluation import FOLDS, ComparedPairs, assign_folds, cross_validate, evaluate, summarise
from sightline.services.pairs import LabelledPair, PairSet, read_pairs
from tests.services.fake_models import Painted, PaintedModels, save


def compared(genuine: list[float], impostor: list[float], folds: int = 10) -> ComparedPairs:
    similarities = np.array(genuine + impostor)
    labels = np.arange(len(similarities)) < len(genuine)
    return ComparedPairs(similarities, labels, np.arange(len(similarities)) % folds)


def unnamed(genuine: int, impostor: int) -> PairSet:
    pairs = [LabelledPair("a", "b", True)] * genuine + [LabelledPair("a", "c", False)] * impostor
    return PairSet("pairs", Path(), tuple(pairs))


def test_separable_pairs_are_all_told_right() -> None:
    found = summarise(compared([0.7] * 50, [0.1] * 1000))
    assert (found.accuracy, found.accuracy_std) == (1.0, 0.0)
    assert found.accuracy_interval[0] > 0.99
    assert 0.1 < found.accuracy_threshold < 0.7
    assert found.tmr["1e-3"] == 1.0


def test_rates_that_the_pairs_cannot_carry_are_null() -> None:
    found = summarise(compared([0.7] * 50, [0.1] * 1000))
    assert list(found.tmr) == ["1e-1", "1e-2", "1e-3", "1e-4", "1e-5", "1e-6"]
    for values in (found.tmr, found.threshold, found.tmr_interval):
        assert [key for key, value in values.items() if value is None] == ["1e-4", "1e-5", "1e-6"]


def test_a_face_that_is_not_found_is_an_error_whatever_the_label() -> None:
    found = summarise(compared([0.7] * 45 + [np.nan] * 5, [0.1] * 40 + [np.nan] * 10))
    assert found.accuracy == pytest.approx(85 / 100)
    assert found.tmr["1e-1"] == pytest.approx(45 / 50)
    assert (found.genuine_pairs, found.impostor_pairs) == (50, 50)
    assert found.det.fnmr[0] == pytest.approx(0.1)


def test_each_fold_is_judged_by_the_others_threshold() -> None:
    """The last fold's own best threshold would tell all of its pairs; the others' does not."""
    similarities = np.array([0.8, 0.2] * 9 + [0.45, 0.4])
    pairs = ComparedPairs(similarities, np.array([True, False] * 10), np.repeat(np.arange(10), 2))
    correct, thresholds = cross_validate(pairs)
    assert thresholds[-1] == pytest.approx(0.5)
    assert correct[:-2].all()
    assert not correct[-2]


def test_pairs_without_folds_are_dealt_evenly_and_always_alike() -> None:
    folds = assign_folds(unnamed(38, 262))
    labels = np.arange(300) < 38
    assert sorted(set(folds)) == list(range(FOLDS))
    assert set(np.bincount(folds[labels])) <= {3, 4}
    assert set(np.bincount(folds)) == {30}
    np.testing.assert_array_equal(folds, assign_folds(unnamed(38, 262)))


def test_few_pairs_make_fewer_folds_and_too_few_none() -> None:
    assert set(assign_folds(unnamed(3, 50))) == {0, 1, 2}
    with pytest.raises(PairsInvalid, match="1 pairs of one person and 50 of two"):
        assign_folds(unnamed(1, 50))


def test_every_picture_is_embedded_once_and_the_failed_ones_are_named(tmp_path: Path, painted: PaintedModels) -> None:
    for person in range(1, 7):
        for shot in (1, 2):
            save(tmp_path / f"p{person}-{shot}.png", Painted(person, shot))
    save(tmp_path / "blank.png")
    (tmp_path / "broken.png").write_bytes(b"no picture")
    rows = [f"p{person}-1.png,p{person}-2.png,Yes" for person in range(1, 7)]
    rows += [f"p{a}-1.png,p{b}-2.png,No" for a in range(1, 7) for b in range(1, 7) if a != b]
    rows += ["p1-1.png,blank.png,No", "p1-1.png,broken.png,Yes"]
    (tmp_path / "pairs.csv").write_text("\n".join(["file_x,file_y,Decision", *rows]))
    found = evaluate(read_pairs(tmp_path / "pairs.csv", tmp_path), painted)
    assert painted.embedder.embedded == 12 * len(PROBE_VIEWS)
    assert [image.name for image in found.failed] == ["blank.png", "broken.png"]
    assert (found.pairs, found.genuine_pairs, found.impostor_pairs) == (38, 7, 31)
    assert found.tmr["1e-1"] == pytest.approx(6 / 7)
    assert found.accuracy_interval[0] < 36 / 38 < found.accuracy_interval[1]
    assert found.model_version == "painted-1"


def test_of_several_faces_the_large_one_in_the_middle_counts(tmp_path: Path, painted: PaintedModels) -> None:
    save(tmp_path / "a-1.png", Painted(1, 1), Painted(9, 1, x=0, y=0, side=50))
    save(tmp_path / "a-2.png", Painted(1, 2))
    save(tmp_path / "b-1.png", Painted(2, 1))
    save(tmp_path / "b-2.png", Painted(2, 2), Painted(9, 2, x=190, y=190, side=50))
    rows = ["a-1.png,a-2.png,Yes", "b-1.png,b-2.png,Yes", "a-1.png,b-2.png,No", "b-1.png,a-2.png,No"]
    (tmp_path / "pairs.csv").write_text("\n".join(["file_x,file_y,Decision", *rows]))
    assert evaluate(read_pairs(tmp_path / "pairs.csv", tmp_path), painted).accuracy == 1.0
