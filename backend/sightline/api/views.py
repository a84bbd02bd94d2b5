"""From what services give to what goes out."""

from sightline.schemas.alerts import AlertOut
from sightline.schemas.sightings import SightingOut
from sightline.services.alerts import AlertView
from sightline.services.match_rates import MatchRates
from sightline.services.sighting_views import SightingView


def sighting_out(view: SightingView, rates: MatchRates) -> SightingOut:
    """A sighting with its error rate; keys of the object store stay inside."""
    rate = rates.of(view.confidence, view.model_version)
    return SightingOut(
        id=view.id,
        camera_id=view.camera_id,
        camera_name=view.camera_name,
        subject_id=view.subject_id,
        subject_name=view.subject_name,
        similarity=view.confidence,
        false_match_rate=rate.fmr if rate else None,
        false_match_rate_is_bound=rate.is_bound if rate else False,
        quality=view.quality_score,
        detections=view.detections,
        detected_at=view.detected_at,
        last_seen_at=view.last_seen_at,
        closed_at=view.closed_at,
        has_image=view.image_path is not None,
        has_context=view.frame_path is not None,
    )


def alert_out(view: AlertView) -> AlertOut:
    """An alert."""
    return AlertOut.model_validate(view)
