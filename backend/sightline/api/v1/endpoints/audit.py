"""The audit log, for auditors."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from sightline.api.deps import PrincipalDep, ResourcesDep, SessionDep
from sightline.api.downloads import EXPORTED, table_response
from sightline.api.paging import Cursor, Limit, page_out, page_request, sort_parameter
from sightline.api.permissions import Permission, Requires
from sightline.api.routing import Router
from sightline.schemas.audit import (
    AnchorOut,
    AuditEntryOut,
    AuditExportIn,
    AuditUserOut,
    ChainProblemOut,
    ChainReportOut,
)
from sightline.schemas.base import Page, UtcDatetime
from sightline.services import audit, audit_anchors, audit_export, audit_log
from sightline.services.audit_log import AuditEntry, AuditFilter

router = Router(prefix="/audit", tags=["audit"], dependencies=[Depends(Requires(Permission.READ_AUDIT))])

FINDINGS = 100
"""Findings in a report: more do not help, the database must be compared with a backup anyway."""
Word = Annotated[str | None, Query(min_length=1, max_length=100, pattern=r"^[^\x00]+$")]
Actions = Annotated[list[str] | None, Query(max_length=20, description="Any of these.", examples=[["VIEW", "SEARCH"]])]


async def audit_filter(  # noqa: PLR0913 - query parameters are its signature
    *,
    user_id: UUID | None = None,
    actor: Word = None,
    action: Actions = None,
    table_name: Word = None,
    record_id: Word = None,
    subject_id: Annotated[UUID | None, Query(description="Whom it tells about: who looked at this person?")] = None,
    ip_address: Word = None,
    since: UtcDatetime | None = None,
    until: UtcDatetime | None = None,
) -> AuditFilter:
    """Query parameters as a filter."""
    actions = tuple(name.replace("\0", "") for name in action or ())
    return AuditFilter(user_id, actor, actions, table_name, record_id, subject_id, ip_address, since, until)


Where = Annotated[AuditFilter, Depends(audit_filter)]


@router.get("")
async def list_audit_entries(
    session: SessionDep,
    where: Where,
    sort: Annotated[str, sort_parameter(["created_at"])] = "-created_at",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[AuditEntryOut]:
    """The newest first."""
    request = page_request(sort=sort, limit=limit, cursor=cursor)
    return page_out(await audit_log.list_entries(session, where=where, request=request), _out)


@router.get("/users")
async def find_audit_users(
    session: SessionDep,
    *,
    q: Annotated[Word, Query(description="A part of the name.")] = None,
    user_id: Annotated[UUID | None, Query(description="Only this account: what is it called?")] = None,
) -> list[AuditUserOut]:
    """Accounts by name, 50 at most: for the filter user_id. Auditors may not list accounts otherwise."""
    return [AuditUserOut.model_validate(one) for one in await audit_log.find_users(session, q=q, user_id=user_id)]


@router.get("/verification")
async def verify_audit_chain(session: SessionDep, opened: ResourcesDep) -> ChainReportOut:
    """Check the whole chain against the anchors of the object store: about 20 s for a million entries.

    `sightline audit verify` does the same on the machine, with the anchors of its data folder too.
    """
    anchors = await audit_anchors.stored_anchors(opened.storage)
    report = await audit.verify_chain(session, anchors=anchors)
    return ChainReportOut(
        is_whole=report.is_whole,
        events=report.events,
        pending=report.pending,
        erased=report.erased,
        head=AnchorOut.model_validate(report.head) if report.head else None,
        anchors=len(anchors),
        problems=[ChainProblemOut.model_validate(problem) for problem in report.problems[:FINDINGS]],
    )


@router.post("/export", response_class=Response, responses={200: EXPORTED})
async def export_audit_log(
    session: SessionDep, opened: ResourcesDep, acting: PrincipalDep, asked: AuditExportIn
) -> Response:
    """Entries as CSV, JSON or JSON lines, the newest first. That you exported them goes on record first."""
    where = AuditFilter(
        asked.user_id,
        asked.actor,
        tuple(asked.action),
        asked.table_name,
        asked.record_id,
        asked.subject_id,
        asked.ip_address,
        asked.since,
        asked.until,
    )
    export = await audit_export.announce(session, where=where, form=asked.format, byte_order_mark=asked.byte_order_mark)
    pieces = audit_export.written(opened.database, acting, export)
    return table_response(pieces, form=export.form, file_name=export.file_name)


@router.get("/{entry_id}")
async def get_audit_entry(entry_id: UUID, session: SessionDep) -> AuditEntryOut:
    """One entry."""
    return _out(await audit_log.get(session, entry_id=entry_id))


def _out(entry: AuditEntry) -> AuditEntryOut:
    return AuditEntryOut.model_validate(entry)
