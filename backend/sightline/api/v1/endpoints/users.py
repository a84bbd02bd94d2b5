"""Accounts."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from sightline.api.conditional import IfMatch, tag
from sightline.api.deps import CurrentUser, PrincipalDep, ResourcesDep, SessionDep, Visitor
from sightline.api.paging import Cursor, Limit, page_out, page_request, sort_parameter
from sightline.api.permissions import MATRIX, Permission, Requires, allows, require_grantable, scope
from sightline.api.routing import Router
from sightline.core.database import Role
from sightline.core.errors import Forbidden, InvalidInput
from sightline.schemas.auth import SessionOut, SessionsOut
from sightline.schemas.base import Page
from sightline.schemas.users import (
    ChangePasswordIn,
    NewUserIn,
    NewUserOut,
    PermissionOut,
    RolesOut,
    UserIn,
    UserOut,
    UserRole,
)
from sightline.services import second_factor, sessions, user_groups, users
from sightline.services.keyset import PageRequest
from sightline.services.user_groups import UserFilter, UserView
from sightline.services.users import AccountData

router = Router(prefix="/users", tags=["users"])

MANAGES = Requires(Permission.MANAGE_USERS)
MANAGES_IN_PERSON = Requires(Permission.MANAGE_USERS, in_person=True)
OWN = Requires(Permission.OWN_ACCOUNT, with_old_password=True)
CHANGES_PASSWORD = Requires(Permission.OWN_ACCOUNT, in_person=True, with_old_password=True)

Total = Annotated[bool, Query(description="Count all that match, up to 10,000.")]
Search = Annotated[
    str | None, Query(min_length=1, max_length=100, pattern=r"^[^\x00]*$", description="Part of name or address.")
]


async def _where(
    role: UserRole | None = None,
    is_active: Annotated[bool | None, Query(description="Whether it may log in.")] = None,
    q: Search = None,
) -> UserFilter:
    return UserFilter(Role(role) if role else None, is_active, q)


async def _part(
    sort: Annotated[str, sort_parameter(tuple(user_groups.COLUMNS))] = "username",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> PageRequest:
    return page_request(sort=sort, limit=limit, cursor=cursor)


@router.get("", dependencies=[Depends(MANAGES)])
async def list_users(
    session: SessionDep,
    where: Annotated[UserFilter, Depends(_where)],
    part: Annotated[PageRequest, Depends(_part)],
    *,
    total: Total = False,
) -> Page[UserOut]:
    """Accounts, by name."""
    return page_out(await user_groups.list_views(session, where=where, request=part, with_total=total), _out)


@router.post("", status_code=201, dependencies=[Depends(MANAGES)])
async def create_user(body: NewUserIn, response: Response, current: CurrentUser, session: SessionDep) -> NewUserOut:
    """A new account; its password is in the answer where it was made here.

    An API key gives only roles whose every permission is among its scopes.
    """
    require_grantable(current, Role(body.role))
    account = await users.create_account(session, username=body.username, data=_data(body), password=body.password)
    found = await user_groups.view(session, user=await users.get_by_id(session, user_id=account.id))
    response.headers["Location"] = f"/v1/users/{account.id}"
    tag(response, found.user.updated_at)
    shown = None if body.password else account.password
    return NewUserOut(**_out(found).model_dump(), password=shown)


@router.get("/roles", dependencies=[Depends(OWN)])
async def list_roles() -> RolesOut:
    """What each role may do."""
    roles = {role.value for role in UserRole}
    return RolesOut(
        items=[
            PermissionOut(
                permission=scope(permission),
                meaning=permission.value,
                roles=[UserRole(role.value) for role in sorted(given) if role.value in roles],
            )
            for permission, given in MATRIX.items()
        ]
    )


@router.get("/me", dependencies=[Depends(OWN)])
async def get_own_user(response: Response, current: CurrentUser, session: SessionDep) -> UserOut:
    """One's own account; GET /v1/auth/me says what one may."""
    return await _shown(response, session, current.user_id)


@router.get("/{user_id}", dependencies=[Depends(MANAGES)])
async def get_user(user_id: UUID, response: Response, session: SessionDep) -> UserOut:
    """One account."""
    return await _shown(response, session, user_id)


