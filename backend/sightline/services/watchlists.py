"""Watchlists: each with a legal basis, an approver and an end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import Select, column, func, select, table
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import constraint
from sightline.core.errors import Conflict, InvalidInput, NotFound
from sightline.models import AlertRule, Subject, Watchlist
from sightline.services import keyset, versions
from sightline.services.keyset import Column, PageOf, PageRequest

MAX_LIFE = timedelta(days=366)
"""A list ends within a year, so that somebody decides again whether it is still justified."""

ORDERS = ("name", "priority", "expires_at", "created_at")
_SIZES = table("watchlist_sizes", column("watchlist_id"), column("subjects"))


@dataclass(frozen=True, slots=True)
class Approval:
    """Why a list may exist: the legal basis, who approved it, until when, and when it is looked at again."""

    legal_basis: str
    approver: str
    expires_at: datetime
    review_date: date | None = None


@dataclass(frozen=True, slots=True)
class WatchlistFields:
    """What a list says about itself; priority 1 to 5, 5 is the most urgent."""

    name: str
    approval: Approval
    description: str = ""
    color: str = "#d97706"
    priority: int = 3
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class WatchlistFilter:
    """Which lists: in_force means switched on and not expired; query is a part of the name."""

    query: str | None = None
    is_active: bool | None = None
    in_force: bool | None = None


@dataclass(frozen=True, slots=True)
class WatchlistView:
    """A list with the number of subjects on it. in_force, review_due: by the database's clock."""

    id: int
    name: str
    description: str
    color: str
    priority: int
    is_active: bool
    legal_basis: str
    approver: str
    review_date: date | None
    expires_at: datetime
    created_at: datetime
    updated_at: datetime
    in_force: bool
    review_due: bool
    subjects: int
    sort_name: str


async def create(
    session: AsyncSession,
    *,
    name: str,
    approval: Approval,
    priority: int = 3,
    description: str = "",
    color: str = "#d97706",
) -> Watchlist:
    """Create a watchlist; priority 1 to 5, 5 is the most urgent. Raises Conflict, InvalidInput."""
    return await add(session, fields=WatchlistFields(name, approval, description, color, priority))


async def add(session: AsyncSession, *, fields: WatchlistFields) -> Watchlist:
    """Create a watchlist. Raises Conflict (the name is taken), InvalidInput (no basis, approver or sound end)."""
    _require_approval(fields.approval)
    _require_sound_end(fields.approval.expires_at)
    if await find(session, name=fields.name) is not None:
        raise _taken(fields.name)
    watchlist = Watchlist()
    _write(watchlist, fields)
    session.add(watchlist)
    await _flush(session, fields.name)
    return watchlist


async def replace(
    session: AsyncSession, *, watchlist_id: int, fields: WatchlistFields, expected: datetime | None
) -> None:
    """Give a list other fields; a later end renews it, one that is left as it is may lie in the past.

    expected: the version that the change is based on. Raises NotFound, PreconditionFailed, Conflict, InvalidInput.
    """
    statement = select(Watchlist).where(Watchlist.id == watchlist_id)
    watchlist = await versions.lock(session, statement, expected=expected, noun="watchlist")
    _require_approval(fields.approval)
    if fields.approval.expires_at != watchlist.expires_at:
        _require_sound_end(fields.approval.expires_at)
    _write(watchlist, fields)
    await _flush(session, fields.name)


async def remove(session: AsyncSession, *, watchlist_id: int) -> None:
    """Delete a list nobody is on and no rule names. Raises NotFound, Conflict."""
    statement = select(Watchlist).where(Watchlist.id == watchlist_id)
    watchlist = await versions.lock(session, statement, expected=None, noun="watchlist")
    on_it = await session.scalar(select(func.count()).where(Subject.watchlist_id == watchlist_id))
    if on_it:
        raise Conflict(f"{on_it} subjects are on this watchlist", hint="Move or erase them, or switch the list off.")
    rules = await session.scalar(select(func.count()).where(AlertRule.watchlist_id == watchlist_id))
    if rules:
        raise Conflict(f"{rules} alert rules name this watchlist", hint="Change or delete these rules first.")
    await session.delete(watchlist)
    await session.flush()


async def view(session: AsyncSession, *, watchlist_id: int) -> WatchlistView:
    """One list as clients see it. Raises NotFound."""
    found = await session.execute(_views().where(Watchlist.id == watchlist_id))
    row: Sequence[Any] | None = found.one_or_none()
    if row is None:
        raise NotFound("no such watchlist", hint="It may have been removed; list the watchlists again.")
    return WatchlistView(*row)


