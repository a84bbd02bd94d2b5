"""Cuts: hard changes of scene within one stream, as edited programmes and camera switchers make them."""

import numpy as np

from sightline.domain.arrays import ImageArray

MAX_CORRELATION = 0.2
"""Two pictures of one scene resemble each other more than this, even when a hand-held camera swings
(0.3 to 0.9 between samples a fifth of a second apart); across a cut 0.0 to 0.2 was seen."""

MIN_DIFFERENCE = 16.0
"""Grey levels of mean absolute difference below which a low correlation is only noise in a picture without
contrast; across cuts 28 and more was seen, between samples of a still scene 1 to 5."""


def is_cut(before: ImageArray, after: ImageArray) -> bool:
    """Whether two luma copies (h, w) uint8 of one camera, one sample apart, show different scenes.

    Light that is switched on or off is no cut: it leaves the correlation high. A change of size is one.
    """
    if before.shape != after.shape:
        return True
    first, second = before.astype(np.float32), after.astype(np.float32)
    if np.abs(first - second).mean() < MIN_DIFFERENCE:
        return False
    first -= first.mean()
    second -= second.mean()
    spread = float(np.sqrt((first * first).sum() * (second * second).sum()))
    return spread > 0 and float((first * second).sum()) / spread < MAX_CORRELATION
