"""Videos made for tests: patterns, so that no picture of a person is needed."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.stream import VideoStream

from sightline.domain.arrays import ImageArray

SOUND_RATE = 16_000
SOUND_FRAME = 1024  # samples, what AAC takes at a time


@dataclass(frozen=True, slots=True)
class Clip:
    """What to record: seconds at fps, width × height px, key frame every gop frames, b_frames between references."""

    width: int = 320
    height: int = 192
    fps: int = 25
    seconds: float = 2.0
    codec: str = "libx264"
    pixel_format: str = "yuv420p"
    gop: int = 25
    b_frames: int = 0
    with_sound: bool = False


def brightness_of(index: int) -> int:
    """Brightness of the picture's left half at a frame: tells frames apart after coding. Repeats after 24 frames."""
    return 20 + 9 * (index % 24)


def picture(index: int, width: int, height: int) -> ImageArray:
    """Frame of a test video (H, W, 3) uint8 BGR: left half says the index, right half is a moving ramp."""
    image = np.zeros((height, width, 3), np.uint8)
    image[:, : width // 2] = brightness_of(index)
    ramp = (np.arange(width - width // 2) * 3 + index * 5) % 256
    image[:, width // 2 :] = ramp[None, :, None]
    return image


def record(
    path: Path, clip: Clip | None = None, *, stamps: Sequence[int] | None = None, container_format: str | None = None
) -> Path:
    """Write a clip; stamps (one per frame, in frames, no B frames then) replace the times."""
    clip = clip or Clip()
    with av.open(str(path), "w", format=container_format) as container:
        stream = cast("VideoStream", container.add_stream(clip.codec, rate=clip.fps))
        stream.width, stream.height, stream.pix_fmt = clip.width, clip.height, clip.pixel_format
        stream.codec_context.thread_count = 1
        stream.codec_context.gop_size = clip.gop
        stream.codec_context.max_b_frames = clip.b_frames
        stream.options = _encoder_options(clip)
        sound = container.add_stream("aac", rate=SOUND_RATE) if clip.with_sound else None
        packets: list[av.Packet] = []  # type: ignore[type-arg]  # not subscriptable at run time
        for index in range(int(clip.seconds * clip.fps)):
            frame = av.VideoFrame.from_ndarray(picture(index, clip.width, clip.height), format="bgr24")
            frame.pts = index
            frame.time_base = Fraction(1, clip.fps)
            packets += stream.encode(frame)
        packets += stream.encode()
        _restamp(packets, stamps)
        container.mux(packets)
        if sound is not None:
            _mux_silence(container, sound, clip.seconds)
    return path


def record_sound(path: Path, seconds: float = 1.0) -> Path:
    """A recording without pictures."""
    with av.open(str(path), "w") as container:
        _mux_silence(container, container.add_stream("aac", rate=SOUND_RATE), seconds)
    return path


def _restamp(packets: Sequence[av.Packet], stamps: Sequence[int] | None) -> None:  # type: ignore[type-arg]
    if stamps is None:
        return
    for packet, stamp in zip(packets, stamps, strict=True):
        packet.pts = packet.dts = stamp


def _encoder_options(clip: Clip) -> dict[str, object]:
    fixed = f"keyint={clip.gop}:min-keyint={clip.gop}:scenecut=0:bframes={clip.b_frames}:b-adapt=0"
    if clip.codec == "libx265":
        return {"preset": "ultrafast", "x265-params": f"{fixed}:log-level=none:pools=1"}
    return {"preset": "veryfast", "x264-params": fixed} if clip.codec == "libx264" else {}


def _mux_silence(container: OutputContainer, stream: AudioStream, seconds: float) -> None:
    for start in range(0, int(seconds * SOUND_RATE), SOUND_FRAME):
        silence = av.AudioFrame.from_ndarray(np.zeros((1, SOUND_FRAME), np.float32), format="fltp", layout="mono")
        silence.sample_rate, silence.pts = SOUND_RATE, start
        container.mux(stream.encode(silence))
    container.mux(stream.encode())
