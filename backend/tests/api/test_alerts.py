"""Alerts over HTTP: who may read and handle them, wrong steps, bad input, and nothing changed after a refusal."""

from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from redis.asyncio import Redis
from sqlalchemy import text

from sightline.core.database import SYSTEM, Database, Role
from sightline.services import events
from sightline.services.events import Event, EventKind
from tests.api.conftest import SignIn, World


async def _alert(client: httpx.AsyncClient) -> dict[str, Any]:
    """The alert of the world, without the address of its picture: that is another one each minute."""
    (alert,) = (await client.get("/v1/alerts")).json()["items"]
    found: dict[str, Any] = (await client.get(f"/v1/alerts/{alert['id']}")).json()
    found.pop("image_url")
    return found


@pytest.mark.asyncio
async def test_an_alert_is_acknowledged_discussed_and_resolved(
    sign_in: SignIn, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Event] = []

    async def publish(_redis: Redis, *published: Event) -> None:
        told.extend(published)

    monkeypatch.setattr(events, "publish", publish)
    operator, admin = await sign_in(Role.OPERATOR), await sign_in(Role.ADMIN)
    alert = await _alert(operator)
    path = f"/v1/alerts/{alert['id']}"
    assert (alert["status"], alert["verification"], alert["history"]) == ("new", "not_needed", [])
    assert (alert["subject_name"], alert["watchlist_name"] is not None) == (world.guest.name, True)
    answer = await operator.post(f"{path}/acknowledge")
    assert (answer.status_code, answer.json()["acknowledged_by_name"]) == (200, "operator")
    assert (await operator.post(f"{path}/acknowledge", json={"note": "again"})).status_code == 200
    refused = await admin.post(f"{path}/acknowledge")
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert "acknowledged" in refused.json()["detail"]
    people = (await operator.get(f"{path}/assignees")).json()
    assert {person["username"] for person in people} == {"admin", "operator"}
    chief = next(person["id"] for person in people if person["username"] == "admin")
    assert (await operator.post(f"{path}/assign", json={"assigned_to": chief})).json()["assigned_to_name"] == "admin"
    assert (await admin.get("/v1/alerts/count")).json()["mine"] == 1
    comment = await admin.post(f"{path}/comments", json={"note": "=HYPERLINK('x')"})
    assert (comment.status_code, comment.headers["location"]) == (201, path)
    before = comment.headers["etag"]
    answer = await admin.post(f"{path}/resolve", json={"verdict": "false_match", "note": "a twin"})
    assert answer.headers["etag"] != before
    assert (answer.json()["verdict"], answer.json()["resolved_by_name"]) == ("false_match", "admin")
    assert [event["kind"] for event in answer.json()["history"]] == [
        "acknowledged", "assigned", "commented", "resolved"
    ]  # fmt: skip
    assert (await admin.post(f"{path}/reopen")).json()["status"] == "acknowledged"
    assert {(event.kind, str(event.id)) for event in told} == {(EventKind.ALERT, alert["id"])}
    assert len(told) == 6


@pytest.mark.asyncio
async def test_several_are_handled_at_once(sign_in: SignIn, world: World) -> None:
    operator = await sign_in(Role.OPERATOR)
    alert, nobody = await _alert(operator), str(uuid4())
    ids = [alert["id"], nobody]
    for body, code in (
        ({"action": "acknowledge"}, None),
        ({"action": "assign", "assigned_to": None}, None),
        ({"action": "assign", "assigned_to": str(uuid4())}, "invalid_input"),
        ({"action": "resolve", "verdict": "true_match"}, None),
    ):
        items = (await operator.post("/v1/alerts/bulk", json={**body, "ids": ids})).json()["items"]
        assert [(item["id"], item["code"]) for item in items] == [(alert["id"], code), (nobody, "not_found")]
    assert (await _alert(operator))["verdict"] == "true_match"


@pytest.mark.asyncio
async def test_filters_sorting_and_counts(sign_in: SignIn, world: World) -> None:
    viewer = await sign_in(Role.VIEWER)
    alert = await _alert(viewer)
    matching = {
        "status": ["new", "resolved"], "severity": "high", "verification": "not_needed",
        "camera_id": alert["camera_id"], "subject_id": alert["subject_id"], "watchlist_id": alert["watchlist_id"],
        "since": alert["created_at"], "until": "2999-01-01T00:00:00Z", "sort": "-severity", "total": True,
    }  # fmt: skip
    page = (await viewer.get("/v1/alerts", params=matching)).json()
    assert ([item["id"] for item in page["items"]], page["total"]) == ([alert["id"]], 1)
    others: list[dict[str, Any]] = [
        {"status": "resolved"}, {"severity": "low"}, {"verdict": "test"}, {"verification": "pending"},
        {"camera_id": str(world.vault.id)}, {"group_id": str(uuid4())}, {"rule_id": str(uuid4())},
        {"assigned_to": str(uuid4())},
        {"until": alert["created_at"]},
    ]  # fmt: skip
    for other in others:
        assert (await viewer.get("/v1/alerts", params=other)).json()["items"] == []
    count = (await viewer.get("/v1/alerts/count")).json()
    assert (count["new"], count["by_severity"]["high"]) == (1, 1)


