"""Renders the demo's cameras: guests walk through an empty hall, and the picture is encoded as H.264.

The guests are two portraits in the public domain; they are moved, scaled, mirrored, relit, blurred
and compressed, so that the pipeline works for its answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import pi, sin
from pathlib import Path

import av
import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

WIDTH, HEIGHT, FPS = 640, 360, 15


@dataclass(frozen=True, slots=True)
class Passage:
    """One guest's way through the picture.

    start, duration in seconds; path from and to as fractions of the picture's width; height of the
    portrait in px at both ends; light 1.0 as photographed; blur radius in px.
    """

    portrait: Image.Image
    start: float
    duration: float
    path: tuple[float, float]
    heights: tuple[int, int]
    mirrored: bool = False
    light: float = 1.0
    blur: float = 0.0


def render_clip(target: Path, title: str, passages: Sequence[Passage], *, seconds: float) -> None:
    """Write an H.264 MP4 of 640x360 px at 15 fps to target. title stands in the picture's corner."""
    background = _hall(title)
    with av.open(str(target), "w") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        # Key frames every second, so that a viewer or a reconnect sees a picture at once.
        stream.options = {"crf": "27", "g": str(FPS), "preset": "veryfast", "bf": "0"}
        for index in range(round(seconds * FPS)):
            picture = _compose(background, passages, index / FPS)
            frame = av.VideoFrame.from_ndarray(np.asarray(picture), format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _hall(title: str) -> Image.Image:
    """An empty hall: a wall that darkens upwards, a floor, a door frame, the camera's title."""
    rows = np.linspace(0, 1, HEIGHT)[:, None]
    wall = np.array([[96, 104, 112]]) + rows * np.array([[60, 56, 48]])
    wall[rows[:, 0] > 0.82] = (88, 82, 76)
    picture = Image.fromarray(np.broadcast_to(wall[:, None, :], (HEIGHT, WIDTH, 3)).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((40, 70, 130, 295), outline=(70, 74, 80), width=4)
    draw.rectangle((500, 70, 600, 295), outline=(70, 74, 80), width=4)
    draw.text((10, 8), title, fill=(240, 240, 240))
    return picture


def _compose(background: Image.Image, passages: Sequence[Passage], second: float) -> Image.Image:
    picture = background.copy()
    for passage in passages:
        progress = (second - passage.start) / passage.duration
        if 0 <= progress <= 1:
            _paste(picture, passage, progress)
    return picture


def _paste(picture: Image.Image, passage: Passage, progress: float) -> None:
    """Draw the guest where the passage has brought it; steps make it bob by 4 px, 1.5 times a second."""
    height = round(passage.heights[0] + (passage.heights[1] - passage.heights[0]) * progress)
    width = round(passage.portrait.width * height / passage.portrait.height)
    guest = passage.portrait.resize((width, height), Image.Resampling.LANCZOS)
    if passage.mirrored:
        guest = guest.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    guest = ImageEnhance.Brightness(guest).enhance(passage.light)
    if passage.blur:
        guest = guest.filter(ImageFilter.GaussianBlur(passage.blur))
    begin, end = passage.path
    x = (begin + (end - begin) * progress) * WIDTH - width / 2
    y = HEIGHT - height - 12 + 4 * sin(2 * pi * 1.5 * progress * passage.duration)
    picture.paste(guest, (round(x), round(y)), _outline(width, height))


def _outline(width: int, height: int) -> Image.Image:
    """A soft-edged oval over a body, so that a portrait has no hard frame."""
    mask = Image.new("L", (width, height), 0)
    draw = ImageDraw.Draw(mask)
    draw.ellipse((width * 0.04, 0, width * 0.96, height * 0.95), fill=255)
    draw.rectangle((width * 0.04, height * 0.6, width * 0.96, height), fill=255)
    return mask.filter(ImageFilter.GaussianBlur(max(1.0, height / 40)))
