import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sightline.domain.arrays import TEMPLATE_DIMENSIONS, normalise, pad_templates, require_shape

VECTORS = arrays(np.float32, (2, 192), elements=st.floats(-10, 10, width=32))


@given(VECTORS)
def test_padding_leaves_cosine_similarity_as_it_is(vectors: np.ndarray) -> None:
    units = normalise(vectors)
    padded = pad_templates(units)
    assert padded.shape == (2, TEMPLATE_DIMENSIONS)
    assert np.dot(padded[0], padded[1]) == pytest.approx(float(np.dot(units[0], units[1])), abs=1e-5)


@given(VECTORS)
def test_normalised_rows_have_length_one_and_zero_rows_stay_zero(vectors: np.ndarray) -> None:
    lengths = np.linalg.norm(normalise(vectors), axis=1)
    zero = np.linalg.norm(vectors, axis=1) == 0
    assert np.allclose(lengths[~zero], 1, atol=1e-4)
    assert not lengths[zero].any()


def test_an_embedding_longer_than_a_template_is_refused() -> None:
    with pytest.raises(ValueError, match="513 dimensions"):
        pad_templates(np.zeros((1, 513), np.float32))


def test_a_wrong_shape_is_named_with_the_expected_one() -> None:
    with pytest.raises(ValueError, match=r"boxes must have shape \(n, 4\), got \(2, 5\)"):
        require_shape("boxes", np.zeros((2, 5)), (None, 4))
