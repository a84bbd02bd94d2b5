"""The way into the web interface by a one-time link; its pages are files (interface.py)."""

from fastapi import Depends, Request
from starlette.responses import RedirectResponse, Response

from sightline.api.cookies import set_session
from sightline.api.deps import ResourcesDep, Visitor, current_user
from sightline.api.permissions import public
from sightline.api.routing import Router
from sightline.core.errors import LoginRefused, Unauthenticated
from sightline.services import sessions

router = Router(include_in_schema=False, dependencies=[Depends(public)])

SEE_OTHER = 303


@router.get("/enter")
async def enter(request: Request, opened: ResourcesDep, at: Visitor, token: str = "") -> Response:
    """A one-time link: log in and go to the page; a spent one leads there too where somebody is logged in already."""
    try:
        async with opened.database.session(at) as session:
            new = await sessions.enter(session, token=token, at=at)
    except LoginRefused:
        return RedirectResponse(await _elsewhere(request, opened, at), SEE_OTHER)
    response = RedirectResponse("/", SEE_OTHER)
    access = opened.tokens.issue(user_id=new.user_id, session_id=new.session_id)
    set_session(response, opened.settings, new, access)
    return response


async def _elsewhere(request: Request, opened: ResourcesDep, at: Visitor) -> str:
    try:
        await current_user(request, opened, at)
    except Unauthenticated:
        return "/login?reason=link"
    return "/"
