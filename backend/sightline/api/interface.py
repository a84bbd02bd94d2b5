"""The web interface: files that frontend/ builds into this package. They hold no data; the scripts ask the API.

What no route of the API answers is one of these files, or a page that the interface draws itself.
"""

import gzip
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path, PurePosixPath
from typing import Final

from fastapi import Request
from starlette.responses import Response

FOLDER: Final = Path(__file__).parent / "ui"
TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
PACKED: Final = frozenset({".css", ".html", ".js", ".json", ".svg", ".webmanifest"})
"""Texts: gzip makes a third of them. Pictures and fonts are packed already."""
PAGES: Final = frozenset(
    {
        "",
        "account",
        "alerts",
        "analytics",
        "cameras",
        "dashboard",
        "live",
        "login",
        "onboarding",
        "searches",
        "settings",
        "sightings",
        "subjects",
        "users",
        "watchlists",
        "welcome",
    }
)
"""First segments of the paths that frontend/src/app/router.tsx draws; others get its page that says so, as 404."""
ELSEWHERE: Final = frozenset({"v1", "docs"})
POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",  # menus and charts place themselves by style elements
        "img-src 'self' blob: data:",  # pictures chosen for an upload, QR codes of a second factor
        "media-src 'self' blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
PERMISSIONS: Final = "camera=(self), microphone=(), geolocation=()"
"""A webcam may take a picture for an enrolment, on this page only."""
FOREVER: Final = "public, max-age=31536000, immutable"
"""Names of files in assets/ hold a checksum of what is in them."""
FRESH: Final = "no-cache"
NOT_BUILT: Final = (
    "<!doctype html><meta charset=utf-8><title>Sightline</title><h1>The web interface is not built</h1>"
    "<p>The API works: see <a href='/docs'>/docs</a>. Run <code>make setup</code> in the checkout to build it.</p>"
)


@dataclass(frozen=True, slots=True)
class File:
    """One file of the build, ready to be sent."""

    plain: bytes
    packed: bytes | None
    media_type: str


def answer(request: Request) -> Response | None:
    """A file or page of the interface, or None where the path belongs to the API or asks for something else."""
    path = request.url.path.lstrip("/")
    first, _, _ = path.partition("/")
    if request.method not in {"GET", "HEAD"} or first in ELSEWHERE:
        return None
    if PurePosixPath(path).suffix in TYPES:
        return _sent(request, path, cache=FOREVER if first == "assets" else FRESH)
    if first in PAGES:
        return _page(request, HTTPStatus.OK)
    return _page(request, HTTPStatus.NOT_FOUND) if "text/html" in request.headers.get("accept", "") else None


def _page(request: Request, status: HTTPStatus) -> Response:
    found = _sent(request, "index.html", cache=FRESH)
    if found is None:
        return Response(NOT_BUILT, HTTPStatus.SERVICE_UNAVAILABLE, media_type="text/html")
    found.status_code = status
    found.headers["Content-Security-Policy"] = POLICY
    found.headers["Permissions-Policy"] = PERMISSIONS
    return found


def _sent(request: Request, name: str, *, cache: str) -> Response | None:
    found = _file(FOLDER, name, _changed(FOLDER))
    if found is None:
        return None
    headers = {"Cache-Control": cache, "Vary": "Accept-Encoding"}
    if found.packed and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(found.packed, media_type=found.media_type, headers={**headers, "Content-Encoding": "gzip"})
    return Response(found.plain, media_type=found.media_type, headers=headers)


def _changed(folder: Path) -> float:
    """When the interface was built, in seconds since the epoch: a new build is served without a restart."""
    try:
        return (folder / "index.html").stat().st_mtime
    except FileNotFoundError:
        return 0.0


@lru_cache(maxsize=4)
def _names(folder: Path, _built: float) -> frozenset[str]:
    return frozenset(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@lru_cache(maxsize=512)
def _file(folder: Path, name: str, built: float) -> File | None:
    """A file that the build made; a name that is none of them leads nowhere, whatever it looks like."""
    if name not in _names(folder, built):
        return None
    path = folder / name
    plain = path.read_bytes()
    packed = gzip.compress(plain, mtime=0) if path.suffix in PACKED else None
    return File(plain, packed, TYPES[path.suffix])
