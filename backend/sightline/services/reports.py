"""Reports, made in the background: asked for, counted on behalf of whoever asked, rendered, kept for a day."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.errors import NotFound
from sightline.models import Job
from sightline.schemas.jobs import JobKind
from sightline.schemas.reports import ReportFormat, ReportIn, ReportKind, ReportParameters
from sightline.services import audit, jobs, report_content, runtime_settings, time_buckets
from sightline.services.job_run import JobRun
from sightline.services.jobs import JobResult
from sightline.services.report_content import Question
from sightline.services.report_document import Document, shown
from sightline.services.spreadsheets import BYTE_ORDER_MARK, Cell, csv_lines

TITLES = {
    ReportKind.ACTIVITY: "Activity",
    ReportKind.ALERTS: "Alerts",
    ReportKind.ACCURACY: "Accuracy of recognition",
    ReportKind.SUBJECT: "Sightings of a subject",
}


async def generate_report(session: AsyncSession, *, wanted: ReportIn, purpose: str | None, user_id: UUID) -> Job:
    """Queue a report. One about a subject is an export, and on record.

    Raises InvalidInput (span), NotFound (subject), Conflict (too many jobs).
    """
    time_buckets.span(wanted.since, wanted.until, longest=_longest(wanted.kind))
    if wanted.subject_id is not None:
        statement = text("SELECT 1 FROM subjects WHERE id = :id")
        if await session.scalar(statement, {"id": wanted.subject_id}) is None:
            raise NotFound(f"no subject {wanted.subject_id}", hint="See the list of subjects.")
        await audit.record_event(
            session,
            action="EXPORT",
            table_name="subjects",
            record_id=str(wanted.subject_id),
            details={"what": "report", "format": wanted.format.value, "purpose": purpose},
            subject_id=wanted.subject_id,
        )
    given = ReportParameters(**wanted.model_dump(), purpose=purpose)
    return await jobs.enqueue(
        session, kind=JobKind.REPORT, parameters=given, created_by=user_id, subject_id=wanted.subject_id
    )


async def handle(run: JobRun) -> JobResult:
    """The job's handler."""
    wanted = run.parameters(ReportParameters)
    await run.progress(0.05, "counting")
    async with run.database.session(run.principal) as session:
        document = await _document(session, wanted, run.user_id)
    rows = sum(len(table.rows) for table in document.tables)
    await run.progress(0.6, f"writing {rows} rows")
    content = await asyncio.to_thread(RENDERERS[wanted.format], document)
    name = f"sightline-{wanted.kind.value}-{datetime.now(UTC):%Y-%m-%d}.{wanted.format.value}"
    return JobResult(name, content, {"rows": rows, "bytes": len(content)})


async def _document(session: AsyncSession, wanted: ReportParameters, user_id: UUID) -> Document:
    general = (await runtime_settings.get(session)).general
    tz = time_buckets.zone(wanted.time_zone or general.time_zone)
    since, until = time_buckets.span(wanted.since, wanted.until, longest=_longest(wanted.kind))
    by = await session.scalar(text("SELECT username FROM user_names WHERE id = :id"), {"id": user_id})
    stamp = f"{datetime.now(UTC).astimezone(tz):%Y-%m-%d %H:%M}"
    facts = [
        ("System", general.system_name),
        ("Made", f"{stamp} by {by or 'a removed account'}"),
        ("Span", f"{since.astimezone(tz):%Y-%m-%d %H:%M} to {until.astimezone(tz):%Y-%m-%d %H:%M}"),
        ("Time zone", tz.key),
        ("Cameras", _cameras(wanted)),
    ]
    if wanted.purpose:
        facts.append(("Purpose", wanted.purpose))
    tables = await report_content.tables(session, Question(wanted, since, until, tz.key))
    return Document(wanted.title.strip() or TITLES[wanted.kind], tz, tuple(facts), tables)


def _cameras(wanted: ReportIn) -> str:
    chosen = [f"{len(wanted.camera_ids)} chosen ones"] if wanted.camera_ids else []
    chosen += [f"of group {wanted.group_id}"] if wanted.group_id else []
    return ", ".join(chosen) or "all that whoever asked may see"


def _longest(kind: ReportKind) -> timedelta:
    return time_buckets.LONGEST_IN_HOURS if kind is ReportKind.ACCURACY else time_buckets.LONGEST


def _as_pdf(document: Document) -> bytes:
    from sightline.services import report_pdf  # noqa: PLC0415 - loads ReportLab

    return report_pdf.rendered(document)


def _as_excel(document: Document) -> bytes:
    from sightline.services import report_excel  # noqa: PLC0415 - loads XlsxWriter

    return report_excel.rendered(document)


def _as_csv(document: Document) -> bytes:
    """One table after the other, each with its heading, an empty line between; times of the report's zone."""
    tz = document.time_zone
    lines: list[list[Cell]] = [[document.title]]
    lines += [[name, value] for name, value in document.facts]
    for table in document.tables:
        lines += [[], [table.heading], [column.name for column in table.columns]]
        for row in table.rows:
            cells = zip(row, table.columns, strict=True)
            lines.append([shown(v, c.kind, tz) if isinstance(v, datetime) else v for v, c in cells])
    return (BYTE_ORDER_MARK + csv_lines(lines)).encode()


RENDERERS: Mapping[ReportFormat, Callable[[Document], bytes]] = {
    ReportFormat.PDF: _as_pdf,
    ReportFormat.XLSX: _as_excel,
    ReportFormat.CSV: _as_csv,
}
