"""Stories of a motion gate."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline.domain.arrays import ImageArray
from sightline.domain.frames import ArrayPixels, Frame
from sightline.pipeline.gate import GateRules, MotionGate, local_change

SHAPE = (54, 96)
NEVER = 1e9
STILL = GateRules(refresh_after=NEVER, refresh_busy_after=NEVER)


def frame(luma: ImageArray, media_time: float, *, discontinuity: bool = False, camera: str = "door") -> Frame:
    pixels = ArrayPixels(np.zeros((1, 1, 3), np.uint8))
    return Frame(camera, 0, media_time, media_time, 640, 360, luma, pixels, discontinuity)


def room(seed: int = 1) -> ImageArray:
    """Furniture: smooth shades between 40 and 200."""
    coarse = np.random.default_rng(seed).integers(40, 200, (6, 12))
    return np.kron(coarse, np.ones((9, 8))).astype(np.uint8)


def noisy(luma: ImageArray, sigma: float, seed: int) -> ImageArray:
    noise = np.random.default_rng(seed).normal(0, sigma, luma.shape)
    return np.clip(luma + noise, 0, 255).round().astype(np.uint8)


def put(luma: ImageArray, x: int, y: int, size: int, level: int) -> ImageArray:
    changed = luma.copy()
    changed[y : y + size, x : x + size] = level
    return changed


def opened(gate: MotionGate, lumas: list[ImageArray]) -> list[bool]:
    return [gate.opens(frame(luma, number / 5)) for number, luma in enumerate(lumas)]


def test_the_first_frame_opens_and_a_still_room_stays_shut() -> None:
    assert opened(MotionGate(STILL), [room()] * 20) == [True] + [False] * 19


@pytest.mark.parametrize("sigma", [0.5, 1.5, 3.0])
def test_sensor_noise_does_not_open_it(sigma: float) -> None:
    gate = MotionGate(STILL)
    decisions = opened(gate, [noisy(room(), sigma, seed) for seed in range(120)])
    assert sum(decisions[20:]) == 0, "after it has learnt the noise"


def test_key_frame_pulses_of_a_codec_do_not_open_it() -> None:
    pulse = np.kron(np.random.default_rng(2).integers(-2, 3, (27, 48)), np.ones((2, 2))).astype(int)
    lumas = [np.clip(room() + pulse * (number % 10 == 0), 0, 255).astype(np.uint8) for number in range(40)]
    assert sum(opened(MotionGate(STILL), lumas)) == 1


@pytest.mark.parametrize("noise", [0.0, 1.0])
@pytest.mark.parametrize("x", [0, 40, 93])
def test_a_face_of_three_luma_pixels_opens_it_wherever_it_enters(x: int, noise: float) -> None:
    gate = MotionGate(STILL)
    lumas = [noisy(room(), noise, seed) for seed in range(30)]
    background = int(room()[30, x])
    arrived = put(room(), x, 30, 3, background + 25 if background < 128 else background - 25)
    assert not any(opened(gate, lumas)[10:])
    assert gate.opens(frame(noisy(arrived, noise, 99), 6.0))


def test_slow_motion_adds_up_until_it_is_seen() -> None:
    gate = MotionGate(STILL)
    level = int(room()[20, 20])  # a shadow that darkens by one level a frame never changes much at once
    lumas = [put(room(), 20, 20, 6, level - shade) for shade in range(12)]
    decisions = opened(gate, lumas)
    assert 2 <= sum(decisions) <= 4, "the first frame, and every few levels"


def test_light_that_is_switched_on_opens_it_once() -> None:
    lit = np.clip(room().astype(int) + 40, 0, 255).astype(np.uint8)
    assert opened(MotionGate(STILL), [room()] * 5 + [lit] * 5) == [True, *[False] * 4, True, *[False] * 4]


def test_every_two_seconds_it_opens_in_any_case_and_every_second_while_faces_are_in_view() -> None:
    idle, busy = MotionGate(), MotionGate()
    quiet = [idle.opens(frame(room(), number / 5)) for number in range(31)]
    watched = [busy.opens(frame(room(), number / 5), busy=True) for number in range(31)]
    assert [number / 5 for number, is_open in enumerate(quiet) if is_open] == [0, 2, 4, 6]
    assert [number / 5 for number, is_open in enumerate(watched) if is_open] == [0, 1, 2, 3, 4, 5, 6]


def test_reconnects_other_sizes_and_time_that_runs_back_open_it() -> None:
    gate = MotionGate(STILL)
    assert gate.opens(frame(room(), 5))
    assert gate.opens(frame(room(), 5.2, discontinuity=True))
    assert gate.opens(frame(room()[:40], 5.4))
    assert gate.opens(frame(room()[:40], 1.0))


def test_cameras_do_not_know_of_each_other() -> None:
    gate = MotionGate(STILL)
    assert gate.opens(frame(room(), 0, camera="door"))
    assert gate.opens(frame(room(), 0, camera="yard"))
    assert not gate.opens(frame(room(), 1, camera="door"))
    gate.forget("door")
    assert gate.opens(frame(room(), 2, camera="door"))


@given(st.integers(0, 50), st.integers(0, 90), st.integers(3, 40))
def test_a_change_is_seen_in_full_where_it_fills_a_window(row: int, column: int, change: int) -> None:
    before = np.full(SHAPE, 100, np.uint8)
    after = put(before, min(column, 93), min(row, 51), 3, 100 + change)
    windows = local_change(before, after)
    assert windows.shape == (52, 94)
    assert windows.max() == pytest.approx(change)
    np.testing.assert_allclose(windows, local_change(after, before))


def test_a_picture_smaller_than_a_window_is_one_window() -> None:
    assert local_change(np.zeros((2, 5), np.uint8), np.full((2, 5), 9, np.uint8)) == pytest.approx(9)
