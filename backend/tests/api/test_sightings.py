"""Sightings over HTTP: lists with links, one by one, decisions about them, exports that spreadsheets survive."""

import csv
import json
from collections.abc import AsyncIterator
from io import StringIO
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from sightline.core.database import SYSTEM, Database, Principal, Role
from sightline.core.errors import Forbidden
from sightline.schemas.exports import ExportFormat
from sightline.services import exports, subjects
from sightline.services.sighting_views import SightingFilter
from sightline.services.subjects import NewTemplate
from tests.api.conftest import JPEG, MODEL, SignIn, World
from tests.support.database import template_of


async def _events(database: Database, action: str) -> list[dict[str, object]]:
    statement = text("SELECT record_id, new_values FROM audit_entries WHERE action = :action ORDER BY id")
    async with database.session(SYSTEM) as session:
        rows = await session.execute(statement, {"action": action})
        return [{"record_id": row.record_id, **(row.new_values or {})} for row in rows]


@pytest.mark.asyncio
async def test_lists_filter_count_and_carry_links(sign_in: SignIn, world: World) -> None:
    admin = await sign_in(Role.ADMIN)
    cases: list[tuple[dict[str, object], set[object]]] = [
        ({}, {world.known, world.unknown, world.in_vault}),
        ({"known": True}, {world.known}),
        ({"camera_id": [str(world.lobby.id), str(world.vault.id)]}, {world.known, world.unknown, world.in_vault}),
        ({"camera_id": str(world.vault.id)}, {world.in_vault}),
        ({"subject_id": str(world.guest.id)}, {world.known}),
        ({"watchlist_id": world.guest.watchlist_id}, {world.known}),
        ({"min_similarity": 0.7}, set()),
        ({"open": False}, set()),
    ]
    for query, expected in cases:
        answer = await admin.get("/v1/sightings", params={**query, "total": True})  # type: ignore[dict-item]
        page = answer.json()
        assert (answer.status_code, {item["id"] for item in page["items"]}) == (200, {str(one) for one in expected})
        assert page["total"] == len(expected), query
        assert all(item["image_url"].startswith("/v1/media?token=") for item in page["items"])
        assert all(item["box"]["width"] <= item["frame_width"] for item in page["items"])


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "query",
    [
        "colour=red",
        "min_similarity=2",
        "min_similarity=nan",
        "sort=confidence",
        "watchlist_id=2147483648",
        "verdict=maybe",
        "camera_id=1",
        "cursor=%00",
        "limit=0",
        "since=0001-01-01T00:00:00%2B14:00",
        "group_id=%00",
    ],
)
async def test_filters_that_mean_nothing_are_refused(sign_in: SignIn, query: str) -> None:
    viewer = await sign_in(Role.VIEWER)
    assert (await viewer.get(f"/v1/sightings?{query}")).status_code == 422


@pytest.mark.asyncio
async def test_one_sighting_tells_candidates_and_the_look_is_on_record(
    sign_in: SignIn, world: World, database: Database
) -> None:
    viewer = await sign_in(Role.VIEWER)
    headers = {"Sightline-Purpose": "Case%207"}
    answer = await viewer.get(f"/v1/sightings/{world.known}", headers=headers)
    found = answer.json()
    assert found["candidates"][0]["picture_url"] is None, "nobody has enrolled a picture"
    assert (found["candidates"][0]["subject_name"], found["frame_width"]) == (world.guest.name, 640)
    assert (found["verdict"], found["corrections"], found["has_template"]) == (None, [], True)
    assert "crops/" not in answer.text
    assert (await viewer.get(f"/v1/sightings/{world.in_vault}")).json()["code"] == "not_found"
    assert (await viewer.get("/v1/sightings/1")).status_code == 422
    assert await _events(database, "VIEW") == [{"record_id": str(world.known), "purpose": "Case 7"}]


@pytest.mark.asyncio
async def test_candidates_are_shown_by_their_portrait(
    sign_in: SignIn, world: World, app: FastAPI, database: Database
) -> None:
    key = f"enrolled/{world.guest.id}.jpg"
    await app.state.resources.storage.upload(key, JPEG)
    async with database.session(SYSTEM) as session:
        new = NewTemplate(template_of(1), MODEL, 0.9, image_path=key)
        await subjects.add_template(session, subject_id=world.guest.id, new=new)
        await session.execute(text("UPDATE subjects SET portrait_path = :key"), {"key": key})
    viewer = await sign_in(Role.VIEWER)
    (candidate,) = (await viewer.get(f"/v1/sightings/{world.known}")).json()["candidates"]
    assert (await viewer.get(candidate["picture_url"])).content == JPEG
    asked = await (await sign_in(Role.AUDITOR)).get(f"/v1/sightings/{world.known}")
    assert asked.status_code == 403, "auditors look at who looked"


