"""Reading sightings back: lists by keyset on (detected_at, id), and one sighting with everything about it.

The page is cut before names are joined to it, so that PostgreSQL reads as many sightings as are shown, from the
indexes of the partitions that the times leave over, and no more.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, Uuid, any_, func, select, text
from sqlalchemy import cast as sql_cast
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.errors import NotFound
from sightline.models import Camera, Sighting, Subject
from sightline.services.keyset import Order, PageOf, PageRequest, applied, split
from sightline.services.subject_views import portrait_id

NEWEST_FIRST: Final = Order("detected_at", descending=True)
MOST_COUNTED: Final = 10_000
"""Sightings that a total counts; a total of one more says that there are more. Counting millions takes seconds."""
_POSITIONS: Final = {"detected_at": "detected_at"}


@dataclass(frozen=True, slots=True)
class SightingView:
    """A sighting as lists show it; subject_name None: unknown (or erased); verdict: what a person decided; box: of the
    best shot, x, y, width, height px of its frame."""

    id: UUID
    detected_at: datetime
    last_seen_at: datetime
    closed_at: datetime | None
    camera_id: UUID
    camera_name: str
    camera_time_zone: str
    subject_id: UUID | None
    subject_name: str | None
    confidence: float | None
    quality_score: float | None
    detections: int
    box: tuple[float, float, float, float]
    frame_width: int
    frame_height: int
    image_path: str | None
    frame_path: str | None
    model_version: str | None = None
    verdict: str | None = None
    corrected_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SightingFilter:
    """Which sightings a list shows; None: whichever. since is included, until is not.

    camera_ids, subject_ids, ids: any of these. group_id: cameras of that group; watchlist_id: subjects on that list.
    known: whether somebody was recognised; open: whether the person is still in view.
    """

    camera_ids: tuple[UUID, ...] | None = None
    group_id: UUID | None = None
    subject_ids: tuple[UUID, ...] | None = None
    watchlist_id: int | None = None
    known: bool | None = None
    min_similarity: float | None = None
    min_quality: float | None = None
    since: datetime | None = None
    until: datetime | None = None
    open: bool | None = None
    verdict: str | None = None
    ids: tuple[UUID, ...] | None = None


@dataclass(frozen=True, slots=True)
class CandidateView:
    """A subject that recognition ranked; name None: unknown to the principal, or erased. portrait_id: of its images,
    the one to show."""

    subject_id: UUID
    name: str | None
    similarity: float
    portrait_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class SightingDetail:
    """A sighting with what only its own page shows."""

    view: SightingView
    candidates: tuple[CandidateView, ...]
    has_template: bool
    media_expires_at: datetime | None
    updated_at: datetime


async def list_page(
    session: AsyncSession, *, where: SightingFilter, request: PageRequest, count: bool = False
) -> PageOf[SightingView]:
    """Sightings that the principal may see. count: with a total of up to MOST_COUNTED + 1. Raises InvalidInput."""
    chosen = await resolved(session, where)
    page = applied(
        cast("Select[Any]", select(Sighting.id, Sighting.detected_at).where(*conditions(chosen))),
        request,
        columns={"detected_at": Sighting.detected_at},
        row_id=Sighting.id,
    )
    async with in_index_order(session):
        keys = [(row.id, row.detected_at) for row in (await session.execute(page)).all()]
        found = split(await _views(session, keys), request, _POSITIONS)
        return replace(found, total=await _count(session, chosen, MOST_COUNTED + 1)) if count else found


async def list_sightings(
    session: AsyncSession, *, where: SightingFilter | None = None, limit: int = 50
) -> tuple[SightingView, ...]:
    """The newest sightings that the principal may see."""
    found = await list_page(session, where=where or SightingFilter(), request=PageRequest(NEWEST_FIRST, limit))
    return tuple(found.items)


async def count_up_to(session: AsyncSession, *, where: SightingFilter, most: int) -> int:
    """How many sightings there are, counted up to `most`."""
    chosen = await resolved(session, where)
    async with in_index_order(session):
        return await _count(session, chosen, most)


async def _count(session: AsyncSession, chosen: SightingFilter, most: int) -> int:
    matching = select(Sighting.id).where(*conditions(chosen)).limit(most)
    if chosen.min_quality is not None or chosen.open is False:  # no index knows these: by time, until there are enough
        matching = matching.order_by(Sighting.detected_at.desc())
    return (await session.scalar(select(func.count()).select_from(matching.subquery()))) or 0


@asynccontextmanager
async def in_index_order(session: AsyncSession) -> AsyncIterator[None]:
    """While it lasts, PostgreSQL reads rows by an index that has them in order, and stops when it has enough.

    It takes the policies of row level security for so selective that it would read whole partitions and sort them
    (123 ms instead of 4 for 300,000 sightings; migrations/sql/0006 and 0011 do the same for vectors).
    """
    await session.execute(_PLANNER, {"all": "off"})
    yield
    await session.execute(_PLANNER, {"all": "on"})


_PLANNER: Final = text(
    "SELECT set_config(name, :all, true)"
    " FROM unnest(ARRAY['enable_seqscan', 'enable_sort', 'enable_bitmapscan']) AS name"
)


async def resolved(session: AsyncSession, where: SightingFilter) -> SightingFilter:
    """The same filter with cameras in place of a group and subjects in place of a watchlist: two small reads that
    spare PostgreSQL a join whose size it would have to guess."""
    if where.group_id is not None:
        members = (await session.scalars(select(Camera.id).where(Camera.group_id == where.group_id))).all()
        where = replace(where, group_id=None, camera_ids=_both(where.camera_ids, members))
    if where.watchlist_id is not None:
        listed = (await session.scalars(select(Subject.id).where(Subject.watchlist_id == where.watchlist_id))).all()
        where = replace(where, watchlist_id=None, subject_ids=_both(where.subject_ids, listed))
    return where


def _both(given: tuple[UUID, ...] | None, found: Sequence[UUID]) -> tuple[UUID, ...]:
    return tuple(found) if given is None else tuple(set(given) & set(found))


def conditions(where: SightingFilter) -> list[ColumnElement[bool]]:
    """A resolved filter as SQL."""
    given: list[ColumnElement[bool] | None] = [
        _any_of(Sighting.camera_id, where.camera_ids),
        _any_of(Sighting.subject_id, where.subject_ids),
        _any_of(Sighting.id, where.ids),
        _is_set(Sighting.subject_id, where.known),
        None if where.open is None else _is_set(Sighting.closed_at, not where.open),
        None if where.min_similarity is None else Sighting.confidence >= where.min_similarity,
        # Says nothing new (who is unknown has no similarity), and lets the index of known people be used.
        None if where.min_similarity is None else Sighting.subject_id.is_not(None),
        None if where.min_quality is None else Sighting.quality_score >= where.min_quality,
        None if where.since is None else Sighting.detected_at >= where.since,
        None if where.until is None else Sighting.detected_at < where.until,
        None if where.verdict is None else Sighting.verdict == where.verdict,
        # Says nothing new, and lets the index of decided ones be used.
        None if where.verdict is None else Sighting.verdict.is_not(None),
    ]
    return [condition for condition in given if condition is not None]


def _any_of(column: Any, wanted: tuple[UUID, ...] | None) -> ColumnElement[bool] | None:
    if wanted is None:
        return None
    found: ColumnElement[bool] = column == (wanted[0] if len(wanted) == 1 else any_(array_of(wanted)))
    return found


def array_of(ids: Sequence[UUID]) -> ColumnElement[Any]:
    """One parameter, however many there are."""
    return sql_cast(list(ids), ARRAY(Uuid))


def _is_set(column: Any, wanted: bool | None) -> ColumnElement[bool] | None:  # noqa: FBT001 - a value, no switch
    if wanted is None:
        return None
    found: ColumnElement[bool] = column.is_not(None) if wanted else column.is_(None)
    return found


_NAMED: Final = text(
    """
    WITH found AS MATERIALIZED (
        SELECT seen.* FROM unnest(cast(:ids AS uuid[]), cast(:times AS timestamptz[])) AS wanted(id, detected_at),
            LATERAL (SELECT id, detected_at, last_seen_at, closed_at, camera_id, subject_id, confidence, quality_score,
                    detections, bounding_box, frame_width, frame_height, image_path, frame_path, model_version,
                    verdict, corrected_at
                FROM sightings WHERE id = wanted.id AND detected_at = wanted.detected_at
                    AND detected_at >= :least AND detected_at <= :most OFFSET 0) AS seen
    )
    SELECT found.id, found.detected_at, found.last_seen_at, found.closed_at, found.camera_id, c.name, c.time_zone,
        found.subject_id, s.name, found.confidence, found.quality_score, found.detections, found.bounding_box,
        found.frame_width, found.frame_height, found.image_path, found.frame_path, found.model_version,
        found.verdict, found.corrected_at
    FROM found JOIN cameras c ON c.id = found.camera_id LEFT JOIN subjects s ON s.id = found.subject_id
    """
)
"""In the order of SightingView. Each is looked up by its primary key in the one partition that its time names, and
before a name is joined (the planner looked each of 100 sightings up once per camera). least and most leave the other
partitions out."""
_BOX: Final = 12
_PICTURED: Final = text(
    """
    SELECT seen.id FROM unnest(cast(:ids AS uuid[]), cast(:times AS timestamptz[])) AS wanted(id, detected_at),
        LATERAL (SELECT id FROM sightings WHERE id = wanted.id AND detected_at = wanted.detected_at
            AND detected_at >= :least AND detected_at <= :most AND image_path IS NOT NULL OFFSET 0) AS seen
    """
)


async def views_of(session: AsyncSession, *, keys: Sequence[tuple[UUID, datetime]]) -> tuple[SightingView, ...]:
    """The sightings of these ids and times, in this order; those that are not visible are left out."""
    async with in_index_order(session):
        return await _views(session, keys)


async def with_image(session: AsyncSession, *, keys: Sequence[tuple[UUID, datetime]]) -> frozenset[UUID]:
    """Those of the sightings of these ids and times that are visible and have a crop."""
    if not keys:
        return frozenset()
    async with in_index_order(session):
        return frozenset((await session.scalars(_PICTURED, _given(keys))).all())


async def _views(session: AsyncSession, keys: Sequence[tuple[UUID, datetime]]) -> tuple[SightingView, ...]:
    if not keys:
        return ()
    rows: Sequence[Sequence[Any]] = (await session.execute(_NAMED, _given(keys))).all()
    views = [[*row[:_BOX], tuple(row[_BOX]), *row[_BOX + 1 :]] for row in rows]
    found = {(view[0], view[1]): SightingView(*view) for view in views}
    return tuple(found[key] for key in keys if key in found)


def _given(keys: Sequence[tuple[UUID, datetime]]) -> dict[str, object]:
    times = [at for _, at in keys]
    return {"ids": [row_id for row_id, _ in keys], "times": times, "least": min(times), "most": max(times)}


async def get(session: AsyncSession, *, sighting_id: UUID) -> SightingDetail:
    """One sighting with its ranked candidates. Raises NotFound."""
    row = (
        await session.execute(
            select(
                Sighting.detected_at,
                Sighting.candidates,
                Sighting.embedding.is_not(None).label("has_template"),
                Sighting.media_expires_at,
                Sighting.updated_at,
            ).where(Sighting.id == sighting_id)
        )
    ).first()
    views = await views_of(session, keys=[(sighting_id, row.detected_at)]) if row else ()
    if row is None or not views:
        raise no_sighting(sighting_id)
    return SightingDetail(
        views[0],
        await _candidates(session, row.candidates),
        row.has_template,
        row.media_expires_at,
        row.updated_at,
    )


def no_sighting(sighting_id: UUID) -> NotFound:
    """The error for a sighting that is not there, or not for this principal."""
    return NotFound(f"no sighting {sighting_id}", hint="It may have gone with the retention time; see the list.")


async def _candidates(session: AsyncSession, stored: Sequence[Any]) -> tuple[CandidateView, ...]:
    """stored: [{"subject": id, "similarity": number}, …] as record_tracks() writes them."""
    ranked = [(UUID(entry["subject"]), float(entry["similarity"])) for entry in stored]
    if not ranked:
        return ()
    shown = select(Subject.id, Subject.name, portrait_id()).where(Subject.id.in_([one for one, _ in ranked]))
    known = {row[0]: (row[1], row[2]) for row in await session.execute(shown)}
    views = []
    for subject_id, similarity in ranked:
        name, portrait = known.get(subject_id, (None, None))
        views.append(CandidateView(subject_id, name, similarity, portrait))
    return tuple(views)
