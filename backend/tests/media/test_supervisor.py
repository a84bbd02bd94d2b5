"""The supervisor's decisions, on sessions that fail as they are told. Real servers are in test_reconnect."""

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline.core.errors import AppError, SourceDenied, SourceEnded, SourceNotFound, SourceStalled, SourceUnreachable
from sightline.domain.frames import ArrayPixels, Frame
from sightline.media.capture import CaptureCounts, CaptureOptions, StreamInfo
from sightline.media.ring import FrameRing
from sightline.media.sources import parse_source
from sightline.media.supervisor import (
    CameraState,
    CameraSupervisor,
    EventKind,
    ReconnectPolicy,
    Seams,
    SupervisorStatus,
    stop_all,
)
from sightline.media.timeline import Timeline
from tests.support.clips import Clip, record

CAMERA = parse_source("rtsp://admin:s3cret@camera/stream")
LIVE = StreamInfo("h264", 8, 4, 25.0, None, live=True)
Script = Sequence[int | Exception]


class FakeSession:
    """Gives as many frames as each number says, raises each error."""

    def __init__(self, script: Script, timeline: Timeline, on_open: Callable[[], None]) -> None:
        self.on_open = on_open
        self.script = script
        self.timeline = timeline
        self.counts = CaptureCounts()
        self.closed = False

    def open(self) -> StreamInfo:
        self.on_open()
        if isinstance(self.script[0], Exception):
            raise self.script[0]
        return LIVE

    def frames(self) -> Iterator[Frame]:
        for step in self.script:
            if isinstance(step, Exception):
                raise step
            for _ in range(step):
                self.counts.decoded += 5
                self.counts.sampled += 1
                image = np.zeros((4, 8, 3), np.uint8)
                yield Frame("door", self.timeline.next_sequence(), 0.0, 0.0, 8, 4, image[..., 0], ArrayPixels(image))

    def close(self) -> None:
        self.closed = True


def supervise(
    *scripts: Script, attempts: int = 5, open_seconds: float = 0.0
) -> tuple[SupervisorStatus, list[float], list[FakeSession]]:
    """Live through the scripted connections, then stop; the pauses that were taken, without taking them."""
    sessions: list[FakeSession] = []
    pauses: list[float] = []
    supervisor: CameraSupervisor | None = None

    def connect(timeline: Timeline, _: threading.Event) -> FakeSession:
        sessions.append(FakeSession(scripts[len(sessions)], timeline, on_open=lambda: tick(open_seconds)))
        return sessions[-1]

    def tick(seconds: float) -> None:
        clock[0] += seconds

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(sessions) == len(scripts) and supervisor is not None:
            states.append(supervisor.status())
            supervisor.stop()

    clock = [0.0]
    states: list[SupervisorStatus] = []
    supervisor = CameraSupervisor(
        "door",
        CAMERA,
        FrameRing(),
        policy=ReconnectPolicy(attempts=attempts),
        seams=Seams(connect=connect, uniform=lambda: 0.0, clock=lambda: clock[0], sleep=sleep),
    )
    supervisor.start()
    assert supervisor.join(20)
    return states[0], pauses, sessions


UNREACHABLE = SourceUnreachable("nobody answers", hint="look")


def test_pauses_grow_from_five_to_eight_seconds() -> None:
    _, pauses, _ = supervise(*[[UNREACHABLE]] * 5)
    assert pauses == pytest.approx([5.0, 6.25, 7.8125, 8.0, 8.0])


def test_time_spent_on_an_attempt_that_nobody_answered_shortens_the_pause() -> None:
    _, pauses, _ = supervise(*[[UNREACHABLE]] * 3, open_seconds=4.0)
    _, shortest, _ = supervise(*[[UNREACHABLE]] * 3, open_seconds=10.0)
    assert pauses == pytest.approx([1.0, 2.25, 3.8125])
    assert shortest == [1.0, 1.0, 1.0]


@given(st.integers(1, 10**6), st.floats(0, 1))
def test_no_pause_is_longer_than_the_longest(failures: int, uniform: float) -> None:
    assert 4.0 <= ReconnectPolicy().pause(failures, uniform) <= 8.0


def test_after_five_failures_in_a_row_the_state_is_error_and_it_goes_on_trying() -> None:
    four, _, _ = supervise(*[[UNREACHABLE]] * 4)
    seven, _, sessions = supervise(*[[UNREACHABLE]] * 7)
    assert (four.state, four.failures_in_row) == (CameraState.RECONNECTING, 4)
    assert (seven.state, seven.failures_in_row) == (CameraState.ERROR, 7)
    assert len(sessions) == 7
    assert all(session.closed for session in sessions)


def test_a_picture_ends_the_row_of_failures_and_counts_as_a_reconnect() -> None:
    status, pauses, _ = supervise(
        [2, SourceStalled("silent")], [UNREACHABLE], [UNREACHABLE], [3, SourceEnded("closed")]
    )
    assert (status.connects, status.reconnects, status.failures_in_row) == (2, 1, 1)
    assert (status.decoded, status.sampled) == (25, 5)
    assert pauses == pytest.approx([1.0, 6.25, 7.8125, 5.0])  # five seconds of silence were waiting enough
    kinds = [event.kind for event in status.events]
    assert kinds == [
        EventKind.CONNECTED,
        EventKind.FAILED,
        EventKind.FAILED,
        EventKind.FAILED,
        EventKind.RECONNECTED,
        EventKind.FAILED,
    ]


