"""Detectors from files: recorded pictures, tiny models of the right signature, and broken ones."""

import json
from pathlib import Path

import av
import numpy as np
import pytest

from sightline.core.errors import PackDamaged
from sightline.domain.arrays import ImageArray
from sightline.domain.faces import Faces
from sightline.vision.detectors.factory import create_detector
from sightline.vision.model_packs.manifest import DetectorKind, Manifest
from sightline.vision.preprocess import Size
from sightline.vision.runtime import RuntimeOptions
from tests.vision.detectors import encoders
from tests.vision.detectors.encoders import face
from tests.vision.detectors.factories import constant_model, detector_entry, same_faces

OPTIONS = RuntimeOptions()
YUNET = detector_entry(DetectorKind.YUNET, "yunet_n_dynamic.onnx", colour_order="BGR", score_threshold=0.7)
YOLO = detector_entry(
    DetectorKind.YOLOV8_FACE,
    "yolov8n-face-lab.onnx",
    input_size=640,
    scale=1 / 255,
    score_threshold=0.25,
    nms_iou=0.45,
)


def frames_of(clip: Path, wanted: set[int]) -> dict[int, ImageArray]:
    found: dict[int, ImageArray] = {}
    with av.open(str(clip)) as container:
        for index, frame in enumerate(container.decode(video=0)):
            if index in wanted:
                found[index] = np.asarray(frame.to_ndarray(format="bgr24"), dtype=np.uint8)
            if len(found) == len(wanted):
                break
    return found


def _black(width: int, height: int) -> ImageArray:
    return np.zeros((height, width, 3), np.uint8)


@pytest.mark.media
@pytest.mark.parametrize("clip", ["stage", "street"])
def test_yolov8_agrees_with_ultralytics_own_predictor(media_dir: Path, models_dir: Path, clip: str) -> None:
    reference = json.loads((models_dir / "yolov8n-face-lab.reference.json").read_text())
    wanted = {int(key.split(":")[1]): value for key, value in reference.items() if key.startswith(clip)}
    detector = create_detector(models_dir, YOLO, OPTIONS)
    for index, image in frames_of(media_dir / "clips" / f"{clip}.mp4", set(wanted)).items():
        faces, expected = detector.detect([image])[0], wanted[index]
        assert len(faces) == len(expected["scores"])
        np.testing.assert_allclose(faces.boxes, expected["boxes"], atol=1.0)
        np.testing.assert_allclose(faces.scores, expected["scores"], atol=0.01)
        # Ultralytics clips landmarks to the picture, we keep them where they are.
        inside = np.clip(faces.landmarks, 0, (image.shape[1], image.shape[0]))
        np.testing.assert_allclose(inside, expected["landmarks"], atol=1.0)


@pytest.mark.media
def test_yunet_finds_singer_and_audience(media_dir: Path, models_dir: Path) -> None:
    detector = create_detector(models_dir, YUNET, OPTIONS)
    images = frames_of(media_dir / "clips" / "stage.mp4", {150, 230})
    singer, audience = detector.detect([images[150], images[230]])
    assert len(singer) == 1
    assert len(audience) >= 4
    right_eye, left_eye, nose, right_mouth, left_mouth = singer.landmarks[0]
    assert right_eye[0] < nose[0] < left_eye[0]
    assert right_mouth[0] < left_mouth[0]
    assert max(right_eye[1], left_eye[1]) < nose[1] < min(right_mouth[1], left_mouth[1])


@pytest.mark.media
def test_centerface_finds_what_yunet_finds(media_dir: Path, models_dir: Path, lite_pack: Path) -> None:
    manifest = Manifest.model_validate_json((lite_pack / "manifest.json").read_text())
    detectors = [create_detector(lite_pack, manifest.detector, OPTIONS), create_detector(models_dir, YUNET, OPTIONS)]
    images = frames_of(media_dir / "clips" / "stage.mp4", {0, 90, 150, 230})
    for image in images.values():
        one, two = (detector.detect([image])[0] for detector in detectors)
        confident = two.boxes[two.scores > 0.85]
        centres = (one.boxes[:, :2] + one.boxes[:, 2:]) / 2
        for box in confident:
            distances = np.linalg.norm(centres - (box[:2] + box[2:]) / 2, axis=1)
            assert distances.min() < 0.3 * (box[2] - box[0])


