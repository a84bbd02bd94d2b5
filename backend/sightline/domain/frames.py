"""Frames on their way from a camera to the detector."""

from dataclasses import dataclass
from typing import Protocol

from sightline.domain.arrays import ImageArray


class Pixels(Protocol):
    """A decoded picture that has not been converted yet: conversion is paid only for frames that are analysed."""

    def bgr(self) -> ImageArray:
        """The picture (H, W, 3) uint8 BGR, privacy masks already black. Converts on the first call, then keeps it."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One sampled frame of a camera.

    sequence counts sampled frames of this camera from 0; media_time is seconds into the source,
    rising over reconnects; received_at is seconds of the process's monotonic clock;
    width, height in px; luma is a small grey copy (h, w) uint8 with privacy masks black,
    for the motion gate; discontinuity is set on the first frame after a reconnect, a jump in
    time or a change of size.
    """

    camera_id: str
    sequence: int
    media_time: float
    received_at: float
    width: int
    height: int
    luma: ImageArray
    pixels: Pixels
    discontinuity: bool = False


@dataclass(frozen=True, slots=True)
class ArrayPixels:
    """Pixels that are already an array, as in tests and still images. image (H, W, 3) uint8 BGR."""

    image: ImageArray

    def bgr(self) -> ImageArray:
        """The array itself."""
        return self.image
