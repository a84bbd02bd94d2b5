"""Enrolment: one whole, sharp face per picture, and a reason for everything else."""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from sightline.core.errors import GalleryInvalid, InvalidInput, LowQuality, NoFaceFound, SeveralFacesFound
from sightline.services.enrolment import EnrolmentPolicy, enrol_image, examine_image, load_gallery, visible_shares
from sightline.services.face_images import principal_face
from sightline.vision.images import load_image
from sightline.vision.loading import Models, load_models
from sightline.vision.model_packs.store import PackStore
from sightline.vision.runtime import RuntimeOptions
from tests.services.fake_models import Painted, PaintedModels, picture, save, template
from tests.services.real_packs import DEFAULT, IMPORTED, real_store


def test_a_good_portrait_becomes_its_persons_template(painted: PaintedModels) -> None:
    found = enrol_image(picture(Painted(7, shot=3)), painted)
    assert found.shape == (512,)
    np.testing.assert_allclose(found, template(7, 3), atol=1e-6)


@pytest.mark.parametrize(
    ("faces", "error", "message"),
    [
        ((), NoFaceFound, "no face was found"),
        (
            (Painted(1), Painted(2, x=0, y=0, side=50)),
            SeveralFacesFound,
            "2 faces were found.*60 60 120 120; 0 0 50 50",
        ),
        ((Painted(1, x=-40),), LowQuality, "the frame cuts the face: 6[0-9]% of it"),
        ((Painted(1, side=60),), LowQuality, "too small: 19 px between the eyes, at least 24"),
        ((Painted(1, sharpness=20),), LowQuality, "blurred"),
    ],
)
def test_everything_else_is_refused_with_its_reason(
    painted: PaintedModels, faces: tuple[Painted, ...], error: type[InvalidInput], message: str
) -> None:
    with pytest.raises(error, match=message) as refused:
        enrol_image(picture(*faces), painted)
    assert refused.value.hint


def test_a_far_smaller_face_is_a_bystander(painted: PaintedModels) -> None:
    image = picture(Painted(1), Painted(2, x=0, y=0, side=30))
    examination = examine_image(image, painted)
    assert examination.refusal is None
    assert [face.bystander for face in examination.faces] == [False, True]
    assert examination.faces[0].box == (60.0, 60.0, 120.0, 120.0)
    strict = examine_image(image, painted, EnrolmentPolicy(bystander_area=0.0))
    assert isinstance(strict.refusal, SeveralFacesFound)


def test_the_visible_share_is_the_part_of_the_crop_inside_the_picture(painted: PaintedModels) -> None:
    image = picture(Painted(1, x=-30))
    faces = painted.detector.detect([image])[0]
    assert visible_shares(faces, image)[0] == pytest.approx(0.75, abs=0.04)
    whole = picture(Painted(1))
    assert visible_shares(painted.detector.detect([whole])[0], whole)[0] == 1.0


def test_the_principal_face_is_large_and_central(painted: PaintedModels) -> None:
    image = picture(Painted(1, x=80, y=80, side=80), Painted(2, x=0, y=150, side=90))
    faces = painted.detector.detect([image])[0]
    index = principal_face(faces, image)
    assert index is not None
    assert faces.boxes[index].tolist() == [80, 80, 160, 160]


def test_a_gallery_keeps_what_it_can_and_reports_the_rest(tmp_path: Path, painted: PaintedModels) -> None:
    save(tmp_path / "Ann" / "1.png", Painted(1, 1))
    save(tmp_path / "Ann" / "2.png", Painted(1, 2))
    save(tmp_path / "bo-1.png", Painted(2, 1))
    save(tmp_path / "bo-partial-1.png", Painted(2, 3, x=-40))
    save(tmp_path / "two-people.png", Painted(1, x=0, side=110), Painted(2, x=120, side=110))
    (tmp_path / "empty-1.jpg").touch()
    (tmp_path / "notes.txt").touch()
    steps: list[tuple[int, int]] = []
    loaded = load_gallery(tmp_path, painted, on_progress=lambda done, total: steps.append((done, total)))
    assert loaded.gallery.subjects == ("Ann", "Ann", "bo")
    assert loaded.gallery.model_version == "painted-1"
    assert loaded.images == ("Ann/1.png", "Ann/2.png", "bo-1.png")
    assert {image.name: image.error.code for image in loaded.refused} == {
        "bo-partial-1.png": "low_quality",
        "two-people.png": "several_faces_found",
        "empty-1.jpg": "image_rejected",
    }
    assert loaded.missing == ("bo-partial", "empty", "two-people")
    assert loaded.ignored == ("notes.txt",)
    assert steps[-1] == (6, 6)


