"""Alerts: reading them, and handling them from new to resolved."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from sightline.api.after_commit import AfterCommitDep
from sightline.api.conditional import tag
from sightline.api.deps import CurrentUser, SessionDep
from sightline.api.paging import Cursor, Limit, page_out, page_request, sort_parameter
from sightline.api.permissions import Permission, Requires
from sightline.api.routing import Router
from sightline.api.views import alert_out
from sightline.schemas.alerts import (
    AlertBulkIn,
    AlertCountOut,
    AlertDetailOut,
    AlertEventOut,
    AlertOut,
    AlertStatus,
    AssigneeOut,
    AssignIn,
    BulkAcknowledgeIn,
    BulkResolveIn,
    CommentIn,
    EscalationOut,
    NoteIn,
    ResolveIn,
    Severity,
    Verdict,
    Verification,
    VerifyIn,
)
from sightline.schemas.base import Page, UtcDatetime
from sightline.schemas.bulk import BulkOut
from sightline.services import alert_handling, alerts, escalations
from sightline.services.alert_handling import Step
from sightline.services.alerts import AlertFilter
from sightline.services.events import Event, EventKind

router = Router(prefix="/alerts", tags=["alerts"])

READ = [Depends(Requires(Permission.READ_ALERTS))]
HANDLE = [Depends(Requires(Permission.HANDLE_ALERTS))]
INTEGER = 2**31 - 1


async def alert_filter(  # noqa: PLR0913 - query parameters are its signature
    *,
    status: Annotated[list[AlertStatus] | None, Query(max_length=3, description="Any of these.")] = None,
    severity: Annotated[list[Severity] | None, Query(max_length=4, description="Any of these.")] = None,
    verdict: Annotated[list[Verdict] | None, Query(max_length=4, description="Any of these.")] = None,
    verification: Verification | None = None,
    camera_id: UUID | None = None,
    group_id: Annotated[UUID | None, Query(description="A camera group.")] = None,
    subject_id: UUID | None = None,
    watchlist_id: Annotated[int | None, Query(ge=1, le=INTEGER)] = None,
    rule_id: UUID | None = None,
    assigned_to: Annotated[UUID | None, Query(description="Who looks after it.")] = None,
    since: Annotated[UtcDatetime | None, Query(description="Raised at this time or later.")] = None,
    until: Annotated[UtcDatetime | None, Query(description="Raised before this time.")] = None,
) -> AlertFilter:
    """Query parameters as a filter."""
    return AlertFilter(
        statuses=tuple(status or ()),
        severities=tuple(severity or ()),
        verdicts=tuple(verdict or ()),
        verification=verification,
        camera_id=camera_id,
        group_id=group_id,
        subject_id=subject_id,
        watchlist_id=watchlist_id,
        rule_id=rule_id,
        assigned_to=assigned_to,
        since=since,
        until=until,
    )


Where = Annotated[AlertFilter, Depends(alert_filter)]


@router.get("", dependencies=READ)
async def list_alerts(
    session: SessionDep,
    where: Where,
    sort: Annotated[str, sort_parameter(["created_at", "severity"])] = "-created_at",
    cursor: Cursor = None,
    limit: Limit = 50,
    *,
    total: Annotated[bool, Query(description="Count all; the count stops at 10,000.")] = False,
) -> Page[AlertOut]:
    """The newest first."""
    request = page_request(sort=sort, limit=limit, cursor=cursor)
    return page_out(await alerts.list_alerts(session, where=where, request=request, with_total=total), alert_out)


@router.get("/count", dependencies=READ)
async def count_alerts(session: SessionDep, current: CurrentUser, where: Where) -> AlertCountOut:
    """Open alerts, for a badge; the same filters as the list, status aside."""
    found = await alerts.count_open(session, user_id=current.user_id, where=where)
    return AlertCountOut.model_validate(found)


@router.post("/bulk", dependencies=HANDLE)
async def handle_alerts(body: AlertBulkIn, session: SessionDep, current: CurrentUser, after: AfterCommitDep) -> BulkOut:
    """Acknowledge, resolve or assign several; each stands alone, and says how it went."""
    items = await alert_handling.each(session, alert_ids=body.ids, step=_step(body, session, current.user_id))
    after.publish(*(Event(EventKind.ALERT, item.id) for item in items if item.done))
    return BulkOut(items=items)


@router.get("/{alert_id}", dependencies=READ)
async def get_alert(alert_id: UUID, session: SessionDep, response: Response) -> AlertDetailOut:
    """One alert with its history."""
    return await _detail(alert_id, session, response)


@router.get("/{alert_id}/assignees", dependencies=HANDLE)
async def list_alert_assignees(alert_id: UUID, session: SessionDep) -> list[AssigneeOut]:
    """Who may look after this alert: those who handle alerts and see its camera."""
    return [AssigneeOut.model_validate(person) for person in await alerts.assignees(session, alert_id=alert_id)]


@router.post("/{alert_id}/acknowledge", dependencies=HANDLE)
async def acknowledge_alert(
    alert_id: UUID,
    session: SessionDep,
    current: CurrentUser,
    after: AfterCommitDep,
    response: Response,
    body: NoteIn | None = None,
) -> AlertDetailOut:
    """Say that you look at it. 409 where somebody else does already; again by yourself changes nothing."""
    note = body.note if body else ""
    await alert_handling.acknowledge(session, alert_id=alert_id, user_id=current.user_id, note=note)
    return await _changed(alert_id, session, response, after)


@router.post("/{alert_id}/resolve", dependencies=HANDLE)
async def resolve_alert(
    alert_id: UUID,
    body: ResolveIn,
    session: SessionDep,
    current: CurrentUser,
    after: AfterCommitDep,
    response: Response,
) -> AlertDetailOut:
    """Close it and say how it turned out. A false match counts as an error of camera and subject."""
    await alert_handling.resolve(
        session, alert_id=alert_id, user_id=current.user_id, verdict=body.verdict, note=body.note
    )
    return await _changed(alert_id, session, response, after)


@router.post("/{alert_id}/reopen", dependencies=HANDLE)
async def reopen_alert(
    alert_id: UUID,
    session: SessionDep,
    current: CurrentUser,
    after: AfterCommitDep,
    response: Response,
    body: NoteIn | None = None,
) -> AlertDetailOut:
    """Take a resolved alert up again; its verdict goes, its history stays."""
    note = body.note if body else ""
    await alert_handling.reopen(session, alert_id=alert_id, user_id=current.user_id, note=note)
    return await _changed(alert_id, session, response, after)


@router.post("/{alert_id}/assign", dependencies=HANDLE)
async def assign_alert(
    alert_id: UUID,
    body: AssignIn,
    session: SessionDep,
    current: CurrentUser,
    after: AfterCommitDep,
    response: Response,
) -> AlertDetailOut:
    """Say who looks after it."""
    await alert_handling.assign(
        session, alert_id=alert_id, user_id=current.user_id, assigned_to=body.assigned_to, note=body.note
    )
    return await _changed(alert_id, session, response, after)


@router.post("/{alert_id}/comments", dependencies=HANDLE, status_code=201)
async def comment_on_alert(
    alert_id: UUID,
    body: CommentIn,
    session: SessionDep,
    current: CurrentUser,
    after: AfterCommitDep,
    response: Response,
) -> AlertDetailOut:
    """Write into its history. Comments are never changed; they go when the alert loses its person."""
    await alert_handling.comment(session, alert_id=alert_id, user_id=current.user_id, note=body.note)
    response.headers["Location"] = f"/v1/alerts/{alert_id}"
    return await _changed(alert_id, session, response, after)


@router.post("/{alert_id}/verify", dependencies=HANDLE)
async def verify_alert(
    alert_id: UUID,
    body: VerifyIn,
    session: SessionDep,
    current: CurrentUser,
    after: AfterCommitDep,
    response: Response,
) -> AlertDetailOut:
    """Say as the second person whether it is that subject, where the house asks for it (privacy settings).

    The first person is who acknowledged the alert. Until then nothing about it leaves the house.
    """
    await alert_handling.verify(
        session, alert_id=alert_id, user_id=current.user_id, confirmed=body.confirmed, note=body.note
    )
    return await _changed(alert_id, session, response, after)


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


async def _changed(alert_id: UUID, session: SessionDep, response: Response, after: AfterCommitDep) -> AlertDetailOut:
    after.publish(Event(EventKind.ALERT, alert_id))
    return await _detail(alert_id, session, response)


async def _detail(alert_id: UUID, session: SessionDep, response: Response) -> AlertDetailOut:
    view = await alerts.get_view(session, alert_id=alert_id)
    tag(response, view.updated_at)
    told = [AlertEventOut.model_validate(event) for event in await alerts.history(session, alert_id=alert_id)]
    state = await escalations.state_of(session, alert_id=alert_id, rule_id=view.rule_id)
    escalation = EscalationOut.model_validate(state)
    return AlertDetailOut(**alert_out(view).model_dump(), history=told, escalation=escalation)
