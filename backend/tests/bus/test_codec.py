"""Messages on the streams: the specification's form, exact both ways, and nothing else gets in."""

import json
from base64 import b64encode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import cast
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sightline.bus.codec import decode_faces, decode_frame, encode_faces, encode_frame
from sightline.core.errors import MessageInvalid
from sightline.domain.messages import DetectedFace, FacesMessage, FrameMessage
from sightline.domain.quality import CaptureQuality
from sightline.domain.tracks import TrackState

CAMERA = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
MOMENT = datetime(2024, 1, 20, 14, 25, 30, tzinfo=UTC)
FOREIGN_FRAME = {
    "camera_id": str(CAMERA).encode(),
    "timestamp": b"2024-01-20T14:25:30Z",
    "frame_data": b64encode(b"\xff\xd8 a picture"),
    "sequence": b"12345",
}
FOREIGN_FACES = {
    "camera_id": str(CAMERA).encode(),
    "timestamp": b"2024-01-20T14:25:30Z",
    "detections": b'[{"bbox": [10, 20, 30, 40], "confidence": 0.92, "face_crop": "/9j/", "quality_score": 0.85}]',
}

seconds = st.floats(-1e9, 1e9)
pixels = st.floats(-1e5, 1e5)
lengths = st.floats(0, 1e5)
shares = st.floats(0, 1)
degrees = st.floats(-180, 180)
boxes = st.tuples(pixels, pixels, lengths, lengths)
moments = st.datetimes(timezones=st.just(UTC))
counts = st.integers(0, 2**53)
qualities = st.builds(
    CaptureQuality, shares, lengths, shares, shares, shares, shares, yaw=degrees, pitch=degrees, roll=degrees
)
faces = st.builds(
    DetectedFace,
    bbox=boxes,
    confidence=shares,
    face_crop=st.binary(min_size=1, max_size=60),
    quality_score=shares,
    track_id=st.none() | st.uuids(),
    media_time=st.none() | seconds,
    landmarks=st.none() | arrays(np.float32, (5, 2), elements=st.floats(-1e4, 1e4, width=32)),
    quality=st.none() | qualities,
    frame_ref=st.none() | st.text(min_size=1, max_size=20),
)
tracks = st.builds(
    lambda start, length, **rest: TrackState(first_seen=start, last_seen=start + length, **rest),
    start=seconds,
    length=st.floats(0, 1e6),
    track_id=st.uuids(),
    detections=counts,
    box=boxes,
    shots=counts,
    confirmed=st.booleans(),
    ended=st.booleans(),
    due=st.booleans(),
)
frame_messages = st.builds(
    FrameMessage,
    camera_id=st.uuids(),
    timestamp=moments,
    frame_data=st.binary(min_size=1, max_size=200),
    sequence=counts,
    media_time=st.none() | seconds,
    discontinuity=st.booleans(),
)
faces_messages = st.builds(
    FacesMessage,
    camera_id=st.uuids(),
    timestamp=moments,
    detections=st.lists(faces, max_size=3).map(tuple),
    media_time=st.none() | seconds,
    frame_size=st.none() | st.tuples(st.integers(1, 9999), st.integers(1, 9999)),
    tracks=st.lists(tracks, max_size=3).map(tuple),
    closed=st.booleans(),
)
names = st.sampled_from(
    ["camera_id", "timestamp", "frame_data", "sequence", "schema", "media_time", "discontinuity", "detections",
     "frame_size", "tracks", "closed", "anything"]
)  # fmt: skip
json_values: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=9), inner, max_size=5),
    max_leaves=10,
)
texts = st.binary(max_size=60) | json_values.map(lambda value: json.dumps(value).encode())


def plain(message: FacesMessage) -> dict[str, object]:
    """For comparison: arrays compare by element."""
    whole = asdict(message)
    for face in whole["detections"]:
        face["landmarks"] = None if face["landmarks"] is None else face["landmarks"].tolist()
    return whole


@given(frame_messages)
def test_a_frame_comes_back_as_it_went(message: FrameMessage) -> None:
    assert decode_frame(encode_frame(message)) == message


@given(faces_messages)
def test_faces_come_back_as_they_went(message: FacesMessage) -> None:
    assert plain(decode_faces(encode_faces(message))) == plain(message)