def test_one_person_under_two_names_is_reported(tmp_path: Path, painted: PaintedModels) -> None:
    save(tmp_path / "Ann" / "1.png", Painted(1, 1))
    save(tmp_path / "Ann" / "2.png", Painted(1, 2))
    save(tmp_path / "Anna" / "1.png", Painted(1, 3))
    save(tmp_path / "Bo" / "1.png", Painted(2, 1))
    found = load_gallery(tmp_path, painted, similar_from=0.5).similar
    assert [(pair.first, pair.second) for pair in found] == [("Ann", "Anna")]
    assert found[0].similarity > 0.5
    assert load_gallery(tmp_path, painted).similar == ()


def test_a_gallery_nobody_can_be_enrolled_from_is_an_error(tmp_path: Path, painted: PaintedModels) -> None:
    save(tmp_path / "Ann" / "1.png")
    with pytest.raises(GalleryInvalid, match=r"none of the 1 pictures .*Ann/1.png: no face was found") as refused:
        load_gallery(tmp_path, painted)
    assert "enroll-check" in refused.value.hint


PEOPLE = {"alex-lacamoire": 2, "barack-obama": 3, "joe-biden": 2, "lin-manuel-miranda": 1}
"""Who is in the shared folder of portraits, and with how many usable pictures."""


@pytest.fixture(scope="module")
def store(lite_pack: Path, models_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> PackStore:
    return real_store(tmp_path_factory.mktemp("packs") / "models", lite_pack, models_dir)


def loaded_models(store: PackStore, name: str) -> Models:
    pack = store.get(name)
    return load_models(pack.folder, pack.manifest, RuntimeOptions(threads=2))


@pytest.fixture(scope="module")
def lite_models(store: PackStore) -> Models:
    return loaded_models(store, DEFAULT)


@pytest.mark.media
@pytest.mark.parametrize("pack", [DEFAULT, *IMPORTED])
def test_the_shared_portraits_make_a_gallery_of_exactly_their_people(
    media_dir: Path, store: PackStore, pack: str
) -> None:
    """Faces that the frame cuts and pictures of several people stay out, with their reasons."""
    models = loaded_models(store, pack)
    loaded = load_gallery(media_dir / "people", models, similar_from=models.curve.min_similarity(1e-4))
    assert Counter(loaded.gallery.subjects) == PEOPLE
    assert {image.name: image.error.code for image in loaded.refused} == {
        "barack-obama-partial-1.jpg": "low_quality",
        "barack-obama-partial-2.jpg": "low_quality",
        "obama-and-biden.jpg": "several_faces_found",
        "two-people.jpg": "several_faces_found",
    }
    assert loaded.similar == ()


@pytest.mark.media
@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (lambda image: image.filter(ImageFilter.GaussianBlur(14)), "blurred"),
        (lambda image: image.point(lambda value: value * 0.08), "too dark or too bright"),
        (lambda image: image.resize((image.width // 8, image.height // 8)), "too small: 1[0-9] px between the eyes"),
    ],
)
def test_a_real_portrait_made_worse_is_refused_for_what_was_done(
    media_dir: Path, lite_models: Models, harm: Callable[[Image.Image], Image.Image], message: str
) -> None:
    portrait = Image.fromarray(load_image(media_dir / "people" / "barack-obama-1.jpg"))
    assert examine_image(np.asarray(portrait), lite_models).refusal is None
    refusal = examine_image(np.asarray(harm(portrait)), lite_models).refusal
    assert isinstance(refusal, LowQuality)
    assert re.search(message, refusal.message)
