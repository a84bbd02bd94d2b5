"""`sightline api`: the API and the browser page, beside servers that run already."""

import gc
import socket
from typing import Annotated

import typer
import uvicorn

from sightline.api.app import create_app
from sightline.core.config import Settings, load_settings
from sightline.middleware.request_log import configure_logging
from sightline.workers.embedded.machine import running_settings
from sightline.workers.embedded.ports import listen

STOP_SECONDS = 2
"""For requests under way; `sightline up` waits 3 s for its children."""
WS_MESSAGE_BYTES = 128 * 1024
"""Of a client's message; ours have at most 64 K characters."""


class ApiServer(uvicorn.Server):
    """Ends event streams first: they would wait for the server, which waits for them."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Called once, when a signal has come."""
        resources = getattr(self.config.app.state, "resources", None)  # type: ignore[union-attr]
        if resources is not None:
            resources.hub.close()
        await super().shutdown(sockets)


def api(
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.", min=1, max=65535, show_default="8000")] = None,
    listener: Annotated[int | None, typer.Option(min=3, hidden=True)] = None,
) -> None:
    """Serve the API and the page until Ctrl-C; database and queue of the settings, or of a running `sightline up`."""
    settings = running_settings(load_settings())
    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    chosen = settings.model_copy(update={"api": settings.api.model_copy(update=given)})
    with _socket(chosen, listener) as opened:
        serve(chosen, opened)


def _socket(settings: Settings, inherited: int | None) -> socket.socket:
    """The one that `sightline up` handed over, or one of our own. Raises PortTaken, ServiceUnavailable."""
    if inherited is not None:
        return socket.socket(fileno=inherited)
    return listen(settings.api.host, settings.api.port)


def serve(settings: Settings, listener: socket.socket) -> None:
    """Run until a signal comes. listener: where connections come in."""
    configure_logging()
    config = uvicorn.Config(
        create_app(settings),
        host=settings.api.host,
        port=settings.api.port,
        log_config=None,
        access_log=False,  # our own line knows the request id, and holds no query, where one-time links stand
        server_header=False,
        proxy_headers=settings.api.public_url is not None,  # else anybody could name any address as theirs
        timeout_graceful_shutdown=STOP_SECONDS,
        lifespan="on",
        ws="websockets-sansio",
        ws_max_size=WS_MESSAGE_BYTES,
        ws_per_message_deflate=False,  # a thousand idle connections would hold a compressor each
    )
    # What the program itself consists of lives as long as the process: without this every full collection of garbage
    # walks through all of it, and each request under way waits.
    gc.collect()
    gc.freeze()
    ApiServer(config).run(sockets=[listener])
