"""Handing a session's tokens to whoever logged in, and finding the session that a logout means."""

from uuid import UUID

from fastapi import Request, Response

from sightline.api import callers
from sightline.api.cookies import access_token, set_session
from sightline.api.resources import Resources
from sightline.core.errors import Unauthenticated
from sightline.schemas.auth import SessionTokensOut
from sightline.services.sessions import NewSession


def handed_over(response: Response, opened: Resources, new: NewSession, *, by_cookie: bool) -> SessionTokensOut:
    """The answer to a login: with both tokens, or without them where they travel as cookies."""
    access = opened.tokens.issue(user_id=new.user_id, session_id=new.session_id)
    response.headers["Cache-Control"] = "no-store"  # RFC 6749, 5.1
    if by_cookie:
        set_session(response, opened.settings, new, access)
    return SessionTokensOut(
        session_id=new.session_id,
        access_token=None if by_cookie else access.text,
        expires_in=int(opened.tokens.life.total_seconds()),
        refresh_token=None if by_cookie else new.token,
        refresh_expires_at=new.expires_at,
    )


def named_session(request: Request, opened: Resources) -> UUID | None:
    """The session of the access token that came along, if it is one of ours."""
    text = callers.bearer(request) or access_token(request, opened.settings)
    if text is None:
        return None
    try:
        return opened.tokens.read(text).session_id
    except Unauthenticated:
        return None
