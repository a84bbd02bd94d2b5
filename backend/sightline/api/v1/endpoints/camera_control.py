"""Moving cameras that can be moved, by ONVIF."""

from uuid import UUID

from fastapi import Depends

from sightline.api.deps import PrincipalDep, ResourcesDep
from sightline.api.permissions import Permission, Requires
from sightline.api.routing import Router
from sightline.media.onvif import Motion
from sightline.schemas.camera_control import ControlOut, MoveIn, PresetIn

router = Router(prefix="/cameras", tags=["cameras"])

MOVE = [Depends(Requires(Permission.MOVE_CAMERAS))]


@router.get("/{camera_id}/control", dependencies=MOVE)
async def get_camera_control(camera_id: UUID, opened: ResourcesDep, acting: PrincipalDep) -> ControlOut:
    """What a camera says it can do, and the views that it keeps; it is asked at this moment."""
    return ControlOut.model_validate(await opened.control.abilities(acting, camera_id=camera_id))


@router.post("/{camera_id}/control/move", status_code=204, dependencies=MOVE)
async def move_camera(camera_id: UUID, wanted: MoveIn, opened: ResourcesDep, acting: PrincipalDep) -> None:
    """Move for some seconds; again before they are over, to go on. The camera is stopped when nobody goes on. That
    you move it goes on record."""
    motion = Motion(wanted.pan, wanted.tilt, wanted.zoom)
    await opened.control.move(acting, camera_id=camera_id, motion=motion, seconds=wanted.seconds)


@router.post("/{camera_id}/control/stop", status_code=204, dependencies=MOVE)
async def stop_camera(camera_id: UUID, opened: ResourcesDep, acting: PrincipalDep) -> None:
    """Stop moving."""
    await opened.control.stop(acting, camera_id=camera_id)


@router.post("/{camera_id}/control/preset", status_code=204, dependencies=MOVE)
async def show_camera_preset(camera_id: UUID, wanted: PresetIn, opened: ResourcesDep, acting: PrincipalDep) -> None:
    """Turn to a view that the camera keeps. It goes on record."""
    await opened.control.go_to(acting, camera_id=camera_id, preset=wanted.token)


@router.post("/{camera_id}/control/home", status_code=204, dependencies=MOVE)
async def show_camera_home(camera_id: UUID, opened: ResourcesDep, acting: PrincipalDep) -> None:
    """Turn to the view that the camera calls its home. It goes on record."""
    await opened.control.go_home(acting, camera_id=camera_id)
