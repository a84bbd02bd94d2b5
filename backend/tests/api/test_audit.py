"""The audit log over HTTP: an auditor finds out who looked at whom, and whether the record is whole."""

import csv
import json
from io import StringIO
from typing import Any

import pytest
from httpx import AsyncClient

from sightline.core.database import MAINTENANCE, Database, Role
from sightline.services import audit
from tests.api.conftest import SignIn, World
from tests.support.database import DatabaseAddress, execute_as_admin

pytestmark = pytest.mark.asyncio


async def _entries(client: AsyncClient, **params: Any) -> list[dict[str, object]]:
    answer = await client.get("/v1/audit", params=params)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def test_an_auditor_finds_who_looked_at_a_picture(world: World, sign_in: SignIn) -> None:
    viewer, auditor = await sign_in(Role.VIEWER), await sign_in(Role.AUDITOR)
    assert (await viewer.get(f"/v1/sightings/{world.known}/image")).status_code == 200
    found = await _entries(auditor, action="VIEW", record_id=str(world.known))
    assert [(entry["username"], entry["actor"], entry["table_name"]) for entry in found] == [
        ("viewer", "viewer", "sightings")
    ]
    assert found[0]["ip_address"] == "192.0.2.10"
    one = await auditor.get(f"/v1/audit/{found[0]['id']}")
    assert one.json() == found[0]


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.VIEWER])
async def test_whoever_looks_at_people_does_not_read_who_looked(world: World, sign_in: SignIn, role: Role) -> None:
    client = await sign_in(role)
    for path in ("/v1/audit", "/v1/audit/verification", "/v1/audit/users", f"/v1/audit/{world.known}"):
        assert (await client.get(path)).status_code == 403


async def test_an_auditor_finds_accounts_by_a_part_of_their_name(world: World, sign_in: SignIn) -> None:
    auditor = await sign_in(Role.AUDITOR)
    (found,) = (await auditor.get("/v1/audit/users", params={"q": "PERAT"})).json()
    assert (sorted(found), found["username"]) == (["id", "username"], "operator")
    assert (await auditor.get("/v1/audit/users", params={"user_id": found["id"]})).json() == [found]
    everybody = [one["username"] for one in (await auditor.get("/v1/audit/users")).json()]
    assert everybody == sorted(everybody)
    assert len(everybody) >= 4
    assert (await auditor.get("/v1/audit/users", params={"q": "%"})).json() == []
    assert (await auditor.get("/v1/audit/users", params={"q": "x\0"})).status_code == 422
    assert {entry["username"] for entry in await _entries(auditor, user_id=found["id"])} <= {"operator"}


async def test_pages_follow_each_other_without_gap_or_double(sign_in: SignIn) -> None:
    auditor = await sign_in(Role.AUDITOR)
    whole = [entry["id"] for entry in await _entries(auditor, limit=200, sort="created_at")]
    seen: list[str] = []
    cursor: str | None = None
    while True:
        params: dict[str, Any] = {"limit": 3, "sort": "created_at"} | ({"cursor": cursor} if cursor else {})
        page = (await auditor.get("/v1/audit", params=params)).json()
        seen += [entry["id"] for entry in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen[: len(whole)] == whole, "a login of its own may have come behind"
    assert len(whole) > 9


async def test_filters_narrow_down(world: World, sign_in: SignIn) -> None:
    auditor = await sign_in(Role.AUDITOR)
    assert {e["table_name"] for e in await _entries(auditor, table_name="cameras")} == {"cameras"}
    assert {e["action"] for e in await _entries(auditor, action=["LOGIN", "LOGOUT"])} == {"LOGIN"}
    assert await _entries(auditor, since="2026-01-01T00:00:00Z", until="2026-01-02T00:00:00Z") == []
    about = await _entries(auditor, subject_id=str(world.guest.id))
    assert {e["subject_id"] for e in about} == {str(world.guest.id)}


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("cursor=nonsense", 422),
        ("sort=actor", 422),
        ("since=yesterday", 422),
        ("limit=1000", 422),
        ("actor=%00", 422),
        ("ip_address=nowhere", 200),
        ("record_id=%27%3B+DROP+TABLE+users%3B--", 200),
    ],
)
async def test_strange_questions_get_clear_answers(sign_in: SignIn, query: str, status: int) -> None:
    auditor = await sign_in(Role.AUDITOR)
    assert (await auditor.get(f"/v1/audit?{query}")).status_code == status


async def test_the_chain_is_checked_on_request_and_tampering_is_told(
    own_database: DatabaseAddress, database: Database, sign_in: SignIn
) -> None:
    auditor = await sign_in(Role.AUDITOR)
    async with database.session(MAINTENANCE) as session:
        await audit.seal(session)
    report = (await auditor.get("/v1/audit/verification")).json()
    assert (report["is_whole"], report["problems"]) == (True, [])
    assert report["events"] == report["head"]["position"] > 0
    edit = "UPDATE audit_logs SET actor = 'x' WHERE id = (SELECT audit_id FROM audit_chain WHERE position = 2)"
    await execute_as_admin(own_database.admin_dsn, f"SET session_replication_role = replica; {edit}")
    report = (await auditor.get("/v1/audit/verification")).json()
    assert (report["is_whole"], report["problems"][0]["kind"], report["problems"][0]["position"]) == (
        False,
        "edited",
        2,
    )


async def test_the_log_is_exported_on_record_and_formulas_stay_text(world: World, sign_in: SignIn) -> None:
    operator, auditor = await sign_in(Role.OPERATOR), await sign_in(Role.AUDITOR)
    agent = {"User-Agent": "=HYPERLINK(1)"}
    assert (await operator.get(f"/v1/sightings/{world.known}/image", headers=agent)).status_code == 200
    answer = await auditor.post("/v1/audit/export", json={"action": ["VIEW"], "format": "csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="audit-')
    rows = list(csv.DictReader(StringIO(answer.text)))
    assert [(row["username"], row["action"], row["record_id"]) for row in rows] == [
        ("operator", "VIEW", str(world.known))
    ]
    assert rows[0]["user_agent"] == "'=HYPERLINK(1)"
    (exported,) = await _entries(auditor, action="EXPORT")
    assert (exported["username"], exported["table_name"]) == ("auditor", "audit_logs")


async def test_lines_of_json_hold_what_the_list_holds(world: World, sign_in: SignIn) -> None:
    auditor = await sign_in(Role.AUDITOR)
    answer = await auditor.post("/v1/audit/export", json={"format": "jsonl", "table_name": "cameras"})
    lines = [json.loads(line) for line in answer.text.splitlines()]
    listed = await _entries(auditor, table_name="cameras")
    assert [(line["id"], line["new_values"]) for line in lines] == [(e["id"], e["new_values"]) for e in listed]
    assert lines


@pytest.mark.parametrize("body", [{"format": "xlsx"}, {"since": "now"}, {"actor": "\0"}, {"rows": 3}])
async def test_an_export_that_makes_no_sense_is_refused_and_leaves_no_trace(
    sign_in: SignIn, body: dict[str, Any]
) -> None:
    auditor = await sign_in(Role.AUDITOR)
    assert (await auditor.post("/v1/audit/export", json=body)).status_code == 422
    assert await _entries(auditor, action="EXPORT") == []
