"""Answers HEAD on every path that answers GET: the same work, the same headers, no body (RFC 9110, 9.3.2)."""

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

METHOD_NOT_ALLOWED: Final = 405


class _HeadersSent(Exception):  # the way out of a stream whose body nobody wants
    """All that HEAD asks for is told."""


class Head:
    """Pure ASGI; the innermost, so that others see a HEAD and its route, and the application sees a GET.

    A stream is left after its headers: /v1/events would go on, and a large export be made for nobody.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif scope["method"] != "HEAD":
            await self.app(scope, receive, _naming_head(send))
        else:
            await self._headers_only(scope, receive, _naming_head(send))

    async def _headers_only(self, scope: Scope, receive: Receive, send: Send) -> None:
        as_get = {**scope, "method": "GET"}

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
                return
            await send({"type": "http.response.body", "body": b""})
            if message.get("more_body"):
                raise _HeadersSent

        try:
            await self.app(as_get, receive, without_body)
        except _HeadersSent:
            return
        finally:
            scope.update({**as_get, "method": "HEAD"})


def _naming_head(send: Send) -> Send:
    """Whoever is told to use GET may use HEAD."""

    async def told(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == METHOD_NOT_ALLOWED:
            headers = MutableHeaders(scope=message)
            allowed = [method.strip() for method in headers.get("allow", "").split(",")]
            if "GET" in allowed and "HEAD" not in allowed:
                headers["allow"] = ", ".join([*allowed, "HEAD"])
        await send(message)

    return told
