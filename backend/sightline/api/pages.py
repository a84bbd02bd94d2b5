"""The browser page: files of this package, nothing from outside. They hold no data; the scripts ask the API."""

from pathlib import Path

from fastapi import Depends, Request
from starlette.responses import RedirectResponse, Response

from sightline.api.cookies import set_session
from sightline.api.deps import ResourcesDep, Visitor, current_user
from sightline.api.permissions import public
from sightline.api.routing import Router
from sightline.core.errors import LoginRefused, NotFound, Unauthenticated
from sightline.services import sessions

router = Router(include_in_schema=False, dependencies=[Depends(public)])

FOLDER = Path(__file__).parent / "page"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
ASSETS = {path.name: path.read_bytes() for path in sorted(FOLDER.iterdir()) if path.suffix in TYPES}
FRESH = {"Cache-Control": "no-cache"}
SEE_OTHER = 303


@router.get("/")
async def dashboard(opened: ResourcesDep) -> Response:
    """Cameras, counts, sightings, alerts."""
    return _html("index.html", demo=opened.settings.demo)


@router.get("/login")
async def login(opened: ResourcesDep) -> Response:
    """The form."""
    return _html("login.html", demo=opened.settings.demo)


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


@router.get("/assets/{name}")
async def asset(name: str) -> Response:
    """Styles and scripts."""
    if name not in ASSETS:
        raise NotFound(f"no asset {name}", hint="Reload the page.")
    return Response(ASSETS[name], media_type=TYPES[Path(name).suffix], headers=FRESH)


async def _elsewhere(request: Request, opened: ResourcesDep, at: Visitor) -> str:
    try:
        await current_user(request, opened, at)
    except Unauthenticated:
        return "/login?reason=link"
    return "/"


def _html(name: str, *, demo: bool) -> Response:
    text = (FOLDER / name).read_text(encoding="utf-8").replace("{{demo}}", "yes" if demo else "no")
    return Response(text, media_type="text/html", headers=FRESH)
