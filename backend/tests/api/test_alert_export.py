"""Alerts as a file: announced, harmless in spreadsheets, whole, and for those who may."""

import csv
import json
from collections.abc import AsyncIterator
from io import StringIO
from uuid import uuid4

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from sightline.core.database import SYSTEM, Database, Principal, Role
from sightline.core.errors import Forbidden
from sightline.schemas.exports import ExportFormat
from sightline.services import alert_export
from sightline.services.alerts import AlertFilter
from tests.api.conftest import SignIn, World
from tests.api.test_key_scopes import key_of, machine

ENTRIES = text("SELECT table_name, new_values FROM audit_entries WHERE action = 'EXPORT' ORDER BY id")
AGAIN = text(
    """
    INSERT INTO alerts (camera_id, subject_id, severity, message, matched_at, similarity)
    SELECT camera_id, subject_id, 'low', 'once more', now(), 0.5 FROM alerts LIMIT 1
    """
)


async def _entries(database: Database) -> list[tuple[str, dict[str, object]]]:
    async with database.session(SYSTEM) as session:
        return [(row.table_name, row.new_values) for row in await session.execute(ENTRIES)]


@pytest.mark.asyncio
async def test_an_export_is_announced_and_runs_nothing_in_a_spreadsheet(
    sign_in: SignIn, world: World, database: Database
) -> None:
    async with database.session(SYSTEM) as session:
        await session.execute(text("UPDATE cameras SET name = '=cmd|'' /C calc''!A1' WHERE name = 'Lobby'"))
        await session.execute(text("UPDATE subjects SET name = '\t@SUM(A1)'"))
    operator = await sign_in(Role.OPERATOR)
    (alert,) = (await operator.get("/v1/alerts")).json()["items"]
    await operator.post(f"/v1/alerts/{alert['id']}/resolve", json={"verdict": "false_match"})
    filters = {"status": ["resolved"], "verdict": ["false_match"], "subject_id": str(world.guest.id),
        "camera_id": str(world.lobby.id), "watchlist_id": world.guest.watchlist_id}  # fmt: skip
    answer = await operator.post(
        "/v1/alerts/export", json={**filters, "byte_order_mark": True}, headers={"Sightline-Purpose": "weekly report"}
    )
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="alerts-')
    assert answer.text.startswith("\ufeff")
    (row,) = csv.DictReader(StringIO(answer.text.removeprefix("\ufeff")))
    assert (row["camera_name"], row["subject_name"]) == ("'=cmd|' /C calc'!A1", "'\t@SUM(A1)")
    assert (row["id"], row["similarity"], row["verdict"], row["rule_id"]) == (alert["id"], "0.62", "false_match", "")
    assert (row["resolved_by_name"], row["created_at"][-1]) == ("operator", "Z")
    ((table, told),) = await _entries(database)
    assert (table, told["rows"], told["purpose"]) == ("alerts", 1, "weekly report")
    assert told["filters"] == {"statuses": ["resolved"], "verdicts": ["false_match"], "subjects": 1,
        "camera_id": str(world.lobby.id), "watchlist_id": world.guest.watchlist_id}  # fmt: skip


@pytest.mark.asyncio
async def test_an_export_in_chunks_holds_each_row_once(
    sign_in: SignIn, world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with database.session(SYSTEM) as session:
        await session.execute(AGAIN)
        await session.execute(AGAIN)
    monkeypatch.setattr(alert_export, "CHUNK", 1)
    admin = await sign_in(Role.ADMIN)
    expected = [row["id"] for row in (await admin.get("/v1/alerts")).json()["items"]]
    whole = (await admin.post("/v1/alerts/export", json={"format": "json"})).json()
    lines = (await admin.post("/v1/alerts/export", json={"format": "jsonl"})).text.splitlines()
    assert ([row["id"] for row in whole], len(expected)) == (expected, 3)
    assert [json.loads(line)["id"] for line in lines] == expected
    nothing = await admin.post("/v1/alerts/export", json={"format": "json", "rule_id": str(uuid4())})
    assert nothing.json() == []


@pytest.mark.asyncio
async def test_who_may_not_and_what_is_too_much_is_refused(
    sign_in: SignIn, world: World, monkeypatch: pytest.MonkeyPatch, database: Database, app: FastAPI
) -> None:
    for role in (Role.VIEWER, Role.AUDITOR):
        assert (await (await sign_in(role)).post("/v1/alerts/export", json={})).status_code == 403
    admin = await sign_in(Role.ADMIN)
    async with machine(app, await key_of(admin, "read_alerts", "export_sightings")) as program:
        assert (await program.post("/v1/alerts/export", json={})).status_code == 403
    wrong: list[dict[str, object]] = [{"format": "xlsx"}, {"colour": "red"}, {"status": ["gone"]}, {"watchlist_id": 0}]
    for body in wrong:
        assert (await admin.post("/v1/alerts/export", json=body)).status_code == 422, body
    monkeypatch.setattr(alert_export, "MOST_ROWS", 0)
    assert (await admin.post("/v1/alerts/export", json={})).json()["code"] == "invalid_input"
    async with database.session(SYSTEM) as session:
        await session.execute(
            text("INSERT INTO settings (key, value) VALUES ('privacy', '{\"purpose_required\": true}')")
        )
    assert (await admin.post("/v1/alerts/export", json={})).json()["code"] == "purpose_required"
    assert await _entries(database) == []


async def _collect(written: AsyncIterator[str], pieces: list[str]) -> None:
    """What came before an error counts too."""
    async for piece in written:
        pieces.append(piece)  # noqa: PERF401


@pytest.mark.asyncio
async def test_an_export_of_somebody_who_is_locked_out_on_the_way_breaks_off_visibly(
    app: FastAPI, world: World, database: Database
) -> None:
    async with database.session(SYSTEM) as session:
        operator = (await session.execute(text("SELECT id FROM users WHERE role = 'operator'"))).scalar_one()
    acting = Principal(Role.OPERATOR, operator)
    async with database.session(acting) as session:
        export = await alert_export.announce(session, where=AlertFilter(), form=ExportFormat.CSV, purpose=None)
    async with database.session(SYSTEM) as session:
        await session.execute(text("UPDATE users SET is_active = false WHERE id = :id"), {"id": operator})
    pieces: list[str] = []
    with pytest.raises(Forbidden):
        await _collect(alert_export.written(app.state.resources.database, acting, export), pieces)
    assert pieces[-1].startswith("# incomplete: forbidden")
