"""/openapi.json and /asyncapi.json, and /docs: Swagger UI from files of an installed package, nothing from outside.

All are open to everybody: they hold nothing that the source code, which is public, does not say.
"""

from pathlib import Path

import fastapi_offline
from fastapi import Depends, Request
from starlette.responses import JSONResponse, Response

from sightline.api import asyncapi
from sightline.api.permissions import public
from sightline.api.routing import Router
from sightline.core.errors import NotFound

router = Router(include_in_schema=False, dependencies=[Depends(public)])

PACKAGE = Path(fastapi_offline.__file__).parent / "static"
TYPES = {".css": "text/css", ".js": "text/javascript"}
FRESH = {"Cache-Control": "no-cache"}
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",  # Swagger UI writes styles into the page
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
START = """\
window.addEventListener("load", () => {
  SwaggerUIBundle({
    url: "/openapi.json",
    dom_id: "#docs",
    deepLinking: true,
    displayOperationId: true,
    filter: true,
    validatorUrl: null,
  });
});
"""
PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sightline API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<script src="/docs/swagger-ui-bundle.js" defer></script>
<script src="/docs/start.js" defer></script>
</head>
<body><div id="docs"></div></body>
</html>
"""


@router.get("/openapi.json")
async def openapi_document(request: Request) -> Response:
    """The description of this API."""
    return JSONResponse(request.app.openapi(), headers=FRESH)


@router.get("/asyncapi.json")
async def asyncapi_document() -> Response:
    """The description of the WebSocket /v1/ws."""
    return JSONResponse(asyncapi.build(), headers=FRESH)


@router.get("/docs")
async def docs() -> Response:
    """The same for people."""
    return Response(PAGE, media_type="text/html", headers={**FRESH, "Content-Security-Policy": POLICY})


@router.get("/docs/{name}")
async def docs_asset(name: str) -> Response:
    """Scripts and styles."""
    if name == "start.js":
        return Response(START, media_type="text/javascript", headers=FRESH)
    if name not in {"swagger-ui-bundle.js", "swagger-ui.css"}:
        raise NotFound(f"the documentation has no file {name[:50]}", hint="Open /docs.")
    path = PACKAGE / name
    return Response(path.read_bytes(), media_type=TYPES[path.suffix], headers=FRESH)
