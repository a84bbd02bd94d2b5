"""Which threshold counts, and how the rules of a camera come about."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline.core.config import DetectionSettings, RecognitionSettings, Settings
from sightline.core.errors import InvalidInput, NotMeasured
from sightline.domain.operating_points import OperatingCurve
from sightline.domain.regions import Polygon, Regions
from sightline.services.thresholds import choose_threshold
from sightline.workers.wiring import camera_rules
from tests.workers.track_events import CURVE


def test_the_similarity_follows_from_the_rate() -> None:
    chosen = choose_threshold(CURVE, fmr=1e-4, min_similarity=None)
    assert (chosen.min_similarity, chosen.fmr) == (0.5, 1e-4)


def test_an_explicit_similarity_comes_first_and_its_rate_is_told_where_it_is_known() -> None:
    assert choose_threshold(CURVE, fmr=1e-4, min_similarity=0.3).fmr == pytest.approx(1e-2)
    assert choose_threshold(CURVE, fmr=1e-4, min_similarity=0.1).fmr is None


@pytest.mark.parametrize(
    ("curve", "measured"), [(CURVE, r"measured: 1e-2, 1e-4"), (OperatingCurve(), "measured: none")]
)
def test_a_rate_that_was_not_measured_is_refused_with_those_that_were(curve: OperatingCurve, measured: str) -> None:
    with pytest.raises(NotMeasured, match=measured):
        choose_threshold(curve, fmr=1e-6, min_similarity=None)


@pytest.mark.parametrize("fmr", [0.0, 1.0, -1e-4, float("nan")])
def test_what_is_no_rate_is_refused(fmr: float) -> None:
    with pytest.raises(InvalidInput, match="is no false-match rate"):
        choose_threshold(CURVE, fmr=fmr, min_similarity=None)


@given(templates=st.integers(1, 10**6))
def test_more_templates_never_mean_fewer_false_alarms(templates: int) -> None:
    threshold = choose_threshold(CURVE, fmr=1e-4, min_similarity=None)
    fewer, more = threshold.fpir(templates), threshold.fpir(templates + 1)
    assert fewer is not None
    assert more is not None
    assert 0 < fewer <= more <= 1
    assert fewer <= 1e-4 * templates * (1 + 1e-9)


def test_an_unmeasured_similarity_promises_nothing_about_a_gallery() -> None:
    assert choose_threshold(CURVE, fmr=1e-4, min_similarity=0.1).fpir(10) is None


def test_rules_come_from_settings_and_regions() -> None:
    settings = Settings(
        detection=DetectionSettings(min_eye_distance=9), recognition=RecognitionSettings(min_eye_distance=15)
    )
    door = Polygon(((0, 0), (1, 0), (1, 1)))
    rules = camera_rules(settings, Regions(interest=(door,)))
    assert (rules.interest, rules.min_eye_distance_detect, rules.min_eye_distance_recognise) == ((door,), 9, 15)
