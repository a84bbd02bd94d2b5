"""Cameras: listing, adding, changing, switching and removing them."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request, Response

from sightline.api import conditional
from sightline.api.after_commit import AfterCommitDep
from sightline.api.camera_views import change_of, detail_out, fields_of
from sightline.api.conditional import IfMatch
from sightline.api.deps import CurrentUser, ResourcesDep, SessionDep
from sightline.api.paging import Cursor, Limit, page_out, page_request, sort_parameter
from sightline.api.permissions import Permission, Requires, allows
from sightline.api.routing import Router
from sightline.schemas.base import Page, Text
from sightline.schemas.bulk import BulkItem, BulkOut
from sightline.schemas.cameras import CameraBulkIn, CameraDetailOut, CameraIn, CameraOut, CameraStatus
from sightline.services import camera_bulk, cameras
from sightline.services.camera_bulk import BulkAction
from sightline.services.cameras import CameraFilter
from sightline.services.events import Event, EventKind
from sightline.services.stream_policy import StreamPolicy

router = Router(prefix="/cameras", tags=["cameras"])

READ = [Depends(Requires(Permission.READ_CAMERAS))]
OPERATE = [Depends(Requires(Permission.OPERATE_CAMERAS))]
MANAGE = [Depends(Requires(Permission.MANAGE_CAMERAS))]


async def camera_filter(
    *,
    q: Annotated[Text | None, Query(max_length=100, description="A part of the name or the location.")] = None,
    status: CameraStatus | None = None,
    group_id: UUID | None = None,
    without_group: Annotated[bool, Query(description="Those of no group only.")] = False,
    detection_enabled: bool | None = None,
) -> CameraFilter:
    """What a list is narrowed to."""
    return CameraFilter(q, status.value if status else None, group_id, without_group, detection_enabled)


@router.get("", dependencies=READ)
async def list_cameras(
    session: SessionDep,
    where: Annotated[CameraFilter, Depends(camera_filter)],
    *,
    sort: Annotated[str, sort_parameter(list(cameras.ORDERS))] = "name",
    limit: Limit = 50,
    cursor: Cursor = None,
    total: bool = False,
) -> Page[CameraOut]:
    """Cameras that you may see."""
    request = page_request(sort=sort, limit=limit, cursor=cursor)
    found = await cameras.page_of_cameras(session, where=where, request=request, with_total=total)
    return page_out(found, CameraOut.model_validate)


@router.post("", status_code=201, dependencies=MANAGE)
async def create_camera(
    wanted: CameraIn,
    session: SessionDep,
    opened: ResourcesDep,
    after: AfterCommitDep,
    request: Request,
    response: Response,
) -> CameraDetailOut:
    """Add a camera; it is watched within two seconds. Its login is sealed and never shown again."""
    address = change_of(wanted).new(StreamPolicy.of(opened.settings.capture))
    camera = await cameras.add(session, fields=fields_of(wanted), address=address, sealer=opened.sealer)
    after.publish(Event(EventKind.CAMERA, camera.id))
    response.headers["Location"] = f"{request.url.path}/{camera.id}"
    conditional.tag(response, camera.updated_at)
    return detail_out(camera, shows_address=True)


@router.post("/bulk", dependencies=MANAGE)
async def change_cameras(wanted: CameraBulkIn, session: SessionDep, after: AfterCommitDep) -> BulkOut:
    """Enable, disable, remove or move several cameras; each stands alone, and says how it went."""
    done = await camera_bulk.change(session, ids=wanted.ids, action=BulkAction(wanted.action), group_id=wanted.group_id)
    after.publish(*_news([item.id for item in done if item.done]))
    return BulkOut(items=[BulkItem.model_validate(item) for item in done])


@router.get("/{camera_id}", dependencies=READ)
async def get_camera(camera_id: UUID, session: SessionDep, current: CurrentUser, response: Response) -> CameraDetailOut:
    """One camera. Its address is shown to those who manage cameras, its login to nobody."""
    camera = await cameras.get_by_id(session, camera_id=camera_id)
    conditional.tag(response, camera.updated_at)
    return detail_out(camera, shows_address=allows(current, Permission.MANAGE_CAMERAS))


@router.put("/{camera_id}", dependencies=MANAGE)
async def update_camera(
    camera_id: UUID,
    wanted: CameraIn,
    session: SessionDep,
    opened: ResourcesDep,
    after: AfterCommitDep,
    expected: IfMatch,
    response: Response,
) -> CameraDetailOut:
    """Replace a camera's fields. The login stays unless the request speaks of it, or names another server."""
    camera = await cameras.update(
        session,
        camera_id=camera_id,
        expected=expected,
        fields=fields_of(wanted),
        change=change_of(wanted),
        keeping=cameras.Keeping(opened.sealer, StreamPolicy.of(opened.settings.capture)),
    )
    after.publish(Event(EventKind.CAMERA, camera.id))
    conditional.tag(response, camera.updated_at)
    return detail_out(camera, shows_address=True)


@router.delete("/{camera_id}", status_code=204, dependencies=MANAGE)
async def delete_camera(camera_id: UUID, session: SessionDep, after: AfterCommitDep) -> None:
    """Remove a camera and its login. Its sightings stay until their retention is over."""
    await cameras.remove(session, name_or_id=str(camera_id))
    after.publish(Event(EventKind.CAMERA, camera_id))


@router.post("/{camera_id}/enable", dependencies=OPERATE)
async def enable_camera(camera_id: UUID, session: SessionDep, after: AfterCommitDep, response: Response) -> CameraOut:
    """Watch a camera; nothing changes where it is watched already."""
    return await _switched(session, camera_id, after, response, enabled=True)


@router.post("/{camera_id}/disable", dependencies=OPERATE)
async def disable_camera(camera_id: UUID, session: SessionDep, after: AfterCommitDep, response: Response) -> CameraOut:
    """Leave a camera alone until it is enabled again."""
    return await _switched(session, camera_id, after, response, enabled=False)


async def _switched(
    session: SessionDep, camera_id: UUID, after: AfterCommitDep, response: Response, *, enabled: bool
) -> CameraOut:
    camera = await cameras.switch_detection(session, camera_id=camera_id, enabled=enabled)
    after.publish(Event(EventKind.CAMERA, camera_id))
    conditional.tag(response, camera.updated_at)
    return CameraOut.model_validate(camera)


def _news(ids: Sequence[UUID]) -> list[Event]:
    return [Event(EventKind.CAMERA, camera_id) for camera_id in ids]
