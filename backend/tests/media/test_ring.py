import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline.domain.frames import ArrayPixels, Frame
from sightline.media.ring import FrameRing, FrameRings


def a_frame(sequence: int = 0, camera_id: str = "door", width: int = 4, height: int = 2) -> Frame:
    image = np.zeros((height, width, 3), np.uint8)
    return Frame(camera_id, sequence, sequence / 5, 0.0, width, height, image[..., 0], ArrayPixels(image))


def test_frames_come_out_in_order() -> None:
    ring = FrameRing()
    for sequence in range(3):
        assert ring.put(a_frame(sequence))
    assert [frame.sequence for _ in range(3) if (frame := ring.take(0))] == [0, 1, 2]
    assert ring.take(0) is None
    assert ring.bytes_waiting == 0


def test_a_full_ring_drops_the_oldest_and_counts_it() -> None:
    ring = FrameRing(max_frames=3)
    for sequence in range(5):
        ring.put(a_frame(sequence))
    assert [frame.sequence for _ in range(3) if (frame := ring.take(0))] == [2, 3, 4]
    assert ring.dropped == 2


def test_bytes_bound_the_ring_too_but_one_frame_always_fits() -> None:
    ring = FrameRing(max_frames=30, max_bytes=100)
    ring.put(a_frame(0, width=4, height=4))
    ring.put(a_frame(1, width=4, height=4))
    assert (ring.waiting, ring.bytes_waiting, ring.dropped) == (2, 96, 0)
    ring.put(a_frame(2, width=100, height=100))
    assert (ring.waiting, ring.dropped) == (1, 2)


@given(st.lists(st.integers(1, 20), max_size=60), st.integers(1, 6))
def test_what_comes_in_is_taken_dropped_or_still_waits(widths: list[int], max_frames: int) -> None:
    ring = FrameRing(max_frames=max_frames, max_bytes=150)
    for sequence, width in enumerate(widths):
        ring.put(a_frame(sequence, width=width))
        assert ring.waiting <= max_frames
        assert ring.bytes_waiting <= 150
    assert ring.waiting + ring.dropped == len(widths)


def test_a_file_waits_for_room_and_loses_nothing() -> None:
    ring = FrameRing(max_frames=2)
    reader = threading.Thread(target=lambda: [ring.put(a_frame(n), wait=True) for n in range(20)])
    reader.start()
    taken = [frame.sequence for _ in range(20) if (frame := ring.take(10))]
    reader.join(10)
    assert taken == list(range(20))
    assert ring.dropped == 0


def test_closing_wakes_who_waits_for_room_and_who_waits_for_frames() -> None:
    full, empty = FrameRing(max_frames=1), FrameRing()
    full.put(a_frame())
    answers: list[object] = []
    waiters = [
        threading.Thread(target=lambda: answers.append(full.put(a_frame(), wait=True))),
        threading.Thread(target=lambda: answers.append(empty.take())),
    ]
    for waiter in waiters:
        waiter.start()
    full.close()
    empty.close()
    for waiter in waiters:
        waiter.join(10)
    assert len(answers) == 2
    assert set(answers) == {False, None}
    assert full.take() is not None  # what waited may still be taken


def test_a_ring_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one frame"):
        FrameRing(max_frames=0)


def test_no_camera_starves_beside_a_busy_one() -> None:
    rings = FrameRings()
    busy, calm = rings.add("busy"), rings.add("calm")
    for sequence in range(10):
        busy.put(a_frame(sequence, "busy"))
    for sequence in range(2):
        calm.put(a_frame(sequence, "calm"))
    taken = [frame.camera_id for frame in rings.take_fair(5)]
    assert taken.count("calm") == 2
    assert [frame.sequence for frame in rings.take_fair(99)] == list(range(3, 10))


def test_the_turn_goes_on_between_calls() -> None:
    rings = FrameRings()
    for name in ("a", "b", "c"):
        ring = rings.add(name)
        for sequence in range(3):
            ring.put(a_frame(sequence, name))
    order = [rings.take_fair(1)[0].camera_id for _ in range(9)]
    assert order == ["a", "b", "c"] * 3


def test_one_consumer_waits_on_all_cameras() -> None:
    rings = FrameRings()
    rings.add("quiet")
    ring = rings.add("door")
    threading.Timer(0.05, lambda: ring.put(a_frame(7, "door"))).start()
    assert [frame.sequence for frame in rings.take_fair(8, timeout=10)] == [7]


def test_when_all_rings_are_closed_and_empty_waiting_ends() -> None:
    rings = FrameRings()
    one, two = rings.add("one"), rings.add("two")
    two.put(a_frame())
    one.close()
    two.close()
    assert not rings.exhausted
    assert len(rings.take_fair(8)) == 1
    assert rings.take_fair(8) == []
    assert rings.exhausted


def test_a_removed_camera_is_forgotten() -> None:
    rings = FrameRings()
    ring = rings.add("gone")
    ring.put(a_frame())
    rings.remove("gone")
    assert ring.closed
    assert rings.take_fair(8, timeout=0) == []


def test_a_camera_has_one_ring() -> None:
    rings = FrameRings()
    rings.add("door")
    with pytest.raises(ValueError, match="has a ring already"):
        rings.add("door")
