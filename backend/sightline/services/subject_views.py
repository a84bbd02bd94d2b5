"""Subjects as clients see them: one by one, and in lists that can be searched while somebody types."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from typing import cast as typed
from uuid import UUID

from sqlalchemy import ColumnElement, Float, ScalarSelect, Select, cast, column, func, literal, select, table
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.errors import InvalidInput, NotFound
from sightline.models import Subject, Watchlist
from sightline.services import audit, keyset
from sightline.services.keyset import Column, PageOf, PageRequest

ORDERS = ("name", "created_at", "last_seen_at", "relevance")
COUNTED = 10_000
"""Rows that total counts at most: nobody leafs through more, and counting on would cost more than the page."""

_ENTRIES = table("image_entries", column("id"), column("subject_id"), column("image_path"), column("model_version"))
_SEARCHED = table("searchable_subjects", column("id"))
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for the last sighting of somebody who was never seen, so that the order has no gap."""


@dataclass(frozen=True, slots=True)
class SubjectFilter:
    """Which subjects. query: a part of the name or the external id, or nearly; None: any, likewise below."""

    query: str | None = None
    watchlist_id: int | None = None
    on_watchlist: bool | None = None
    status: str | None = None
    alert_on_match: bool | None = None
    has_images: bool | None = None
    created_since: datetime | None = None
    created_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class SubjectView:
    """A subject with what lists show of it.

    is_searched: may be recognised now (active, entry and list in force), which also needs images;
    portrait_id: the image that lists show. relevance: closeness to the query, 0 to 1.
    """

    id: UUID
    name: str
    external_id: str | None
    watchlist_id: int | None
    watchlist_name: str | None
    watchlist_color: str | None
    status: str
    alert_on_match: bool
    expires_at: datetime | None
    metadata: dict[str, object]
    last_seen_at: datetime | None
    created_at: datetime
    updated_at: datetime
    is_searched: bool
    images: int
    portrait_id: UUID | None
    sort_name: str
    sort_seen: datetime
    relevance: float


async def view(session: AsyncSession, *, subject_id: UUID) -> SubjectView:
    """One subject. Raises NotFound."""
    found = await session.execute(_views(None).where(Subject.id == subject_id))
    row: Sequence[Any] | None = found.one_or_none()
    if row is None:
        raise NotFound(f"no subject {subject_id}", hint="It may have been erased.")
    return SubjectView(*row)


async def look_at(session: AsyncSession, *, subject_id: UUID, purpose: str | None) -> SubjectView:
    """view(), and that somebody looked goes on record. Raises NotFound."""
    found = await view(session, subject_id=subject_id)
    await audit.record_event(
        session,
        action="VIEW",
        table_name="subjects",
        record_id=str(subject_id),
        details={"purpose": purpose},
        subject_id=subject_id,
    )
    return found


async def page(
    session: AsyncSession, *, where: SubjectFilter, request: PageRequest, total: bool = False
) -> PageOf[SubjectView]:
    """A part of the subjects; total counts to COUNTED at most. Raises InvalidInput for an order that makes no sense."""
    if request.order.name == "relevance" and not where.query:
        raise InvalidInput("relevance needs something to be relevant to", hint="Give q, or sort by name.")
    statement = _views(where.query).where(*_conditions(where))
    columns: dict[str, Column] = {
        "name": func.lower(Subject.name),
        "created_at": Subject.created_at,
        "last_seen_at": _last_seen(),
        "relevance": _relevance(where.query),
    }
    part = keyset.applied(statement, request, columns=columns, row_id=Subject.id)
    rows: Sequence[Sequence[Any]] = (await session.execute(part)).all()
    positions = {
        "name": "sort_name",
        "created_at": "created_at",
        "last_seen_at": "sort_seen",
        "relevance": "relevance",
    }
    found = keyset.split([SubjectView(*row) for row in rows], request, positions)
    return PageOf(found.items, found.next, await _total(session, where) if total else None)


async def _total(session: AsyncSession, where: SubjectFilter) -> int:
    some = select(Subject.id).where(*_conditions(where)).limit(COUNTED).subquery()
    return int(await session.scalar(select(func.count()).select_from(some)) or 0)


def portrait_id() -> ScalarSelect[UUID]:
    """Beside columns of Subject: the image that stands for the subject, null where there is none."""
    return (
        select(_ENTRIES.c.id)
        .where(_ENTRIES.c.subject_id == Subject.id, _ENTRIES.c.image_path == Subject.portrait_path)
        .limit(1)
        .scalar_subquery()
    )


def _views(query: str | None) -> Select[Any]:
    images = select(func.count()).select_from(_ENTRIES).where(_ENTRIES.c.subject_id == Subject.id).scalar_subquery()
    views = select(
        Subject.id,
        Subject.name,
        Subject.external_id,
        Subject.watchlist_id,
        Watchlist.name,
        Watchlist.color,
        Subject.status,
        Subject.alert_on_match,
        Subject.expires_at,
        Subject.metadata_,
        Subject.last_seen_at,
        Subject.created_at,
        Subject.updated_at,
        select(_SEARCHED.c.id).where(_SEARCHED.c.id == Subject.id).exists(),
        images,
        portrait_id(),
        func.lower(Subject.name),
        _last_seen(),
        _relevance(query),
    ).outerjoin(Watchlist, Watchlist.id == Subject.watchlist_id)
    return typed("Select[Any]", views)


def _conditions(where: SubjectFilter) -> list[ColumnElement[bool]]:
    has_image = select(_ENTRIES.c.id).where(_ENTRIES.c.subject_id == Subject.id).exists()
    wanted: list[tuple[object, Callable[[], ColumnElement[bool]]]] = [
        (where.query, lambda: matches(where.query or "")),
        (where.watchlist_id, lambda: Subject.watchlist_id == where.watchlist_id),
        (where.on_watchlist, lambda: Subject.watchlist_id.is_not(None) == where.on_watchlist),
        (where.status, lambda: Subject.status == where.status),
        (where.alert_on_match, lambda: Subject.alert_on_match == where.alert_on_match),
        (where.has_images, lambda: has_image == where.has_images),
        (where.created_since, lambda: Subject.created_at >= where.created_since),
        (where.created_until, lambda: Subject.created_at < where.created_until),
    ]
    return [condition() for given, condition in wanted if given is not None]


def matches(query: str) -> ColumnElement[bool]:
    """Whether a part of name or external id is query, or a word of them resembles it (trigrams)."""
    return (
        Subject.name.icontains(query, autoescape=True)
        | Subject.external_id.icontains(query, autoescape=True)
        | Subject.name.bool_op("%>")(query)
        | Subject.external_id.bool_op("%>")(query)
    )


def closeness(query: str) -> ColumnElement[float]:
    """How much of query a word of name or external id holds, 0 to 1."""
    return func.greatest(
        func.word_similarity(query, Subject.name),
        func.coalesce(func.word_similarity(query, Subject.external_id), 0.0),
    )


def _relevance(query: str | None) -> ColumnElement[float]:
    return cast(closeness(query), Float(53)) if query else literal(0.0, Float(53))


def _last_seen() -> ColumnElement[datetime]:
    return func.coalesce(Subject.last_seen_at, _NEVER)
