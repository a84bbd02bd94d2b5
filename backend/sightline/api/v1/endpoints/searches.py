"""Searches of past sightings by face, and the second person who approves them."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Form, Query, Response

from sightline.api.deps import CurrentUser, ResourcesDep, SessionDep
from sightline.api.media_urls import PictureUrlsDep
from sightline.api.paging import Cursor, Limit, page_out, page_request, sort_parameter
from sightline.api.permissions import Permission, Requires
from sightline.api.purpose import MandatoryPurpose
from sightline.api.routing import Router
from sightline.api.rules import RulesDep
from sightline.api.search_views import query_of, request_out, search_out
from sightline.schemas.base import Page
from sightline.schemas.searches import (
    DecisionIn,
    HistoryFilterIn,
    HistorySearchOut,
    SearchDetailOut,
    SearchRequestOut,
    SearchStatus,
    SightingSearchIn,
)
from sightline.services import history_search
from sightline.services.probes import Probe, probe_of

router = Router(tags=["searches"])

SEARCHES = [Depends(Requires(Permission.SEARCH_HISTORY))]
APPROVES = [Depends(Requires(Permission.APPROVE_SEARCHES))]


@dataclass(frozen=True, slots=True)
class Asked:
    """A search by picture, read. form: where to look."""

    form: SightingSearchIn
    probe: Probe
    purpose: str


async def _asked(
    opened: ResourcesDep,
    purpose: MandatoryPurpose,
    form: Annotated[SightingSearchIn, Form(media_type="multipart/form-data")],
) -> Asked:
    """The face is found before a connection to the database is taken: inference may have to wait for its turn."""
    picture = await form.file.read()
    return Asked(form, await opened.faces.run(partial(probe_of, picture)), purpose)


AskedDep = Annotated[Asked, Depends(_asked)]


@router.post(
    "/sightings/search",
    dependencies=SEARCHES,
    responses={202: {"model": SearchRequestOut, "description": "A second person decides first; see Location."}},
)
async def search_sightings(
    asked: AskedDep,
    session: SessionDep,
    opened: ResourcesDep,
    *,
    rules: RulesDep,
    current: CurrentUser,
    urls: PictureUrlsDep,
    response: Response,
) -> HistorySearchOut | SearchRequestOut:
    """Where was this face seen before? On record, with its purpose. Unknown people too, where templates of them
    are kept. 202 where a second person decides: the answer is a request, which GET /v1/searches/{id} runs."""
    probe, purpose = asked.probe, asked.purpose
    query = query_of(opened, rules, asked.form, model_version=probe.model_version)
    if not await history_search.needs_approval(session):
        found = await history_search.search(session, probe=probe, query=query, purpose=purpose)
        return search_out(found, query.min_similarity, opened.rates, urls)
    made = await history_search.ask(
        session, opened.sealer, probe=probe, query=query, purpose=purpose, user_id=current.user_id
    )
    response.status_code, response.headers["Location"] = 202, f"/v1/searches/{made.id}"
    return request_out(made, await history_search.names_of(session, [made]))


@router.get("/sightings/{sighting_id}/similar", dependencies=SEARCHES)
async def list_similar_sightings(
    sighting_id: UUID,
    session: SessionDep,
    opened: ResourcesDep,
    rules: RulesDep,
    urls: PictureUrlsDep,
    purpose: MandatoryPurpose,
    asked: Annotated[HistoryFilterIn, Query()],
) -> HistorySearchOut:
    """Other sightings of who may be the same person, by the template that is kept of this one. Like a search."""
    probe = await history_search.probe_of_sighting(session, sighting_id=sighting_id)
    query = query_of(opened, rules, asked, model_version=probe.model_version)
    found = await history_search.similar_to(session, sighting_id=sighting_id, probe=probe, query=query, purpose=purpose)
    return search_out(found, query.min_similarity, opened.rates, urls)


@router.get("/searches", dependencies=SEARCHES)
async def list_searches(
    session: SessionDep,
    current: CurrentUser,
    *,
    status: SearchStatus | None = None,
    mine: Annotated[bool, Query(description="Only those that you asked for.")] = False,
    sort: Annotated[str, sort_parameter(["created_at"])] = "-created_at",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[SearchRequestOut]:
    """Searches that wait for a second person, or did."""
    found = await history_search.list_requests(
        session,
        page=page_request(sort=sort, limit=limit, cursor=cursor),
        status=status.value if status else None,
        requested_by=current.user_id if mine else None,
    )
    names = await history_search.names_of(session, found.items)
    return page_out(found, lambda one: request_out(one, names))


@router.get("/searches/{search_id}", dependencies=SEARCHES)
async def get_search(
    search_id: UUID, session: SessionDep, opened: ResourcesDep, current: CurrentUser, urls: PictureUrlsDep
) -> SearchDetailOut:
    """A search; whoever asked gets what it finds now, which goes on record each time."""
    request = await history_search.get_request(session, request_id=search_id)
    names = await history_search.names_of(session, [request])
    found = None
    if history_search.may_run(request, user_id=current.user_id):
        matches = await history_search.run(session, opened.sealer, request_id=search_id, user_id=current.user_id)
        found = search_out(matches, request.min_similarity, opened.rates, urls)
    return SearchDetailOut(**request_out(request, names).model_dump(), found=found)


@router.post("/searches/{search_id}/approve", dependencies=APPROVES)
async def approve_search(
    search_id: UUID, session: SessionDep, current: CurrentUser, asked: DecisionIn
) -> SearchRequestOut:
    """Let it run, as the second person."""
    decided = await history_search.decide(
        session, request_id=search_id, user_id=current.user_id, approved=True, note=asked.note
    )
    return request_out(decided, await history_search.names_of(session, [decided]))


@router.post("/searches/{search_id}/deny", dependencies=APPROVES)
async def deny_search(
    search_id: UUID, session: SessionDep, current: CurrentUser, asked: DecisionIn
) -> SearchRequestOut:
    """Refuse it, as the second person."""
    decided = await history_search.decide(
        session, request_id=search_id, user_id=current.user_id, approved=False, note=asked.note
    )
    return request_out(decided, await history_search.names_of(session, [decided]))
