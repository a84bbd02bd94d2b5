"""Frames from messages: decoded within limits, placed in rising time whatever the sender's clock does."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import uuid4

import numpy as np
import pytest

from sightline.bus import codec
from sightline.bus.ports import Delivery, frames_of
from sightline.core.errors import MessageInvalid
from sightline.domain.messages import FrameMessage
from sightline.media.luma import luma_of
from sightline.vision.crops import encode_jpeg
from sightline.workers.frame_intake import Arrived, FrameIntake, open_frame

CAMERA = uuid4()
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PICTURE = encode_jpeg(np.full((90, 160, 3), 200, np.uint8))
GOOD = FrameMessage(CAMERA, NOON, PICTURE, 0, media_time=0.0)


def delivery(message: FrameMessage, tries: int = 1) -> Delivery:
    return Delivery(frames_of(CAMERA), "1-0", codec.encode_frame(message), tries)


def arrive(intake: FrameIntake, message: FrameMessage, tries: int = 1) -> Arrived | None:
    return intake.arrived(open_frame(CAMERA, delivery(message, tries)))


def test_a_frame_is_as_the_pipeline_wants_it() -> None:
    arrived = arrive(FrameIntake(), replace(GOOD, sequence=7, media_time=1.4))
    assert arrived is not None
    frame = arrived.frame
    assert (frame.camera_id, frame.sequence, frame.media_time) == (str(CAMERA), 7, 1.4)
    assert (frame.width, frame.height) == (160, 90)
    assert frame.pixels.bgr().shape == (90, 160, 3)
    assert (arrived.restarts, frame.discontinuity) == (False, False)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (replace(GOOD, camera_id=uuid4()), "a frame of camera"),
        (replace(GOOD, frame_data=b"\x89PNG\r\n\x1a\n"), "no JPEG"),
        (replace(GOOD, frame_data=PICTURE[:200]), "frame_data"),
    ],
)
def test_what_is_no_frame_of_this_camera_is_refused_with_the_reason(message: FrameMessage, reason: str) -> None:
    with pytest.raises(MessageInvalid, match=reason):
        open_frame(CAMERA, delivery(message))


def test_a_new_worker_of_the_camera_begins_time_anew() -> None:
    intake = FrameIntake()
    arrive(intake, replace(GOOD, media_time=12.0))
    again = arrive(intake, replace(GOOD, media_time=0.0))
    assert again is not None
    assert (again.restarts, again.frame.discontinuity) == (True, True)
    after = arrive(intake, replace(GOOD, media_time=0.2))
    assert after is not None
    assert not after.restarts


def test_what_was_delivered_before_and_is_late_is_passed_over() -> None:
    intake = FrameIntake()
    arrive(intake, replace(GOOD, media_time=12.0))
    assert arrive(intake, replace(GOOD, media_time=11.8), tries=2) is None
    intake.forget(CAMERA)
    assert arrive(intake, replace(GOOD, media_time=11.8), tries=2) is not None


def test_a_strangers_timestamps_rise_whatever_their_clock_does() -> None:
    """Whole seconds that repeat, a clock that is set back an hour, then one that leaps a day."""
    intake = FrameIntake()
    seconds = [0, 0, 0, 1, 1, -3600, -3599, 86_400, 86_401]
    arrived = [
        arrive(intake, FrameMessage(CAMERA, NOON + timedelta(seconds=second), PICTURE, number))
        for number, second in enumerate(seconds)
    ]
    times = [one.frame.media_time for one in arrived if one]
    assert len(times) == len(seconds)
    assert all(later > former for former, later in pairwise(times))
    assert times[-1] < 10
    assert [number for number, one in enumerate(arrived) if one and one.frame.discontinuity] == [5, 7]
    ours = arrive(intake, GOOD)
    assert ours is not None
    assert ours.restarts  # another scale
    theirs = arrive(intake, FrameMessage(CAMERA, NOON, PICTURE, 0))
    assert theirs is not None
    assert theirs.restarts


def test_the_grey_copy_is_the_brightness_that_video_states() -> None:
    image = np.zeros((540, 960, 3), np.uint8)
    image[:, 480:] = 255
    luma = luma_of(image)
    assert luma.shape == (54, 96)
    assert set(np.unique(luma)) == {16, 235}
    assert luma_of(np.zeros((20, 40, 3), np.uint8)).shape == (20, 40)