@router.put("/{user_id}", dependencies=[Depends(MANAGES)])
async def replace_user(
    user_id: UUID, body: UserIn, response: Response, current: CurrentUser, session: SessionDep, version: IfMatch
) -> UserOut:
    """Change an account. Another role, or a deactivation, ends its sessions at once."""
    if (await users.get_by_id(session, user_id=user_id)).role != body.role:
        require_grantable(current, Role(body.role))
    user = await users.replace(session, user_id=user_id, data=_data(body), expected=version)
    tag(response, user.updated_at)
    return _out(await user_groups.view(session, user=user))


@router.delete("/{user_id}", status_code=204, dependencies=[Depends(MANAGES)])
async def delete_user(user_id: UUID, current: CurrentUser, session: SessionDep) -> None:
    """Remove an account with its sessions and keys; the audit log keeps who it was."""
    await users.remove(session, user_id=user_id, acting=current.user_id)


@router.post("/{user_id}/change-password", status_code=204, dependencies=[Depends(CHANGES_PASSWORD)])
async def change_password(
    user_id: UUID,
    body: ChangePasswordIn,
    current: CurrentUser,
    opened: ResourcesDep,
    at: Visitor,
    acting: PrincipalDep,
) -> None:
    """Change one's own password with the old one, or as administrator another's, who must change it again then.

    The account's other sessions end at once.
    """
    own = user_id == current.user_id
    if own and body.old_password is None:
        raise InvalidInput("old_password is missing", hint="For your own account send the present password too.")
    if not own and (current.must_change_password or not allows(current, Permission.MANAGE_USERS)):
        raise Forbidden("this is another user's account", hint="Ask an administrator.")
    if own:
        await opened.logins.prove(user_id, body.old_password or "", at=at)
    async with opened.database.session(acting) as session:
        await users.change_password(
            session,
            user_id=user_id,
            password=body.new_password,
            keep=current.session_id if own else None,
            must_change=not own,
        )


@router.delete("/{user_id}/second-factor", status_code=204, dependencies=[Depends(MANAGES_IN_PERSON)])
async def reset_second_factor(user_id: UUID, session: SessionDep) -> None:
    """Switch off the second factor of somebody who lost theirs."""
    await users.get_by_id(session, user_id=user_id)
    await second_factor.remove(session, user_id=user_id)


@router.get("/{user_id}/sessions", dependencies=[Depends(MANAGES)])
async def list_user_sessions(user_id: UUID, current: CurrentUser, session: SessionDep) -> SessionsOut:
    """Where a user is logged in."""
    await users.get_by_id(session, user_id=user_id)
    found = await sessions.list_of(session, user_id=user_id)
    return SessionsOut(items=[SessionOut.of(one, current=current.session_id) for one in found])


@router.delete("/{user_id}/sessions", status_code=204, dependencies=[Depends(MANAGES)])
async def end_user_sessions(user_id: UUID, session: SessionDep) -> None:
    """Log a user out everywhere, at once."""
    await users.get_by_id(session, user_id=user_id)
    await sessions.revoke_all(session, user_id=user_id)
    await sessions.record(session, "SESSION_REVOKED", user_id)


@router.delete("/{user_id}/sessions/{session_id}", status_code=204, dependencies=[Depends(MANAGES)])
async def end_user_session(user_id: UUID, session_id: UUID, session: SessionDep) -> None:
    """Log a user out of one session, at once."""
    await sessions.revoke(session, user_id=user_id, session_id=session_id)


async def _shown(response: Response, session: SessionDep, user_id: UUID) -> UserOut:
    found = await user_groups.view(session, user=await users.get_by_id(session, user_id=user_id))
    tag(response, found.user.updated_at)
    return _out(found)


def _data(body: UserIn) -> AccountData:
    return AccountData(
        role=Role(body.role),
        email=body.email,
        is_active=body.is_active,
        must_change_password=body.must_change_password,
        camera_group_ids=body.camera_group_ids,
    )


def _out(found: UserView) -> UserOut:
    return UserOut.model_validate(
        {
            **{name: getattr(found.user, name) for name in UserOut.model_fields if hasattr(found.user, name)},
            "second_factor": found.has_second_factor,
            "camera_group_ids": found.camera_group_ids,
        }
    )
