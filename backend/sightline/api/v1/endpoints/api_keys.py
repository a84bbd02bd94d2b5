"""Keys for machines."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from sightline.api.deps import CurrentUser, SessionDep
from sightline.api.paging import Cursor, Limit, page_out, page_request, sort_parameter
from sightline.api.permissions import Permission, Requires, allowed, allows, scope
from sightline.api.routing import Router
from sightline.core.errors import Forbidden
from sightline.schemas.api_keys import ApiKeyOut, NewApiKeyIn, NewApiKeyOut
from sightline.schemas.base import Page
from sightline.services import api_keys
from sightline.services.api_keys import COLUMNS
from sightline.services.sessions import ActiveSession

router = Router(prefix="/api-keys", tags=["api-keys"])

OWN = Requires(Permission.OWN_ACCOUNT)
IN_PERSON = Requires(Permission.OWN_ACCOUNT, in_person=True)


@router.get("", dependencies=[Depends(OWN)])
async def list_api_keys(
    current: CurrentUser,
    session: SessionDep,
    user_id: Annotated[UUID | None, Query(description="Another user's, for administrators.")] = None,
    sort: Annotated[str, sort_parameter(tuple(COLUMNS))] = "-created_at",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[ApiKeyOut]:
    """One's own keys."""
    if user_id not in {None, current.user_id} and not allows(current, Permission.MANAGE_USERS):
        raise Forbidden("these are another user's keys", hint="Ask an administrator.")
    found = await api_keys.list_keys(
        session,
        user_id=user_id or current.user_id,
        request=page_request(sort=sort, limit=limit, cursor=cursor),
    )
    return page_out(found, ApiKeyOut.model_validate)


@router.post("", status_code=201, dependencies=[Depends(IN_PERSON)])
async def create_api_key(
    body: NewApiKeyIn, response: Response, current: CurrentUser, session: SessionDep
) -> NewApiKeyOut:
    """A key that acts as its user, within its scopes and the user's role of the moment; shown once."""
    new = await api_keys.create(
        session,
        user_id=current.user_id,
        name=body.name,
        scopes=body.scopes,
        allowed=[scope(permission) for permission in allowed(current)],
        expires_at=body.expires_at,
    )
    response.headers["Location"] = f"/v1/api-keys/{new.record.id}"
    response.headers["Cache-Control"] = "no-store"
    return NewApiKeyOut(**ApiKeyOut.model_validate(new.record).model_dump(), key=new.text)


@router.get("/{key_id}", dependencies=[Depends(OWN)])
async def get_api_key(key_id: UUID, current: CurrentUser, session: SessionDep) -> ApiKeyOut:
    """One key: one's own, or for administrators anybody's."""
    return ApiKeyOut.model_validate(await api_keys.get(session, key_id=key_id, of=_owner(current)))


@router.delete("/{key_id}", status_code=204, dependencies=[Depends(IN_PERSON)])
async def delete_api_key(key_id: UUID, current: CurrentUser, session: SessionDep) -> None:
    """End a key at once: one's own, or for administrators anybody's."""
    await api_keys.remove(session, key_id=key_id, of=_owner(current))


def _owner(current: ActiveSession) -> UUID | None:
    """Whose keys are in reach; None: everybody's."""
    return None if allows(current, Permission.MANAGE_USERS) else current.user_id
