"""Decoded pictures: the small grey copy at once, the colour picture only for who asks for it."""

import threading
from typing import cast

import av
import numpy as np
from av.video.reformatter import VideoReformatter

from sightline.domain.arrays import ImageArray
from sightline.media.luma import mean_of_cells
from sightline.media.masks import PrivacyMasks

EIGHT_BIT_LUMA = frozenset(
    f"{name}" for base in ("yuv", "yuvj") for name in (f"{base}420p", f"{base}422p", f"{base}444p")
) | {"nv12", "nv21", "nv16", "gray"}
"""Pixel formats whose first plane is 8-bit brightness; all others are converted."""

_own = threading.local()


def _reformatter() -> VideoReformatter:
    """This thread's converter: setting one up costs fifteen times as much as converting a frame with it."""
    converter = getattr(_own, "converter", None)
    if converter is None:
        converter = _own.converter = VideoReformatter()
    return cast("VideoReformatter", converter)


class DecodedPixels:
    """A frame as libav decoded it; becomes BGR on the first call of bgr() and forgets the original then."""

    def __init__(self, frame: av.VideoFrame, masks: PrivacyMasks) -> None:
        self._frame: av.VideoFrame | None = frame
        self._masks = masks
        self._image: ImageArray | None = None
        self._lock = threading.Lock()

    def bgr(self) -> ImageArray:
        """The picture (H, W, 3) uint8 BGR, upright, privacy masks black."""
        with self._lock:
            if self._image is None and self._frame is not None:
                self._image = to_bgr(self._frame, self._masks)
                self._frame = None
        return cast("ImageArray", self._image)


def to_bgr(frame: av.VideoFrame, masks: PrivacyMasks) -> ImageArray:
    """Convert any pixel format to (H, W, 3) uint8 BGR, turned upright, privacy masks black."""
    converted = _reformatter().reformat(frame, format="bgr24").to_ndarray()
    image = np.ascontiguousarray(_upright(converted, frame.rotation), dtype=np.uint8)
    if not image.flags.writeable:
        image = image.copy()
    masks.apply(image)
    return image


def to_luma(frame: av.VideoFrame, masks: PrivacyMasks) -> ImageArray:
    """A grey copy about 96 px wide, (h, w) uint8, upright, every cell that a privacy mask touches black."""
    luma = mean_of_cells(_brightness(frame))
    luma = np.array(_upright(luma, frame.rotation), order="C")
    masks.apply(luma)
    return luma


def upright_size(frame: av.VideoFrame) -> tuple[int, int]:
    """Width and height in px once the picture is turned as its rotation tag says."""
    return (frame.height, frame.width) if frame.rotation % 180 else (frame.width, frame.height)


def _upright(image: np.ndarray, rotation: int) -> np.ndarray:
    """Turn by the display matrix (phones record sideways). rotation: degrees counter-clockwise."""
    return np.rot90(image, rotation // 90 % 4) if rotation else image


def _brightness(frame: av.VideoFrame) -> ImageArray:
    """Brightness (H, W) uint8: a view of the first plane where it is that, else converted."""
    if frame.format.name not in EIGHT_BIT_LUMA:
        return np.asarray(_reformatter().reformat(frame, format="gray").to_ndarray(), dtype=np.uint8)
    plane = frame.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return rows[: frame.height, : frame.width]
