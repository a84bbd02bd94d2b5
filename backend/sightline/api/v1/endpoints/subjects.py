"""Subjects: the people who are enrolled."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request, Response

from sightline.api import conditional
from sightline.api.conditional import IfMatch
from sightline.api.deps import SessionDep
from sightline.api.media_urls import PictureUrls, PictureUrlsDep
from sightline.api.paging import Cursor, Limit, page_out, page_request, sort_parameter
from sightline.api.permissions import Permission, Requires
from sightline.api.purpose import PurposeDep, StatedPurpose
from sightline.api.routing import Router
from sightline.schemas.base import Page, Text, UtcDatetime
from sightline.schemas.bulk import BulkItem, BulkOut
from sightline.schemas.subjects import (
    MergedList,
    MergeOut,
    SubjectBulkIn,
    SubjectIn,
    SubjectMergeIn,
    SubjectOut,
    SubjectStatus,
    TimelineEntry,
)
from sightline.services import subject_merge, subject_timeline, subject_views, subjects
from sightline.services.media_links import PictureKind
from sightline.services.sighting_views import NEWEST_FIRST
from sightline.services.subject_timeline import TimelineFilter, TimelineStep
from sightline.services.subject_views import SubjectFilter, SubjectView
from sightline.services.subjects import Changed, SubjectChange, SubjectFields

router = Router(prefix="/subjects", tags=["subjects"])

READ = [Depends(Requires(Permission.READ_SUBJECTS))]
MANAGE = [Depends(Requires(Permission.MANAGE_SUBJECTS))]


@router.get("", dependencies=READ)
async def list_subjects(  # noqa: PLR0913 - query parameters are its signature
    session: SessionDep,
    urls: PictureUrlsDep,
    *,
    q: Annotated[
        Text | None, Query(min_length=1, max_length=100, description="A part of name or external id, or nearly.")
    ] = None,
    watchlist_id: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    on_watchlist: Annotated[bool | None, Query(description="On any list, or on none.")] = None,
    status: SubjectStatus | None = None,
    alert_on_match: bool | None = None,
    has_images: bool | None = None,
    created_since: UtcDatetime | None = None,
    created_until: Annotated[UtcDatetime | None, Query(description="Not included.")] = None,
    sort: Annotated[str, sort_parameter(subject_views.ORDERS)] = "name",
    limit: Limit = 50,
    cursor: Cursor = None,
    total: Annotated[bool, Query(description=f"Count them, up to {subject_views.COUNTED}.")] = False,
) -> Page[SubjectOut]:
    """Subjects; with q they can be sorted by -relevance, while somebody types."""
    where = SubjectFilter(
        query=q.strip() or None if q else None,
        watchlist_id=watchlist_id,
        on_watchlist=on_watchlist,
        status=status.value if status else None,
        alert_on_match=alert_on_match,
        has_images=has_images,
        created_since=created_since,
        created_until=created_until,
    )
    request = page_request(sort=sort, limit=limit, cursor=cursor)
    found = await subject_views.page(session, where=where, request=request, total=total)
    return page_out(found, partial(_out, urls=urls))


@router.post("", status_code=201, dependencies=MANAGE)
async def create_subject(
    wanted: SubjectIn, session: SessionDep, urls: PictureUrlsDep, request: Request, response: Response
) -> SubjectOut:
    """Create a subject; without an image nobody is recognised yet."""
    made = await subjects.add(session, fields=_fields(wanted))
    response.headers["Location"] = f"{request.url.path}/{made.id}"
    return _tagged(await subject_views.view(session, subject_id=made.id), urls, response)


@router.post("/bulk", dependencies=MANAGE)
async def change_subjects(wanted: SubjectBulkIn, session: SessionDep) -> BulkOut:
    """Activate, deactivate, move to a watchlist, or switch alerts of many at once; each stands alone."""
    change = SubjectChange(
        status=wanted.change.status.value if wanted.change.status else None,
        alert_on_match=wanted.change.alert_on_match,
        moves="watchlist_id" in wanted.change.model_fields_set,
        watchlist_id=wanted.change.watchlist_id,
    )
    done = await subjects.change_many(session, ids=wanted.ids, wanted=change)
    return BulkOut(items=[_changed(item) for item in done])


@router.get("/{subject_id}", dependencies=READ)
async def get_subject(
    subject_id: UUID, session: SessionDep, purpose: StatedPurpose, urls: PictureUrlsDep, response: Response
) -> SubjectOut:
    """One subject. That you looked is recorded."""
    return _tagged(await subject_views.look_at(session, subject_id=subject_id, purpose=purpose), urls, response)


@router.put("/{subject_id}", dependencies=MANAGE)
async def update_subject(
    subject_id: UUID,
    wanted: SubjectIn,
    session: SessionDep,
    expected: IfMatch,
    urls: PictureUrlsDep,
    response: Response,
) -> SubjectOut:
    """Replace a subject's fields; those that are left out return to their defaults."""
    await subjects.replace(session, subject_id=subject_id, fields=_fields(wanted), expected=expected)
    return _tagged(await subject_views.view(session, subject_id=subject_id), urls, response)