@pytest.mark.asyncio
async def test_operators_decide_and_take_back(sign_in: SignIn, world: World) -> None:
    operator = await sign_in(Role.OPERATOR)
    rejected = await operator.post(f"/v1/sightings/{world.known}/reject", json={"note": "taller"})
    assert (rejected.status_code, rejected.json()["verdict"], rejected.json()["subject_id"]) == (200, "rejected", None)
    counts = (await operator.get("/v1/sightings/errors")).json()
    assert [(one["name"], one["false_matches"]) for one in counts["cameras"]] == [("Lobby", 1)]
    assert [(one["name"], one["false_matches"]) for one in counts["subjects"]] == [(world.guest.name, 1)]
    decided = (await operator.get("/v1/sightings", params={"verdict": "rejected"})).json()["items"]
    assert [item["id"] for item in decided] == [str(world.known)]
    undone = (await operator.post(f"/v1/sightings/{world.known}/undo", json={})).json()
    assert (undone["verdict"], undone["subject_id"]) == (None, str(world.guest.id))
    again = await operator.post(f"/v1/sightings/{world.known}/undo", json={})
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    history = (await operator.get(f"/v1/sightings/{world.known}")).json()["corrections"]
    assert [(one["verdict"], one["note"], one["decided_by"]) for one in history] == [
        ("rejected", "taller", "operator"),
        ("undone", "", "operator"),
    ]


@pytest.mark.asyncio
@pytest.mark.parametrize("role", [Role.VIEWER, Role.AUDITOR])
async def test_others_decide_nothing_and_export_nothing(sign_in: SignIn, world: World, role: Role) -> None:
    browser = await sign_in(role)
    for path in (f"{world.known}/reject", f"{world.known}/assign", f"{world.known}/undo", "bulk", "export"):
        assert (await browser.post(f"/v1/sightings/{path}", json={})).status_code == 403, path
    admin = await sign_in(Role.ADMIN)
    assert (await admin.get(f"/v1/sightings/{world.known}")).json()["corrections"] == []


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("reject", {"note": "x" * 501}, 422),
        ("reject", {"note": "a\0b"}, 422),
        ("reject", {"why": "typing error"}, 422),
        ("assign", {}, 422),
        ("assign", {"subject_id": str(uuid4())}, 404),
        ("assign", {"subject_id": "../../etc"}, 422),
    ],
)
async def test_decisions_that_mean_nothing(
    sign_in: SignIn, world: World, path: str, body: dict[str, object], status: int
) -> None:
    operator = await sign_in(Role.OPERATOR)
    assert (await operator.post(f"/v1/sightings/{world.known}/{path}", json=body)).status_code == status
    assert (await operator.get(f"/v1/sightings/{world.known}")).json()["corrections"] == []


@pytest.mark.asyncio
async def test_several_at_once_stand_alone(sign_in: SignIn, world: World) -> None:
    operator = await sign_in(Role.OPERATOR)
    ids = [str(one) for one in (world.unknown, world.in_vault, world.known)]
    body = {"action": "assign", "subject_id": str(world.guest.id), "ids": ids}
    items = (await operator.post("/v1/sightings/bulk", json=body)).json()["items"]
    assert [(one["id"], one["done"], one["code"]) for one in items] == [
        (ids[0], True, None),
        (ids[1], False, "not_found"),
        (ids[2], True, None),
    ]
    verdicts = {one["id"]: one["verdict"] for one in (await operator.get("/v1/sightings")).json()["items"]}
    assert verdicts == {ids[0]: "assigned", ids[2]: "confirmed"}
    for wrong in ({**body, "action": "reject"}, {"action": "assign", "ids": ids}, {"action": "undo", "ids": []}):
        assert (await operator.post("/v1/sightings/bulk", json=wrong)).status_code == 422


@pytest.mark.asyncio
async def test_an_export_is_announced_and_runs_nothing_in_a_spreadsheet(
    sign_in: SignIn, world: World, database: Database
) -> None:
    async with database.session(SYSTEM) as session:
        await session.execute(text("UPDATE cameras SET name = '=cmd|'' /C calc''!A1' WHERE name = 'Lobby'"))
        await session.execute(text("UPDATE subjects SET name = '\t@SUM(A1)'"))
    operator = await sign_in(Role.OPERATOR)
    headers = {"Sightline-Purpose": "audit of the lobby"}
    body = {"known": True, "byte_order_mark": True}
    answer = await operator.post("/v1/sightings/export", json=body, headers=headers)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="sightings-')
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.text.startswith("\ufeff")
    (row,) = csv.DictReader(StringIO(answer.text.removeprefix("\ufeff")))
    assert (row["camera_name"], row["subject_name"]) == ("'=cmd|' /C calc'!A1", "'\t@SUM(A1)")
    assert (row["id"], row["similarity"], row["closed_at"]) == (str(world.known), "0.62", "")
    (event,) = await _events(database, "EXPORT")
    assert (event["rows"], event["purpose"], event["filters"]) == (1, "audit of the lobby", {"known": True})