@given(st.dictionaries(names, texts))
def test_whatever_stands_there_is_a_message_or_is_refused(fields: Mapping[str, bytes]) -> None:
    for whole, decode in ((FOREIGN_FRAME, decode_frame), (FOREIGN_FACES, decode_faces)):
        for message in (fields, {**whole, **fields}):
            with suppress(MessageInvalid):
                decode(message)


@given(json_values, st.sampled_from(["bbox", "confidence", "face_crop", "quality_score", "track_id", "landmarks"]))
def test_whatever_a_detection_holds_is_a_detection_or_is_refused(value: object, key: str) -> None:
    (detection,) = json.loads(FOREIGN_FACES["detections"])
    with suppress(MessageInvalid):
        decode_faces(FOREIGN_FACES | {"detections": json.dumps([{**detection, key: value}]).encode()})


def test_the_fields_are_those_of_the_specification() -> None:
    frame = encode_frame(FrameMessage(CAMERA, MOMENT, b"\xff\xd8 a picture", 12345))
    assert {name: frame[name] for name in FOREIGN_FRAME} == FOREIGN_FRAME
    assert list(frame)[:4] == ["camera_id", "timestamp", "frame_data", "sequence"]
    seen = encode_faces(FacesMessage(CAMERA, MOMENT, (DetectedFace((10, 20, 30, 40), 0.92, b"\xff\xd8\xff", 0.85),)))
    assert list(seen)[:3] == ["camera_id", "timestamp", "detections"]
    assert json.loads(seen["detections"]) == json.loads(FOREIGN_FACES["detections"])


def test_a_third_partys_message_is_as_good() -> None:
    frame = decode_frame({**FOREIGN_FRAME, "vendor": b"\xff"})
    assert frame == FrameMessage(CAMERA, MOMENT, b"\xff\xd8 a picture", 12345)
    (face,) = decode_faces({**FOREIGN_FACES, "vendor": b"\xff"}).detections
    assert (face.bbox, face.face_crop, face.track_id, face.landmarks) == ((10, 20, 30, 40), b"\xff\xd8\xff", None, None)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        (b"2024-01-20T15:25:30+01:00", MOMENT),
        (b"2024-01-20t14:25:30.5z", MOMENT + timedelta(seconds=0.5)),
        (b"2024-01-20 14:25:30.123456789Z", MOMENT.replace(microsecond=123456)),
    ],
)
def test_times_are_rfc_3339(text: bytes, moment: datetime) -> None:
    assert decode_frame(FOREIGN_FRAME | {"timestamp": text}).timestamp == moment


def test_other_zones_are_written_in_utc() -> None:
    frame = FrameMessage(CAMERA, MOMENT.astimezone(timezone(timedelta(hours=5))), b"x", 1)
    assert encode_frame(frame)["timestamp"] == b"2024-01-20T14:25:30Z"


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("camera_id", b"gate", "camera_id: is no UUID"),
        ("camera_id", b"\xff", "camera_id: is no UUID"),
        ("timestamp", b"2024-01-20T14:25:30", "timestamp: is no RFC 3339 time"),
        ("timestamp", b"2024-02-30T14:25:30Z", "timestamp: is no day"),
        ("timestamp", b"0001-01-01T00:00:00+23:00", "timestamp: is no day"),
        ("timestamp", "２024-01-20T14:25:30Z".encode(), "timestamp: is no RFC 3339 time"),
        ("frame_data", b"", "frame_data: is empty"),
        ("frame_data", b"no base64!", "frame_data: is no base64"),
        ("frame_data", b"A" * 12_000_000, "frame_data: has 12000000 bytes; at most"),
        ("sequence", b"-1", "sequence: Input should be greater than or equal to 0"),
        ("sequence", b"1.5", "sequence: "),
        ("sequence", b"9" * 40, "sequence: "),
        ("sequence", b"9" * 5000, "sequence: has 5000 bytes"),
        ("schema", b"2", "schema is 2; this worker knows versions up to 1"),
        ("schema", b"one", "schema: Invalid JSON"),
        ("media_time", b"NaN", "media_time: Input should be a finite number"),
        ("media_time", b"1e300", "media_time: "),
        ("discontinuity", b"1", "discontinuity: "),
    ],
)
def test_a_bad_frame_is_refused_with_what_is_wrong(name: str, text: bytes, problem: str) -> None:
    with pytest.raises(MessageInvalid) as caught:
        decode_frame(FOREIGN_FRAME | {name: text})
    assert caught.value.message.startswith(problem)
    assert caught.value.hint


