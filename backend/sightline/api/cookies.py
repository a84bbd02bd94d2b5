"""The cookies of browsers: access token and refresh token, unreadable for scripts, never sent from other sites."""

from fastapi import Response
from starlette.requests import HTTPConnection

from sightline.core.config import Settings
from sightline.services.sessions import NewSession
from sightline.services.tokens import AccessToken

REFRESH_PATH = "/v1/auth"
"""The refresh token travels to these routes only."""


def is_https(settings: Settings) -> bool:
    """Whether users come by https; then the cookies travel by nothing else."""
    return settings.api.url.startswith("https://")


def cookie_name(settings: Settings) -> str:
    """Of the access token. Its prefix makes browsers refuse one that another host or a plain page set (RFC 6265bis)."""
    return "__Host-sightline_session" if is_https(settings) else "sightline_session"


def refresh_cookie_name(settings: Settings) -> str:
    """Of the refresh token; __Host- would not allow a path."""
    return "__Secure-sightline_refresh" if is_https(settings) else "sightline_refresh"


def access_token(connection: HTTPConnection, settings: Settings) -> str | None:
    """The access token that came as a cookie."""
    return connection.cookies.get(cookie_name(settings)) or None


def refresh_token(connection: HTTPConnection, settings: Settings) -> str | None:
    """The refresh token that came as a cookie."""
    return connection.cookies.get(refresh_cookie_name(settings)) or None


def set_session(response: Response, settings: Settings, opened: NewSession, access: AccessToken) -> None:
    """Hand both to the browser, which forgets them when it is closed unless the session is remembered."""
    secure = is_https(settings)
    name, life = cookie_name(settings), settings.jwt.access_minutes * 60
    response.set_cookie(name, access.text, max_age=life, path="/", secure=secure, httponly=True, samesite="strict")
    response.set_cookie(
        refresh_cookie_name(settings),
        opened.token,
        expires=opened.expires_at if opened.is_remembered else None,
        path=REFRESH_PATH,
        secure=secure,
        httponly=True,
        samesite="strict",
    )


def forget_session(response: Response, settings: Settings) -> None:
    """Take both away again."""
    secure = is_https(settings)
    response.delete_cookie(cookie_name(settings), path="/", secure=secure, httponly=True, samesite="strict")
    response.delete_cookie(
        refresh_cookie_name(settings), path=REFRESH_PATH, secure=secure, httponly=True, samesite="strict"
    )