@pytest.mark.asyncio
async def test_the_second_person_confirms(sign_in: SignIn, world: World, database: Database) -> None:
    async with database.session(SYSTEM) as session:
        await session.execute(text("UPDATE alerts SET verification = 'pending'"))
    operator, admin = await sign_in(Role.OPERATOR), await sign_in(Role.ADMIN)
    alert = await _alert(operator)
    path = f"/v1/alerts/{alert['id']}"
    assert (await operator.get("/v1/alerts/count")).json()["unverified"] == 1
    await operator.post(f"{path}/acknowledge")
    alone = await operator.post(f"{path}/verify", json={"confirmed": True})
    assert (alone.status_code, alone.json()["code"]) == (403, "approval_required")
    assert (await _alert(operator))["verification"] == "pending"
    confirmed = (await admin.post(f"{path}/verify", json={"confirmed": True, "note": "scar"})).json()
    assert (confirmed["verification"], confirmed["history"][-1]["note"]) == ("confirmed", "scar")


STEPS = {
    "acknowledge": {}, "resolve": {"verdict": "test"}, "reopen": {}, "assign": {"assigned_to": None},
    "comments": {"note": "x"}, "verify": {"confirmed": True},
}  # fmt: skip


@pytest.mark.asyncio
@pytest.mark.parametrize("role", [Role.VIEWER, Role.AUDITOR])
async def test_who_only_looks_changes_nothing(sign_in: SignIn, world: World, role: Role) -> None:
    before = await _alert(await sign_in(Role.OPERATOR))
    looking = await sign_in(role)
    for step, body in STEPS.items():
        assert (await looking.post(f"/v1/alerts/{before['id']}/{step}", json=body)).status_code == 403
    bulk = {"action": "resolve", "verdict": "test", "ids": [before["id"]]}
    assert (await looking.post("/v1/alerts/bulk", json=bulk)).status_code == 403
    assert await _alert(await sign_in(Role.OPERATOR)) == before


@pytest.mark.asyncio
async def test_alerts_of_other_groups_are_as_if_they_were_not_there(
    sign_in: SignIn, world: World, database: Database
) -> None:
    async with database.session(SYSTEM) as session:
        await session.execute(text("UPDATE alerts SET camera_id = :vault"), {"vault": world.vault.id})
        alert_id = await session.scalar(text("SELECT id FROM alerts"))
    operator = await sign_in(Role.OPERATOR)
    assert (await operator.get("/v1/alerts")).json()["items"] == []
    assert (await operator.get("/v1/alerts/count")).json()["new"] == 0
    assert (await operator.get(f"/v1/alerts/{alert_id}")).status_code == 404
    for step, body in STEPS.items():
        assert (await operator.post(f"/v1/alerts/{alert_id}/{step}", json=body)).status_code == 404


BAD = [
    ("resolve", {}), ("resolve", {"verdict": "maybe"}), ("resolve", {"verdict": "test", "extra": 1}),
    ("resolve", {"verdict": "test", "note": "x" * 2001}), ("resolve", {"verdict": ["test"]}), ("resolve", []),
    ("comments", {"note": ""}), ("comments", {"note": "nul \0"}), ("comments", {"note": 7}), ("comments", {}),
    ("assign", {}), ("assign", {"assigned_to": "../../etc/passwd"}), ("assign", {"assigned_to": str(uuid4())}),
    ("verify", {}), ("verify", {"confirmed": "perhaps"}), ("acknowledge", {"note": None}), ("acknowledge", {"by": 1}),
]  # fmt: skip


@pytest.mark.asyncio
async def test_nonsense_is_refused_and_changes_nothing(sign_in: SignIn, world: World) -> None:
    operator = await sign_in(Role.OPERATOR)
    before = await _alert(operator)
    for step, body in BAD:
        answer = await operator.post(f"/v1/alerts/{before['id']}/{step}", json=body)
        assert answer.status_code == 422, (step, body)
    bulks: list[Any] = [
        {}, {"action": "delete", "ids": [before["id"]]}, {"action": "acknowledge", "ids": []},
        {"action": "acknowledge", "ids": ["x"]}, {"action": "acknowledge", "ids": [before["id"]] * 501},
        {"action": "resolve", "ids": [before["id"]]}, "acknowledge", None,
    ]  # fmt: skip
    for body in bulks:
        assert (await operator.post("/v1/alerts/bulk", json=body)).status_code == 422, body
    for query in (
        "status=gone", "severity=0", "verdict=x", "camera_id=1", "watchlist_id=0", "watchlist_id=2147483648",
        "since=yesterday", "since=2026-01-01T00:00:00", "sort=message", "sort=created_at;drop", "limit=0",
        "cursor=AAAA", "cursor=%00", "total=perhaps", "colour=red",
    ):  # fmt: skip
        assert (await operator.get(f"/v1/alerts?{query}")).status_code == 422, query
    for wrong in ("x", "rules%00", "%2e%2e"):
        assert (await operator.get(f"/v1/alerts/{wrong}")).status_code in {404, 422}
    assert await _alert(operator) == before


@pytest.mark.asyncio
async def test_steps_that_do_not_follow_are_conflicts(sign_in: SignIn, world: World, app: FastAPI) -> None:
    operator = await sign_in(Role.OPERATOR)
    path = f"/v1/alerts/{(await _alert(operator))['id']}"
    assert (await operator.post(f"{path}/reopen")).status_code == 409
    assert (await operator.post(f"{path}/verify", json={"confirmed": True})).status_code == 409
    assert (await operator.post(f"{path}/resolve", json={"verdict": "unclear"})).status_code == 200
    for step in ("acknowledge", "assign", "resolve"):
        answer = await operator.post(f"{path}/{step}", json=STEPS[step])
        assert (answer.status_code, "resolved" in answer.json()["detail"]) == (409, True)
    assert (await operator.post(f"{path}/comments", json={"note": "afterwards"})).status_code == 201
