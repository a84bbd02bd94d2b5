"""The full frame of a sighting with its face marked: who, and how similar."""

import asyncio

from sightline.core.errors import ImageRejected, NotFound
from sightline.domain.tracks import Box
from sightline.services.sighting_views import SightingView
from sightline.vision.crops import encode_jpeg
from sightline.vision.images import load_image
from sightline.vision.overlay import draw_face


def label_of(view: SightingView) -> str:
    """Name and similarity, such as "A. Guest 0.62"."""
    name = view.subject_name or "unknown"
    return name if view.confidence is None else f"{name} {view.confidence:.2f}"


async def marked(picture: bytes, *, box: Box, label: str) -> bytes:
    """The picture as JPEG with box (x, y, width, height px) and label drawn in. Raises NotFound where it is damaged."""
    try:
        return await asyncio.to_thread(_marked, picture, box, label)
    except ImageRejected as error:
        raise NotFound(
            "the picture that is kept of this sighting is damaged", hint="Ask for it as it is: overlay=false."
        ) from error


def _marked(picture: bytes, box: Box, label: str) -> bytes:
    return encode_jpeg(draw_face(load_image(picture), box, label))
