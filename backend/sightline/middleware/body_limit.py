"""Bodies have an end: longer ones are refused before they are read, or where they grow beyond it."""

import re
from collections.abc import Mapping
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class BodyLimit:
    """limit in bytes, and others by pattern of the whole path. Raises HTTPException 413 from inside of the
    application, which renders it."""

    def __init__(self, app: ASGIApp, *, limit: int, uploads: Mapping[str, int]) -> None:
        self.app = app
        self._limit = limit
        self._uploads = [(re.compile(pattern), size) for pattern, size in uploads.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = next((size for pattern, size in self._uploads if pattern.fullmatch(scope["path"])), self._limit)
        announced = Headers(scope=scope).get("content-length", "0")
        received = int(announced) if announced.isdecimal() and int(announced) > limit else 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return message

        await self.app(scope, counted, send)
