"""Search over history: where was this face seen before? By template, over sightings whose template the policy keeps.

A search has a stated purpose and is on record. Where the house asks for a second person, it waits as a request, with
its probe sealed, for a day at most.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import numpy as np
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from sightline.core.errors import ApprovalRequired, Conflict, Gone, NotFound
from sightline.core.sealing import Sealer
from sightline.models import SearchRequest
from sightline.services import audit, runtime_settings, sighting_views, templates
from sightline.services.keyset import PageOf, PageRequest, fetch
from sightline.services.probes import Probe
from sightline.services.sighting_views import SightingView

REQUEST_LIVES: Final = timedelta(hours=24)
"""How long a request waits, and its probe and results can be had."""
ORDERS: Final = {"created_at": SearchRequest.created_at}


@dataclass(frozen=True, slots=True)
class HistoryQuery:
    """Where and when to look; None: everywhere that the principal may see, always. until is not included."""

    min_similarity: float
    top_k: int
    camera_ids: tuple[UUID, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class HistoryMatch:
    """A sighting, and how similar its template is to the probe (cosine, -1 to 1)."""

    view: SightingView
    similarity: float


async def find_similar(session: AsyncSession, *, probe: Probe, query: HistoryQuery) -> tuple[HistoryMatch, ...]:
    """Past sightings that resemble the probe, the most similar first; nothing is put on record."""
    rows = (
        await session.execute(
            text(
                "SELECT id, detected_at, similarity FROM find_similar_sightings(cast(cast(:probe AS text) AS vector),"
                " :least, :top_k, :since, :until, cast(:cameras AS uuid[]), :model)"
            ),
            {
                "probe": templates.to_text(probe.template),
                "least": query.min_similarity,
                "top_k": query.top_k,
                "since": query.since,
                "until": query.until,
                "cameras": None if query.camera_ids is None else list(query.camera_ids),
                "model": probe.model_version,
            },
        )
    ).all()
    views = await sighting_views.views_of(session, keys=[(row.id, row.detected_at) for row in rows])
    similar = {row.id: row.similarity for row in rows}
    return tuple(HistoryMatch(view, similar[view.id]) for view in views)


async def search(
    session: AsyncSession, *, probe: Probe, query: HistoryQuery, purpose: str, request_id: UUID | None = None
) -> tuple[HistoryMatch, ...]:
    """find_similar(), on record with its purpose. request_id: of the request that was approved for it."""
    found = await find_similar(session, probe=probe, query=query)
    details: dict[str, object] = {
        "purpose": purpose,
        "request": str(request_id) if request_id else None,
        "cameras": None if query.camera_ids is None else [str(one) for one in query.camera_ids],
        "since": query.since.isoformat() if query.since else None,
        "until": query.until.isoformat() if query.until else None,
        "min_similarity": query.min_similarity,
        "top_k": query.top_k,
        "found": [str(match.view.id) for match in found],
    }
    await audit.record_event(session, action="SEARCH", table_name="sightings", details=details)
    return found


async def probe_of_sighting(session: AsyncSession, *, sighting_id: UUID) -> Probe:
    """The template that is kept of a sighting, for similar_to(). Raises NotFound, Conflict (none is kept),
    ApprovalRequired: with the house's policy only a request finds anybody."""
    await require_no_approval(session)
    statement = text("SELECT vector_send(embedding) AS template, model_version FROM sightings WHERE id = :id")
    row = (await session.execute(statement, {"id": sighting_id})).first()
    if row is None:
        raise sighting_views.no_sighting(sighting_id)
    if row.template is None:
        raise Conflict("no template is kept of this sighting", hint="See the setting for people who match nobody.")
    return Probe(templates.from_binary([row.template])[0], row.model_version)


async def similar_to(
    session: AsyncSession, *, sighting_id: UUID, probe: Probe, query: HistoryQuery, purpose: str
) -> tuple[HistoryMatch, ...]:
    """Other sightings of who may be the same person. probe: the sighting's own."""
    found = await search(session, probe=probe, query=replace(query, top_k=query.top_k + 1), purpose=purpose)
    return tuple(match for match in found if match.view.id != sighting_id)[: query.top_k]


async def needs_approval(session: AsyncSession) -> bool:
    """Whether a second person decides about searches in this house."""
    return (await runtime_settings.get(session)).privacy.search_needs_approval


async def require_no_approval(session: AsyncSession) -> None:
    """Raises ApprovalRequired where a second person decides."""
    if await needs_approval(session):
        raise ApprovalRequired(
            "in this house a second person approves searches of past sightings",
            hint="Ask with a picture: POST /v1/sightings/search makes a request.",
        )


