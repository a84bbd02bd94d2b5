"""Refuses changes that another site's page asks a browser for (CSRF), beside the cookie's SameSite=Strict.

Browsers say where a request comes from: Sec-Fetch-Site, or Origin on every POST. Programs send neither; they hold
the token themselves and cannot be tricked. Bodies are JSON or,
where files are sent, forms.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from sightline.core.errors import Forbidden, InvalidInput, UnsupportedMedia
from sightline.middleware.problems import problem_response
from sightline.middleware.request_log import request_id_of

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
BODIES = frozenset({"application/json", "multipart/form-data"})
"""What routes read. A form of another site can send the second: Sec-Fetch-Site, Origin and SameSite refuse it."""


class SameOrigin:
    """public_url: how users reach us where a proxy changes the Host header."""

    def __init__(self, app: ASGIApp, *, public_url: str | None) -> None:
        self.app = app
        self._public = public_host(public_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] == "http" and scope["method"] not in SAFE:
            refusal = self._refusal(Headers(scope=scope))
            if refusal:
                await problem_response(refusal, request_id_of(scope))(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _refusal(self, headers: Headers) -> InvalidInput | None:
        if not is_ours(headers, self._public):
            return Forbidden("this change was asked for by another site", hint="Use the page of this server itself.")
        has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
        media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        if has_body and media_type not in BODIES:
            return UnsupportedMedia(
                "the body is neither JSON nor a form with files",
                hint="Send it with Content-Type: application/json, or multipart/form-data for files.",
            )
        return None


def is_ours(headers: Headers, public: str | None) -> bool:
    """Whether a browser was sent here by a page of ours, or no browser asks. public: our host where a proxy changes it.

    Sec-Fetch-Site decides where it is sent; else Origin must name us (as Go's CrossOriginProtection does).
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = headers.get("origin")
    if origin is None:
        return True
    named = origin.partition("://")[2].lower()  # "null" names nobody
    return named != "" and named in {headers.get("host", "").lower(), public}


def public_host(public_url: str | None) -> str | None:
    """The host of an address, in lower case."""
    return urlsplit(public_url).netloc.lower() if public_url else None
