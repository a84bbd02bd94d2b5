"""What worker processes count, and whether work may come to them. core/metrics_server.py shows both.

    DROPPED = metrics.counter("frames_dropped", "Frames dropped because analysis was behind.", "reason")
    DROPPED.labels("full").inc()

    metrics.PROCESS.expect("models", "database")      # at the start: what must be there before the process is ready
    metrics.PROCESS.ready("models")                   # once the models have run on an empty picture

Names begin with sightline_ (added here); counters end with _total (added by the library), times are seconds. Labels
have few values: never an id, a name or an address. The API has a registry of its own (api/metrics.py).
"""

from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info
from prometheus_client.process_collector import ProcessCollector

from sightline import __version__

REGISTRY: Final = CollectorRegistry()
BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds; the goals of the way from a face to a notification (100 ms, 500 ms, 1 s, 5 s) are edges."""

ProcessCollector(registry=REGISTRY)
Info("sightline_build", "The program.", registry=REGISTRY).info({"version": __version__})


def counter(name: str, description: str, *labels: str) -> Counter:
    """A number that rises: sightline_<name>_total. Make it once, at the top of a module."""
    return Counter(f"sightline_{name}", description, labels, registry=REGISTRY)


def gauge(name: str, description: str, *labels: str) -> Gauge:
    """A number that rises and falls: sightline_<name>."""
    return Gauge(f"sightline_{name}", description, labels, registry=REGISTRY)


def histogram(name: str, description: str, *labels: str, buckets: Sequence[float] = BUCKETS) -> Histogram:
    """How often which values were seen: sightline_<name>; durations end with _seconds."""
    return Histogram(f"sightline_{name}", description, labels, registry=REGISTRY, buckets=buckets)


class Readiness:
    """Parts of a process that must work before it is ready. Any thread may say so; all of a part may be said twice."""

    def __init__(self) -> None:
        self._parts: dict[str, bool] = {}
        self._lock = Lock()

    def expect(self, *names: str) -> None:
        """These must become ready; those that are so already stay it."""
        with self._lock:
            for name in names:
                self._parts.setdefault(name, False)

    def ready(self, name: str) -> None:
        """This part works."""
        self._set(name, ready=True)

    def unready(self, name: str) -> None:
        """This part has stopped to work: no work shall come here until it is ready again."""
        self._set(name, ready=False)

    @property
    def is_ready(self) -> bool:
        """Whether all that is expected works; no before anything is expected, for then the process still starts."""
        parts = self.parts
        return bool(parts) and all(parts.values())

    @property
    def parts(self) -> Mapping[str, bool]:
        """Each part and whether it works, as of now."""
        with self._lock:
            return dict(self._parts)

    def _set(self, name: str, *, ready: bool) -> None:
        with self._lock:
            self._parts[name] = ready


PROCESS: Final = Readiness()
"""Of this process."""
gauge("ready", "1 where the process is ready for work, as /readyz says.").set_function(lambda: PROCESS.is_ready)
