"""Groups of cameras: who sees which. A camera of no group is seen by everybody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.errors import Conflict, NotFound
from sightline.models import AlertRule, Camera, CameraGroup
from sightline.services import keyset, versions
from sightline.services.keyset import PageOf, PageRequest

ORDERS = {"name": CameraGroup.name, "created_at": CameraGroup.created_at}
POSITIONS = {"name": "name", "created_at": "created_at"}
MOST_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class CameraGroupView:
    """A group. cameras: how many the principal sees in it."""

    id: UUID
    name: str
    description: str
    cameras: int
    created_at: datetime
    updated_at: datetime


async def page_of_groups(
    session: AsyncSession, *, q: str | None, request: PageRequest, with_total: bool = False
) -> PageOf[CameraGroupView]:
    """A page of groups. q: a part of the name. Raises InvalidInput for an order that is none of ORDERS."""
    statement = select(CameraGroup)
    if q:
        statement = statement.where(CameraGroup.name.icontains(q, autoescape=True))
    found = await keyset.fetch(session, statement, request, columns=ORDERS, positions=POSITIONS, row_id=CameraGroup.id)
    total = None
    if with_total:
        counted = statement.with_only_columns(CameraGroup.id).limit(MOST_COUNTED).subquery()
        total = await session.scalar(select(func.count()).select_from(counted))
    return PageOf(await _views(session, found.items), found.next, total)


async def view(session: AsyncSession, *, group_id: UUID) -> CameraGroupView:
    """One group. Raises NotFound."""
    group = (await session.scalars(_one(group_id))).one_or_none()
    if group is None:
        raise NotFound("no such camera group", hint="It may have been removed; list the groups again.")
    return (await _views(session, [group]))[0]


async def create(session: AsyncSession, *, name: str, description: str = "") -> UUID:
    """Add a group; gives its id. Raises Conflict when the name is taken."""
    await _require_free_name(session, name)
    group = CameraGroup(name=name, description=description)
    session.add(group)
    await session.flush()
    return group.id


async def replace(
    session: AsyncSession, *, group_id: UUID, expected: datetime | None, name: str, description: str
) -> None:
    """Give a group another name and description. Raises NotFound, PreconditionFailed, Conflict."""
    group = await versions.lock(session, _one(group_id), expected=expected, noun="camera group")
    await _require_free_name(session, name, but=group.id)
    group.name, group.description = name, description
    await session.flush()
    await session.refresh(group)


async def remove(session: AsyncSession, *, group_id: UUID) -> None:
    """Remove an empty group; who was a member sees what they saw. Raises NotFound, Conflict when it is in use.

    A camera that was put away stays in its group, which still says who sees its sightings.
    """
    group = await versions.lock(session, _one(group_id), expected=None, noun="camera group")
    cameras = await session.scalar(_count(Camera.group_id == group_id, Camera.removed_at.is_(None)))
    if cameras:
        raise Conflict(f"{cameras} cameras are in this group", hint="Move them first.")
    if await session.scalar(_count(Camera.group_id == group_id)):
        raise Conflict(
            "sightings of removed cameras of this group are still kept",
            hint="It can go when their retention is over.",
        )
    rules = await session.scalar(select(func.count()).select_from(AlertRule).where(AlertRule.group_id == group_id))
    if rules:
        raise Conflict(f"{rules} alert rules name this group", hint="Change or delete them first.")
    await session.delete(group)
    await session.flush()


async def put_cameras(session: AsyncSession, *, group_id: UUID, camera_ids: Sequence[UUID]) -> None:
    """Let exactly these cameras be in a group; those that were leave it. Raises NotFound, then nothing is changed."""
    await versions.lock(session, _one(group_id), expected=None, noun="camera group")
    wanted = set(camera_ids)
    present = set(await session.scalars(select(Camera.id).where(Camera.id.in_(wanted), Camera.removed_at.is_(None))))
    if wanted - present:
        raise NotFound(f"{len(wanted - present)} of these cameras do not exist", hint="List the cameras again.")
    mine = (Camera.group_id == group_id, Camera.removed_at.is_(None))
    await session.execute(update(Camera).where(*mine, Camera.id.not_in(wanted)).values(group_id=None))
    joining = or_(Camera.group_id.is_(None), Camera.group_id != group_id)
    await session.execute(update(Camera).where(Camera.id.in_(wanted), joining).values(group_id=group_id))


async def _views(session: AsyncSession, groups: Sequence[CameraGroup]) -> list[CameraGroupView]:
    statement = text(
        "SELECT group_id, count(*) AS n FROM cameras WHERE group_id = ANY(:ids) AND removed_at IS NULL"
        " GROUP BY group_id"
    )
    counted = {row.group_id: row.n for row in await session.execute(statement, {"ids": [group.id for group in groups]})}
    return [
        CameraGroupView(g.id, g.name, g.description, counted.get(g.id, 0), g.created_at, g.updated_at) for g in groups
    ]


async def _require_free_name(session: AsyncSession, name: str, *, but: UUID | None = None) -> None:
    statement = select(CameraGroup.id).where(func.lower(CameraGroup.name) == func.lower(name)).limit(1)
    found = await session.scalar(statement)
    if found is not None and found != but:
        raise Conflict(f"a camera group named {name} exists", hint="Choose another name.")


def _one(group_id: UUID) -> Select[CameraGroup]:
    return select(CameraGroup).where(CameraGroup.id == group_id)


def _count(*where: ColumnElement[bool]) -> Select[int]:
    return select(func.count()).select_from(Camera).where(*where)
