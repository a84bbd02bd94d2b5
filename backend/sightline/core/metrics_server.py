"""/metrics, /readyz and /healthz of a worker process, for Prometheus and for whoever starts workers.

Served by a thread, so that a worker that computes still answers. On loopback where nothing else is set: there is no
login, and numbers tell about a house too.
"""

import json
import logging
import socket
from http import HTTPStatus
from http.server import ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Final, Self

from prometheus_client import MetricsHandler

from sightline.core import metrics
from sightline.core.errors import PortTaken
from sightline.core.metrics import Readiness

PATIENCE: Final = 5.0
"""Seconds that a caller has to send its request; then its thread ends."""

logger = logging.getLogger(__name__)


class MetricsServer:
    """Listens from start() on until it is closed. port 0: any free one."""

    def __init__(self, host: str, port: int, *, readiness: Readiness = metrics.PROCESS) -> None:
        """Raises PortTaken."""
        handler = type("Handler", (_Handler,), {"readiness": readiness})
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        server = type("Server", (ThreadingHTTPServer,), {"address_family": family, "daemon_threads": True})
        try:
            self._server: ThreadingHTTPServer = server((host, port), handler)
        except OSError as error:
            raise PortTaken(
                f"metrics cannot be served at {host}:{port}: {error.strerror}",
                hint="Give each worker process a port of its own: --metrics-port, or SIGHTLINE_METRICS__PORT.",
            ) from error
        self._thread = Thread(target=self._server.serve_forever, name="metrics", daemon=True)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    def start(self) -> Self:
        """Answer from now on."""
        self._thread.start()
        logger.info("metrics at port %d", self.port)
        return self

    def close(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        """As start()."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """As close()."""
        self.close()


class _Handler(MetricsHandler):
    """prometheus_client's handler, beside two more paths."""

    registry = metrics.REGISTRY
    readiness: Readiness
    timeout = PATIENCE

    def do_GET(self) -> None:  # noqa: N802 - http.server's name
        """Answer one request."""
        path = self.path.partition("?")[0]
        if path == "/metrics":
            super().do_GET()
        elif path == "/healthz":
            self._say(HTTPStatus.OK, {"alive": True})
        elif path == "/readyz":
            ready = self.readiness.is_ready
            status = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
            self._say(status, {"ready": ready, "parts": dict(self.readiness.parts)})
        else:
            self._say(HTTPStatus.NOT_FOUND, {"paths": ["/metrics", "/readyz", "/healthz"]})

    def _say(self, status: HTTPStatus, body: dict[str, object]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
