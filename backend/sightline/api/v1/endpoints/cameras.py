"""Cameras."""

from fastapi import Depends

from sightline.api.deps import SessionDep
from sightline.api.permissions import Permission, Requires
from sightline.api.routing import Router
from sightline.schemas.base import Page
from sightline.schemas.cameras import CameraOut
from sightline.services import cameras

router = Router(prefix="/cameras", tags=["cameras"])


@router.get("", dependencies=[Depends(Requires(Permission.READ_CAMERAS))])
async def list_cameras(session: SessionDep) -> Page[CameraOut]:
    """All cameras that you may see, by name."""
    found = await cameras.list_cameras(session)
    return Page(items=[CameraOut.model_validate(camera) for camera in found], next=None)