def test_a_connection_without_a_picture_is_no_success() -> None:
    status, _, _ = supervise([0, SourceEnded("closed")], [0, SourceEnded("closed")])
    assert (status.connects, status.failures_in_row) == (0, 2)


@pytest.mark.parametrize(
    ("error", "permanent"),
    [(SourceDenied("no", hint="password"), True), (UNREACHABLE, False), (SourceNotFound("?"), False)],
)
def test_the_last_failure_is_kept_and_says_whether_waiting_helps(error: AppError, permanent: bool) -> None:
    status, _, _ = supervise([1, SourceEnded("closed")], [error])
    assert status.last_failure is not None
    assert status.last_failure.error is error
    assert status.last_failure.permanent is permanent
    assert status.source == "rtsp://camera/stream"


def test_what_nobody_foresaw_is_logged_without_its_message_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    status, _, sessions = supervise([RuntimeError("rtsp://admin:s3cret@camera")], [1, UNREACHABLE])
    assert len(sessions) == 2
    assert status.connects == 1
    assert "unexpected RuntimeError" in caplog.text
    assert "s3cret" not in caplog.text + str(status)


def test_memory_of_events_is_bounded() -> None:
    status, _, _ = supervise(*[[UNREACHABLE]] * 230)
    assert len(status.events) == 200


def run_file(path: Path, *, loop: bool = False) -> tuple[CameraSupervisor, FrameRing]:
    ring = FrameRing(max_frames=4)
    supervisor = CameraSupervisor("file", parse_source(str(path)), ring, loop=loop)
    supervisor.start()
    return supervisor, ring


def test_a_file_is_read_to_its_end_without_losing_a_frame(tmp_path: Path) -> None:
    supervisor, ring = run_file(record(tmp_path / "clip.mp4", Clip(seconds=4)))
    frames = []
    while (frame := ring.take(10)) is not None:
        frames.append(frame)
    assert supervisor.join(10)
    status = supervisor.status()
    assert len(frames) == 20
    assert (status.state, status.dropped, status.sampled, status.reconnects) == (CameraState.ENDED, 0, 20, 0)
    assert [event.kind for event in status.events] == [EventKind.CONNECTED, EventKind.ENDED]
    supervisor.stop()
    assert supervisor.status().state is CameraState.ENDED


def test_a_looping_file_goes_on_with_rising_times(tmp_path: Path) -> None:
    supervisor, ring = run_file(record(tmp_path / "clip.mp4", Clip(seconds=1)), loop=True)
    frames = [frame for _ in range(16) if (frame := ring.take(10))]
    supervisor.stop()
    assert [round(frame.media_time, 2) for frame in frames] == [round(index * 0.2, 2) for index in range(16)]
    assert [frame.sequence for frame in frames] == list(range(16))
    assert supervisor.status().state is CameraState.STOPPED


def test_a_file_that_fails_is_not_tried_again(tmp_path: Path) -> None:
    supervisor, ring = run_file(tmp_path / "nobody.mp4")
    assert supervisor.join(10)
    status = supervisor.status()
    assert ring.closed
    assert status.state is CameraState.ERROR
    assert status.last_failure is not None
    assert status.last_failure.permanent
    assert isinstance(status.last_failure.error, SourceNotFound)


def test_a_truncated_file_says_so(tmp_path: Path) -> None:
    data = record(tmp_path / "whole.mkv", Clip(seconds=4)).read_bytes()
    (tmp_path / "half.mkv").write_bytes(data[: len(data) // 2])
    supervisor, ring = run_file(tmp_path / "half.mkv")
    while ring.take(10) is not None:
        pass
    assert supervisor.join(10)
    assert supervisor.status().truncated
    assert EventKind.TRUNCATED in {event.kind for event in supervisor.status().events}


def test_a_break_in_time_is_an_event(tmp_path: Path) -> None:
    once = record(tmp_path / "once.ts").read_bytes()
    (tmp_path / "twice.ts").write_bytes(once + once)
    supervisor, ring = run_file(tmp_path / "twice.ts")
    while ring.take(10) is not None:
        pass
    assert supervisor.join(10)
    assert [event.kind for event in supervisor.status().events] == [
        EventKind.CONNECTED,
        EventKind.DISCONTINUITY,
        EventKind.ENDED,
    ]


def test_many_cameras_stop_together(tmp_path: Path) -> None:
    path = record(tmp_path / "clip.mp4", Clip(seconds=4))
    running = [run_file(path)[0] for _ in range(5)]
    stop_all(running)
    assert all(supervisor.join(10) for supervisor in running)
    assert {supervisor.status().state for supervisor in running} == {CameraState.STOPPED}


def test_stopping_frees_a_reader_that_waits_for_room(tmp_path: Path) -> None:
    supervisor, _ = run_file(record(tmp_path / "clip.mp4", Clip(seconds=4)))
    supervisor.stop()
    assert supervisor.join(10)


def test_a_file_at_its_own_speed_drops_like_a_camera(tmp_path: Path) -> None:
    ring = FrameRing(max_frames=2)
    source = parse_source(str(record(tmp_path / "clip.mp4", Clip(seconds=1))))
    supervisor = CameraSupervisor("file", source, ring, options=CaptureOptions(realtime=True))
    supervisor.start()
    assert supervisor.join(10)
    assert (ring.waiting, supervisor.status().dropped) == (2, 3)
