"""By what a request says who it is from: an access token or API key in a header, or a browser's cookie."""

import logging
from dataclasses import replace

from starlette.requests import HTTPConnection

from sightline.api.cookies import access_token
from sightline.api.resources import Resources
from sightline.core.database import AUTH, Principal
from sightline.core.errors import Forbidden, Unauthenticated
from sightline.services import api_keys, sessions
from sightline.services.sessions import ActiveSession

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
BEARER = "bearer"
KEY_HEADER = "x-api-key"
NOBODY = "nobody is logged in, or the login has ended"

log = logging.getLogger("sightline.api.callers")


async def identify(
    connection: HTTPConnection, opened: Resources, at: Principal, *, token: str | None = None
) -> ActiveSession:
    """Who calls: token where it came in a message, else by a header, else by the cookie.

    Raises Unauthenticated, Forbidden.
    """
    given = token or _header(connection)
    if given is None:
        given = access_token(connection, opened.settings)
        if given is not None:
            require_a_page_of_ours(connection)
    if not given:
        raise Unauthenticated(NOBODY, hint="Log in.")
    if given.startswith(api_keys.MARK):
        return await _by_key(opened, given, at)
    return await _by_token(opened, given, at)


async def still(opened: Resources, current: ActiveSession) -> bool:
    """Whether somebody who is connected for long still may be: login not ended, same role and scopes, no new password
    asked for."""
    found = None
    if current.session_id is not None:
        async with opened.database.nobody() as asking:
            found = await sessions.find(asking, session_id=current.session_id, user_id=current.user_id)
    elif current.api_key_id is not None:
        async with opened.database.session(AUTH) as session:
            found = await api_keys.find_by_id(session, key_id=current.api_key_id)
    if found is None or found.must_change_password:
        return False
    return (found.role, found.scopes) == (current.role, current.scopes)


def require_a_page_of_ours(connection: HTTPConnection) -> None:
    """A cookie counts for a change only where the browser says which page asks (CSRF). Raises Forbidden.

    What it says is checked before, by middleware/same_origin.py.
    """
    method = str(connection.scope.get("method", "GET"))
    if method not in SAFE and not {"sec-fetch-site", "origin"} & set(connection.headers.keys()):
        raise Forbidden(
            "a cookie alone does not authorise a change",
            hint="Programs send the access token as Authorization: Bearer …; browsers send Origin by themselves.",
        )


def bearer(connection: HTTPConnection) -> str | None:
    """What a header says, if anything; for whom it does not matter whether it counts."""
    try:
        return _header(connection)
    except Unauthenticated:
        return None


def _header(connection: HTTPConnection) -> str | None:
    """What Authorization or X-API-Key holds. Raises Unauthenticated for another scheme."""
    key = connection.headers.get(KEY_HEADER)
    if key is not None:
        if not key.startswith(api_keys.MARK):
            raise Unauthenticated("this is no API key of ours", hint="A key begins with slk_.")
        return key
    authorization = connection.headers.get("authorization")
    if authorization is None:
        return None
    scheme, _, text = authorization.partition(" ")
    if scheme.lower() != BEARER or not text.strip():
        raise Unauthenticated("Authorization holds no bearer token", hint="Send Authorization: Bearer <token>.")
    return text.strip()


async def _by_key(opened: Resources, text: str, at: Principal) -> ActiveSession:
    async with opened.database.session(at) as session:
        found = await api_keys.find(session, text=text)
    if found is None:
        log.warning("an API key was refused from %s", at.ip_address)
        raise Unauthenticated("this API key is unknown or has ended", hint="Make a new one.")
    return found


async def _by_token(opened: Resources, text: str, at: Principal) -> ActiveSession:
    try:
        claims = opened.tokens.read(text)
    except Unauthenticated as error:
        log.warning("an access token was refused from %s: %s", at.ip_address, error.message)
        raise
    async with opened.database.nobody() as asking:
        found = await sessions.find(asking, session_id=claims.session_id, user_id=claims.user_id)
    if found is None:
        raise Unauthenticated(NOBODY, hint="Log in.")
    return replace(found, token_ends_at=claims.expires_at)