@router.get("/{subject_id}/timeline", dependencies=[*READ, Depends(Requires(Permission.READ_SIGHTINGS))])
async def get_subject_timeline(  # noqa: PLR0913 - query parameters are its signature
    subject_id: UUID,
    session: SessionDep,
    purpose: PurposeDep,
    *,
    since: UtcDatetime | None = None,
    until: Annotated[UtcDatetime | None, Query(description="Not included.")] = None,
    camera_id: Annotated[list[UUID] | None, Query(max_length=100, description="Any of these.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[TimelineEntry]:
    """Where and when the subject was seen, newest first, with the time between. That you looked is recorded."""
    found = await subject_timeline.get_subject_timeline(
        session,
        subject_id=subject_id,
        where=TimelineFilter(since, until, tuple(camera_id) if camera_id else None),
        request=page_request(sort=str(NEWEST_FIRST), limit=limit, cursor=cursor),
        purpose=purpose,
    )
    return page_out(found, _entry)


@router.post("/{subject_id}/merge", dependencies=MANAGE)
async def merge_subjects(
    subject_id: UUID, wanted: SubjectMergeIn, session: SessionDep, urls: PictureUrlsDep, response: Response
) -> MergeOut:
    """Two subjects are one person: everything of emptied_id moves here, and it is deleted. This cannot be undone."""
    moved = await subject_merge.merge(
        session,
        kept_id=subject_id,
        emptied_id=wanted.emptied_id,
        take_emptied_list=None if wanted.watchlist is None else wanted.watchlist is MergedList.EMPTIED,
    )
    kept = _tagged(await subject_views.view(session, subject_id=subject_id), urls, response)
    return MergeOut(subject=kept, moved=moved)


def _tagged(view: SubjectView, urls: PictureUrls, response: Response) -> SubjectOut:
    conditional.tag(response, view.updated_at)
    return _out(view, urls=urls)


def _out(view: SubjectView, *, urls: PictureUrls) -> SubjectOut:
    portrait = urls.of(PictureKind.SUBJECT_IMAGE, view.portrait_id) if view.portrait_id else None
    return SubjectOut.model_validate(view).model_copy(update={"portrait_url": portrait})


def _fields(wanted: SubjectIn) -> SubjectFields:
    return SubjectFields(
        name=wanted.name,
        external_id=wanted.external_id,
        watchlist_id=wanted.watchlist_id,
        status=wanted.status.value,
        alert_on_match=wanted.alert_on_match,
        expires_at=wanted.expires_at,
        metadata=wanted.metadata,
    )


def _changed(item: Changed) -> BulkItem:
    error = item.error
    return BulkItem(
        id=item.id, done=error is None, code=error.code if error else None, detail=error.message if error else None
    )


def _entry(step: TimelineStep) -> TimelineEntry:
    seen = step.sighting
    return TimelineEntry(
        sighting_id=seen.id,
        camera_id=seen.camera_id,
        camera_name=seen.camera_name,
        detected_at=seen.detected_at,
        last_seen_at=seen.last_seen_at,
        seconds_since_previous=step.seconds_since_previous,
        similarity=seen.confidence,
        quality=seen.quality_score,
        has_image=seen.image_path is not None,
        has_context=seen.frame_path is not None,
    )
