"""Logging in and out."""

from fastapi import Depends, Request, Response

from sightline.api.cookies import forget_session, session_token, set_session
from sightline.api.deps import CurrentUser, ResourcesDep, Visitor
from sightline.api.permissions import Permission, Requires, public
from sightline.api.routing import Router
from sightline.schemas.auth import LoginIn, MeOut
from sightline.services import sessions

router = Router(prefix="/auth", tags=["auth"])


@router.post("/login", status_code=204, dependencies=[Depends(public)])
async def login(body: LoginIn, response: Response, opened: ResourcesDep, at: Visitor) -> None:
    """Open a session; its token comes as a cookie."""
    new = await sessions.login(opened.database, opened.throttle, username=body.username, password=body.password, at=at)
    set_session(response, opened.settings, new)


@router.post("/logout", status_code=204, dependencies=[Depends(public)])
async def logout(request: Request, response: Response, opened: ResourcesDep, at: Visitor) -> None:
    """End the session at once; no error where there is none."""
    token = session_token(request, opened.settings)
    if token:
        async with opened.database.session(at) as session:
            await sessions.logout(session, token=token)
    forget_session(response, opened.settings)


@router.get("/me", dependencies=[Depends(Requires(Permission.OWN_ACCOUNT))])
async def me(current: CurrentUser) -> MeOut:
    """Who is logged in."""
    return MeOut(
        user_id=current.user_id,
        username=current.username,
        role=current.role.value,
        must_change_password=current.must_change_password,
        expires_at=current.expires_at,
    )
