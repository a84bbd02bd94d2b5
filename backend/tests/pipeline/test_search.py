"""Search against its own definition, written out naively."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline.domain.arrays import normalise
from sightline.domain.gallery import Gallery
from sightline.pipeline.search import GallerySearch


def random_gallery(owners: list[int], seed: int) -> Gallery:
    random = np.random.default_rng(seed)
    templates = normalise(random.normal(size=(len(owners), 512)))
    return Gallery(tuple(f"person {owner:02}" for owner in owners), templates, "m")


@given(st.lists(st.integers(0, 12), max_size=40), st.integers(1, 6), st.integers(1, 7), st.integers(0, 99))
def test_candidates_are_those_of_a_search_by_hand(owners: list[int], probes: int, top_k: int, seed: int) -> None:
    gallery = random_gallery(owners, seed)
    asked = normalise(np.random.default_rng(seed + 1).normal(size=(probes, 512)))
    answers = GallerySearch(gallery).candidates(asked, top_k)
    assert len(answers) == probes
    for probe, answer in zip(asked, answers, strict=True):
        best: dict[str, float] = {}
        for name, template in zip(gallery.subjects, gallery.templates, strict=True):
            best[name] = max(best.get(name, -1.0), float(template @ probe))
        expected = sorted(best.items(), key=lambda item: -item[1])[:top_k]
        assert [candidate.subject for candidate in answer] == [name for name, _ in expected]
        np.testing.assert_allclose(
            [candidate.similarity for candidate in answer], [value for _, value in expected], atol=1e-5
        )


def test_nobody_is_found_in_an_empty_gallery() -> None:
    probes = normalise(np.ones((2, 512)))
    assert GallerySearch(Gallery.empty("m")).candidates(probes, 5) == [(), ()]


def test_equal_similarities_are_ranked_by_name() -> None:
    template = normalise(np.ones((1, 512)))
    gallery = Gallery(("Zoë", "Ana"), np.repeat(template, 2, axis=0), "m")
    (answer,) = GallerySearch(gallery).candidates(template, 5)
    assert [candidate.subject for candidate in answer] == ["Ana", "Zoë"]


def test_probes_of_the_wrong_length_are_refused() -> None:
    with pytest.raises(ValueError, match="probes must have shape"):
        GallerySearch(Gallery.empty("m")).candidates(np.zeros((1, 192), np.float32), 5)
