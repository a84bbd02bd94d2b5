"""Cuts faces out of frames for people to look at, and encodes pictures."""

from math import ceil

import cv2
import numpy as np

from sightline.domain.arrays import ImageArray
from sightline.domain.tracks import Box

MARGIN = 0.5
"""Share of the box's longer side that is shown around a face: hair, ears and collar help people to tell."""

JPEG_QUALITY = 88


def face_crop(image: ImageArray, box: Box, margin: float = MARGIN) -> ImageArray:
    """A face with its surroundings. image (H, W, 3) uint8 BGR; box x, y, width, height px -> (h, w, 3), a copy.

    What would lie outside the picture is left out. Raises ValueError when the box lies outside altogether.
    """
    x, y, width, height = box
    around = margin * max(width, height)
    left, top = max(0, int(x - around)), max(0, int(y - around))
    right, bottom = min(image.shape[1], ceil(x + width + around)), min(image.shape[0], ceil(y + height + around))
    if right <= left or bottom <= top:
        raise ValueError(f"the box {box} lies outside of the picture {image.shape[1]}x{image.shape[0]} px")
    return image[top:bottom, left:right].copy()


def encode_jpeg(image: ImageArray, quality: int = JPEG_QUALITY) -> bytes:
    """A JPEG file. image (H, W, 3) uint8 BGR."""
    done, encoded = cv2.imencode(".jpg", np.ascontiguousarray(image), [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError(f"no JPEG can be made of a picture of shape {image.shape}")
    return encoded.tobytes()
