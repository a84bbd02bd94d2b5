"""Capture quality orders faces as a person would: blurred < sharp, profile < frontal, tiny < large, dark < lit."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline.domain.arrays import FloatArray, ImageArray
from sightline.domain.faces import Faces
from sightline.domain.quality import CaptureQuality
from sightline.vision.aligner import ARCFACE_TEMPLATE
from sightline.vision.loading import Models, load_models
from sightline.vision.model_packs.manifest import Manifest
from sightline.vision.quality import LandmarkQuality, frontality, head_pose, size_score
from sightline.vision.runtime import RuntimeOptions
from tests.vision.detectors.test_factory import frames_of

PORTRAITS = ("barack-obama-1.jpg", "joe-biden-1.jpg", "lin-manuel-miranda-1.png", "alex-lacamoire-1.png")

GENERIC_HEAD = np.asarray(((-165, -170, 135), (165, -170, 135), (0, 0, 0), (-150, 150, 125), (150, 150, 125)))
"""A rough head in 3D: eyes, nose, mouth corners; x to the picture's right, y down, z away from the camera."""


def turned_head(yaw: float, pitch: float, roll: float = 0.0) -> FloatArray:
    """Landmarks (5, 2) of the generic head seen from afar. yaw to the picture's right, pitch up, roll clockwise."""
    y, p, r = np.radians((yaw, pitch, roll))
    around_y = np.asarray(((np.cos(y), 0, -np.sin(y)), (0, 1, 0), (np.sin(y), 0, np.cos(y))))
    around_x = np.asarray(((1, 0, 0), (0, np.cos(p), np.sin(p)), (0, -np.sin(p), np.cos(p))))
    around_z = np.asarray(((np.cos(r), -np.sin(r), 0), (np.sin(r), np.cos(r), 0), (0, 0, 1)))
    points = GENERIC_HEAD @ around_y.T @ around_x.T @ around_z.T
    return np.asarray(points[:, :2] / 4 + (200, 150), dtype=np.float32)


@pytest.mark.parametrize("yaw", [-45, -30, -15, 0, 15, 30, 45])
@pytest.mark.parametrize("pitch", [-25, 0, 25])
def test_pose_of_a_generic_head_is_roughly_right(yaw: float, pitch: float) -> None:
    pose = head_pose(turned_head(yaw, pitch))
    assert pose.yaw == pytest.approx(yaw, abs=10)
    assert pose.pitch == pytest.approx(pitch, abs=10)


@given(roll=st.floats(-170, 170), yaw=st.floats(-40, 40))
def test_roll_is_read_and_leaves_the_rest_alone(roll: float, yaw: float) -> None:
    level, rolled = head_pose(turned_head(yaw, 0)), head_pose(turned_head(yaw, 0, roll))
    assert rolled.roll == pytest.approx(roll, abs=1)
    assert frontality(rolled) == pytest.approx(frontality(level), abs=0.02)


def test_frontality_falls_as_the_head_turns_either_way() -> None:
    for sign in (-1, 1):
        values = [frontality(head_pose(turned_head(sign * yaw, 0))) for yaw in range(0, 90, 10)]
        assert all(more > less for more, less in pairwise(values))
        assert values[0] > 0.95
        assert values[-1] < 0.1


def test_a_face_without_height_is_a_profile_not_a_failure() -> None:
    assert frontality(head_pose(np.full((5, 2), 30, np.float32))) < 0.01


@given(one=st.floats(0, 500), two=st.floats(0, 500))
def test_larger_is_never_worse(one: float, two: float) -> None:
    small, large = sorted((one, two))
    assert 0 <= size_score(small) <= size_score(large) <= 1


def test_a_black_crop_has_the_least_quality_and_no_failure() -> None:
    faces = Faces(np.asarray([[0, 0, 90, 110]], np.float32), ARCFACE_TEMPLATE[None], np.ones(1, np.float32))
    quality = LandmarkQuality().assess(faces, np.zeros((1, 112, 112, 3), np.uint8))[0]
    assert quality.exposure == quality.sharpness == 0
    assert 0 < quality.score < 0.3


