"""Logging in and out, sessions, and the second factor."""

from typing import Annotated
from uuid import UUID

from fastapi import Body, Depends, Request, Response

from sightline.api import callers, logging_in
from sightline.api.cookies import forget_session, refresh_token
from sightline.api.deps import CurrentUser, PrincipalDep, ResourcesDep, SessionDep, Visitor
from sightline.api.permissions import Permission, Requires, allowed, public, scope
from sightline.api.routing import Router
from sightline.core.errors import Unauthenticated
from sightline.schemas.auth import (
    ConfirmSecondFactorIn,
    LoginIn,
    LogoutIn,
    MeOut,
    RecoveryCodesOut,
    RefreshIn,
    RemoveSecondFactorIn,
    SecondFactorIn,
    SecondFactorOut,
    SessionOut,
    SessionsOut,
    SessionTokensOut,
)
from sightline.services import second_factor, sessions, user_groups, users
from sightline.services.logins import Credentials

router = Router(prefix="/auth", tags=["auth"])

OWN = Requires(Permission.OWN_ACCOUNT, with_old_password=True)
IN_PERSON = Requires(Permission.OWN_ACCOUNT, in_person=True)


@router.post("/login", dependencies=[Depends(public)])
async def log_in(body: LoginIn, response: Response, opened: ResourcesDep, at: Visitor) -> SessionTokensOut:
    """Open a session: tokens in the answer, or as cookies."""
    given = Credentials(body.username, body.password, body.otp, body.remember)
    new = await opened.logins.log_in(given, at=at)
    return logging_in.handed_over(response, opened, new, by_cookie=body.transport == "cookie")


@router.post("/refresh", dependencies=[Depends(public)])
async def refresh_session(
    request: Request,
    response: Response,
    opened: ResourcesDep,
    at: Visitor,
    body: Annotated[RefreshIn | None, Body()] = None,
) -> SessionTokensOut:
    """Exchange the refresh token, once. A spent one ends the session, but within ten seconds is answered 409."""
    given = body.refresh_token if body else None
    cookie = None if given else refresh_token(request, opened.settings)
    if cookie:
        callers.require_a_page_of_ours(request)
    token = given or cookie
    if not token:
        raise Unauthenticated("no refresh token came along", hint="Log in.")
    new = await sessions.renew(opened.database, token=token, at=at)
    return logging_in.handed_over(response, opened, new, by_cookie=bool(cookie))


@router.post("/logout", status_code=204, dependencies=[Depends(public)])
async def log_out(
    request: Request,
    response: Response,
    opened: ResourcesDep,
    at: Visitor,
    body: Annotated[LogoutIn | None, Body()] = None,
) -> None:
    """End the session at once, with every token of it; no error where there is none."""
    named = logging_in.named_session(request, opened)
    token = (body.refresh_token if body else None) or refresh_token(request, opened.settings)
    async with opened.database.session(at) as session:
        if named is None or not await sessions.logout(session, session_id=named):
            await sessions.logout(session, token=token)
    forget_session(response, opened.settings)


@router.get("/me", dependencies=[Depends(OWN)])
async def get_me(current: CurrentUser, session: SessionDep) -> MeOut:
    """Who calls, and what they may."""
    found = await user_groups.view(session, user=await users.get_by_id(session, user_id=current.user_id))
    return MeOut(
        user_id=current.user_id,
        username=current.username,
        email=found.user.email,
        role=current.role.value,
        permissions=[scope(permission) for permission in allowed(current)],
        camera_group_ids=found.camera_group_ids,
        second_factor=found.has_second_factor,
        must_change_password=current.must_change_password,
        expires_at=current.expires_at,
        session_id=current.session_id,
        api_key_id=current.api_key_id,
    )


@router.get("/sessions", dependencies=[Depends(OWN)])
async def list_my_sessions(current: CurrentUser, session: SessionDep) -> SessionsOut:
    """Where you are logged in."""
    found = await sessions.list_of(session, user_id=current.user_id)
    return SessionsOut(items=[SessionOut.of(one, current=current.session_id) for one in found])


@router.delete("/sessions/{session_id}", status_code=204, dependencies=[Depends(IN_PERSON)])
async def end_my_session(session_id: UUID, current: CurrentUser, session: SessionDep) -> None:
    """Log out elsewhere, at once."""
    await sessions.revoke(session, user_id=current.user_id, session_id=session_id)


@router.post("/second-factor", status_code=201, dependencies=[Depends(IN_PERSON)])
async def begin_second_factor(
    body: SecondFactorIn, current: CurrentUser, opened: ResourcesDep, at: Visitor, acting: PrincipalDep
) -> SecondFactorOut:
    """Connect an authenticator app: its secret, shown once. It counts once a code of it was confirmed."""
    await opened.logins.prove(current.user_id, body.password, at=at)
    async with opened.database.session(acting) as session:
        begun = await second_factor.begin(session, opened.sealer, user_id=current.user_id, username=current.username)
    return SecondFactorOut.model_validate(begun)


@router.post("/second-factor/confirm", dependencies=[Depends(IN_PERSON)])
async def confirm_second_factor(
    body: ConfirmSecondFactorIn, current: CurrentUser, session: SessionDep, opened: ResourcesDep
) -> RecoveryCodesOut:
    """Switch the second factor on by a first code; the recovery codes are shown once."""
    codes = await second_factor.confirm(session, opened.sealer, user_id=current.user_id, code=body.code)
    return RecoveryCodesOut(recovery_codes=codes)


@router.post("/second-factor/remove", status_code=204, dependencies=[Depends(IN_PERSON)])
async def remove_second_factor(
    body: RemoveSecondFactorIn, current: CurrentUser, opened: ResourcesDep, at: Visitor, acting: PrincipalDep
) -> None:
    """Switch the second factor off, with password and a code: a borrowed browser is not enough."""
    await opened.logins.prove(current.user_id, body.password, at=at, code=body.code)
    async with opened.database.session(acting) as session:
        await second_factor.remove(session, user_id=current.user_id)
