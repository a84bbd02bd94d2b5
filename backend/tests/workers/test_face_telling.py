"""Messages about faces: a crop is aligned as well as the frame that it was cut from."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline.bus import codec
from sightline.domain.arrays import FloatArray, ImageArray
from sightline.domain.frames import Frame
from sightline.domain.quality import CaptureQuality
from sightline.domain.tracks import FaceCrop, Observation, TrackState
from sightline.domain.views import cut_views
from sightline.vision.aligner import ARCFACE_TEMPLATE, ArcFaceAligner
from sightline.vision.crops import encode_jpeg
from sightline.vision.images import load_image
from sightline.workers.face_telling import FaceTeller, region_of
from sightline.workers.frame_intake import JpegPixels

WIDTH, HEIGHT = 640, 360
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
CAMERA = uuid4()
GOOD = CaptureQuality(0.8, 40.0, 0.9, 0.9, 0.9, 0.95, 0.0, 0.0, 0.0)


def landmarks_at(x: float, y: float, size: float, degrees: float) -> FloatArray:
    """A face whose aligned crop would be size px wide, turned in the picture's plane."""
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.asarray((ARCFACE_TEMPLATE - 56) / 112 * size @ turn.T + (x, y), np.float32)


def picture() -> ImageArray:
    """Smooth, so that JPEG changes next to nothing."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    return np.stack([columns % 256 // 2 + 40, rows // 2 + 30, (rows + columns) // 8 + 60], axis=2).astype(np.uint8)


def crop_of(landmarks: FloatArray, *, quality: CaptureQuality = GOOD, track: UUID | None = None) -> FaceCrop:
    image = picture()
    low, high = landmarks.min(axis=0), landmarks.max(axis=0)
    frame = Frame(str(CAMERA), 3, 0.6, 0.0, WIDTH, HEIGHT, image[:, :, 0], JpegPixels(encode_jpeg(image), image))
    box = (float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1]))
    aligned = np.zeros((2, 112, 112, 3), np.uint8)
    return FaceCrop(track or uuid4(), str(CAMERA), 0.6, box, quality, aligned, frame, landmarks)


def observation(*crops: FaceCrop, ended: bool = False) -> Observation:
    states = tuple(TrackState(crop.track_id, 0.2, 0.6, 3, crop.box, 1, ended=ended) for crop in crops)
    return Observation(str(CAMERA), 0.6, (WIDTH, HEIGHT), states, crops)


@given(st.floats(-20, WIDTH + 20), st.floats(-20, HEIGHT + 20), st.floats(20, 300), st.floats(-180, 180))
def test_the_crop_holds_every_pixel_that_alignment_reads(x: float, y: float, size: float, degrees: float) -> None:
    """Views cut from the crop's pixels are, to the last bit, those cut from the frame."""
    crop = crop_of(landmarks_at(x, y, size, degrees))
    assert crop.frame is not None
    assert crop.landmarks is not None
    left, top, right, bottom = region_of(crop, (WIDTH, HEIGHT))
    assert 0 <= left < right <= WIDTH
    assert 0 <= top < bottom <= HEIGHT
    image, aligner = crop.frame.pixels.bgr(), ArcFaceAligner()
    whole = cut_views(aligner, image, crop.landmarks)
    cut = cut_views(aligner, np.ascontiguousarray(image[top:bottom, left:right]), crop.landmarks - (left, top))
    assert np.abs(whole.astype(int) - cut).max() <= 1


def test_what_is_told_survives_the_way_over_the_bus() -> None:
    crop = crop_of(landmarks_at(300, 180, 80, 10))
    told = FaceTeller().told(observation(crop), NOON)
    message = codec.decode_faces(codec.encode_faces(told.message))
    (face,) = message.detections
    assert (face.track_id, face.quality) == (crop.track_id, crop.quality)
    assert face.bbox == pytest.approx(crop.box)
    assert face.confidence == pytest.approx(0.95)
    assert face.quality_score == pytest.approx(0.8)
    assert face.landmarks is not None
    assert crop.frame is not None
    assert crop.landmarks is not None
    views = cut_views(ArcFaceAligner(), load_image(face.face_crop), face.landmarks)
    whole = cut_views(ArcFaceAligner(), crop.frame.pixels.bgr(), crop.landmarks)
    assert np.abs(views.astype(int) - whole).mean() < 2  # grey levels, of JPEG
    assert message.tracks == observation(crop).tracks


def test_a_frame_is_kept_for_the_best_shot_only() -> None:
    teller, crop = FaceTeller(), crop_of(landmarks_at(300, 180, 80, 0))
    worse = replace(crop, quality=replace(GOOD, score=0.5))
    first = teller.told(observation(crop), NOON)
    assert list(first.frames) == [first.message.detections[0].frame_ref]
    second = teller.told(observation(worse, ended=True), NOON)
    assert (second.frames, second.message.detections[0].frame_ref) == ({}, None)
    assert teller.told(observation(worse), NOON).frames  # the track ended: nothing is known of it


def test_a_crop_without_its_frame_cannot_be_told() -> None:
    crop = replace(crop_of(landmarks_at(300, 180, 80, 0)), frame=None)
    with pytest.raises(ValueError, match="frame"):
        FaceTeller().told(observation(crop), NOON)
