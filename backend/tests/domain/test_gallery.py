import numpy as np
import pytest

from sightline.domain.gallery import Gallery


def test_an_empty_gallery_is_a_valid_value() -> None:
    gallery = Gallery.empty("model-1")
    assert len(gallery) == 0
    assert gallery.templates.shape == (0, 512)


def test_templates_that_are_not_of_length_one_are_refused() -> None:
    with pytest.raises(ValueError, match="length 1"):
        Gallery(("Ada",), np.ones((1, 512), np.float32), "model-1")


def test_every_template_belongs_to_a_subject() -> None:
    with pytest.raises(ValueError, match=r"templates must have shape \(2, 512\)"):
        Gallery(("Ada", "Grace"), np.zeros((1, 512), np.float32), "model-1")
