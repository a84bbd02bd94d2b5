"""Tells clients how much of their quota is left: draft-ietf-httpapi-ratelimit-headers-10, RateLimit-Policy and
RateLimit. Counting happens where it is known who calls, in api/gate.py."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sightline.services.rate_limits import WINDOW_SECONDS, Quota


class RateLimitHeaders:
    """Pure ASGI, so that streams pass through unbuffered."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""

        async def told(message: Message) -> None:
            quota = scope.get("state", {}).get("quota")
            if message["type"] == "http.response.start" and isinstance(quota, Quota):
                headers = MutableHeaders(scope=message)
                name = f'"{quota.rate_class.value}"'
                headers["RateLimit-Policy"] = f"{name};q={quota.limit};w={WINDOW_SECONDS}"
                headers["RateLimit"] = f"{name};r={quota.remaining};t={quota.reset}"
            await send(message)

        await self.app(scope, receive, told)
