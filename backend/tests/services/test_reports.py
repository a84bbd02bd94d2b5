"""Reports: real files that say what was counted, with names of every script and no formula in any cell."""

import csv
import io
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from redis.asyncio import Redis
from sqlalchemy import text

from sightline.core.config import Settings, StorageSettings
from sightline.core.database import SYSTEM, WORKER, Database, Principal, Role
from sightline.core.errors import InvalidInput, NotFound
from sightline.core.storage import UrlSigner, open_storage
from sightline.schemas.reports import ReportFormat, ReportIn, ReportKind, ReportParameters
from sightline.services import reports
from sightline.services.job_run import JobRun
from sightline.services.jobs import Claim, JobResult
from sightline.services.report_document import Column, Document, Kind, Table
from sightline.services.sightings import record_tracks
from tests.support.database import add_camera, add_subject, add_user, add_watchlist, track_record

NASTY = "=cmd|' /C calc'!A1"
NAMES = [NASTY, "Ωmega <b>Ξ</b> & Ünïcødé", "Жанна", "山田 太郎 カタカナ", "김철수", "שלום", "a\0b\x1b[31m", "x" * 300]
DAY = datetime(2026, 3, 28, 23, tzinfo=UTC)


def document(rows: int = 40) -> Document:
    days = tuple((DAY + timedelta(days=n), n * n) for n in range(rows))
    cells = tuple((name, 1234567, 0.123, DAY) for name in NAMES)
    columns = (
        Column("Camera", Kind.TEXT),
        Column("Sightings"),
        Column("Uptime", Kind.SHARE),
        Column("Last", Kind.MOMENT),
    )
    return Document(
        NASTY,
        ZoneInfo("Europe/Berlin"),
        (("System", "Sightline"), ("Made", "2026-03-30 12:00 by +admin")),
        (
            Table("Sightings: over [time]/*?", (Column("Day", Kind.DAY), Column("Sightings")), days, chart=True),
            Table("Cameras", columns, cells, note="-1+1"),
            Table("Nothing", columns, ()),
        ),
    )


def rendered(kind: ReportFormat, rows: int = 40) -> bytes:
    return reports.RENDERERS[kind](document(rows))


def test_a_pdf_has_pages_its_own_font_and_every_name(tmp_path: Path) -> None:
    content = rendered(ReportFormat.PDF, rows=200)
    assert content.startswith(b"%PDF-")
    assert content.count(b"/Type /Page\n") > 3
    assert b"DejaVuSans" in content
    assert b"FontFile2" in content
    assert b"/JavaScript" not in content
    assert b"/URI" not in content


def test_a_workbook_has_real_dates_and_no_formula() -> None:
    with zipfile.ZipFile(io.BytesIO(rendered(ReportFormat.XLSX))) as book:
        sheets = [book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
        names = book.read("xl/workbook.xml").decode()
    assert len(sheets) == 4
    assert all("<f>" not in sheet for sheet in sheets)
    assert "frozen" in sheets[1]
    assert "<v>46110</v>" in sheets[1]  # 2026-03-29, where the day in UTC was still the 28th
    assert "1 Sightings  over  time" in names


def test_csv_is_defused() -> None:
    rows = list(csv.reader(io.StringIO(rendered(ReportFormat.CSV).decode("utf-8-sig"))))
    cells = [cell for row in rows for cell in row]
    assert "'" + NASTY in cells
    assert "2026-03-29" in cells
    assert not any(cell.startswith(("=", "+", "@", "-")) for cell in cells)


@pytest.mark.parametrize("kind", list(ReportFormat))
def test_an_empty_report_is_a_report(kind: ReportFormat) -> None:
    assert reports.RENDERERS[kind](Document("Nothing", ZoneInfo("UTC"), (("System", "x"),), ()))


class Silent:
    """Redis that nobody listens to."""

    async def publish(self, _channel: str, _message: str) -> None:
        """Tell nobody."""


@pytest_asyncio.fixture
async def asked_by(database: Database) -> Principal:
    """Somebody who may ask for reports, in a house where one person was seen."""
    now = datetime.now(UTC) - timedelta(hours=2)
    async with database.session(SYSTEM) as session:
        operator = await add_user(session, Role.OPERATOR)
        camera = await add_camera(session, NASTY)
        guest = await add_subject(session, await add_watchlist(session))
    async with database.session(WORKER) as session:
        track = track_record(camera, guest, track_id=uuid4(), first_seen=now, last_seen=now)
        await record_tracks(session, tracks=[track])
    return Principal(operator.role, operator.user_id)


async def made(database: Database, folder: Path, by: Principal, wanted: ReportParameters) -> JobResult:
    storage = open_storage(StorageSettings(), folder=folder, signer=UrlSigner("k" * 40))
    claim = Claim(uuid4(), "report", wanted.model_dump(mode="json"), 1, by)
    run = JobRun(claim, by, database, storage, cast("Redis", Silent()), Settings())
    run._told_at = float("inf")  # there is no such job to tell about
    return await reports.handle(run)


@pytest.mark.asyncio
@pytest.mark.parametrize("kind", list(ReportKind))
@pytest.mark.parametrize("form", list(ReportFormat))
async def test_every_kind_is_made_in_every_format(
    database: Database, asked_by: Principal, tmp_path: Path, kind: ReportKind, form: ReportFormat
) -> None:
    subject_id = None
    if kind is ReportKind.SUBJECT:
        async with database.session(SYSTEM) as session:
            subject_id = await session.scalar(text("SELECT id FROM subjects"))
    wanted = ReportParameters(kind=kind, format=form, time_zone="Asia/Kolkata", subject_id=subject_id, purpose="case 7")
    result = await made(database, tmp_path, asked_by, wanted)
    assert isinstance(result.content, bytes)
    assert result.name.endswith(f".{form.value}")
    if form is ReportFormat.CSV:
        text_ = result.content.decode("utf-8-sig")
        assert f"'{NASTY}" in text_
        assert "case 7" in text_


@pytest.mark.asyncio
async def test_asking_is_checked_at_once_and_on_record(database: Database, asked_by: Principal) -> None:
    assert asked_by.user_id is not None
    async with database.session(asked_by) as session:
        subject_id = await session.scalar(text("SELECT id FROM subjects"))
        wanted = ReportIn(kind=ReportKind.SUBJECT, subject_id=subject_id)
        job = await reports.generate_report(session, wanted=wanted, purpose="case 7", user_id=asked_by.user_id)
        assert (job.status, job.subject_id) == ("queued", subject_id)
    async with database.session(SYSTEM) as session:
        entry = (await session.execute(text("SELECT new_values FROM audit_entries WHERE action = 'EXPORT'"))).one()
    assert entry.new_values["purpose"] == "case 7"
    for wanted, error in (
        (ReportIn(kind=ReportKind.SUBJECT, subject_id=uuid4()), NotFound),
        (ReportIn(kind=ReportKind.ACTIVITY, since=datetime(2001, 1, 1, tzinfo=UTC)), InvalidInput),
        (ReportIn(kind=ReportKind.ACCURACY, since=datetime.now(UTC) - timedelta(days=40)), InvalidInput),
    ):
        with pytest.raises(error):
            async with database.session(asked_by) as session:
                await reports.generate_report(session, wanted=wanted, purpose=None, user_id=asked_by.user_id)
