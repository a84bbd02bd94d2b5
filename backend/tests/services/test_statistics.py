"""Error rates: what is stated holds on the data it came from, and nothing is stated beyond the data."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

from sightline.services.statistics import (
    FALSE_MATCH_RATES,
    best_threshold,
    binomial_interval,
    det_curve,
    just_above,
    threshold_at,
)

similarity = st.floats(-1.0, 1.0 - 1e-5, allow_subnormal=False)


def test_the_interval_is_the_published_one() -> None:
    """Clopper and Pearson: 0 of 10 gives 0 to 30.85 %; 7 of 10 gives 34.75 to 93.33 %."""
    assert binomial_interval(0, 10) == pytest.approx((0.0, 0.30850), abs=1e-5)
    assert binomial_interval(7, 10) == pytest.approx((0.34755, 0.93326), abs=1e-5)
    assert binomial_interval(0, 0) == (0.0, 1.0)


@given(st.integers(0, 500), st.integers(0, 500))
def test_the_interval_holds_the_share_and_mirrors(hits: int, misses: int) -> None:
    low, high = binomial_interval(hits, hits + misses)
    assert low <= hits / max(hits + misses, 1) <= high or hits + misses == 0
    assert binomial_interval(misses, hits + misses) == pytest.approx((1 - high, 1 - low))
    if hits and misses:
        assert low == pytest.approx(beta.ppf(0.025, hits, misses + 1))


def test_the_impossible_is_refused() -> None:
    with pytest.raises(ValueError, match="11 successes of 10"):
        binomial_interval(11, 10)


@given(st.lists(similarity, min_size=1, max_size=300), st.sampled_from(FALSE_MATCH_RATES))
def test_no_more_impostors_pass_than_promised(impostors: list[float], fmr: float) -> None:
    scores = np.array(impostors)
    threshold = threshold_at(scores, fmr)
    if threshold is None:
        assert len(scores) * fmr < 1
    else:
        assert (scores >= threshold).sum() <= len(scores) * fmr + 1e-9


@given(st.lists(similarity, min_size=2, max_size=200))
def test_stricter_rates_have_higher_thresholds(impostors: list[float]) -> None:
    found = [threshold_at(np.array(impostors), fmr) for fmr in FALSE_MATCH_RATES]
    stated = [threshold for threshold in found if threshold is not None]
    assert stated == sorted(stated)
    assert found[: len(stated)] == stated


def test_a_rate_needs_one_expected_false_match() -> None:
    scores = np.linspace(-0.5, 0.5, 1000)
    assert threshold_at(scores, 1e-3) is not None
    assert threshold_at(scores[:-1], 1e-3) is None
    assert threshold_at(scores, 1e-3, min_errors=30) is None


@given(similarity)
def test_a_similarity_does_not_reach_the_threshold_just_above_it(value: float) -> None:
    assert value < just_above(value) <= value + 2.1e-6


def test_the_best_threshold_lies_in_the_middle_of_the_widest_gap() -> None:
    scores = np.array([0.1, 0.2, 0.6, 0.8])
    assert best_threshold(scores, np.array([False, False, True, True])) == pytest.approx(0.4)


@given(st.lists(st.tuples(similarity, st.booleans()), min_size=1, max_size=60))
def test_no_other_threshold_makes_fewer_errors(pairs: list[tuple[float, bool]]) -> None:
    scores = np.round(np.array([score for score, _ in pairs]), 3)
    labels = np.array([label for _, label in pairs])
    ours = ((scores >= best_threshold(scores, labels)) == labels).sum()
    for threshold in np.concatenate((np.unique(scores), [1.1])):
        assert ((scores >= threshold) == labels).sum() <= ours


def test_the_curve_falls_and_counts_missed_faces() -> None:
    rng = np.random.default_rng(3)
    curve = det_curve(rng.normal(0.6, 0.1, 80), rng.normal(0.1, 0.1, 400), missed_genuine=20)
    assert (np.diff(curve.fmr) <= 0).all()
    assert (np.diff(curve.fnmr) >= 0).all()
    assert curve.fnmr[0] == pytest.approx(0.2)
    assert curve.fmr[0] == 1.0
