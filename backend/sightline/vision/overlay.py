"""Draws a box and a line of text into a picture for people to look at."""

from functools import cache
from itertools import groupby
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from sightline.domain.arrays import ImageArray
from sightline.domain.tracks import Box

ACCENT = (217, 119, 6)
"""RGB of box and label's ground: amber, which skin, walls and night pictures lack."""
INK = (255, 255, 255)
LONGEST_LABEL = 60
"""Characters; longer ones end in an ellipsis."""
ELLIPSIS = "…"
SMALLEST_TEXT_PX = 14
TEXT_SHARE = 1 / 36
"""Height of the text as a share of the picture's: 20 px of 720."""


def draw_face(image: ImageArray, box: Box, label: str) -> ImageArray:
    """A copy with a frame around box and label above it (below, where there is no room).

    image (H, W, 3) uint8 BGR; box x, y, width, height px, which may reach beyond the picture.
    """
    picture = Image.fromarray(np.ascontiguousarray(image[:, :, ::-1]))
    canvas = ImageDraw.Draw(picture)
    x, y, width, height = box
    size = max(SMALLEST_TEXT_PX, round(picture.height * TEXT_SHARE))
    stroke = max(2, size // 8)
    canvas.rectangle(_within(picture, x, y, x + width, y + height), outline=ACCENT, width=stroke)
    if label:
        fitting = _fitting(_written(label), _font(size), picture.width - size // 2)
        _write(picture, canvas, (x, y, y + height), fitting, size)
    return np.ascontiguousarray(np.asarray(picture)[:, :, ::-1])


def _write(
    picture: Image.Image, canvas: ImageDraw.ImageDraw, at: tuple[float, float, float], label: str, size: int
) -> None:
    """at: left, top and bottom of the box."""
    left, top, bottom = at
    font = _font(size)
    pad = size // 4
    text_width = canvas.textlength(label, font=font)
    line = size + 2 * pad
    begins = top - line if top >= line else min(bottom, picture.height - line)
    left = max(0.0, min(left, picture.width - text_width - 2 * pad))
    canvas.rectangle((left, begins, left + text_width + 2 * pad, begins + line), fill=ACCENT)
    canvas.text((left + pad, begins + pad), label, fill=INK, font=font)


def _within(picture: Image.Image, *edges: float) -> tuple[float, float, float, float]:
    """left, top, right, bottom inside of the picture, in order."""
    left, top, right, bottom = edges
    x0, y0 = min(max(left, 0), picture.width - 1), min(max(top, 0), picture.height - 1)
    return x0, y0, max(x0, min(right, picture.width - 1)), max(y0, min(bottom, picture.height - 1))


def _written(label: str) -> str:
    """Characters that the font lacks, Chinese ones for example, as one ellipsis instead of a row of empty boxes."""
    known = _letters()
    runs = groupby(label, lambda one: one.isspace() or ord(one) in known)
    return "".join("".join(run) if has else ELLIPSIS for has, run in runs)


def _fitting(label: str, font: ImageFont.FreeTypeFont, width: float) -> str:
    """On one line of LONGEST_LABEL characters and width px at most."""
    whole = " ".join(label.split())
    if len(whole) <= LONGEST_LABEL and font.getlength(whole) <= width:
        return whole
    kept = whole[: LONGEST_LABEL - 1]
    while kept and font.getlength(kept + ELLIPSIS) > width:
        kept = kept[:-1]
    return kept + ELLIPSIS


@cache
def _letters() -> frozenset[int]:
    """Code points of the font."""
    from matplotlib.ft2font import FT2Font  # noqa: PLC0415 - a tenth of a second that only pictures need

    return frozenset(FT2Font(_font_file()).get_charmap())


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(_font_file(), size)


def _font_file() -> str:
    """DejaVu Sans, which comes with matplotlib: Latin, Cyrillic, Greek, Arabic and Hebrew letters."""
    import matplotlib as mpl  # noqa: PLC0415 - a tenth of a second that only pictures need

    return str(Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf")
