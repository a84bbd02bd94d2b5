"""Alerts."""

from typing import Annotated

from fastapi import Depends, Query

from sightline.api import cursors
from sightline.api.deps import SessionDep
from sightline.api.permissions import Permission, Requires
from sightline.api.routing import Router
from sightline.api.views import alert_out
from sightline.schemas.alerts import AlertOut, AlertStatus
from sightline.schemas.base import Page
from sightline.services import alerts
from sightline.services.alerts import AlertFilter

router = Router(prefix="/alerts", tags=["alerts"])


@router.get("", dependencies=[Depends(Requires(Permission.READ_ALERTS))])
async def list_alerts(
    session: SessionDep,
    status: AlertStatus | None = None,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[AlertOut]:
    """The newest first."""
    where = AlertFilter(status.value if status else None, cursors.decode(cursor) if cursor else None)
    found = await alerts.list_views(session, where=where, limit=limit + 1)
    page, rest = found[:limit], found[limit:]
    following = cursors.encode(page[-1].created_at, page[-1].id) if rest else None
    return Page(items=[alert_out(view) for view in page], next=following)
