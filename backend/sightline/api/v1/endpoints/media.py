"""Pictures by the links that lists and records carry."""

from typing import Annotated

from fastapi import Depends, Query, Request, Response

from sightline.api.deps import ResourcesDep, Visitor
from sightline.api.permissions import MATRIX, Permission, public
from sightline.api.pictures import PICTURES, shown
from sightline.api.routing import Router
from sightline.core.database import Principal
from sightline.core.errors import SignatureRefused
from sightline.services import media_links, pictures
from sightline.services.media_links import LONGEST_TOKEN

router = Router(prefix="/media", tags=["media"])


@router.get("", dependencies=[Depends(public)], response_class=Response, responses={200: PICTURES})
async def show_picture(
    request: Request,
    opened: ResourcesDep,
    at: Visitor,
    token: Annotated[
        str, Query(min_length=1, max_length=LONGEST_TOKEN, description="Of image_url, context_url or picture_url.")
    ],
) -> Response:
    """The picture of a link, as its user may see it now. The link is the authorisation; each look is on record."""
    grant = opened.links.read(token)
    async with opened.database.session(at) as session:
        role = await media_links.role_of(session, grant)
    if role is None or role not in MATRIX[Permission.SEE_PICTURES]:
        raise SignatureRefused("whom this link was made for may see no pictures any more", hint="Log in.")
    request.state.user_id = str(grant.user_id)
    acting = Principal(role, grant.user_id, at.ip_address, at.user_agent)
    async with opened.database.session(acting) as session:
        return shown(await pictures.granted(session, opened.storage, grant=grant))
