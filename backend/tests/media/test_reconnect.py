"""A camera dies, freezes, comes back with another size: frames flow again, with the settings that users have."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sightline.core.errors import SourceEnded, SourceStalled
from sightline.domain.frames import Frame
from sightline.media.ring import FrameRing
from sightline.media.sources import parse_source
from sightline.media.supervisor import CameraState, CameraSupervisor, EventKind, ReconnectPolicy
from tests.support.clips import Clip, record
from tests.support.rtsp_server import RtspServer, serve
from tests.support.senders import wait_until

pytestmark = pytest.mark.e2e

PROMISE = 10.0
"""Seconds after a camera's return within which frames flow again."""


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("clips")
    return (
        record(folder / "small.mp4", Clip(seconds=4)),
        record(folder / "large.mp4", Clip(width=640, height=384, seconds=4)),
    )


@pytest.fixture
def server(clips: tuple[Path, Path]) -> Iterator[RtspServer]:
    with serve({"cam": clips[0]}) as running:
        yield running


@pytest.fixture
def watched(server: RtspServer) -> Iterator[tuple[CameraSupervisor, FrameRing]]:
    ring = FrameRing()
    supervisor = CameraSupervisor("door", parse_source(server.url("cam")), ring)
    supervisor.start()
    try:
        assert ring.take(PROMISE) is not None
        yield supervisor, ring
    finally:
        supervisor.stop()


def frame_after(ring: FrameRing, returned_at: float) -> Frame:
    """The first frame received after the camera's return; fails when it breaks the promise."""
    while time.monotonic() < returned_at + PROMISE:
        frame = ring.take(returned_at + PROMISE - time.monotonic())
        if frame is not None and frame.received_at > returned_at:
            return frame
    pytest.fail(f"no frame within {PROMISE:g} s of the camera's return")


def until(supervisor: CameraSupervisor, true: Callable[[CameraState], bool]) -> None:
    wait_until(lambda: true(supervisor.status().state), "another state")


def test_killed_and_restarted_with_another_size(
    server: RtspServer, watched: tuple[CameraSupervisor, FrameRing], clips: tuple[Path, Path]
) -> None:
    supervisor, ring = watched
    server.kill()
    until(supervisor, lambda state: state is CameraState.RECONNECTING)
    failure = supervisor.status().last_failure
    assert failure is not None
    assert isinstance(failure.error, SourceEnded)
    server.restart({"cam": clips[1]})
    frame = frame_after(ring, time.monotonic())
    assert (frame.width, frame.height, frame.discontinuity) == (640, 384, True)
    status = supervisor.status()
    assert (status.state, status.reconnects) == (CameraState.ONLINE, 1)
    kinds = [event.kind for event in status.events]
    assert kinds == [EventKind.CONNECTED, EventKind.FAILED, EventKind.RECONNECTED, EventKind.RESIZED]
    assert status.events[-1].reason == "320×192 px became 640×384 px"


def test_frozen_and_thawed(server: RtspServer, watched: tuple[CameraSupervisor, FrameRing]) -> None:
    supervisor, ring = watched
    server.freeze()
    until(supervisor, lambda state: state is CameraState.RECONNECTING)
    failure = supervisor.status().last_failure
    assert failure is not None
    assert isinstance(failure.error, SourceStalled)
    server.thaw()
    frame = frame_after(ring, time.monotonic())
    assert frame.media_time > 5.0  # the silence is part of the camera's time
    assert supervisor.status().reconnects == 1


def test_a_camera_that_comes_up_later_than_we_do(server: RtspServer) -> None:
    server.kill()
    ring = FrameRing()
    hurried = ReconnectPolicy(delay=1.0)
    supervisor = CameraSupervisor("door", parse_source(server.url("cam")), ring, policy=hurried)
    supervisor.start()
    try:
        wait_until(lambda: supervisor.status().last_failure is not None, "a failure")
        server.restart()
        frame_after(ring, time.monotonic())
        assert supervisor.status().reconnects == 0
    finally:
        supervisor.stop()


def test_stopping_does_not_wait_for_a_frozen_camera(
    server: RtspServer, watched: tuple[CameraSupervisor, FrameRing]
) -> None:
    supervisor, ring = watched
    server.freeze()
    while ring.take(0.5) is not None:
        pass
    supervisor.stop()
    assert supervisor.status().state is CameraState.STOPPED
    assert ring.closed
    assert supervisor.join(PROMISE)  # the thread follows when libav gives up
