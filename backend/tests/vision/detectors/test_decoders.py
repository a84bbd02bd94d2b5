"""Each decoder is the inverse of its encoding, whatever the face."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sightline.core.errors import PackDamaged
from sightline.domain.faces import Faces
from sightline.vision.detectors import centerface, scrfd, yolov8_face, yunet
from sightline.vision.detectors.base import Decode
from tests.vision.detectors import encoders
from tests.vision.detectors.encoders import CANVAS, face
from tests.vision.detectors.factories import same_faces

Encode = Callable[[Faces], list[np.ndarray]]
CASES: list[tuple[Decode, Encode]] = [
    (centerface.decode, encoders.centerface),
    *((yunet.decode, partial(encoders.yunet, stride=stride)) for stride in (8, 16, 32)),
    *((scrfd.decode, partial(encoders.scrfd, stride=s, anchor=a)) for s in (8, 16, 32) for a in (0, 1)),
    (yolov8_face.decode, encoders.yolov8),
]
NAMES = ["centerface", *(f"yunet-{s}" for s in (8, 16, 32)), *(f"scrfd-{s}-{a}" for s in (8, 16, 32) for a in (0, 1))]
cases = pytest.mark.parametrize(("decode", "encode"), CASES, ids=[*NAMES, "yolov8"])

boxes = st.builds(
    face,
    cx=st.floats(1, CANVAS.width - 1),
    cy=st.floats(1, CANVAS.height - 1),
    width=st.floats(4, 120),
    height=st.floats(4, 120),
    score=st.floats(0.55, 1.0),
)


@cases
@given(wanted=boxes)
@settings(max_examples=25, deadline=None)
def test_a_face_comes_back_where_it_was_encoded(decode: Decode, encode: Encode, wanted: Faces) -> None:
    assert same_faces(decode(encode(wanted), CANVAS, 0.5)[0], wanted)


@cases
def test_a_score_at_the_threshold_is_no_face(decode: Decode, encode: Encode) -> None:
    outputs = encode(face(70, 50, 30, 36, 0.5))
    assert len(decode(outputs, CANVAS, 0.5)[0]) == 0
    assert len(decode(outputs, CANVAS, 0.49)[0]) == 1


@cases
def test_outputs_of_another_model_are_refused(decode: Decode, encode: Encode) -> None:
    outputs = [np.zeros((1, 7, 3), np.float32)]
    with pytest.raises(PackDamaged, match="do not fit"):
        decode(outputs, CANVAS, 0.5)


def _with_batch(outputs: list[np.ndarray]) -> list[np.ndarray]:
    return [output[None] for output in outputs]


@pytest.mark.parametrize("rearrange", [_with_batch, lambda outputs: outputs[::-1]], ids=["batched", "reversed"])
def test_scrfd_exports_differ_in_batch_and_order(rearrange: Callable[[list[np.ndarray]], list[np.ndarray]]) -> None:
    wanted = face(70, 50, 30, 36, 0.9)
    assert same_faces(scrfd.decode(rearrange(encoders.scrfd(wanted)), CANVAS, 0.5)[0], wanted)


def test_yolov8_may_put_anchors_first_or_leave_visibility_out() -> None:
    wanted = face(70, 50, 30, 36, 0.9)
    output = encoders.yolov8(wanted)[0]
    without = output[:, [0, 1, 2, 3, 4, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18]]
    assert same_faces(yolov8_face.decode([output.transpose(0, 2, 1)], CANVAS, 0.5)[0], wanted)
    assert same_faces(yolov8_face.decode([without], CANVAS, 0.5)[0], wanted)


def test_a_yolov8_without_landmarks_is_refused() -> None:
    with pytest.raises(PackDamaged, match="without landmarks"):
        yolov8_face.decode([np.zeros((1, 5, 40), np.float32)], CANVAS, 0.5)


@cases
def test_pictures_of_a_batch_are_kept_apart(decode: Decode, encode: Encode) -> None:
    one, two = face(40, 30, 20, 24, 0.9), face(100, 60, 40, 44, 0.8)
    batch = [
        np.concatenate((a[None], b[None]) if a.ndim == 2 else (a, b))
        for a, b in zip(encode(one), encode(two), strict=True)
    ]
    found = decode(batch, CANVAS, 0.5)
    assert same_faces(found[0], one)
    assert same_faces(found[1], two)
