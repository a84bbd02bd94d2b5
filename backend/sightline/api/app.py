"""Puts the API together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from sightline import __version__
from sightline.api import docs_page, errors, metrics, openapi, pages
from sightline.api.audience import Audiences
from sightline.api.cookies import is_https
from sightline.api.permissions import declared, routes
from sightline.api.resources import open_resources
from sightline.api.v1.endpoints import system
from sightline.api.v1.router import router
from sightline.core.config import Settings
from sightline.middleware.body_limit import BodyLimit
from sightline.middleware.head import Head
from sightline.middleware.metrics import Metrics
from sightline.middleware.rate_limit import RateLimitHeaders
from sightline.middleware.request_log import RequestLog
from sightline.middleware.same_origin import SameOrigin
from sightline.middleware.security_headers import SecurityHeaders

MAX_BODY_BYTES = 256 * 1024
"""Of JSON: a rule or a bulk operation of some hundred ids."""
PICTURE_BYTES = 21 * 1024 * 1024
"""A picture of 20 MiB, as large as a camera's best JPEG, and what a form adds."""
ARCHIVE_BYTES = 1024 * 1024 * 1024
PLAYLIST_BYTES = 4 * 1024 * 1024
"""A playlist of 2 MiB as JSON, where line ends and quotes are escaped."""
UPLOADS = {
    r"/v1/subjects/[^/]+/images": PICTURE_BYTES,
    r"/v1/(subjects|sightings)/search": PICTURE_BYTES,
    r"/v1/subjects/imports": ARCHIVE_BYTES,
    r"/v1/cameras/imports": PLAYLIST_BYTES,
}


@asynccontextmanager
async def serving(app: FastAPI, settings: Settings) -> AsyncIterator[None]:
    """Its lifespan: what routes work with is open as long."""
    async with open_resources(settings) as opened:
        app.state.resources = opened
        app.state.audiences = Audiences(opened)
        yield


def create_app(settings: Settings) -> FastAPI:
    """The application; its lifespan opens and closes what it needs. settings must name database and Redis.

    Raises LookupError where a route declares no permission: nothing is open by mistake.
    """

    app = FastAPI(
        title="Sightline",
        version=__version__,
        lifespan=lambda app: serving(app, settings),
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.metrics = metrics.ProcessMetrics()
    app.include_router(system.router)
    app.include_router(metrics.router)
    app.include_router(router)
    app.include_router(pages.router)
    app.include_router(docs_page.router)
    openapi.install(app, settings)
    errors.install(app)
    for route in routes(app):
        declared(route)
    # The last one added is the outermost: every answer gets the headers, also a 500.
    app.add_middleware(Head)
    app.add_middleware(BodyLimit, limit=MAX_BODY_BYTES, uploads=UPLOADS)
    app.add_middleware(SameOrigin, public_url=settings.api.public_url)
    app.add_middleware(RequestLog)
    app.add_middleware(RateLimitHeaders)
    app.add_middleware(Metrics, metrics=app.state.metrics.requests)
    app.add_middleware(SecurityHeaders, https=is_https(settings))
    return app