@pytest.mark.asyncio
async def test_an_export_in_chunks_holds_each_row_once(
    sign_in: SignIn, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "CHUNK", 1)
    admin = await sign_in(Role.ADMIN)
    expected = [str(one) for one in (world.known, world.unknown, world.in_vault)]
    whole = (await admin.post("/v1/sightings/export", json={"format": "json"})).json()
    lines = (await admin.post("/v1/sightings/export", json={"format": "jsonl"})).text.splitlines()
    assert [row["id"] for row in whole] == expected
    assert [json.loads(line)["id"] for line in lines] == expected
    nothing = await admin.post("/v1/sightings/export", json={"format": "json", "camera_id": [str(uuid4())]})
    assert nothing.json() == []


@pytest.mark.asyncio
async def test_an_export_too_long_is_refused(
    sign_in: SignIn, world: World, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    monkeypatch.setattr(exports, "MOST_ROWS", 2)
    admin = await sign_in(Role.ADMIN)
    assert (await admin.post("/v1/sightings/export", json={})).json()["code"] == "invalid_input"
    assert (await admin.post("/v1/sightings/export", json={"format": "xlsx"})).status_code == 422
    assert await _events(database, "EXPORT") == []


async def _collect(written: AsyncIterator[str], pieces: list[str]) -> None:
    """What came before an error counts too."""
    async for piece in written:
        pieces.append(piece)  # noqa: PERF401


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("form", "last"), [("csv", "# incomplete: forbidden"), ("jsonl", '{"error"'), ("json", '{"error"')]
)
async def test_an_export_of_somebody_who_is_locked_out_on_the_way_breaks_off_visibly(
    app: FastAPI, world: World, database: Database, form: str, last: str
) -> None:
    async with database.session(SYSTEM) as session:
        operator = (await session.execute(text("SELECT id FROM users WHERE role = 'operator'"))).scalar_one()
    acting = Principal(Role.OPERATOR, operator)
    opened = app.state.resources
    async with database.session(acting) as session:
        where = SightingFilter()
        export = await exports.announce(session, where=where, form=ExportFormat(form), purpose=None)
    async with database.session(SYSTEM) as session:
        await session.execute(text("UPDATE users SET is_active = false WHERE id = :id"), {"id": operator})
    pieces: list[str] = []
    with pytest.raises(Forbidden):
        await _collect(exports.written(database, acting, export, opened.rates), pieces)
    assert last in pieces[-1]


@pytest.mark.asyncio
async def test_where_the_house_asks_nobody_looks_without_a_purpose(
    sign_in: SignIn, world: World, database: Database
) -> None:
    async with database.session(SYSTEM) as session:
        await session.execute(
            text("INSERT INTO settings (key, value) VALUES ('privacy', '{\"purpose_required\": true}')")
        )
    admin = await sign_in(Role.ADMIN)
    for path in ("", "/image", "/context"):
        answer = await admin.get(f"/v1/sightings/{world.known}{path}")
        assert (answer.status_code, answer.json()["code"]) == (422, "purpose_required")
    assert (await admin.post("/v1/sightings/export", json={})).json()["code"] == "purpose_required"
    assert all(item["image_url"] is None for item in (await admin.get("/v1/sightings")).json()["items"])
    stated = {"Sightline-Purpose": "case 8"}
    assert (await admin.get(f"/v1/sightings/{world.known}/image", headers=stated)).status_code == 200
    link = (await admin.get("/v1/sightings", headers=stated)).json()["items"][0]["image_url"]
    assert (await admin.get(link)).status_code == 200
    assert [event["purpose"] for event in await _events(database, "VIEW")] == ["case 8", "case 8"]
    for wrong in ("x" * 201, "%00", "line%0Abreak"):
        answer = await admin.get(f"/v1/sightings/{world.known}/image", headers={"Sightline-Purpose": wrong})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


@pytest.mark.asyncio
async def test_the_full_frame_has_the_face_marked_unless_asked_otherwise(sign_in: SignIn, world: World) -> None:
    viewer: httpx.AsyncClient = await sign_in(Role.VIEWER)
    marked = await viewer.get(f"/v1/sightings/{world.known}/context")
    plain = await viewer.get(f"/v1/sightings/{world.known}/context", params={"overlay": False})
    assert (marked.status_code, plain.status_code) == (200, 200)
    assert marked.content != plain.content
    assert marked.content.startswith(b"\xff\xd8\xff")
