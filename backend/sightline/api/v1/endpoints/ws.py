"""What happens, as it happens, on a WebSocket."""

from fastapi import APIRouter, Depends, WebSocket

from sightline.api.permissions import public
from sightline.api.socket import serve

router = APIRouter(tags=["events"])


@router.websocket("/ws", dependencies=[Depends(public)])
async def events_socket(websocket: WebSocket) -> None:
    """Events, alerts, cameras and jobs; see /asyncapi.json."""
    await serve(websocket, websocket.app.state.resources, websocket.app.state.audiences)
