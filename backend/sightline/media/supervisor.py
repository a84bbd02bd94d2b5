"""Keeps one camera running: connects, reconnects for ever, and remembers what happened."""

import logging
import random
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol

from sightline.core.errors import AppError, MediaError, SourceStalled
from sightline.domain.frames import Frame
from sightline.media.capture import CameraSession, CaptureCounts, CaptureOptions, StreamInfo
from sightline.media.failures import is_permanent
from sightline.media.ring import FrameRing
from sightline.media.sources import Source, SourceKind
from sightline.media.timeline import Timeline

log = logging.getLogger(__name__)

EVENTS_KEPT = 200
"""Events that a status shows: a camera that fails every 8 s is remembered for about 25 minutes."""

SHORTEST_PAUSE = 1.0
"""Seconds between two attempts at least, so that a source that fails slowly is not hammered."""

STOP_PATIENCE = 1.5
"""Seconds that stop() waits for the thread. One that hangs in libav is left to its timeout; its frames go nowhere."""


class CameraState(StrEnum):
    """What a camera is doing. ERROR: too many failures in a row (a live source is still tried) or a file that fails."""

    CONNECTING = "connecting"
    ONLINE = "online"
    RECONNECTING = "reconnecting"
    ERROR = "error"
    ENDED = "ended"
    STOPPED = "stopped"


