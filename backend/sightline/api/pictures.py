"""How pictures of people are answered."""

from typing import Any, Final

from fastapi import Response

from sightline.core.storage import StoredObject

BRIEFLY: Final = {"Cache-Control": "private, max-age=60"}
"""A browser may keep a picture for a minute, nobody else at all."""
PICTURES: Final[dict[str, Any]] = {"content": {"image/jpeg": {}}, "description": "The picture."}
"""For a route's responses."""


def shown(picture: StoredObject) -> Response:
    """The picture, briefly and privately kept."""
    return Response(picture.data, media_type=picture.content_type, headers=BRIEFLY)
