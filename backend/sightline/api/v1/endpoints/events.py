"""What happens, as it happens."""

from fastapi import Depends
from starlette.responses import Response

from sightline.api.deps import CurrentUser, PrincipalDep, ResourcesDep
from sightline.api.live import event_stream
from sightline.api.permissions import Permission, Requires
from sightline.api.routing import Router

router = Router(tags=["events"])


@router.get(
    "/events",
    dependencies=[Depends(Requires(Permission.FOLLOW_EVENTS))],
    response_class=Response,
    responses={200: {"content": {"text/event-stream": {}}, "description": "Server-sent events."}},
)
async def events(opened: ResourcesDep, acting: PrincipalDep, current: CurrentUser) -> Response:
    """Server-sent events: sighting, alert and camera carry the record, look-again says that some may be missing."""
    return event_stream(opened, acting, current)
