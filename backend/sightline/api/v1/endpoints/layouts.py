"""Saved layouts."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from sightline.api.conditional import IfMatch, tag
from sightline.api.deps import CurrentUser, SessionDep
from sightline.api.paging import Cursor, Limit, page_out, page_request, sort_parameter
from sightline.api.permissions import Permission, Requires
from sightline.api.routing import Router
from sightline.schemas.base import Page
from sightline.schemas.layouts import LayoutIn, LayoutKind, LayoutOut
from sightline.services import layouts
from sightline.services.layouts import LayoutView

router = Router(prefix="/layouts", tags=["layouts"], dependencies=[Depends(Requires(Permission.SAVE_LAYOUTS))])


@router.get("")
async def list_layouts(
    session: SessionDep,
    current: CurrentUser,
    kind: LayoutKind | None = None,
    *,
    own: Annotated[bool, Query(description="Only yours, without those that others share.")] = False,
    sort: Annotated[str, sort_parameter(["name", "created_at"])] = "name",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[LayoutOut]:
    """Yours and those that others share, by name."""
    request = page_request(sort=sort, limit=limit, cursor=cursor)
    page = await layouts.list_layouts(session, user_id=current.user_id, request=request, kind=kind, own=own)
    return page_out(page, lambda view: _out(view, current.user_id))


@router.post("", status_code=201)
async def create_layout(body: LayoutIn, session: SessionDep, current: CurrentUser, response: Response) -> LayoutOut:
    """Save a layout."""
    view = await layouts.create_layout(session, user_id=current.user_id, given=body)
    response.headers["Location"] = f"/v1/layouts/{view.id}"
    return _shown(view, current.user_id, response)


@router.get("/{layout_id}")
async def get_layout(layout_id: UUID, session: SessionDep, current: CurrentUser, response: Response) -> LayoutOut:
    """One of yours, or a shared one."""
    view = await layouts.get_layout(session, user_id=current.user_id, layout_id=layout_id)
    return _shown(view, current.user_id, response)


@router.put("/{layout_id}")
async def update_layout(
    layout_id: UUID,
    body: LayoutIn,
    expected: IfMatch,
    session: SessionDep,
    current: CurrentUser,
    response: Response,
) -> LayoutOut:
    """Replace one of yours."""
    view = await layouts.update_layout(
        session, user_id=current.user_id, layout_id=layout_id, given=body, expected=expected
    )
    return _shown(view, current.user_id, response)


@router.delete("/{layout_id}", status_code=204)
async def delete_layout(layout_id: UUID, session: SessionDep, current: CurrentUser) -> None:
    """Remove one of yours."""
    await layouts.remove_layout(session, user_id=current.user_id, layout_id=layout_id)


def _shown(view: LayoutView, user_id: UUID, response: Response) -> LayoutOut:
    tag(response, view.updated_at)
    return _out(view, user_id)


def _out(view: LayoutView, user_id: UUID) -> LayoutOut:
    return LayoutOut(
        id=view.id,
        name=view.name,
        kind=LayoutKind(view.kind),
        content=view.content,
        is_shared=view.is_shared,
        is_default=view.is_default,
        is_own=view.user_id == user_id,
        owner_name=view.owner_name,
        created_at=view.created_at,
        updated_at=view.updated_at,
    )
