from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline.media.timeline import TICK, Sampler, Timeline

stamps = st.lists(st.none() | st.floats(-1e6, 1e6, allow_nan=False), min_size=2, max_size=60)


@given(stamps, st.booleans(), st.sampled_from([None, 1.0, 25.0, 60.0]), st.sets(st.integers(0, 59)))
def test_media_time_always_rises_whatever_the_timestamps_do(
    timestamps: list[float | None], live: bool, rate: float | None, reconnects: set[int]
) -> None:
    timeline = Timeline()
    timeline.connect(frame_rate=rate, live=live)
    times = []
    for index, timestamp in enumerate(timestamps):
        if index in reconnects:
            timeline.connect(frame_rate=rate, live=live)
        times.append(timeline.advance(timestamp, arrival=index * 0.04).media_time)
    assert times[0] == 0.0
    assert all(before < after for before, after in pairwise(times))


def play(
    timestamps: list[float | None], *, live: bool = False, duration: float | None = None
) -> list[tuple[float, bool]]:
    timeline = Timeline()
    timeline.connect(frame_rate=25, live=live, duration=duration)
    instants = [timeline.advance(stamp, arrival=index * 0.1) for index, stamp in enumerate(timestamps)]
    return [(round(instant.media_time, 3), instant.discontinuity) for instant in instants]


def test_regular_timestamps_start_at_zero() -> None:
    assert play([7.0, 7.04, 7.08]) == [(0.0, False), (0.04, False), (0.08, False)]


def test_a_jump_ahead_is_anchored_one_frame_later() -> None:
    assert play([0.0, 0.04, 5000.0, 5000.04]) == [(0.0, False), (0.04, False), (0.08, True), (0.12, False)]


def test_a_gap_in_a_recording_is_believed_when_its_duration_holds_it() -> None:
    assert play([0.0, 0.04, 60.0, 60.04], duration=61.0) == [(0.0, False), (0.04, False), (60.0, True), (60.04, False)]


def test_time_that_starts_again_goes_on() -> None:
    assert play([100.0, 100.04, 0.0, 0.04]) == [(0.0, False), (0.04, False), (0.08, True), (0.12, False)]


def test_repeated_timestamps_do_not_stretch_time() -> None:
    assert play([0.0, 0.0, 0.08, 0.08, 0.16]) == [
        (0.0, False),
        (TICK, False),
        (0.08, False),
        (0.08 + TICK, False),
        (0.16, False),
    ]


def test_missing_timestamps_advance_by_the_rate_of_a_file_and_by_the_clock_of_a_camera() -> None:
    assert play([None, None, None]) == [(0.0, False), (0.04, False), (0.08, False)]
    assert play([None, None, None], live=True) == [(0.0, False), (0.1, False), (0.2, False)]


def test_the_first_stamp_after_missing_ones_follows_one_frame_later() -> None:
    assert play([None, 500.0, 500.04], live=True) == [(0.0, False), (0.04, False), (0.08, False)]


def test_time_goes_on_over_a_reconnect_by_the_clock() -> None:
    timeline = Timeline()
    timeline.connect(frame_rate=25, live=True)
    timeline.advance(900.0, arrival=50.0)
    timeline.connect(frame_rate=25, live=True)
    again = timeline.advance(3.0, arrival=58.0)
    assert (again.media_time, again.discontinuity) == (8.0, True)


@pytest.mark.parametrize(
    ("fps", "rate", "expected"), [(25, 5, 50), (24, 5, 50), (5, 5, 50), (3, 5, 30), (30, 7, 70), (10, 60, 100)]
)
def test_the_sample_rate_is_kept_over_ten_seconds(fps: int, rate: float, expected: int) -> None:
    sampler = Sampler(rate)
    taken = [index for index in range(fps * 10) if sampler.wants(index / fps, 1 / fps)]
    assert abs(len(taken) - expected) <= 1


@given(st.lists(st.floats(-0.01, 0.01), min_size=100, max_size=100))
def test_jitter_of_a_camera_at_the_sample_rate_loses_no_frame(jitter: list[float]) -> None:
    sampler = Sampler(5.0)
    assert all(sampler.wants(index * 0.2 + wobble, 0.2) for index, wobble in enumerate(jitter))


def test_after_a_pause_the_beat_starts_anew_and_nothing_is_caught_up() -> None:
    sampler = Sampler(5.0)
    assert sampler.wants(0.0, 0.04)
    assert sampler.wants(100.0, 0.04)
    assert not sampler.wants(100.04, 0.04)
