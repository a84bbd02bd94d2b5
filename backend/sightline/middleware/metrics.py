"""Counts requests for Prometheus: by method, route template and status. Never by path, id, user or address."""

import time
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

METHODS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
UNMATCHED: Final = "unmatched"
"""In place of the path of what is no route: strangers would fill the registry with names."""
BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Seconds; the service levels (100, 250 and 500 ms) are edges."""
LOGIN: Final = "/v1/auth/login"
UNAUTHORISED, TOO_MANY = 401, 429


class RequestMetrics:
    """What is counted of requests, in a registry of the application's own."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.requests = Counter(
            "sightline_http_requests", "Requests answered.", ("method", "route", "status"), registry=registry
        )
        self.seconds = Histogram(
            "sightline_http_request_duration_seconds",
            "Time to the end of the answer.",
            ("method", "route"),
            buckets=BUCKETS,
            registry=registry,
        )
        self.in_flight = Gauge("sightline_http_requests_in_flight", "Requests under way.", registry=registry)
        self.websockets = Gauge("sightline_websocket_connections", "Open WebSocket connections.", registry=registry)
        self.login_failures = Counter("sightline_login_failures", "Logins refused.", registry=registry)
        self.rate_limited = Counter("sightline_rate_limited", "Requests refused by a limit.", registry=registry)

    def answered(self, scope: Scope, status: int, seconds: float) -> None:
        """Count one request."""
        method = scope["method"] if scope["method"] in METHODS else "other"
        route = route_of(scope)
        self.requests.labels(method, route, str(status)).inc()
        self.seconds.labels(method, route).observe(seconds)
        if status == TOO_MANY:
            self.rate_limited.inc()
        if route == LOGIN and status == UNAUTHORISED:
            self.login_failures.inc()


def route_of(scope: Scope) -> str:
    """The template of the route that took the request."""
    context = (
        scope.get("fastapi", {}).get("effective_route_context") if isinstance(scope.get("fastapi"), dict) else None
    )
    found = getattr(context, "path", None) or getattr(scope.get("route"), "path", None)
    return found if isinstance(found, str) and found else UNMATCHED


class Metrics:
    """Pure ASGI, so that streams pass through unbuffered."""

    def __init__(self, app: ASGIApp, metrics: RequestMetrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request or connection."""
        if scope["type"] == "websocket":
            with self.metrics.websockets.track_inprogress():
                await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        with self.metrics.in_flight.track_inprogress():
            try:
                await self.app(scope, receive, noting)
            finally:
                self.metrics.answered(scope, status, time.perf_counter() - began)
