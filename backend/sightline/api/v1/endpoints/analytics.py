"""Numbers."""

from fastapi import Depends

from sightline.api.deps import SessionDep
from sightline.api.permissions import Permission, Requires
from sightline.api.routing import Router
from sightline.schemas.analytics import DashboardOut
from sightline.schemas.base import UtcDatetime
from sightline.services import analytics

router = Router(prefix="/analytics", tags=["analytics"])


@router.get("/dashboard", dependencies=[Depends(Requires(Permission.READ_ANALYTICS))])
async def dashboard(session: SessionDep, since: UtcDatetime | None = None) -> DashboardOut:
    """Now and today. since: when your day began (default midnight UTC)."""
    return DashboardOut.model_validate(await analytics.dashboard(session, since=since))
