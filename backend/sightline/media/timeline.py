"""Media time of a camera: what its timestamps should have been."""

from dataclasses import dataclass

JUMP = 10.0
"""Seconds by which a timestamp may run ahead of the last one and still be believed (a camera that paused)."""

BACKWARD = 1.0
"""Seconds by which a timestamp may fall back before time is taken to have restarted; less is jitter."""

TICK = 0.001
"""Seconds between two frames whose timestamps repeat: time must rise, but hardly."""

DEFAULT_FRAME_DURATION = 0.04
"""Seconds per frame of a stream that states no rate: 25 frames per second, what most cameras send."""


@dataclass(frozen=True, slots=True)
class Instant:
    """Media time in seconds, always later than the one before; discontinuity when time was broken here."""

    media_time: float
    discontinuity: bool


class Timeline:
    """Turns a source's timestamps into media time that starts at 0 and always rises, also over reconnects.

    Timestamps that repeat or fall back a little advance by a tick, those that jump are anchored anew one
    frame later, missing ones advance by the frame rate (files) or the clock (live sources). A file's forward
    jump within its stated duration is believed: media time is then what a player shows.
    """

    def __init__(self) -> None:
        self.sequence = 0
        self._last: float | None = None
        self._last_arrival = 0.0
        self._raw: float | None = None
        self._offset = 0.0
        self._connected = False
        self._frame_duration = DEFAULT_FRAME_DURATION
        self._live = True
        self._end: float | None = None

    def connect(self, *, frame_rate: float | None, live: bool, duration: float | None = None) -> None:
        """Begin a connection. frame_rate in 1/s and duration in seconds where known."""
        self._frame_duration = 1.0 / frame_rate if frame_rate else DEFAULT_FRAME_DURATION
        self._live = live
        self._end = duration
        self._raw = None
        self._connected = False

    def next_sequence(self) -> int:
        """The number of the next sampled frame."""
        self.sequence += 1
        return self.sequence - 1

    @property
    def frame_duration(self) -> float:
        """Seconds per frame as the source states it."""
        return self._frame_duration

    def advance(self, timestamp: float | None, arrival: float) -> Instant:
        """Place a frame. timestamp: seconds of the source's clock, None when missing; arrival: monotonic seconds."""
        instant = self._place(timestamp, arrival)
        self._last, self._last_arrival, self._connected = instant.media_time, arrival, True
        if timestamp is not None:
            self._raw = timestamp
        return instant

    def _place(self, timestamp: float | None, arrival: float) -> Instant:
        if self._last is None or not self._connected:
            return self._begin(timestamp, arrival)
        if timestamp is None:
            return Instant(self._last + self._step(arrival), discontinuity=False)
        candidate = timestamp + self._offset
        if self._raw is None:
            # The first stamp after ones that were missing: an RTSP stream's first packet has none.
            self._offset = self._last + self._frame_duration - timestamp
            return Instant(timestamp + self._offset, discontinuity=False)
        delta = timestamp - self._raw
        if delta < -BACKWARD or (delta > self._longest_step() and not self._believed(candidate)):
            media_time = self._last + self._step(arrival)
            self._offset = media_time - timestamp
            return Instant(media_time, discontinuity=True)
        return Instant(max(candidate, self._last + TICK), discontinuity=delta > self._longest_step())

    def _begin(self, timestamp: float | None, arrival: float) -> Instant:
        first = self._last is None
        media_time = 0.0 if self._last is None else self._last + self._step(arrival)
        if timestamp is not None:
            self._offset = media_time - timestamp
        return Instant(media_time, discontinuity=not first)

    def _step(self, arrival: float) -> float:
        passed = arrival - self._last_arrival if self._live else self._frame_duration
        return max(passed, TICK)

    def _longest_step(self) -> float:
        return max(JUMP, JUMP * self._frame_duration)

    def _believed(self, media_time: float) -> bool:
        return not self._live and self._end is not None and media_time <= self._end + self._frame_duration


class Sampler:
    """Chooses the frames that are analysed: those nearest to a regular beat."""

    def __init__(self, rate: float) -> None:
        self._interval = 1.0 / rate
        self._due: float | None = None

    @property
    def interval(self) -> float:
        """Seconds between samples."""
        return self._interval

    def wants(self, media_time: float, frame_duration: float) -> bool:
        """Whether the frame at media_time is the sample; half a frame of tolerance picks the nearest."""
        tolerance = min(frame_duration, self._interval) / 2
        if self._due is not None and media_time < self._due - tolerance:
            return False
        late = self._due is None or media_time - self._due > self._interval
        self._due = (media_time if late or self._due is None else self._due) + self._interval
        return True
