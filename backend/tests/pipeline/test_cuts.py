"""What is a cut and what is not."""

import numpy as np

from sightline.domain.arrays import ImageArray
from sightline.pipeline.cuts import is_cut


def scene(seed: int) -> ImageArray:
    coarse = np.random.default_rng(seed).integers(20, 220, (6, 12))
    return np.kron(coarse, np.ones((9, 8))).astype(np.uint8)


def test_another_scene_is_a_cut() -> None:
    assert is_cut(scene(1), scene(2))


def test_the_same_scene_is_none() -> None:
    assert not is_cut(scene(1), scene(1))


def test_light_is_none() -> None:
    assert not is_cut(scene(1) // 3, scene(1))


def test_someone_who_steps_before_the_camera_is_none() -> None:
    hidden = scene(1)
    hidden[20:, 30:60] = 30
    assert not is_cut(scene(1), hidden)


def test_noise_in_the_dark_is_none() -> None:
    random = np.random.default_rng(3)
    dark = [random.integers(0, 12, (54, 96)).astype(np.uint8) for _ in range(2)]
    assert not is_cut(*dark)


def test_a_swinging_camera_is_none() -> None:
    assert not is_cut(scene(1)[:, 4:], scene(1)[:, :-4])


def test_a_change_of_size_is_one() -> None:
    assert is_cut(scene(1), scene(1)[:40])
