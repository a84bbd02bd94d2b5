"""A clip with a face for tests: the demo's guest, a portrait in the public domain from matplotlib's wheel."""

from pathlib import Path

import matplotlib as mpl
from PIL import Image

from sightline.media.demo_clip import Passage, render_clip

PORTRAIT = Path(mpl.get_data_path()) / "sample_data" / "grace_hopper.jpg"
"""Grace Hopper, US Navy."""


def record_guest(target: Path, *, seconds: float, present: float | None = None, title: str = "Hall") -> Path:
    """The guest stands in the middle of the hall, for the whole clip or its first seconds (640×360 px, 15 fps)."""
    with Image.open(PORTRAIT) as portrait:
        guest = Passage(portrait.convert("RGB"), 0.0, present or seconds, (0.45, 0.55), (250, 250))
    render_clip(target, title, [guest], seconds=seconds)
    return target
