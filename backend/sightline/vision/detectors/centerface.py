"""CenterFace (Xu, Yan, Yang, Luo: "Joint Face Detection and Alignment Using Face as Point", 2019)."""

from collections.abc import Sequence

import numpy as np

from sightline.domain.faces import Faces
from sightline.vision.detectors.base import Recipe, require
from sightline.vision.preprocess import Size

STRIDE = 4
"""px of the canvas per cell of the heat map."""


def decode(outputs: Sequence[np.ndarray], canvas: Size, min_score: float) -> list[Faces]:
    """Read heat map (n, 1, h, w), log size (n, 2, h, w), offset (n, 2, h, w) and landmarks (n, 10, h, w).

    Sizes, offsets and landmarks come y before x. Returns faces in canvas px, one Faces per picture.
    """
    rows, columns = canvas.height // STRIDE, canvas.width // STRIDE
    shapes = [output.shape[1:] for output in outputs]
    expected = [(channels, rows, columns) for channels in (1, 2, 2, 10)]
    require(holds=shapes == expected, what=f"CenterFace gives {expected}, found {shapes}")
    heat, sizes, offsets, landmarks = outputs
    return [_decode_one(*maps, min_score) for maps in zip(heat, sizes, offsets, landmarks, strict=True)]


def _decode_one(
    heat: np.ndarray, sizes: np.ndarray, offsets: np.ndarray, landmarks: np.ndarray, min_score: float
) -> Faces:
    rows, columns = np.nonzero(heat[0] > min_score)
    cells = np.stack((columns, rows), axis=1).astype(np.float32)
    sides = STRIDE * np.exp(sizes[::-1, rows, columns].T)
    centres = STRIDE * (cells + offsets[::-1, rows, columns].T + 0.5)
    corners = centres - sides / 2
    points = landmarks[:, rows, columns].T.reshape(-1, 5, 2)[:, :, ::-1]
    return Faces(
        np.concatenate((corners, corners + sides), axis=1).astype(np.float32),
        (corners[:, None] + points * sides[:, None]).astype(np.float32),
        heat[0, rows, columns].astype(np.float32),
    )


RECIPE = Recipe(decode)
