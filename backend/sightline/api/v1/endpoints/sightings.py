"""Sightings and their pictures."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from sightline.api.deps import ResourcesDep, SessionDep
from sightline.api.paging import Cursor, Limit, page_out, page_request, sort_parameter
from sightline.api.permissions import Permission, Requires
from sightline.api.routing import Router
from sightline.api.views import sighting_out
from sightline.core.storage import StoredObject
from sightline.schemas.base import Page, UtcDatetime
from sightline.schemas.sightings import SightingOut
from sightline.services import pictures, sighting_views
from sightline.services.pictures import SightingPicture
from sightline.services.sighting_views import SightingFilter

router = Router(prefix="/sightings", tags=["sightings"])

BRIEFLY = {"Cache-Control": "private, max-age=60"}
"""A browser may keep a picture for a minute, nobody else at all."""
PICTURES = {"content": {"image/jpeg": {}}, "description": "The picture."}


@router.get("", dependencies=[Depends(Requires(Permission.READ_SIGHTINGS))])
async def list_sightings(  # noqa: PLR0913 - query parameters are its signature
    session: SessionDep,
    opened: ResourcesDep,
    *,
    camera_id: UUID | None = None,
    subject_id: UUID | None = None,
    since: UtcDatetime | None = None,
    until: UtcDatetime | None = None,
    sort: Annotated[str, sort_parameter(["detected_at"])] = "-detected_at",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[SightingOut]:
    """The newest first."""
    where = SightingFilter(
        camera_ids=(camera_id,) if camera_id else None,
        subject_ids=(subject_id,) if subject_id else None,
        since=since,
        until=until,
    )
    request = page_request(sort=sort, limit=limit, cursor=cursor)
    found = await sighting_views.list_page(session, where=where, request=request)
    return page_out(found, lambda view: sighting_out(view, opened.rates))


@router.get(
    "/{sighting_id}/image",
    dependencies=[Depends(Requires(Permission.SEE_PICTURES))],
    response_class=Response,
    responses={200: PICTURES},
)
async def image(sighting_id: UUID, session: SessionDep, opened: ResourcesDep) -> Response:
    """The best crop of the face. That you looked is recorded."""
    crop = SightingPicture.CROP
    return _shown(await pictures.of_sighting(session, opened.storage, sighting_id=sighting_id, picture=crop))


@router.get(
    "/{sighting_id}/context",
    dependencies=[Depends(Requires(Permission.SEE_PICTURES))],
    response_class=Response,
    responses={200: PICTURES},
)
async def context(sighting_id: UUID, session: SessionDep, opened: ResourcesDep) -> Response:
    """The full frame around it. That you looked is recorded."""
    frame = SightingPicture.FRAME
    return _shown(await pictures.of_sighting(session, opened.storage, sighting_id=sighting_id, picture=frame))


def _shown(picture: StoredObject) -> Response:
    return Response(picture.data, media_type=picture.content_type, headers=BRIEFLY)
