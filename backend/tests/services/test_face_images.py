"""Faces in still pictures: found even when they fill the picture, embedded once, failures named."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from sightline.domain.arrays import ImageArray
from sightline.domain.faces import Faces
from sightline.services.face_images import embed_principal_faces, find_faces
from tests.services.fake_models import Painted, PaintedDetector, PaintedModels, picture, save


class SceneDetector(PaintedDetector):
    """Misses faces wider than a share of the picture, as detectors trained on scenes do. Counts its looks."""

    def __init__(self, largest: float) -> None:
        self.largest = largest
        self.looks = 0

    def detect(self, images: Sequence[ImageArray]) -> list[Faces]:
        self.looks += 1
        found = super().detect(images)
        return [
            faces.take(faces.boxes[:, 2] - faces.boxes[:, 0] <= self.largest * image.shape[1])
            for faces, image in zip(found, images, strict=True)
        ]


@pytest.mark.parametrize(("side", "looks"), [(80, 1), (160, 2), (232, 3)])
def test_a_face_that_fills_the_picture_is_found_in_a_smaller_copy(side: int, looks: int) -> None:
    detector = SceneDetector(largest=0.4)
    faces = find_faces(picture(Painted(1, x=4, y=8, side=side)), detector)
    assert detector.looks == looks
    np.testing.assert_allclose(faces.boxes, [[4, 8, 4 + side, 8 + side]], atol=4)
    np.testing.assert_allclose(faces.landmarks[0, 2], [4 + 0.5 * side, 8 + 0.64 * side], atol=4)


def test_an_empty_picture_stays_empty() -> None:
    detector = SceneDetector(largest=0.4)
    assert len(find_faces(picture(), detector)) == 0
    assert detector.looks == 3


def test_more_pictures_than_a_batch_keep_their_order(tmp_path: Path, painted: PaintedModels) -> None:
    names = [f"{person}.png" for person in range(1, 41)]
    for person, name in enumerate(names, start=1):
        save(tmp_path / name, *([Painted(person)] if person % 10 else []))
    found = embed_principal_faces(tmp_path, names, painted)
    assert [image.name for image in found.failed] == ["10.png", "20.png", "30.png", "40.png"]
    assert len(found.names) == len(found.templates) == 36
    again = embed_principal_faces(tmp_path, ["39.png"], painted)
    np.testing.assert_allclose(found.templates[found.names.index("39.png")], again.templates[0])


def test_no_pictures_give_no_templates(tmp_path: Path, painted: PaintedModels) -> None:
    assert embed_principal_faces(tmp_path, [], painted).templates.shape == (0, 512)
