"""`sightline watch`: one source, the people it shows, and an honest summary at the end."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sightline.core.config import Settings
from sightline.domain.gallery import Gallery
from sightline.domain.operating_points import OperatingCurve
from sightline.domain.regions import Regions
from sightline.domain.tracks import TrackEvent
from sightline.media.capture import CaptureOptions, probe
from sightline.media.sources import Source, Transport
from sightline.media.supervisor import EventKind, SupervisorStatus
from sightline.pipeline.chain import Pipeline
from sightline.pipeline.detect import RuleBook
from sightline.services.thresholds import Threshold
from sightline.vision.loading import Models
from sightline.workers.camera_plan import CameraPlan
from sightline.workers.fused import FusedWorker, OnEvents
from sightline.workers.wiring import build_pipeline, camera_rules

CAMERA_ID = "camera"

JsonObject = Mapping[str, Any]
"""An object on its way to json.dumps."""


@dataclass(frozen=True, slots=True)
class WatchRequest:
    """What to watch and how. wait: keep trying a source that does not answer at the start."""

    source: Source
    regions: Regions = field(default_factory=Regions)
    transport: Transport = Transport.TCP
    seconds: float | None = None
    motion_gate: bool = True
    wait: bool = False


def require_source(request: WatchRequest, settings: Settings) -> None:
    """Raise the typed MediaError when the source cannot be opened now, unless told to wait for it.

    A mistake in an address shall show before models are loaded and people enrolled.
    """
    if not request.wait:
        options = CaptureOptions(stall_timeout=settings.capture.stall_timeout, transport=request.transport)
        probe(request.source, options)


class Watch:
    """A worker for one source, with the numbers that the summary needs."""

    def __init__(
        self,
        request: WatchRequest,
        models: Models,
        gallery: Gallery,
        threshold: Threshold,
        settings: Settings,
        *,
        on_events: OnEvents,
    ) -> None:
        self._request = request
        self._curve = models.curve
        rules = RuleBook(camera_rules(settings, request.regions))
        self.pipeline: Pipeline = build_pipeline(
            models, gallery, threshold, settings, rules=rules, motion_gate=request.motion_gate
        )
        plan = CameraPlan(CAMERA_ID, request.source, request.regions, request.transport)
        self._worker = FusedWorker([plan], self.pipeline, settings.capture, on_events=on_events)

    def run(self) -> None:
        """Watch until the source ends, time is over or stop() is called.

        Raises the typed MediaError when a file fails; a live source is tried for ever (see require_source).
        """
        timer = threading.Timer(self._request.seconds, self.stop) if self._request.seconds else None
        if timer:
            timer.daemon = True
            timer.start()
        try:
            self._worker.run()
        finally:
            if timer:
                timer.cancel()
        failure = self.status().last_failure
        if failure and not self._request.source.live:
            raise failure.error

    def stop(self) -> None:
        """End run() soon."""
        self._worker.stop()

    def status(self) -> SupervisorStatus:
        """How the source is."""
        return self._worker.statuses()[0]

    def summary(self, seconds: float) -> JsonObject:
        """What happened in all. seconds: how long the watch took."""
        counters, status = self.pipeline.counters, self.status()
        events = [
            {"time": event.at.isoformat(), "kind": event.kind.value, "reason": event.reason}
            for event in status.events
            if event.kind is not EventKind.ENDED
        ]
        return {
            "frames": status.packets,
            "decoded_frames": status.decoded,
            "sampled_frames": counters.frames,
            "analysed_frames": counters.analysed_frames,
            "tracks": counters.tracks,
            "matches": {name: count for name, count in sorted(counters.matches.items()) if count},
            "dropped_frames": status.dropped,
            "corrupt_packets": status.corrupt_packets,
            "truncated": status.truncated,
            "reconnects": status.reconnects,
            "state": status.state.value,
            "seconds": round(seconds, 3),
            "events": events,
        }


def event_object(event: TrackEvent, curve: OperatingCurve) -> JsonObject:
    """A track's event as one JSON object.

    similarity is the match's, or for an unknown person the best candidate's; false_match_rate is the pack's
    at this similarity, null where it was not measured.
    """
    match = event.match
    best = match.candidates[0].similarity if match.candidates else None
    similarity = match.similarity if match.similarity is not None else best
    return {
        "event": event.kind.value,
        "time": round(event.media_time, 3),
        "track_id": str(event.track_id),
        "box": [round(value, 1) for value in event.box],
        "quality": round(event.quality.score, 3) if event.quality else None,
        "name": match.subject,
        "similarity": None if similarity is None else round(similarity, 4),
        "false_match_rate": None if similarity is None else curve.false_match_rate(similarity),
        "first_seen": round(event.first_seen, 3),
        "last_seen": round(event.last_seen, 3),
        "detections": event.detections,
        "candidates": [{"name": c.subject, "similarity": round(c.similarity, 4)} for c in match.candidates],
    }


def fan_out(*listeners: Callable[[Sequence[TrackEvent]], None]) -> OnEvents:
    """One listener that tells all of these."""

    def tell(events: Sequence[TrackEvent]) -> None:
        for listener in listeners:
            listener(events)

    return tell
