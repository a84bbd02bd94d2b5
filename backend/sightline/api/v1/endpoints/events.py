"""What happens, as it happens."""

from fastapi import Depends, Request
from starlette.responses import Response

from sightline.api.cookies import session_token
from sightline.api.deps import PrincipalDep, ResourcesDep
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
async def events(request: Request, opened: ResourcesDep, acting: PrincipalDep) -> Response:
    """Server-sent events: sighting, alert and camera carry the record, look-again says that some may be missing."""
    return event_stream(opened, acting, session_token(request, opened.settings) or "")