@pytest.mark.parametrize("name", sorted(FOREIGN_FRAME))
def test_a_frame_needs_all_of_the_specifications_fields(name: str) -> None:
    with pytest.raises(MessageInvalid, match=f"{name}: is missing"):
        decode_frame({key: value for key, value in FOREIGN_FRAME.items() if key != name})


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"bbox": [1, 2, 3]}, "0.bbox.3: Field required"),
        ({"bbox": [1, 2, 3, -4]}, "0.bbox.3: "),
        ({"bbox": "1,2,3,4"}, "0.bbox: "),
        ({"confidence": 1.5}, "0.confidence: "),
        ({"confidence": "0.9"}, "0.confidence: "),
        ({"confidence": float("nan")}, "0.confidence: Input should be a finite number"),
        ({"face_crop": "*secret*"}, "a face_crop is no base64"),
        ({"face_crop": ""}, "0.face_crop: "),
        ({"face_crop": "A" * 11_184_816}, "0.face_crop: "),
        ({"quality_score": None}, "0.quality_score: "),
        ({"track_id": "seven"}, "0.track_id: "),
        ({"landmarks": [[1, 2]] * 4}, "0.landmarks"),
        ({"landmarks": [[1, float("inf")]] * 5}, "0.landmarks"),
        ({"quality": {"score": 1}}, "0.quality"),
    ],
)
def test_a_bad_detection_is_refused_without_showing_it(change: dict[str, object], problem: str) -> None:
    (detection,) = json.loads(FOREIGN_FACES["detections"])
    with pytest.raises(MessageInvalid) as caught:
        decode_faces(FOREIGN_FACES | {"detections": json.dumps([{**detection, **change}]).encode()})
    assert problem in caught.value.message
    assert "secret" not in caught.value.message
    assert len(caught.value.message) < 400


def test_more_faces_than_a_picture_has_are_refused() -> None:
    detections = json.loads(FOREIGN_FACES["detections"]) * 257
    with pytest.raises(MessageInvalid, match="256"):
        decode_faces(FOREIGN_FACES | {"detections": json.dumps(detections).encode()})


def test_a_track_cannot_end_before_it_begins() -> None:
    state = TrackState(CAMERA, 5.0, 4.0, 1, (0, 0, 1, 1))
    with pytest.raises(MessageInvalid, match="cannot end before"):
        encode_faces(FacesMessage(CAMERA, MOMENT, tracks=(state,)))


def test_what_could_not_be_read_is_not_written() -> None:
    frame = FrameMessage(CAMERA, MOMENT, b"x", 1)
    for wrong in (
        replace(frame, frame_data=b""),
        replace(frame, sequence=-1),
        replace(frame, media_time=float("nan")),
        replace(frame, timestamp=MOMENT.replace(tzinfo=None)),
    ):
        with pytest.raises(MessageInvalid):
            encode_frame(wrong)
    face = DetectedFace((0, 0, 1, 1), 0.9, b"x", 0.5)
    for bad in (
        replace(face, landmarks=np.zeros((4, 2), np.float32)),
        replace(face, landmarks=np.full((5, 2), np.nan, np.float32)),
        replace(face, confidence=2.0),
        replace(face, face_crop=b""),
    ):
        with pytest.raises(MessageInvalid):
            encode_faces(FacesMessage(CAMERA, MOMENT, (bad,)))


def test_numbers_of_numpy_are_numbers() -> None:
    x, y, width, height, share = (cast("float", value) for value in np.array([1, 2, 3, 4, 0.5], np.float32))
    face = DetectedFace((x, y, width, height), share, b"x", share, media_time=share)
    (back,) = decode_faces(encode_faces(FacesMessage(CAMERA, MOMENT, (face,)))).detections
    assert (back.bbox, back.confidence, back.media_time) == ((1, 2, 3, 4), 0.5, 0.5)
