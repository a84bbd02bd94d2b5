"""Laws of fusion."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline.domain.arrays import FloatArray, normalise
from sightline.pipeline.fusion import fuse
from tests.pipeline.fakes import face_of


def shots(seed: int, count: int, noise: float = 1.0) -> FloatArray:
    """Disturbed views of person 1."""
    random = np.random.default_rng(1000 + seed)
    return normalise(face_of(1) + noise * normalise(random.normal(size=(count, 512))))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.integers(0, 9))
def test_a_template_has_length_one_and_does_not_depend_on_the_order(qualities: list[float], seed: int) -> None:
    embeddings, weights = shots(seed, len(qualities)), np.array(qualities, np.float32)
    order = np.random.default_rng(seed).permutation(len(qualities))
    template = fuse(embeddings, weights)
    assert np.linalg.norm(template) == pytest.approx(1, abs=1e-5)
    np.testing.assert_allclose(fuse(embeddings[order], weights[order]), template, atol=1e-5)


def test_one_shot_is_its_own_template() -> None:
    np.testing.assert_allclose(fuse(shots(1, 1), np.array([0.3], np.float32)), shots(1, 1)[0], atol=1e-6)


@given(st.integers(0, 50))
def test_equally_good_shots_together_are_closer_to_the_person_than_any_of_them(seed: int) -> None:
    embeddings = shots(seed, 8)
    template = fuse(embeddings, np.full(8, 0.7, np.float32))
    assert template @ face_of(1) > (embeddings @ face_of(1)).max()


def test_a_bad_shot_hardly_counts() -> None:
    embeddings = np.stack([face_of(1), face_of(2)])
    template = fuse(embeddings, np.array([0.9, 0.5], np.float32))
    assert template @ face_of(1) > 0.999


def test_shots_without_any_quality_still_make_a_template() -> None:
    assert np.linalg.norm(fuse(shots(1, 3), np.zeros(3, np.float32))) == pytest.approx(1, abs=1e-5)


def test_nothing_makes_no_template() -> None:
    with pytest.raises(ValueError, match="at least one embedding"):
        fuse(np.zeros((0, 512), np.float32), np.zeros(0, np.float32))
