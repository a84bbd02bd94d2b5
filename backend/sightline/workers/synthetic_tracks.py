"""Tracks made from portraits, for experiments with a known truth: motion, scale, blur, noise and compression."""

from dataclasses import dataclass
from io import BytesIO
from math import cos, radians, sin

import numpy as np
from PIL import Image, ImageFilter

from sightline.domain.arrays import FloatArray, ImageArray

WIDTH, HEIGHT = 640, 360
BACKGROUND = (96, 96, 96)
EXPOSURES = 5
"""Positions along the motion of one exposure whose mean is its motion blur."""


@dataclass(frozen=True, slots=True)
class Difficulty:
    """Ranges from which a track, or each of its frames, is drawn.

    Of a track: eye_distance px; speed px per frame; gain of brightness. Of a frame: tilt, standard
    deviation of roll in degrees; motion_blur, defocus px; noise, standard deviation in grey levels;
    jpeg_quality as libjpeg counts it.
    """

    eye_distance: tuple[float, float] = (14.0, 36.0)
    speed: tuple[float, float] = (4.0, 30.0)
    gain: tuple[float, float] = (0.55, 1.15)
    tilt: float = 6.0
    motion_blur: tuple[float, float] = (0.0, 6.0)
    defocus: tuple[float, float] = (0.0, 1.6)
    noise: tuple[float, float] = (2.0, 8.0)
    jpeg_quality: tuple[int, int] = (20, 60)


@dataclass(frozen=True, slots=True)
class _Pose:
    x: float
    y: float
    scale: float
    roll: float


def synthesise(
    portrait: ImageArray,
    landmarks: FloatArray,
    random: np.random.Generator,
    frames: int,
    difficulty: Difficulty | None = None,
) -> list[ImageArray]:
    """Frames (360, 640, 3) uint8 BGR in which a portrait's face moves past a camera.

    portrait (H, W, 3) uint8 BGR; landmarks (5, 2) px of its face. The same random state gives the
    same track.
    """
    difficulty = difficulty or Difficulty()
    wanted = random.uniform(*difficulty.eye_distance)
    source, points = _shrunk(portrait, landmarks, wanted)
    centre = points.mean(axis=0)
    scale = wanted / float(np.linalg.norm(points[0] - points[1]))
    growth = random.uniform(-0.02, 0.04)
    step = random.uniform(*difficulty.speed) * random.choice((-1, 1))
    gain = random.uniform(*difficulty.gain)
    made = []
    for number in range(frames):
        offset = number - (frames - 1) / 2
        pose = _Pose(
            WIDTH / 2 + step * offset,
            HEIGHT / 2 + random.normal(0, 3),
            scale * (1 + growth * offset),
            random.normal(0, difficulty.tilt),
        )
        exposed = _expose(source, centre, pose, random.uniform(*difficulty.motion_blur))
        made.append(_degrade(exposed, gain, random, difficulty))
    return made


def _shrunk(portrait: ImageArray, landmarks: FloatArray, wanted: float) -> tuple[Image.Image, FloatArray]:
    """The portrait, reduced with an anti-aliasing filter to at most twice the wanted size."""
    picture = Image.fromarray(np.ascontiguousarray(portrait[..., ::-1]))
    factor = min(1.0, 2 * wanted / float(np.linalg.norm(landmarks[0] - landmarks[1])))
    size = (max(1, round(picture.width * factor)), max(1, round(picture.height * factor)))
    ratio = np.array([size[0] / picture.width, size[1] / picture.height], np.float32)
    return picture.resize(size, Image.Resampling.LANCZOS), landmarks * ratio


def _expose(source: Image.Image, centre: FloatArray, pose: _Pose, blur: float) -> FloatArray:
    """One exposure while the face moves by blur px (360, 640, 3) float32 RGB."""
    turn_x, turn_y = cos(radians(pose.roll)) / pose.scale, sin(radians(pose.roll)) / pose.scale
    total = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    for shift in np.linspace(-blur / 2, blur / 2, EXPOSURES):
        x, y = pose.x + float(shift), pose.y
        inverse = (
            turn_x, turn_y, float(centre[0]) - turn_x * x - turn_y * y,
            -turn_y, turn_x, float(centre[1]) + turn_y * x - turn_x * y,
        )  # fmt: skip
        moved = source.transform(
            (WIDTH, HEIGHT), Image.Transform.AFFINE, inverse, Image.Resampling.BILINEAR, fillcolor=BACKGROUND
        )
        total += np.asarray(moved, np.float32)
    return np.asarray(total / EXPOSURES, np.float32)


def _degrade(exposed: FloatArray, gain: float, random: np.random.Generator, difficulty: Difficulty) -> ImageArray:
    """Defocus, sensor noise, dim light and compression."""
    picture = Image.fromarray(np.clip(exposed * gain, 0, 255).astype(np.uint8))
    picture = picture.filter(ImageFilter.GaussianBlur(random.uniform(*difficulty.defocus)))
    noise = random.normal(0, random.uniform(*difficulty.noise), (HEIGHT, WIDTH, 3))
    noisy = np.clip(np.asarray(picture, np.float32) + noise, 0, 255).astype(np.uint8)
    packed = BytesIO()
    Image.fromarray(noisy).save(packed, "JPEG", quality=int(random.integers(*difficulty.jpeg_quality)))
    with Image.open(packed) as unpacked:
        return np.ascontiguousarray(np.asarray(unpacked.convert("RGB"))[..., ::-1])
