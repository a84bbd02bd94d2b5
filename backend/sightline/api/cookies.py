"""The cookie that carries a session's token: unreadable for scripts, never sent along from other sites."""

from fastapi import Request, Response

from sightline.core.config import Settings
from sightline.services.sessions import SESSION_LIFE, NewSession


def is_https(settings: Settings) -> bool:
    """Whether users come by https; then the cookie travels by nothing else."""
    return settings.api.url.startswith("https://")


def cookie_name(settings: Settings) -> str:
    """With https the prefix makes browsers refuse a cookie that another host or a plain page set (RFC 6265bis)."""
    return "__Host-sightline_session" if is_https(settings) else "sightline_session"


def session_token(request: Request, settings: Settings) -> str | None:
    """The token that came along."""
    return request.cookies.get(cookie_name(settings)) or None


def set_session(response: Response, settings: Settings, opened: NewSession) -> None:
    """Hand the token to the browser."""
    response.set_cookie(
        cookie_name(settings),
        opened.token,
        max_age=int(SESSION_LIFE.total_seconds()),
        path="/",
        secure=is_https(settings),
        httponly=True,
        samesite="strict",
    )


def forget_session(response: Response, settings: Settings) -> None:
    """Take it away again."""
    response.delete_cookie(cookie_name(settings), path="/", secure=is_https(settings), httponly=True, samesite="strict")
