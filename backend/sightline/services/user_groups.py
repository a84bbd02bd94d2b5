"""Accounts as an administrator sees them: with the camera groups they are limited to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, delete, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import Role
from sightline.core.errors import NotFound
from sightline.models import CameraGroup, SecondFactor, User, UserCameraGroup
from sightline.services import keyset
from sightline.services.keyset import Column, PageOf, PageRequest

COLUMNS: dict[str, Column] = {"username": func.lower(User.username), "created_at": User.created_at}
MOST_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class UserView:
    """An account, its camera groups, and whether it has a second factor."""

    user: User
    camera_group_ids: Sequence[UUID]
    has_second_factor: bool

    @property
    def id(self) -> UUID:
        """For pages."""
        return self.user.id

    @property
    def created_at(self) -> object:
        """For pages."""
        return self.user.created_at

    @property
    def name_key(self) -> str:
        """What pages are ordered by."""
        return self.user.username.lower()


@dataclass(frozen=True, slots=True)
class UserFilter:
    """Which accounts. q: a part of name or address."""

    role: Role | None = None
    is_active: bool | None = None
    q: str | None = None


async def list_views(
    session: AsyncSession, *, where: UserFilter, request: PageRequest, with_total: bool = False
) -> PageOf[UserView]:
    """A page of accounts."""
    statement = keyset.applied(_filtered(where), request, columns=COLUMNS, row_id=User.id)
    users = (await session.scalars(statement)).all()
    page = keyset.split(await _views(session, users), request, {"username": "name_key", "created_at": "created_at"})
    if not with_total:
        return page
    some = _filtered(where).with_only_columns(User.id).limit(MOST_COUNTED).subquery()
    total = await session.scalar(select(func.count()).select_from(some))
    return PageOf(page.items, page.next, total)


async def view(session: AsyncSession, *, user: User) -> UserView:
    """One account."""
    return (await _views(session, [user]))[0]


async def replace(session: AsyncSession, *, user_id: UUID, group_ids: Sequence[UUID]) -> bool:
    """Limit an account to these groups' cameras; whether that changed anything. Raises NotFound for a group."""
    wanted = set(group_ids)
    present = set((await _groups(session, [user_id])).get(user_id, ()))
    known = set((await session.scalars(select(CameraGroup.id).where(CameraGroup.id.in_(wanted)))).all())
    if wanted - known:
        raise NotFound("no such camera group", hint="List the camera groups again.")
    if gone := present - wanted:
        mine = UserCameraGroup.user_id == user_id, UserCameraGroup.group_id.in_(gone)
        await session.execute(delete(UserCameraGroup).where(*mine))
    if new := wanted - present:
        rows = [{"user_id": user_id, "group_id": group_id} for group_id in sorted(new)]
        await session.execute(insert(UserCameraGroup), rows)
    return present != wanted


def _filtered(where: UserFilter) -> Select[User]:
    statement = select(User)
    if where.role is not None:
        statement = statement.where(User.role == where.role.value)
    if where.is_active is not None:
        statement = statement.where(User.is_active == where.is_active)
    if where.q:
        part = where.q.lower()
        found = or_(
            func.lower(User.username).contains(part, autoescape=True),
            func.lower(User.email).contains(part, autoescape=True),
        )
        statement = statement.where(found)
    return statement


async def _views(session: AsyncSession, users: Sequence[User]) -> list[UserView]:
    """Three statements, however many accounts."""
    ids = [user.id for user in users]
    groups = await _groups(session, ids)
    statement = select(SecondFactor.user_id).where(
        SecondFactor.user_id.in_(ids), SecondFactor.confirmed_at.is_not(None)
    )
    protected = set((await session.scalars(statement)).all())
    return [UserView(user, groups.get(user.id, ()), user.id in protected) for user in users]


async def _groups(session: AsyncSession, user_ids: Sequence[UUID]) -> Mapping[UUID, Sequence[UUID]]:
    statement = select(UserCameraGroup.user_id, UserCameraGroup.group_id).where(UserCameraGroup.user_id.in_(user_ids))
    found: dict[UUID, list[UUID]] = {}
    for user_id, group_id in (await session.execute(statement.order_by(UserCameraGroup.group_id))).all():
        found.setdefault(user_id, []).append(group_id)
    return found
