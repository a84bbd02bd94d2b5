"""Backpressure: how fast cameras go when detection falls behind, and which frames are left out."""

import itertools
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from redis.asyncio import Redis

from sightline.domain.frames import Frame
from sightline.workers.embedded.valkey import ValkeyAddress
from sightline.workers.pacing import PaceBoard, Pacer, Thinning
from tests.pipeline.fakes import frame_at

CAMERA = uuid4()


def frames(number: int, camera: UUID = CAMERA) -> Iterator[Frame]:
    return (frame_at(tick / 5, camera_id=str(camera)) for tick in range(number))


def settled(capacity: float, cameras: int, seconds: int) -> list[float]:
    """Paces second by second of a detector that does so many frames a second, with cameras of 5 frames per second."""
    pacer, waiting, paces = Pacer(5.0, 1.0), 0.0, []
    for _ in range(seconds):
        waiting = min(max(waiting + cameras * 5.0 * pacer.pace - capacity, 0.0), cameras * 30.0)
        paces.append(pacer.see(round(waiting), cameras))
    return paces


def test_a_slow_detector_slows_its_cameras_to_what_it_does_and_no_further() -> None:
    paces = settled(capacity=20.0, cameras=8, seconds=120)  # of 40 frames per second
    assert 0.4 <= sum(paces[60:]) / 60 <= 0.55
    assert max(paces[60:]) <= 0.75


def test_a_hopeless_one_leaves_every_camera_its_least() -> None:
    assert settled(capacity=1.0, cameras=8, seconds=30)[-1] == pytest.approx(0.2)  # 1 of 5 frames per second


def test_full_speed_comes_back() -> None:
    pacer = Pacer(5.0, 1.0)
    for _ in range(10):
        pacer.see(240, 8)
    assert pacer.pace < 0.3
    for _ in range(20):
        pacer.see(0, 8)
    assert pacer.pace == 1.0
    assert pacer.see(0, 0) == 1.0


@pytest.mark.parametrize(("pace", "expected"), [(1.0, 100), (0.5, 50), (0.2, 20), (0.9, 90)])
def test_frames_are_left_out_evenly(pace: float, expected: int) -> None:
    thinning = Thinning()
    thinning.set({CAMERA: pace})
    chosen = [frame.sequence for frame in thinning.choose(list(frames(100)))]
    assert abs(len(chosen) - expected) <= 2
    assert chosen[0] == 0
    gaps = [later - former for former, later in itertools.pairwise(chosen)]
    assert max(gaps) - min(gaps) <= 1


def test_a_break_in_time_is_not_left_out_with_its_frame() -> None:
    thinning = Thinning()
    thinning.set({CAMERA: 0.5})
    list(thinning.choose(list(frames(20))))
    for tick in (20, 21):
        broken = [frame_at(tick / 5, camera_id=str(CAMERA), discontinuity=True)]
        later = [frame_at((tick + 10) / 5, camera_id=str(CAMERA)), frame_at((tick + 11) / 5, camera_id=str(CAMERA))]
        assert thinning.choose([*broken, *later])[0].discontinuity


def test_another_cameras_pace_is_its_own() -> None:
    other, thinning = uuid4(), Thinning()
    thinning.set({CAMERA: 0.2})
    assert len(thinning.choose(list(frames(10, other)))) == 10


@pytest.mark.asyncio
async def test_paces_go_over_redis_and_end_by_themselves(redis_server: ValkeyAddress) -> None:
    other, third = uuid4(), uuid4()
    async with Redis.from_url(redis_server.url, protocol=2) as redis:
        board = PaceBoard(redis)
        await board.put({CAMERA: 0.35})
        await board.put({})
        await redis.set(f"pace:{third}", "-3")
        assert await board.get([CAMERA, other, third]) == {CAMERA: 0.35, other: 1.0, third: 1.0}
        assert 0 < await redis.ttl(f"pace:{CAMERA}") <= 10
        await redis.set(f"pace:{third}", "fast")
        assert await board.get([third]) == {third: 1.0}
        assert await board.get([]) == {}