async def page(
    session: AsyncSession, *, where: WatchlistFilter, request: PageRequest, total: bool = False
) -> PageOf[WatchlistView]:
    """A part of the lists. Raises InvalidInput for an unknown order."""
    statement = _filtered(_views(), where)
    count = await session.scalar(select(func.count()).select_from(statement.subquery())) if total else None
    columns: dict[str, Column] = {
        "name": func.lower(Watchlist.name),
        "priority": Watchlist.priority,
        "expires_at": Watchlist.expires_at,
        "created_at": Watchlist.created_at,
    }
    part = keyset.applied(statement, request, columns=columns, row_id=Watchlist.id)
    rows: Sequence[Sequence[Any]] = (await session.execute(part)).all()
    positions = {name: name for name in ORDERS} | {"name": "sort_name"}
    found = keyset.split([WatchlistView(*row) for row in rows], request, positions)
    return PageOf(found.items, found.next, count)


async def find(session: AsyncSession, *, name: str) -> Watchlist | None:
    """A watchlist by name, upper or lower case."""
    return (await session.scalars(select(Watchlist).where(func.lower(Watchlist.name) == name.lower()))).one_or_none()


async def get(session: AsyncSession, *, name: str) -> Watchlist:
    """A watchlist by name. Raises NotFound."""
    watchlist = await find(session, name=name)
    if watchlist is None:
        raise NotFound(f"no watchlist named {name}", hint="Create it first, with its legal basis and approver.")
    return watchlist


async def list_watchlists(session: AsyncSession) -> Sequence[Watchlist]:
    """All watchlists, the most urgent first."""
    return (await session.scalars(select(Watchlist).order_by(Watchlist.priority.desc(), Watchlist.name))).all()


async def set_active(session: AsyncSession, *, name: str, is_active: bool) -> Watchlist:
    """Switch a list on or off; its subjects are recognised only while it is on. Raises NotFound."""
    watchlist = await get(session, name=name)
    watchlist.is_active = is_active
    await session.flush()
    return watchlist


def _views() -> Select[Any]:
    in_force = Watchlist.is_active & (Watchlist.expires_at > func.now())
    views = select(
        Watchlist.id,
        Watchlist.name,
        Watchlist.description,
        Watchlist.color,
        Watchlist.priority,
        Watchlist.is_active,
        Watchlist.legal_basis,
        Watchlist.approver,
        Watchlist.review_date,
        Watchlist.expires_at,
        Watchlist.created_at,
        Watchlist.updated_at,
        in_force.label("in_force"),
        func.coalesce(Watchlist.review_date <= func.current_date(), False).label("review_due"),
        _SIZES.c.subjects,
        func.lower(Watchlist.name).label("sort_name"),
    ).join(_SIZES, _SIZES.c.watchlist_id == Watchlist.id)
    return cast("Select[Any]", views)


def _filtered(statement: Select[Any], where: WatchlistFilter) -> Select[Any]:
    if where.query:
        statement = statement.where(Watchlist.name.icontains(where.query, autoescape=True))
    if where.is_active is not None:
        statement = statement.where(Watchlist.is_active == where.is_active)
    if where.in_force is not None:
        in_force = Watchlist.is_active & (Watchlist.expires_at > func.now())
        statement = statement.where(in_force if where.in_force else ~in_force)
    return statement


def _write(watchlist: Watchlist, fields: WatchlistFields) -> None:
    watchlist.name = fields.name
    watchlist.description = fields.description
    watchlist.color = fields.color
    watchlist.priority = fields.priority
    watchlist.is_active = fields.is_active
    watchlist.legal_basis = fields.approval.legal_basis
    watchlist.approver = fields.approval.approver
    watchlist.review_date = fields.approval.review_date
    watchlist.expires_at = fields.approval.expires_at


async def _flush(session: AsyncSession, name: str) -> None:
    """Raises Conflict where somebody else took the name in this very moment."""
    try:
        await session.flush()
    except IntegrityError as error:
        if constraint(error) == "uq_watchlists_name":
            raise _taken(name) from error
        raise


def _taken(name: str) -> Conflict:
    return Conflict(f"a watchlist named {name} exists", hint="Choose another name.")


def _require_approval(approval: Approval) -> None:
    if not approval.legal_basis.strip() or not approval.approver.strip():
        raise InvalidInput("a watchlist needs a legal basis and an approver", hint="Name both.")


def _require_sound_end(expires_at: datetime) -> None:
    if not datetime.now(UTC) < expires_at <= datetime.now(UTC) + MAX_LIFE:
        raise InvalidInput(
            "a watchlist must end within a year from now", hint="Choose an earlier day; it can be renewed."
        )