def test_nobody_has_no_quality() -> None:
    assert LandmarkQuality().assess(Faces.none(), np.zeros((0, 112, 112, 3), np.uint8)) == []


# On portraits, with the default pack.

Change = Callable[[ImageArray], ImageArray]


@pytest.fixture(scope="module")
def models(lite_pack: Path) -> Models:
    manifest = Manifest.model_validate_json((lite_pack / "manifest.json").read_text())
    return load_models(lite_pack, manifest, RuntimeOptions(), input_size=640)


@pytest.fixture(scope="module")
def portraits(media_dir: Path) -> list[ImageArray]:
    found = [cv2.imread(str(media_dir / "people" / name)) for name in PORTRAITS]
    return [np.asarray(image, np.uint8) for image in found]


def best(models: Models, image: ImageArray) -> Faces:
    faces = models.detector.detect([image])[0]
    return faces.take(np.asarray([int(np.argmax(faces.areas))]))


def quality_of(models: Models, image: ImageArray, faces: Faces) -> CaptureQuality:
    return models.quality.assess(faces, models.aligner.align(image, faces.landmarks))[0]


def scaled_face(image: ImageArray, faces: Faces, eye_distance: float) -> tuple[ImageArray, Faces]:
    """The picture so small that the eyes are eye_distance apart."""
    factor = np.float32(eye_distance / faces.eye_distances[0])
    small = cv2.resize(image, None, fx=float(factor), fy=float(factor), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8), Faces(faces.boxes * factor, faces.landmarks * factor, faces.scores)


def falls(values: list[float]) -> bool:
    return all(more > less for more, less in pairwise(values))


@pytest.mark.media
def test_blurred_is_worse_than_sharp(models: Models, portraits: list[ImageArray]) -> None:
    for image in portraits:
        picture, faces = scaled_face(image, best(models, image), 50)
        blurred = [picture] + [np.asarray(cv2.GaussianBlur(picture, (0, 0), s), np.uint8) for s in (1.0, 2.0, 4.0, 8.0)]
        qualities = [quality_of(models, one, faces) for one in blurred]
        assert falls([quality.score for quality in qualities])
        assert falls([quality.sharpness for quality in qualities[:4]])


@pytest.mark.media
def test_tiny_is_worse_than_large(models: Models, portraits: list[ImageArray]) -> None:
    for image in portraits:
        faces = best(models, image)
        sizes = [scaled_face(image, faces, eyes) for eyes in (48, 32, 20, 12, 7)]
        assert falls([quality_of(models, picture, one).score for picture, one in sizes])


@pytest.mark.media
@pytest.mark.parametrize(
    "change",
    [lambda image, strength: image * (1 - strength), lambda image, strength: 255 - (255 - image) * (1 - strength)],
    ids=["dark", "burnt out"],
)
def test_badly_lit_is_worse_than_well_lit(
    models: Models, portraits: list[ImageArray], change: Callable[[np.ndarray, float], np.ndarray]
) -> None:
    for image in portraits:
        faces = best(models, image)
        scores = []
        for strength in (0.0, 0.7, 0.8, 0.88, 0.94):
            relit = np.clip(change(image.astype(np.float32), strength), 0, 255).astype(np.uint8)
            scores.append(quality_of(models, relit, faces).score)
        assert falls(scores)


@pytest.mark.media
def test_profile_is_worse_than_frontal_on_the_same_evening(models: Models, media_dir: Path) -> None:
    images = frames_of(media_dir / "clips" / "stage.mp4", {180, 235})
    singer, audience = (models.detector.detect([images[index]])[0] for index in (180, 235))
    frontal = quality_of(models, images[180], singer.take(np.asarray([int(np.argmax(singer.areas))])))
    profile_row = int(np.abs(audience.boxes[:, 0] - 161).argmin())  # a man in full profile
    profile = quality_of(models, images[235], audience.take(np.asarray([profile_row])))
    assert frontal.frontality > 0.8
    assert profile.frontality < 0.4
    assert profile.score < 0.6 * frontal.score
