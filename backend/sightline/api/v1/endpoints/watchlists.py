"""Watchlists."""

from typing import Annotated

from fastapi import Depends, Path, Query, Request, Response

from sightline.api import conditional
from sightline.api.conditional import IfMatch
from sightline.api.deps import SessionDep
from sightline.api.paging import Cursor, Limit, page_out, page_request, sort_parameter
from sightline.api.permissions import Permission, Requires
from sightline.api.routing import Router
from sightline.schemas.base import Page, Text
from sightline.schemas.watchlists import WatchlistIn, WatchlistOut
from sightline.services import watchlists
from sightline.services.watchlists import Approval, WatchlistFields, WatchlistFilter

router = Router(prefix="/watchlists", tags=["watchlists"])

WatchlistId = Annotated[int, Path(ge=1, le=2**31 - 1)]
READ = [Depends(Requires(Permission.READ_WATCHLISTS))]
MANAGE = [Depends(Requires(Permission.MANAGE_WATCHLISTS))]


@router.get("", dependencies=READ)
async def list_watchlists(  # noqa: PLR0913 - query parameters are its signature
    session: SessionDep,
    *,
    q: Annotated[Text | None, Query(max_length=100, description="A part of the name.")] = None,
    is_active: bool | None = None,
    in_force: Annotated[bool | None, Query(description="Switched on and not expired.")] = None,
    sort: Annotated[str, sort_parameter(watchlists.ORDERS)] = "name",
    limit: Limit = 50,
    cursor: Cursor = None,
    total: bool = False,
) -> Page[WatchlistOut]:
    """Lists, with how many subjects are on each."""
    found = await watchlists.page(
        session,
        where=WatchlistFilter(q, is_active, in_force),
        request=page_request(sort=sort, limit=limit, cursor=cursor),
        total=total,
    )
    return page_out(found, WatchlistOut.model_validate)


@router.post("", status_code=201, dependencies=MANAGE)
async def create_watchlist(
    wanted: WatchlistIn, session: SessionDep, request: Request, response: Response
) -> WatchlistOut:
    """Create a list. There is none without a legal basis, an approver and an end."""
    made = await watchlists.add(session, fields=_fields(wanted))
    response.headers["Location"] = f"{request.url.path}/{made.id}"
    return await _shown(session, made.id, response)


@router.get("/{watchlist_id}", dependencies=READ)
async def get_watchlist(watchlist_id: WatchlistId, session: SessionDep, response: Response) -> WatchlistOut:
    """One list."""
    return await _shown(session, watchlist_id, response)


@router.put("/{watchlist_id}", dependencies=MANAGE)
async def update_watchlist(
    watchlist_id: WatchlistId, wanted: WatchlistIn, session: SessionDep, expected: IfMatch, response: Response
) -> WatchlistOut:
    """Replace a list's fields; a later expires_at renews it. In force on all workers within two seconds."""
    await watchlists.replace(session, watchlist_id=watchlist_id, fields=_fields(wanted), expected=expected)
    return await _shown(session, watchlist_id, response)


@router.delete("/{watchlist_id}", status_code=204, dependencies=MANAGE)
async def delete_watchlist(watchlist_id: WatchlistId, session: SessionDep) -> None:
    """Delete a list that nobody is on and no alert rule names."""
    await watchlists.remove(session, watchlist_id=watchlist_id)


async def _shown(session: SessionDep, watchlist_id: int, response: Response) -> WatchlistOut:
    view = await watchlists.view(session, watchlist_id=watchlist_id)
    conditional.tag(response, view.updated_at)
    return WatchlistOut.model_validate(view)


def _fields(wanted: WatchlistIn) -> WatchlistFields:
    return WatchlistFields(
        name=wanted.name,
        approval=Approval(wanted.legal_basis, wanted.approver, wanted.expires_at, wanted.review_date),
        description=wanted.description,
        color=wanted.color,
        priority=wanted.priority,
        is_active=wanted.is_active,
    )
