"""Watchlists: each with a legal basis, an approver and an end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.errors import Conflict, InvalidInput, NotFound
from sightline.models import Watchlist

MAX_LIFE = timedelta(days=366)
"""A list ends within a year, so that somebody decides again whether it is still justified."""


@dataclass(frozen=True, slots=True)
class Approval:
    """Why a list may exist: the legal basis, who approved it, until when, and when it is looked at again."""

    legal_basis: str
    approver: str
    expires_at: datetime
    review_date: date | None = None


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
    if not approval.legal_basis.strip() or not approval.approver.strip():
        raise InvalidInput("a watchlist needs a legal basis and an approver", hint="Name both.")
    if not datetime.now(UTC) < approval.expires_at <= datetime.now(UTC) + MAX_LIFE:
        raise InvalidInput(
            "a watchlist must end within a year from now", hint="Choose an earlier day; it can be renewed."
        )
    if await find(session, name=name) is not None:
        raise Conflict(f"a watchlist named {name} exists", hint="Choose another name.")
    watchlist = Watchlist(
        name=name,
        description=description,
        priority=priority,
        color=color,
        legal_basis=approval.legal_basis,
        approver=approval.approver,
        expires_at=approval.expires_at,
        review_date=approval.review_date,
    )
    session.add(watchlist)
    await session.flush()
    return watchlist


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
