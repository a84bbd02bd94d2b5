"""Who was told of an alert."""

from uuid import UUID

from fastapi import Depends

from sightline.api.deps import SessionDep
from sightline.api.permissions import Permission, Requires
from sightline.api.routing import Router
from sightline.schemas.deliveries import DeliveryOut
from sightline.services import delivery_views

router = Router(prefix="/alerts", tags=["alerts"], dependencies=[Depends(Requires(Permission.READ_ALERTS))])


@router.get("/{alert_id}/deliveries")
async def list_alert_deliveries(alert_id: UUID, session: SessionDep) -> list[DeliveryOut]:
    """Who was told of it and who is to be, with each attempt; the steps of its escalation in order."""
    return [DeliveryOut.model_validate(one) for one in await delivery_views.of_alert(session, alert_id=alert_id)]
