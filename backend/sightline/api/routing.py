"""The router of all endpoints. What holds for each of them happens here, around FastAPI's own handler:

- the caller is known, allowed and within their quota before the body is read, so that a stranger can neither make the
  server take in a large upload nor learn from validation errors what a body should look like;
- an answer to a request with Idempotency-Key is kept in the very transaction that made it.
"""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from sightline.api import gate, idempotency

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Route(APIRoute):
    """One endpoint."""

    def get_route_handler(self) -> Handler:
        """FastAPI's handler, guarded."""
        handle = super().get_route_handler()
        guard = gate.of(self)

        async def guarded(request: Request) -> Response:
            await guard.admit(request)
            try:
                response = await handle(request)
            except idempotency.Replayed as replayed:
                return replayed.response
            await idempotency.keep(request, response)
            return response

        return guarded


class Router(APIRouter):
    """As FastAPI's, of our routes."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{"route_class": Route, **options})
