"""/metrics for Prometheus: of this process, with what waits in the database at the moment of asking."""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from fastapi import Depends, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Info, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.process_collector import ProcessCollector
from sqlalchemy.pool import QueuePool

from sightline import __version__
from sightline.api.deps import ResourcesDep
from sightline.api.permissions import Permission, Requires
from sightline.api.resources import Resources
from sightline.api.routing import Router
from sightline.core.database import SYSTEM
from sightline.core.errors import ServiceUnavailable
from sightline.core.redis import redis_errors
from sightline.middleware.metrics import RequestMetrics
from sightline.services import system_information

router = Router(tags=["system"])
PATIENCE = 2.0
"""Seconds for each server; Prometheus waits ten."""
TEXT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/plain": {}}, "description": "Prometheus' text format."}
}


class ProcessMetrics:
    """The registry of one application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        Info("sightline_build", "The program.", registry=self.registry).info({"version": __version__})
        self.requests = RequestMetrics(self.registry)


class Moment:
    """Gauges that are read when somebody asks, not kept."""

    def __init__(self, gauges: dict[str, tuple[str, float]]) -> None:
        self._gauges = gauges

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """As prometheus_client wants it."""
        for name, (description, value) in self._gauges.items():
            yield GaugeMetricFamily(f"sightline_{name}", description, value=value)


@router.get(
    "/metrics",
    dependencies=[Depends(Requires(Permission.READ_METRICS))],
    response_class=Response,
    responses=TEXT,
)
async def get_metrics(request: Request, opened: ResourcesDep) -> Response:
    """Counters and gauges of this API process, for Prometheus. Labels never hold an id or a name."""
    found = await asyncio.gather(_redis(opened), _queues(opened))
    now = CollectorRegistry()
    now.register(Moment({**_pool(opened), **_merged(found)}))
    kept: ProcessMetrics = request.app.state.metrics
    return Response(
        generate_latest(kept.registry) + generate_latest(now), headers={"Content-Type": CONTENT_TYPE_LATEST}
    )


def _merged(parts: Iterable[dict[str, tuple[str, float]]]) -> dict[str, tuple[str, float]]:
    return {name: gauge for part in parts for name, gauge in part.items()}


def _pool(opened: Resources) -> dict[str, tuple[str, float]]:
    pool = opened.database.engine.pool
    if not isinstance(pool, QueuePool):
        return {}
    return {
        "database_connections_in_use": ("Connections that work.", pool.checkedout()),
        "database_connections_idle": ("Connections that wait.", pool.checkedin()),
        "database_connections_overflow": ("Connections beyond the pool's size.", max(pool.overflow(), 0)),
    }


async def _redis(opened: Resources) -> dict[str, tuple[str, float]]:
    try:
        async with asyncio.timeout(PATIENCE):
            with redis_errors():
                await opened.redis.ping()
    except (ServiceUnavailable, TimeoutError):
        return {"redis_up": ("Whether Redis answers.", 0)}
    return {"redis_up": ("Whether Redis answers.", 1)}


async def _queues(opened: Resources) -> dict[str, tuple[str, float]]:
    up = "Whether the database answers."
    try:
        async with asyncio.timeout(PATIENCE), opened.database.session(SYSTEM) as session:
            found = asdict(await system_information.queues(session))
    except (ServiceUnavailable, TimeoutError):
        return {"database_up": (up, 0)}
    return {"database_up": (up, 1), **{name: (name.replace("_", " "), value) for name, value in found.items()}}
