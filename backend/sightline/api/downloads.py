"""Answers that are tables, written while they are sent."""

from collections.abc import AsyncIterator
from typing import Any, Final

from fastapi.responses import StreamingResponse

from sightline.schemas.exports import ExportFormat
from sightline.services.table_files import MEDIA_TYPES

EXPORTED: Final[dict[str, Any]] = {
    "content": {"text/csv": {}, "application/json": {}, "application/x-ndjson": {}},
    "description": "The file, written while it is sent. One that breaks off ends with a line that says so.",
}
"""For OpenAPI."""


def table_response(pieces: AsyncIterator[str], *, form: ExportFormat, file_name: str) -> StreamingResponse:
    """A download that nobody keeps and no proxy holds back."""
    headers = {
        "Content-Disposition": f'attachment; filename="{file_name}"',
        "Cache-Control": "private, no-store",
        "X-Accel-Buffering": "no",
    }
    return StreamingResponse(pieces, media_type=MEDIA_TYPES[form], headers=headers)
