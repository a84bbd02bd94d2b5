"""Groups of cameras."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request, Response

from sightline.api import conditional
from sightline.api.conditional import IfMatch
from sightline.api.deps import SessionDep
from sightline.api.paging import Cursor, Limit, page_out, page_request, sort_parameter
from sightline.api.permissions import Permission, Requires
from sightline.api.routing import Router
from sightline.schemas.base import Page, Text
from sightline.schemas.camera_groups import CameraGroupIn, CameraGroupOut, GroupCamerasIn
from sightline.services import camera_groups

router = Router(prefix="/camera-groups", tags=["camera-groups"])

READ = [Depends(Requires(Permission.READ_CAMERAS))]
MANAGE = [Depends(Requires(Permission.MANAGE_CAMERAS))]


@router.get("", dependencies=READ)
async def list_camera_groups(
    session: SessionDep,
    *,
    q: Annotated[Text | None, Query(max_length=100, description="A part of the name.")] = None,
    sort: Annotated[str, sort_parameter(list(camera_groups.ORDERS))] = "name",
    limit: Limit = 50,
    cursor: Cursor = None,
    total: bool = False,
) -> Page[CameraGroupOut]:
    """Groups, with how many cameras you see in each."""
    request = page_request(sort=sort, limit=limit, cursor=cursor)
    found = await camera_groups.page_of_groups(session, q=q, request=request, with_total=total)
    return page_out(found, CameraGroupOut.model_validate)


@router.post("", status_code=201, dependencies=MANAGE)
async def create_camera_group(
    wanted: CameraGroupIn, session: SessionDep, request: Request, response: Response
) -> CameraGroupOut:
    """Add a group without cameras and members."""
    group_id = await camera_groups.create(session, name=wanted.name, description=wanted.description)
    response.headers["Location"] = f"{request.url.path}/{group_id}"
    return await _shown(session, group_id, response)


@router.get("/{group_id}", dependencies=READ)
async def get_camera_group(group_id: UUID, session: SessionDep, response: Response) -> CameraGroupOut:
    """One group."""
    return await _shown(session, group_id, response)


@router.put("/{group_id}", dependencies=MANAGE)
async def update_camera_group(
    group_id: UUID, wanted: CameraGroupIn, session: SessionDep, expected: IfMatch, response: Response
) -> CameraGroupOut:
    """Replace a group's name and description."""
    await camera_groups.replace(
        session, group_id=group_id, expected=expected, name=wanted.name, description=wanted.description
    )
    return await _shown(session, group_id, response)


@router.delete("/{group_id}", status_code=204, dependencies=MANAGE)
async def delete_camera_group(group_id: UUID, session: SessionDep) -> None:
    """Remove a group that has no cameras and that no alert rule names."""
    await camera_groups.remove(session, group_id=group_id)


@router.put("/{group_id}/cameras", dependencies=MANAGE)
async def set_group_cameras(
    group_id: UUID, wanted: GroupCamerasIn, session: SessionDep, response: Response
) -> CameraGroupOut:
    """Let exactly these cameras be in the group; those that were in it and are not named are seen by everybody."""
    await camera_groups.put_cameras(session, group_id=group_id, camera_ids=wanted.camera_ids)
    return await _shown(session, group_id, response)


async def _shown(session: SessionDep, group_id: UUID, response: Response) -> CameraGroupOut:
    found = await camera_groups.view(session, group_id=group_id)
    conditional.tag(response, found.updated_at)
    return CameraGroupOut.model_validate(found)
