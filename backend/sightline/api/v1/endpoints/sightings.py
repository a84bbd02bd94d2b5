"""Sightings: lists, one by one, their pictures, export, and decisions about who they show."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from sightline.api.deps import CurrentUser, PrincipalDep, ResourcesDep, SessionDep
from sightline.api.downloads import EXPORTED, table_response
from sightline.api.media_urls import PictureUrlsDep
from sightline.api.paging import page_out, page_request
from sightline.api.permissions import Permission, Requires
from sightline.api.pictures import PICTURES, shown
from sightline.api.purpose import PurposeDep
from sightline.api.routing import Router
from sightline.api.rules import RulesDep
from sightline.api.sighting_views import detail_out, filter_of, policy_of, sighting_out
from sightline.schemas.base import Page, UtcDatetime
from sightline.schemas.bulk import BulkOut
from sightline.schemas.corrections import ErrorCountOut, ErrorCountsOut
from sightline.schemas.sightings import (
    AssignIn,
    RejectIn,
    SightingBulkIn,
    SightingDetailOut,
    SightingExportIn,
    SightingListIn,
    SightingOut,
    UndoIn,
)
from sightline.services import corrections, decisions, exports, pictures, sighting_views
from sightline.services.corrections import Decider
from sightline.services.pictures import Look, SightingPicture

router = Router(prefix="/sightings", tags=["sightings"])

READS = [Depends(Requires(Permission.READ_SIGHTINGS))]
LOOKS = [Depends(Requires(Permission.SEE_PICTURES))]
DECIDES = [Depends(Requires(Permission.CORRECT_SIGHTINGS))]


@router.get("", dependencies=READS)
async def list_sightings(
    session: SessionDep, opened: ResourcesDep, urls: PictureUrlsDep, asked: Annotated[SightingListIn, Query()]
) -> Page[SightingOut]:
    """Who was seen where and when. The newest first, unless sorted otherwise."""
    request = page_request(sort=asked.sort, limit=asked.limit, cursor=asked.cursor)
    found = await sighting_views.list_page(session, where=filter_of(asked), request=request, count=asked.total)
    return page_out(found, lambda view: sighting_out(view, opened.rates, urls))


@router.get("/errors", dependencies=READS)
async def count_recognition_errors(
    session: SessionDep,
    *,
    since: UtcDatetime | None = None,
    until: UtcDatetime | None = None,
    camera_id: Annotated[list[UUID] | None, Query(max_length=200)] = None,
) -> ErrorCountsOut:
    """How often people found recognition right or wrong, per camera and subject; the 100 with most errors of each."""
    found = await corrections.error_counts(session, since=since, until=until, camera_ids=camera_id)
    return ErrorCountsOut(
        cameras=[ErrorCountOut.model_validate(one) for one in found.cameras],
        subjects=[ErrorCountOut.model_validate(one) for one in found.subjects],
    )


@router.post(
    "/export",
    dependencies=[Depends(Requires(Permission.EXPORT_SIGHTINGS))],
    response_class=Response,
    responses={200: EXPORTED},
)
async def export_sightings(
    session: SessionDep, opened: ResourcesDep, acting: PrincipalDep, purpose: PurposeDep, asked: SightingExportIn
) -> Response:
    """Sightings as CSV, JSON or JSON lines, at most 1,000,000. How many, and by which filters, goes on record first."""
    export = await exports.announce(
        session,
        where=filter_of(asked),
        form=asked.format,
        purpose=purpose,
        byte_order_mark=asked.byte_order_mark,
    )
    pieces = exports.written(opened.database, acting, export, opened.rates)
    return table_response(pieces, form=export.form, file_name=export.file_name)


@router.post("/bulk", dependencies=DECIDES)
async def decide_about_sightings(
    session: SessionDep, rules: RulesDep, current: CurrentUser, asked: SightingBulkIn
) -> BulkOut:
    """The same decision about several sightings; each stands alone."""
    decision = decisions.Decision(asked.action, Decider(current.user_id, asked.note), asked.subject_id)
    return BulkOut(items=await decisions.each(session, ids=asked.ids, decision=decision, policy=policy_of(rules)))


@router.get("/{sighting_id}", dependencies=READS)
async def get_sighting(
    sighting_id: UUID, session: SessionDep, opened: ResourcesDep, urls: PictureUrlsDep, purpose: PurposeDep
) -> SightingDetailOut:
    """One sighting with the subjects that recognition ranked, and every decision. That you looked is recorded."""
    found = await pictures.detail(session, sighting_id=sighting_id, purpose=purpose)
    decided = await corrections.history(session, sighting_id=sighting_id)
    return detail_out(found, decided, opened.rates, urls)


@router.get("/{sighting_id}/image", dependencies=LOOKS, response_class=Response, responses={200: PICTURES})
async def get_sighting_image(
    sighting_id: UUID, session: SessionDep, opened: ResourcesDep, purpose: PurposeDep
) -> Response:
    """The best crop of the face. That you looked is recorded."""
    crop, look = SightingPicture.CROP, Look(purpose)
    found = await pictures.of_sighting(session, opened.storage, sighting_id=sighting_id, picture=crop, look=look)
    return shown(found)


@router.get("/{sighting_id}/context", dependencies=LOOKS, response_class=Response, responses={200: PICTURES})
async def get_sighting_context(
    sighting_id: UUID,
    session: SessionDep,
    opened: ResourcesDep,
    purpose: PurposeDep,
    *,
    overlay: Annotated[bool, Query(description="With the face marked, its name and similarity.")] = True,
) -> Response:
    """The full frame around the face. That you looked is recorded."""
    frame, look = SightingPicture.FRAME, Look(purpose, overlay=overlay)
    found = await pictures.of_sighting(session, opened.storage, sighting_id=sighting_id, picture=frame, look=look)
    return shown(found)


@router.post("/{sighting_id}/reject", dependencies=DECIDES)
async def reject_sighting(
    sighting_id: UUID,
    session: SessionDep,
    opened: ResourcesDep,
    rules: RulesDep,
    current: CurrentUser,
    urls: PictureUrlsDep,
    asked: RejectIn,
) -> SightingOut:
    """This is not that person. The sighting becomes one of somebody unknown; an open alert on it is closed."""
    by = Decider(current.user_id, asked.note)
    await corrections.reject(session, sighting_id=sighting_id, by=by, policy=policy_of(rules))
    return sighting_out((await sighting_views.get(session, sighting_id=sighting_id)).view, opened.rates, urls)


@router.post("/{sighting_id}/assign", dependencies=DECIDES)
async def assign_sighting(
    sighting_id: UUID,
    session: SessionDep,
    opened: ResourcesDep,
    current: CurrentUser,
    urls: PictureUrlsDep,
    asked: AssignIn,
) -> SightingOut:
    """This is that person. Whom recognition named too is thereby confirmed."""
    by = Decider(current.user_id, asked.note)
    await corrections.assign(session, sighting_id=sighting_id, subject_id=asked.subject_id, by=by)
    return sighting_out((await sighting_views.get(session, sighting_id=sighting_id)).view, opened.rates, urls)


@router.post("/{sighting_id}/undo", dependencies=DECIDES)
async def undo_correction(
    sighting_id: UUID,
    session: SessionDep,
    opened: ResourcesDep,
    current: CurrentUser,
    urls: PictureUrlsDep,
    asked: UndoIn,
) -> SightingOut:
    """Back to what recognition said."""
    await corrections.undo(session, sighting_id=sighting_id, by=Decider(current.user_id, asked.note))
    return sighting_out((await sighting_views.get(session, sighting_id=sighting_id)).view, opened.rates, urls)
