"""Saving decoder work: pictures that no other picture needs, and that nobody will look at, are not decoded."""

from enum import StrEnum
from typing import TypeAlias

from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

VideoPacket: TypeAlias = "Packet[VideoStream]"

SPARE_FACTOR = 4
"""Frames that the source must send per sampled frame before any is left out; below, the beat would suffer."""

STEADY_KEYS = 4
"""Key frames in a row that must have come often enough before the frames between them are left out."""


class Effort(StrEnum):
    """Which pictures are decoded."""

    ALL = "all"
    REFERENCES = "references"  # without those that no other picture refers to (most B frames)
    KEYS = "keys"  # those that stand alone


class DecodeSaver:
    """Chooses the least effort that still gives every sample, and takes it back as soon as one is missed."""

    def __init__(self, context: VideoCodecContext, *, fps: float | None, interval: float) -> None:
        """fps: 1/s as stated, None switches saving off; interval: seconds between samples."""
        self._context = context
        self._interval = interval
        self._enabled = fps is not None and fps * interval >= SPARE_FACTOR
        self._last_decoded: float | None = None
        self._last_key: float | None = None
        self._last_admitted: float | None = None
        self._steady = 0
        self._missed_without_references = False
        self.effort = Effort.ALL
        if self._enabled:
            self._set(Effort.REFERENCES)

    def admits(self, packet: VideoPacket) -> bool:
        """Whether to decode a packet."""
        if not self._enabled or packet.pts is None or packet.time_base is None:
            return True
        at = float(packet.pts * packet.time_base)
        if packet.is_keyframe:
            self._watch_keys(at)
        if self.effort is not Effort.KEYS:
            return True
        early = self._last_admitted is not None and 0 <= at - self._last_admitted < self._interval / 2
        if not packet.is_keyframe or early:
            return False
        self._last_admitted = at
        return True

    def decoded(self, media_time: float) -> None:
        """Tell that a picture came out. A gap longer than the interval between samples ends the leaving out."""
        gap = media_time - self._last_decoded if self._last_decoded is not None else 0.0
        self._last_decoded = media_time
        if self.effort is Effort.REFERENCES and gap > self._interval:
            self._missed_without_references = True
            self._set(Effort.ALL)

    def _watch_keys(self, at: float) -> None:
        often = self._last_key is not None and 0 < at - self._last_key <= self._interval
        self._last_key = at
        self._steady = self._steady + 1 if often else 0
        if self._steady >= STEADY_KEYS:
            self._set(Effort.KEYS)
        elif self.effort is Effort.KEYS and not often:
            self._set(Effort.ALL if self._missed_without_references else Effort.REFERENCES)

    def _set(self, effort: Effort) -> None:
        if effort is not self.effort:
            self.effort = effort
            self._context.skip_frame = "NONREF" if effort is Effort.REFERENCES else "DEFAULT"