async def ask(
    session: AsyncSession, sealer: Sealer, *, probe: Probe, query: HistoryQuery, purpose: str, user_id: UUID
) -> SearchRequest:
    """Make a request that waits for a second person."""
    request_id = UUID(bytes=uuid7().bytes)
    sealed = sealer.seal(probe.template.astype("<f4").tobytes(), context=_context(request_id))
    request = SearchRequest(
        id=request_id,
        requested_by=user_id,
        purpose=purpose,
        probe=sealed,
        model_version=probe.model_version,
        camera_ids=None if query.camera_ids is None else list(query.camera_ids),
        since=query.since,
        until=query.until,
        min_similarity=query.min_similarity,
        top_k=query.top_k,
        expires_at=datetime.now(UTC) + REQUEST_LIVES,
    )
    session.add(request)
    await session.flush()
    await session.refresh(request)
    return request


def _context(request_id: UUID) -> str:
    return f"search:{request_id}"


async def list_requests(
    session: AsyncSession, *, page: PageRequest, status: str | None = None, requested_by: UUID | None = None
) -> PageOf[SearchRequest]:
    """Requests, those of everybody or of one account."""
    statement = select(SearchRequest)
    if status is not None:
        statement = statement.where(SearchRequest.status == status)
    if requested_by is not None:
        statement = statement.where(SearchRequest.requested_by == requested_by)
    return await fetch(
        session, statement, page, columns=ORDERS, positions={"created_at": "created_at"}, row_id=SearchRequest.id
    )


async def get_request(session: AsyncSession, *, request_id: UUID) -> SearchRequest:
    """Raises NotFound."""
    found = await session.get(SearchRequest, request_id)
    if found is None:
        raise NotFound(f"no search {request_id}", hint="See the list of searches.")
    return found


async def decide(
    session: AsyncSession, *, request_id: UUID, user_id: UUID, approved: bool, note: str = ""
) -> SearchRequest:
    """The second person's word. Raises NotFound, ApprovalRequired (it is their own), Conflict (decided, expired)."""
    request = await get_request(session, request_id=request_id)
    if request.requested_by == user_id:
        raise ApprovalRequired("nobody decides about their own search", hint="Ask a colleague.")
    changed = await session.execute(
        update(SearchRequest)
        .where(
            SearchRequest.id == request_id, SearchRequest.status == "pending", SearchRequest.expires_at > text("now()")
        )
        .values(status="approved" if approved else "denied", decided_by=user_id, decided_at=text("now()"), note=note)
        .returning(SearchRequest.id)
    )
    if changed.first() is None:
        raise Conflict("this search has been decided, or its time is over", hint="Read it again.")
    await session.refresh(request)
    return request


def may_run(request: SearchRequest, *, user_id: UUID | None) -> bool:
    """Whether run() gives this user what it finds."""
    mine, in_time = request.requested_by == user_id, request.expires_at > datetime.now(UTC)
    return mine and in_time and request.status == "approved"


async def run(session: AsyncSession, sealer: Sealer, *, request_id: UUID, user_id: UUID) -> tuple[HistoryMatch, ...]:
    """What an approved search finds now, for whoever asked. Raises NotFound, ApprovalRequired, Gone."""
    request = await get_request(session, request_id=request_id)
    if request.requested_by != user_id:
        raise NotFound("only who asked sees what a search finds", hint="Ask them.")
    if request.status in {"pending", "denied"}:
        raise ApprovalRequired(f"this search is {request.status}", hint="It runs after a second person approved it.")
    sealed = await session.scalar(select(SearchRequest.probe).where(SearchRequest.id == request_id))
    if sealed is None or request.expires_at <= datetime.now(UTC):
        raise Gone("this search's time is over, and its probe is gone", hint="Search again.")
    template = np.frombuffer(sealer.open(sealed, context=_context(request_id)), dtype="<f4").astype(np.float32)
    query = HistoryQuery(
        request.min_similarity,
        request.top_k,
        None if request.camera_ids is None else tuple(request.camera_ids),
        request.since,
        request.until,
    )
    probe = Probe(template, request.model_version)
    return await search(session, probe=probe, query=query, purpose=request.purpose, request_id=request_id)


async def names_of(session: AsyncSession, requests: Sequence[SearchRequest]) -> dict[UUID, str]:
    """Usernames of those who asked and decided."""
    ids = {one for request in requests for one in (request.requested_by, request.decided_by) if one is not None}
    rows = await session.execute(text("SELECT id, username FROM user_names WHERE id = ANY (:ids)"), {"ids": list(ids)})
    return {row.id: row.username for row in rows}
