"""From what services give to what goes out."""

from sightline.api.sighting_views import sighting_out
from sightline.schemas.alerts import AlertOut
from sightline.services.alerts import AlertView

__all__ = ["alert_out", "sighting_out"]


def alert_out(view: AlertView) -> AlertOut:
    """An alert."""
    return AlertOut.model_validate(view)