@pytest.mark.media
def test_the_default_pack_finds_a_small_face_in_half_profile(media_dir: Path, lite_pack: Path) -> None:
    manifest = Manifest.model_validate_json((lite_pack / "manifest.json").read_text())
    detector = create_detector(lite_pack, manifest.detector, OPTIONS)
    for image in frames_of(media_dir / "clips" / "stage.mp4", {220, 240, 260}).values():
        faces = detector.detect([image])[0]
        near = np.linalg.norm((faces.boxes[:, :2] + faces.boxes[:, 2:]) / 2 - (351, 95), axis=1) < 15
        assert near.sum() == 1
        assert faces.corrected_eye_distances[near][0] >= 14


@pytest.mark.media
def test_the_same_faces_come_from_pictures_of_many_sizes_in_one_call(media_dir: Path, models_dir: Path) -> None:
    detector = create_detector(models_dir, YUNET, OPTIONS)
    image = frames_of(media_dir / "clips" / "stage.mp4", {150})[150]
    cut = np.ascontiguousarray(image[:300, 100:500])
    together = detector.detect([image, cut, _black(33, 17), image])
    alone = [detector.detect([one])[0] for one in (image, cut, _black(33, 17), image)]
    assert [len(faces) for faces in together] == [len(faces) for faces in alone]
    assert all(same_faces(one, two) for one, two in zip(together, alone, strict=True))


def test_scrfd_runs_end_to_end_on_a_model_of_its_signature(tmp_path: Path) -> None:
    wanted = face(70, 50, 30, 36, 0.9)
    twin = face(72, 51, 30, 36, 0.8)
    both = Faces(*(np.concatenate(pair) for pair in zip(_arrays(wanted), _arrays(twin), strict=True)))
    outputs = encoders.scrfd(both, Size(160, 96), stride=8)
    constant_model(tmp_path / "det.onnx", outputs, [1, 3, "height", "width"])
    entry = detector_entry(DetectorKind.SCRFD, "det.onnx", mean=127.5, scale=1 / 128, input_size=160)
    half = create_detector(tmp_path, entry, OPTIONS).detect([_black(320, 192)])[0]
    assert len(half) == 1  # the weaker twin was suppressed
    np.testing.assert_allclose(half.boxes, wanted.boxes * 2, atol=0.1)
    np.testing.assert_allclose(half.landmarks, wanted.landmarks * 2, atol=0.1)


def test_a_model_with_a_fixed_input_gets_exactly_that(tmp_path: Path) -> None:
    wanted = face(70, 50, 30, 36, 0.9)
    constant_model(tmp_path / "det.onnx", encoders.yunet(wanted, Size(160, 96)), [1, 3, 96, 160])
    entry = detector_entry(DetectorKind.YUNET, "det.onnx")
    found = create_detector(tmp_path, entry, OPTIONS).detect([_black(80, 80)])[0]
    assert same_faces(found.take(np.arange(len(found))), _clipped(wanted, 80, 80))


def test_faces_that_are_no_faces_are_dropped(tmp_path: Path) -> None:
    outputs = encoders.centerface(face(70, 50, 30, 36, 0.9))
    outputs[3][0, :, 12, 17] = np.nan
    outputs[0][0, 0, 2, 30] = 0.8  # another one, of no size to speak of, with all landmarks in one point
    constant_model(tmp_path / "det.onnx", outputs, [1, 3, "height", "width"])
    detector = create_detector(tmp_path, detector_entry(DetectorKind.CENTERFACE, "det.onnx"), OPTIONS)
    assert len(detector.detect([_black(160, 96)])[0]) == 0


@pytest.mark.parametrize(
    ("shape", "reason"),
    [([10, 3, 32, 32], "batch 1 or any"), ([1, 1, 96, 160], "batch 1 or any"), ([1, 3], "batch 1 or any")],
)
def test_an_input_that_cannot_serve_is_refused(tmp_path: Path, shape: list[int | str], reason: str) -> None:
    constant_model(tmp_path / "det.onnx", encoders.centerface(face(70, 50, 30, 36, 0.9)), shape)
    with pytest.raises(PackDamaged, match=reason) as caught:
        create_detector(tmp_path, detector_entry(DetectorKind.CENTERFACE, "det.onnx"), OPTIONS)
    assert caught.value.hint


def test_no_pictures_give_no_faces(tmp_path: Path) -> None:
    constant_model(tmp_path / "det.onnx", encoders.centerface(face(70, 50, 30, 36, 0.9)), [1, 3, "h", "w"])
    detector = create_detector(tmp_path, detector_entry(DetectorKind.CENTERFACE, "det.onnx"), OPTIONS)
    assert detector.detect([]) == []


def _arrays(faces: Faces) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return faces.boxes, faces.landmarks, faces.scores


def _clipped(faces: Faces, width: int, height: int) -> Faces:
    return Faces(np.clip(faces.boxes, 0, np.asarray((width, height) * 2, np.float32)), faces.landmarks, faces.scores)
