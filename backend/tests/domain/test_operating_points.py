import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline.domain.operating_points import (
    OperatingCurve,
    OperatingPoint,
    false_positive_identification_rate,
    fmr_key,
)

CURVE = OperatingCurve(
    (
        OperatingPoint(1e-2, 0.35, 0.99),
        OperatingPoint(1e-3, 0.45, 0.98),
        OperatingPoint(1e-4, 0.53, 0.94),
        OperatingPoint(1e-5, None),
    ),
    impostor_pairs=1_000_000,
    genuine_pairs=1_000,
    source="a test",
)


@pytest.mark.parametrize(
    ("fmr", "key"), [(0.1, "1e-1"), (1e-2, "1e-2"), (1e-6, "1e-6"), (2.5e-4, "2.5e-4"), (0.5, "5e-1")]
)
def test_rates_are_named_as_in_the_files(fmr: float, key: str) -> None:
    assert fmr_key(fmr) == key


def test_a_measured_rate_gives_its_threshold_exactly() -> None:
    assert CURVE.min_similarity(1e-3) == 0.45


def test_a_rate_between_measured_ones_is_interpolated_over_its_logarithm() -> None:
    assert CURVE.min_similarity(10**-3.5) == pytest.approx(0.49)


@pytest.mark.parametrize("fmr", [1e-5, 1e-6, 0.5])
def test_a_rate_that_was_not_measured_has_no_threshold(fmr: float) -> None:
    assert CURVE.min_similarity(fmr) is None


def test_a_similarity_tells_the_rate_of_impostors_that_reach_it() -> None:
    assert CURVE.false_match_rate(0.45) == pytest.approx(1e-3)
    assert CURVE.false_match_rate(0.49) == pytest.approx(10**-3.5)


def test_below_the_loosest_point_nothing_is_known_and_above_the_strictest_its_rate_is_a_bound() -> None:
    assert CURVE.false_match_rate(0.34) is None
    assert CURVE.false_match_rate(0.99) == 1e-4


def test_a_pack_without_measurement_states_no_rate() -> None:
    assert OperatingCurve().min_similarity(1e-4) is None
    assert OperatingCurve().false_match_rate(0.9) is None


@given(st.floats(0.35, 1), st.floats(0.35, 1))
def test_a_higher_similarity_never_has_a_higher_rate(one: float, other: float) -> None:
    low, high = sorted((one, other))
    rates = CURVE.false_match_rate(low), CURVE.false_match_rate(high)
    assert rates[0] is not None
    assert rates[1] is not None
    assert rates[1] <= rates[0] * (1 + 1e-12)


@given(st.floats(1e-4, 1e-2))
def test_threshold_and_rate_are_inverse_to_each_other(fmr: float) -> None:
    similarity = CURVE.min_similarity(fmr)
    assert similarity is not None
    assert CURVE.false_match_rate(similarity) == pytest.approx(fmr, rel=1e-6)


def test_a_curve_that_falls_is_refused() -> None:
    with pytest.raises(ValueError, match=r"out of order at FMR 0\.001"):
        OperatingCurve((OperatingPoint(1e-2, 0.5), OperatingPoint(1e-3, 0.4)))


def test_a_gallery_multiplies_the_rate() -> None:
    assert false_positive_identification_rate(1e-4, 1) == pytest.approx(1e-4)
    assert false_positive_identification_rate(1e-4, 100) == pytest.approx(0.00995, abs=1e-5)
    assert false_positive_identification_rate(1e-4, 0) == 0
