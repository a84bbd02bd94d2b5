"""From media time to the wall: a clock that jumps must not make a track end before it begins."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline.domain.frames import ArrayPixels, Frame
from sightline.workers.clock import MediaClock, later

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
BLACK = np.zeros((2, 2, 3), np.uint8)


class Clocks:
    """A wall clock that can be set, and one that only runs."""

    def __init__(self) -> None:
        self.wall, self.monotonic = NOON.timestamp(), 5000.0

    def pass_by(self, seconds: float) -> None:
        self.wall += seconds
        self.monotonic += seconds


def _frame(camera_id: str, media_time: float, received_at: float) -> Frame:
    return Frame(camera_id, 0, media_time, received_at, 2, 2, BLACK[:, :, 0], ArrayPixels(BLACK))


def test_a_frames_moment_is_when_it_was_received() -> None:
    clocks = Clocks()
    clock = MediaClock(lambda: clocks.wall, lambda: clocks.monotonic)
    clocks.pass_by(3.0)  # it waited so long for its analysis
    clock.note([_frame("door", 41.0, 5000.0), _frame("yard", 7.0, 4999.0)])
    assert clock.moment("door", 41.0) == NOON
    assert clock.moment("door", 40.5) == NOON - timedelta(seconds=0.5)
    assert clock.moment("yard", 7.0) == NOON - timedelta(seconds=1)


def test_a_camera_without_a_frame_has_no_time() -> None:
    with pytest.raises(KeyError):
        MediaClock().moment("door", 0.0)


def test_after_the_wall_clock_was_set_new_tracks_follow_it() -> None:
    clocks = Clocks()
    clock = MediaClock(lambda: clocks.wall, lambda: clocks.monotonic)
    clock.note([_frame("door", 10.0, clocks.monotonic)])
    clocks.pass_by(1.0)
    clocks.wall -= 3600
    clock.note([_frame("door", 11.0, clocks.monotonic)])
    assert clock.moment("door", 11.0) == NOON + timedelta(seconds=1 - 3600)


@given(first=st.floats(0, 1e6), lasts=st.lists(st.floats(-10, 1e4), min_size=1))
def test_no_moment_of_a_track_is_before_its_first(first: float, lasts: list[float]) -> None:
    begin = NOON + timedelta(seconds=first)
    assert all(later(begin, seconds) >= begin for seconds in lasts)
