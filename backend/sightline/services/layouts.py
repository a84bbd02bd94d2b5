"""Saved layouts: one's own, and those that others share."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.errors import Conflict, Forbidden, NotFound
from sightline.models import Layout
from sightline.schemas.layouts import LayoutIn
from sightline.services import keyset, versions
from sightline.services.alerts import USER_NAMES
from sightline.services.keyset import Column, PageOf, PageRequest

MOST_OF_ONE_USER = 100
COLUMNS: dict[str, Column] = {"created_at": Layout.created_at, "name": func.lower(Layout.name)}
POSITIONS = {"created_at": "created_at", "name": "sort_name"}


@dataclass(frozen=True, slots=True)
class LayoutView:
    """A layout with its owner's name; sort_name: as the database sorts it."""

    id: UUID
    user_id: UUID
    name: str
    kind: str
    content: dict[str, Any]
    is_shared: bool
    is_default: bool
    created_at: datetime
    updated_at: datetime
    owner_name: str | None
    sort_name: str


async def list_layouts(
    session: AsyncSession, *, user_id: UUID, request: PageRequest, kind: str | None = None, own: bool = False
) -> PageOf[LayoutView]:
    """A user's layouts and those that others share; own: without the latter."""
    statement = _views(user_id)
    if kind is not None:
        statement = statement.where(Layout.kind == kind)
    if own:
        statement = statement.where(Layout.user_id == user_id)
    limited = keyset.applied(statement, request, columns=COLUMNS, row_id=Layout.id)
    return keyset.split([LayoutView(*row) for row in (await session.execute(limited)).all()], request, POSITIONS)


async def get_layout(session: AsyncSession, *, user_id: UUID, layout_id: UUID) -> LayoutView:
    """One's own layout, or a shared one. Raises NotFound."""
    row = (await session.execute(_views(user_id).where(Layout.id == layout_id))).one_or_none()
    if row is None:
        raise _missing()
    return LayoutView(*row)


async def create_layout(session: AsyncSession, *, user_id: UUID, given: LayoutIn) -> LayoutView:
    """Keep a layout. Raises Conflict (too many, or the name is taken)."""
    counted = select(func.count()).select_from(Layout).where(Layout.user_id == user_id)
    if (await session.scalar(counted) or 0) >= MOST_OF_ONE_USER:
        raise Conflict(f"you have {MOST_OF_ONE_USER} layouts already", hint="Remove one that you no longer use.")
    await _make_room(session, user_id, given, but=None)
    layout = Layout(user_id=user_id, **given.model_dump())
    session.add(layout)
    await session.flush()
    return await get_layout(session, user_id=user_id, layout_id=layout.id)


async def update_layout(
    session: AsyncSession, *, user_id: UUID, layout_id: UUID, given: LayoutIn, expected: datetime | None
) -> LayoutView:
    """Replace one's own layout. Raises NotFound, Forbidden (another's), PreconditionFailed, Conflict."""
    await _require_own(session, user_id, layout_id)
    statement = select(Layout).where(Layout.id == layout_id, Layout.user_id == user_id)
    layout = await versions.lock(session, statement, expected=expected, noun="layout")
    await _make_room(session, user_id, given, but=layout_id)
    for name, value in given.model_dump().items():
        setattr(layout, name, value)
    await session.flush()
    return await get_layout(session, user_id=user_id, layout_id=layout_id)


async def remove_layout(session: AsyncSession, *, user_id: UUID, layout_id: UUID) -> None:
    """Remove one's own layout. Raises NotFound, Forbidden (another's)."""
    await _require_own(session, user_id, layout_id)
    statement = delete(Layout).where(Layout.id == layout_id, Layout.user_id == user_id).returning(Layout.id)
    if await session.scalar(statement) is None:
        raise NotFound("no such layout", hint="It may have been removed already.")


async def _require_own(session: AsyncSession, user_id: UUID, layout_id: UUID) -> None:
    if (await get_layout(session, user_id=user_id, layout_id=layout_id)).user_id != user_id:
        raise Forbidden("this layout is shared by somebody else", hint="Save a copy of your own.")


async def _make_room(session: AsyncSession, user_id: UUID, given: LayoutIn, *, but: UUID | None) -> None:
    """At most one default per screen."""
    if not given.is_default:
        return
    others: list[ColumnElement[bool]] = [
        Layout.user_id == user_id,
        Layout.kind == given.kind,
        Layout.is_default.is_(True),
    ]
    if but is not None:
        others.append(Layout.id != but)
    await session.execute(update(Layout).where(*others).values(is_default=False))


def _views(user_id: UUID) -> Select[Any]:
    columns: list[Any] = [
        Layout.id,
        Layout.user_id,
        Layout.name,
        Layout.kind,
        Layout.content,
        Layout.is_shared,
        Layout.is_default,
        Layout.created_at,
        Layout.updated_at,
        USER_NAMES.c.username,
        func.lower(Layout.name),
    ]
    return (
        select(*columns)
        .outerjoin(USER_NAMES, USER_NAMES.c.id == Layout.user_id)
        .where(or_(Layout.user_id == user_id, Layout.is_shared))
    )


def _missing() -> NotFound:
    return NotFound("no such layout", hint="It may have been removed, or is no longer shared.")
