"""Sightings and their pictures."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from sightline.api import cursors
from sightline.api.deps import ResourcesDep, SessionDep
from sightline.api.permissions import Permission, Requires
from sightline.api.routing import Router
from sightline.api.views import sighting_out
from sightline.core.storage import StoredObject
from sightline.schemas.base import Page, UtcDatetime
from sightline.schemas.sightings import SightingOut
from sightline.services import pictures, sightings
from sightline.services.pictures import SightingPicture
from sightline.services.sightings import SightingFilter

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
    known_only: bool = False,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[SightingOut]:
    """The newest first."""
    before = cursors.decode(cursor) if cursor else None
    where = SightingFilter(camera_id, subject_id, since, until, known_only, before)
    found = await sightings.list_sightings(session, where=where, limit=limit + 1)
    page, rest = found[:limit], found[limit:]
    following = cursors.encode(page[-1].detected_at, page[-1].id) if rest else None
    return Page(items=[sighting_out(view, opened.rates) for view in page], next=following)


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
