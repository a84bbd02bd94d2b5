"""From messages about frames to frames as the pipeline takes them: decoded within limits, placed in rising time."""

import time
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sightline.bus import codec
from sightline.bus.ports import Delivery, frames_of
from sightline.core.errors import InvalidInput, MessageInvalid
from sightline.domain.arrays import ImageArray
from sightline.domain.frames import Frame
from sightline.domain.messages import FrameMessage
from sightline.media.luma import luma_of
from sightline.media.timeline import Timeline
from sightline.vision.images import ImageLimits, load_upload

LIMITS = ImageLimits(max_bytes=8 * 1024 * 1024, max_pixels=40_000_000)
"""As the codec has it for bytes; 40 million pixels are an 8K picture."""


@dataclass(frozen=True, slots=True, eq=False)
class JpegPixels:
    """A frame as it came, and decoded. data: the JPEG file, for whoever keeps the frame."""

    data: bytes
    image: ImageArray

    def bgr(self) -> ImageArray:
        """The picture (H, W, 3) uint8 BGR."""
        return self.image


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A message whose picture was decoded. luma: the grey copy."""

    delivery: Delivery
    message: FrameMessage
    image: ImageArray
    luma: ImageArray


@dataclass(frozen=True, slots=True, eq=False)
class Arrived:
    """A frame with its message. restarts: its media time does not go on from the one before; tracks end."""

    delivery: Delivery
    frame: Frame
    timestamp: datetime
    restarts: bool = False


def open_frame(camera_id: UUID, delivery: Delivery) -> Opened:
    """Decode a message of this camera's stream; takes milliseconds. Raises MessageInvalid."""
    message = codec.decode_frame(delivery.fields)
    if message.camera_id != camera_id:
        raise MessageInvalid(f"a frame of camera {message.camera_id} on {frames_of(camera_id)}")
    if not message.frame_data.startswith(b"\xff\xd8\xff"):
        raise MessageInvalid("frame_data is no JPEG")
    try:
        image = load_upload(message.frame_data, LIMITS)
    except InvalidInput as error:
        raise MessageInvalid(f"frame_data: {error.message}", hint=error.hint) from error
    return Opened(delivery, message, image, luma_of(image))


@dataclass(slots=True)
class _Course:
    """Where a camera's time stands. timeline: of a sender who states no media time."""

    media_time: float
    timeline: Timeline | None = None


class FrameIntake:
    """Places each camera's frames in time."""

    def __init__(self) -> None:
        self._courses: dict[UUID, _Course] = {}

    def arrived(self, opened: Opened) -> Arrived | None:
        """The frame as it takes its place; None for one that was delivered before and is late by now."""
        message = opened.message
        if message.media_time is None:
            return self._by_timestamp(opened)
        course = self._courses.get(message.camera_id)
        is_late = course is not None and message.media_time <= course.media_time
        if is_late and opened.delivery.tries > 1:
            return None
        restarts = is_late or (course is not None and course.timeline is not None)
        self._courses[message.camera_id] = _Course(message.media_time)
        return _arrived(opened, message.media_time, restarts=restarts, broken=message.discontinuity or restarts)

    def forget(self, camera_id: UUID) -> None:
        """Whatever comes next begins anew."""
        self._courses.pop(camera_id, None)

    def _by_timestamp(self, opened: Opened) -> Arrived:
        """Time of a sender who only says when: it rises here whatever their clock does."""
        message = opened.message
        course = self._courses.get(message.camera_id)
        restarts = course is not None and course.timeline is None
        timeline = course.timeline if course else None
        if timeline is None:
            timeline = Timeline()
            timeline.connect(frame_rate=None, live=True)
        instant = timeline.advance(message.timestamp.timestamp(), time.monotonic())
        self._courses[message.camera_id] = _Course(instant.media_time, timeline)
        broken = instant.discontinuity or message.discontinuity or restarts
        return _arrived(opened, instant.media_time, restarts=restarts, broken=broken)


def _arrived(opened: Opened, media_time: float, *, restarts: bool, broken: bool) -> Arrived:
    height, width = opened.image.shape[:2]
    frame = Frame(
        camera_id=str(opened.message.camera_id),
        sequence=opened.message.sequence,
        media_time=media_time,
        received_at=time.monotonic(),
        width=width,
        height=height,
        luma=opened.luma,
        pixels=JpegPixels(opened.message.frame_data, opened.image),
        discontinuity=broken,
    )
    return Arrived(opened.delivery, frame, opened.message.timestamp, restarts)
