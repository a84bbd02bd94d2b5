"""Alerts: reading them, as a file too, and handling them from new to resolved."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from sightline.api.after_commit import AfterCommitDep
from sightline.api.alert_views import AlertAnswerDep, alerts_out, filter_of
from sightline.api.deps import CurrentUser, PrincipalDep, ResourcesDep, SessionDep
from sightline.api.downloads import EXPORTED, table_response
from sightline.api.media_urls import PictureUrlsDep
from sightline.api.paging import page_out, page_request
from sightline.api.permissions import Permission, Requires
from sightline.api.purpose import PurposeDep
from sightline.api.routing import Router
from sightline.schemas.alerts import (
    AlertBulkIn,
    AlertCountOut,
    AlertDetailOut,
    AlertExportIn,
    AlertFilterIn,
    AlertListIn,
    AlertOut,
    AssigneeOut,
    AssignIn,
    BulkAcknowledgeIn,
    BulkResolveIn,
    CommentIn,
    NoteIn,
    ResolveIn,
    VerifyIn,
)
from sightline.schemas.base import Page
from sightline.schemas.bulk import BulkOut
from sightline.services import alert_export, alert_handling, alerts
from sightline.services.alert_handling import Step
from sightline.services.events import Event, EventKind
from sightline.services.keyset import PageOf

router = Router(prefix="/alerts", tags=["alerts"])

READ = [Depends(Requires(Permission.READ_ALERTS))]
HANDLE = [Depends(Requires(Permission.HANDLE_ALERTS))]
EXPORT = [Depends(Requires(Permission.EXPORT_ALERTS))]


@router.get("", dependencies=READ)
async def list_alerts(
    session: SessionDep, urls: PictureUrlsDep, asked: Annotated[AlertListIn, Query()]
) -> Page[AlertOut]:
    """The newest first."""
    request = page_request(sort=asked.sort, limit=asked.limit, cursor=asked.cursor)
    found = await alerts.list_alerts(session, where=filter_of(asked), request=request, with_total=asked.total)
    shown = await alerts_out(session, found.items, urls)
    return page_out(PageOf(shown, found.next, found.total), lambda alert: alert)


@router.get("/count", dependencies=READ)
async def count_alerts(
    session: SessionDep, current: CurrentUser, asked: Annotated[AlertFilterIn, Query()]
) -> AlertCountOut:
    """Open alerts, for a badge; the same filters as the list, status aside."""
    found = await alerts.count_open(session, user_id=current.user_id, where=filter_of(asked))
    return AlertCountOut.model_validate(found)


@router.post("/export", dependencies=EXPORT, response_class=Response, responses={200: EXPORTED})
async def export_alerts(
    session: SessionDep, opened: ResourcesDep, acting: PrincipalDep, purpose: PurposeDep, asked: AlertExportIn
) -> Response:
    """Alerts as CSV, JSON or JSON lines, at most 1,000,000. How many, and by which filters, goes on record first."""
    export = await alert_export.announce(
        session, where=filter_of(asked), form=asked.format, purpose=purpose, byte_order_mark=asked.byte_order_mark
    )
    pieces = alert_export.written(opened.database, acting, export)
    return table_response(pieces, form=export.form, file_name=export.file_name)


@router.post("/bulk", dependencies=HANDLE)
async def handle_alerts(body: AlertBulkIn, session: SessionDep, current: CurrentUser, after: AfterCommitDep) -> BulkOut:
    """Acknowledge, resolve or assign several; each stands alone, and says how it went."""
    items = await alert_handling.each(session, alert_ids=body.ids, step=_step(body, session, current.user_id))
    after.publish(*(Event(EventKind.ALERT, item.id) for item in items if item.done))
    return BulkOut(items=items)


@router.get("/{alert_id}", dependencies=READ)
async def get_alert(alert_id: UUID, answer: AlertAnswerDep) -> AlertDetailOut:
    """One alert with its history."""
    return await answer.read(alert_id)


@router.get("/{alert_id}/assignees", dependencies=HANDLE)
async def list_alert_assignees(alert_id: UUID, session: SessionDep) -> list[AssigneeOut]:
    """Who may look after this alert: those who handle alerts and see its camera."""
    return [AssigneeOut.model_validate(person) for person in await alerts.assignees(session, alert_id=alert_id)]


@router.post("/{alert_id}/acknowledge", dependencies=HANDLE)
async def acknowledge_alert(
    alert_id: UUID,
    session: SessionDep,
    current: CurrentUser,
    answer: AlertAnswerDep,
    body: NoteIn | None = None,
) -> AlertDetailOut:
    """Say that you look at it. 409 where somebody else does already; again by yourself changes nothing."""
    note = body.note if body else ""
    await alert_handling.acknowledge(session, alert_id=alert_id, user_id=current.user_id, note=note)
    return await answer.changed(alert_id)


@router.post("/{alert_id}/resolve", dependencies=HANDLE)
async def resolve_alert(
    alert_id: UUID,
    body: ResolveIn,
    session: SessionDep,
    current: CurrentUser,
    answer: AlertAnswerDep,
) -> AlertDetailOut:
    """Close it and say how it turned out. A false match counts as an error of camera and subject."""
    await alert_handling.resolve(
        session, alert_id=alert_id, user_id=current.user_id, verdict=body.verdict, note=body.note
    )
    return await answer.changed(alert_id)


@router.post("/{alert_id}/reopen", dependencies=HANDLE)
async def reopen_alert(
    alert_id: UUID,
    session: SessionDep,
    current: CurrentUser,
    answer: AlertAnswerDep,
    body: NoteIn | None = None,
) -> AlertDetailOut:
    """Take a resolved alert up again; its verdict goes, its history stays."""
    note = body.note if body else ""
    await alert_handling.reopen(session, alert_id=alert_id, user_id=current.user_id, note=note)
    return await answer.changed(alert_id)


@router.post("/{alert_id}/assign", dependencies=HANDLE)
async def assign_alert(
    alert_id: UUID,
    body: AssignIn,
    session: SessionDep,
    current: CurrentUser,
    answer: AlertAnswerDep,
) -> AlertDetailOut:
    """Say who looks after it."""
    await alert_handling.assign(
        session, alert_id=alert_id, user_id=current.user_id, assigned_to=body.assigned_to, note=body.note
    )
    return await answer.changed(alert_id)


@router.post("/{alert_id}/comments", dependencies=HANDLE, status_code=201)
async def comment_on_alert(
    alert_id: UUID,
    body: CommentIn,
    session: SessionDep,
    current: CurrentUser,
    answer: AlertAnswerDep,
    response: Response,
) -> AlertDetailOut:
    """Write into its history. Comments are never changed; they go when the alert loses its person."""
    await alert_handling.comment(session, alert_id=alert_id, user_id=current.user_id, note=body.note)
    response.headers["Location"] = f"/v1/alerts/{alert_id}"
    return await answer.changed(alert_id)


@router.post("/{alert_id}/verify", dependencies=HANDLE)
async def verify_alert(
    alert_id: UUID,
    body: VerifyIn,
    session: SessionDep,
    current: CurrentUser,
    answer: AlertAnswerDep,
) -> AlertDetailOut:
    """Say as the second person whether it is that subject, where the house asks for it (privacy settings).

    The first person is who acknowledged the alert. Until then nothing about it leaves the house.
    """
    await alert_handling.verify(
        session, alert_id=alert_id, user_id=current.user_id, confirmed=body.confirmed, note=body.note
    )
    return await answer.changed(alert_id)


def _step(body: AlertBulkIn, session: SessionDep, user_id: UUID) -> Step:
    """What a bulk request does with each alert."""

    async def step(alert_id: UUID) -> None:
        if isinstance(body, BulkAcknowledgeIn):
            await alert_handling.acknowledge(session, alert_id=alert_id, user_id=user_id, note=body.note)
        elif isinstance(body, BulkResolveIn):
            await alert_handling.resolve(
                session, alert_id=alert_id, user_id=user_id, verdict=body.verdict, note=body.note
            )
        else:
            await alert_handling.assign(
                session, alert_id=alert_id, user_id=user_id, assigned_to=body.assigned_to, note=body.note
            )

    return step