class EventKind(StrEnum):
    """What happened to a camera."""

    CONNECTED = "connected"
    RECONNECTED = "reconnected"
    FAILED = "failed"
    DISCONTINUITY = "discontinuity"
    RESIZED = "resized"
    TRUNCATED = "truncated"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class CameraEvent:
    """One thing that happened: at (UTC), what, and why in words without secrets."""

    at: datetime
    kind: EventKind
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a connection failed: the error itself (typed, with its hint), when, and whether waiting cannot cure it."""

    at: datetime
    error: AppError
    permanent: bool


@dataclass(frozen=True, slots=True)
class ReconnectPolicy:
    """When to try again: first after delay seconds, each time growth longer, never longer than max_delay.

    Each pause is shortened by up to the fraction jitter, so that cameras behind one switch do not return in step.
    attempts: failures in a row that make the state error.
    """

    delay: float = 5.0
    max_delay: float = 8.0
    attempts: int = 5
    growth: float = 1.25
    jitter: float = 0.2

    def pause(self, failures_in_row: int, uniform: float) -> float:
        """Seconds to wait after a failure; uniform is a random number from 0 to 1."""
        grown = self.delay * self.growth ** min(max(failures_in_row - 1, 0), 50)
        return min(grown, self.max_delay) * (1.0 - self.jitter * uniform)


@dataclass(frozen=True, slots=True)
class SupervisorStatus:
    """A camera at this moment. connects and reconnects count successful connections; dropped counts frames
    that analysis was too slow for."""

    camera_id: str
    source: str
    state: CameraState
    info: StreamInfo | None
    connects: int
    reconnects: int
    failures_in_row: int
    packets: int
    decoded: int
    sampled: int
    dropped: int
    corrupt_packets: int
    discontinuities: int
    truncated: bool
    last_failure: Failure | None
    events: tuple[CameraEvent, ...]


class Session(Protocol):
    """What the supervisor needs of a CameraSession."""

    counts: CaptureCounts

    def open(self) -> StreamInfo:
        """Connect."""
        ...

    def frames(self) -> Iterator[Frame]:
        """Give frames until the end."""
        ...

    def close(self) -> None:
        """Hang up."""
        ...


Connect = Callable[[Timeline, threading.Event], Session]
"""Makes the session of the next connection."""


@dataclass(frozen=True, slots=True)
class Seams:
    """Where tests reach in: sessions, random numbers from 0 to 1, the clock, and waiting (stop() must end it)."""

    connect: Connect | None = None
    uniform: Callable[[], float] = random.random
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], object] | None = None


class CameraSupervisor:
    """Runs a camera in its own thread and puts its frames into a ring.

    Live sources are tried for ever. A file is read once (or for ever with loop) and never retried; at its end, or
    when it fails, the ring is closed. A file's frames wait for room in the ring, live frames never do.
    """

    def __init__(
        self,
        camera_id: str,
        source: Source,
        ring: FrameRing,
        *,
        options: CaptureOptions | None = None,
        policy: ReconnectPolicy | None = None,
        loop: bool = False,
        seams: Seams | None = None,
    ) -> None:
        self.camera_id = camera_id
        self.source = source
        self._ring = ring
        self._options = options or CaptureOptions()
        self._policy = policy or ReconnectPolicy()
        self._loop = loop
        self._stop = threading.Event()
        seams = seams or Seams()
        self._connect = seams.connect or self._new_session
        self._uniform = seams.uniform
        self._clock = seams.clock
        self._sleep = seams.sleep or self._stop.wait
        self._timeline = Timeline()
        self._thread = threading.Thread(target=self._run, name=f"camera-{camera_id}", daemon=True)
        self._lock = threading.Lock()
        self._state = CameraState.CONNECTING
        self._info: StreamInfo | None = None
        self._connects = 0
        self._failures_in_row = 0
        self._last_failure: Failure | None = None
        self._events: deque[CameraEvent] = deque(maxlen=EVENTS_KEPT)
        self._past = CaptureCounts()
        self._counts: CaptureCounts | None = None
        self._size: tuple[int, int] | None = None

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def request_stop(self) -> None:
        """Ask to end and close the ring; returns at once."""
        self._stop.set()
        self._ring.close()

    def stop(self, patience: float = STOP_PATIENCE) -> None:
        """End within about patience seconds and close the ring; safe to call again."""
        self.request_stop()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(patience)
        with self._lock:
            if self._state is not CameraState.ENDED:
                self._state = CameraState.STOPPED

    def join(self, timeout: float | None = None) -> bool:
        """Wait until the thread is over; False after timeout seconds."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def status(self) -> SupervisorStatus:
        """What is known now."""
        with self._lock:
            total = _sum(self._past, self._counts)
            return SupervisorStatus(
                camera_id=self.camera_id,
                source=self.source.redacted,
                state=self._state,
                info=self._info,
                connects=self._connects,
                reconnects=max(self._connects - 1, 0),
                failures_in_row=self._failures_in_row,
                packets=total.packets,
                decoded=total.decoded,
                sampled=total.sampled,
                dropped=self._ring.dropped,
                corrupt_packets=total.corrupt_packets,
                discontinuities=total.discontinuities,
                truncated=total.truncated,
                last_failure=self._last_failure,
                events=tuple(self._events),
            )

    def _new_session(self, timeline: Timeline, stop: threading.Event) -> CameraSession:
        return CameraSession(self.source, self._options, camera_id=self.camera_id, timeline=timeline, stop=stop)

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                if self._connect_once():
                    break
        finally:
            self._ring.close()

    def _connect_once(self) -> bool:
        """Live one connection; True when there shall be no other."""
        session = self._connect(self._timeline, self._stop)
        with self._lock:
            self._counts = session.counts
        began = self._clock()
        opened = False
        try:
            info = session.open()
            opened = True
            self._live(session, info)
        except AppError as error:
            return self._failed(error, 0.0 if opened else self._clock() - began)
        except Exception as error:  # noqa: BLE001 - a camera's last resort: it must not die unseen
            return self._failed(self._surprise(error), 0.0)
        finally:
            session.close()
            self._bank(session)
        return self._finished(session.counts)

    def _live(self, session: Session, info: StreamInfo) -> None:
        with self._lock:
            self._info = info
        wait = not info.live and not self._options.realtime
        online = False
        for frame in session.frames():
            if not online:
                self._online()
            self._note_frame(frame, first=not online)
            online = True
            if not self._ring.put(frame, wait=wait):
                return

    def _online(self) -> None:
        """The first picture is here: only now a connection counts as one."""
        with self._lock:
            self._connects += 1
            self._failures_in_row = 0
            self._state = CameraState.ONLINE
        if self._connects == 1 or self.source.live:
            self._tell(EventKind.CONNECTED if self._connects == 1 else EventKind.RECONNECTED)

    def _note_frame(self, frame: Frame, *, first: bool) -> None:
        """Remember breaks within a connection; that a new connection is one needs no saying."""
        size = (frame.width, frame.height)
        if self._size is not None and size != self._size:
            before = f"{self._size[0]}×{self._size[1]}"
            self._tell(EventKind.RESIZED, f"{before} px became {size[0]}×{size[1]} px")
        elif frame.discontinuity and not first:
            self._tell(EventKind.DISCONTINUITY, f"time was broken before second {frame.media_time:.2f}")
        self._size = size

    def _failed(self, error: AppError, waited: float) -> bool:
        """Remember a failure and pause; True when it was the last word. waited: seconds the attempt took in vain."""
        now = datetime.now(UTC)
        final = self.source.kind is SourceKind.FILE
        with self._lock:
            self._failures_in_row += 1
            self._last_failure = Failure(now, error, is_permanent(error, self.source))
            tired = self._failures_in_row >= self._policy.attempts
            self._state = CameraState.ERROR if tired or final else CameraState.RECONNECTING
        self._tell(EventKind.FAILED, error.message)
        if not final:
            self._pause(error, waited)
        return final

    def _pause(self, error: AppError, waited: float) -> None:
        """Wait before the next attempt. The silence before a failure counts as waiting: else time-out and pause
        would add up to more than the 10 s within which frames must flow again."""
        if isinstance(error, SourceStalled):
            waited = self._options.stall_timeout
        pause = self._policy.pause(self._failures_in_row, self._uniform())
        self._sleep(max(pause - waited, min(pause, SHORTEST_PAUSE)))

    def _surprise(self, error: Exception) -> MediaError:
        """What nobody foresaw: logged with its place, without its message, which may hold an address."""
        place = "".join(traceback.format_tb(error.__traceback__))
        log.error("camera %s: unexpected %s\n%s", self.camera_id, type(error).__name__, place)
        return MediaError(
            f"Reading {self.source.redacted} failed unexpectedly ({type(error).__name__}).",
            hint="It is tried again on its own; report this with the log.",
        )

    def _finished(self, counts: CaptureCounts) -> bool:
        if counts.truncated:
            self._tell(EventKind.TRUNCATED, "the file ends before its stated duration")
        if self._stop.is_set():
            return True
        if self._loop:
            return False
        with self._lock:
            self._state = CameraState.ENDED
        self._tell(EventKind.ENDED)
        return True

    def _bank(self, session: Session) -> None:
        """Keep the counts of a connection that is over."""
        with self._lock:
            self._past = _sum(self._past, session.counts)
            self._counts = None

    def _tell(self, kind: EventKind, reason: str = "") -> None:
        with self._lock:
            self._events.append(CameraEvent(datetime.now(UTC), kind, reason))


def _sum(past: CaptureCounts, now: CaptureCounts | None) -> CaptureCounts:
    if now is None:
        return past
    return CaptureCounts(
        packets=past.packets + now.packets,
        decoded=past.decoded + now.decoded,
        sampled=past.sampled + now.sampled,
        corrupt_packets=past.corrupt_packets + now.corrupt_packets,
        discontinuities=past.discontinuities + now.discontinuities,
        truncated=past.truncated or now.truncated,
    )


def stop_all(supervisors: Iterable[CameraSupervisor]) -> None:
    """Stop many cameras in about the time that one takes: all are asked before any is waited for."""
    waiting = list(supervisors)
    for supervisor in waiting:
        supervisor.request_stop()
    deadline = time.monotonic() + STOP_PATIENCE
    for supervisor in waiting:
        supervisor.stop(max(deadline - time.monotonic(), 0.0))
