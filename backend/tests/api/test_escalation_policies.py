"""Escalation policies over the API, and how far an alert's escalation has come."""

from typing import Any

import httpx
import pytest
from sqlalchemy import text

from sightline.core.database import SYSTEM, WORKER, Database, Role
from sightline.services import escalations
from tests.api.conftest import SignIn, World

pytestmark = pytest.mark.asyncio
PATH = "/v1/alerts/escalation-policies"
CHANNEL = {"name": "Chief", "kind": "email", "recipients": ["chief@watch.example"]}


async def _channel(admin: httpx.AsyncClient) -> str:
    made = await admin.post("/v1/alerts/channels", json=CHANNEL)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def _policy(*channels: str, **changes: Any) -> dict[str, Any]:
    step = {"after_seconds": 120, "raise_severity": True, "channel_ids": list(channels)}
    return {"name": "Gate at night", "steps": [step], "is_default": False, **changes}


async def test_a_policy_is_made_read_changed_and_removed(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    channel = await _channel(admin)
    made = await admin.post(PATH, json=_policy(channel))
    assert made.status_code == 201, made.text
    path = made.headers["location"]
    told = made.json()
    assert (told["steps"][0]["channels"][0]["name"], told["warnings"]) == ("Chief", [])
    read = await admin.get(path)
    assert (read.json(), read.headers["etag"]) == (told, made.headers["etag"])
    blind = await admin.put(path, json=_policy())
    assert blind.status_code == 428
    changed = await admin.put(path, json=_policy(name="Gate"), headers={"If-Match": read.headers["etag"]})
    assert [warning["code"] for warning in changed.json()["warnings"]] == ["nobody_is_told"]
    stale = await admin.put(path, json=_policy(), headers={"If-Match": read.headers["etag"]})
    assert stale.status_code == 412
    names = [item["name"] for item in (await admin.get(PATH, params={"sort": "name"})).json()["items"]]
    assert names == ["Gate", "House"]
    assert (await admin.delete(path)).status_code == 204
    assert (await admin.delete(path)).status_code == 404
    assert (await admin.get(path)).status_code == 404


async def test_what_others_rely_on_is_not_removed(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    channel = await _channel(admin)
    made = (await admin.post(PATH, json=_policy(channel))).json()
    in_use = await admin.delete(f"/v1/alerts/channels/{channel}")
    assert (in_use.status_code, in_use.json()["code"]) == (409, "conflict")
    twice = await admin.post(PATH, json=_policy(name="GATE AT NIGHT"))
    assert twice.status_code == 409
    (house,) = [item for item in (await admin.get(PATH)).json()["items"] if item["is_default"]]
    assert (await admin.delete(f"{PATH}/{house['id']}")).status_code == 409
    tag = (await admin.get(f"{PATH}/{made['id']}")).headers["etag"]
    new = await admin.put(f"{PATH}/{made['id']}", json=_policy(is_default=True), headers={"If-Match": tag})
    assert new.json()["is_default"]
    assert (await admin.delete(f"{PATH}/{house['id']}")).status_code == 204
    assert (await admin.delete(f"/v1/alerts/channels/{channel}")).status_code == 204


async def test_a_rule_names_its_policy_or_none(sign_in: SignIn) -> None:
    operator = await sign_in(Role.OPERATOR)
    made = (await (await sign_in(Role.ADMIN)).post(PATH, json=_policy())).json()
    rule = {"name": "Vault", "min_similarity": 0.9, "escalation_policy_id": made["id"]}
    kept = await operator.post("/v1/alerts/rules", json=rule)
    assert (kept.json()["is_escalated"], kept.json()["escalation_policy_id"]) == (True, made["id"])
    in_use = await (await sign_in(Role.ADMIN)).delete(f"{PATH}/{made['id']}")
    assert (in_use.status_code, "rule" in in_use.json()["detail"]) == (409, True)
    silent = await operator.put(
        kept.headers["location"],
        json={"name": "Vault", "min_similarity": 0.9, "is_escalated": False},
        headers={"If-Match": kept.headers["etag"]},
    )
    assert (silent.json()["is_escalated"], silent.json()["escalation_policy_id"]) == (False, None)
    unknown = await operator.post("/v1/alerts/rules", json={**rule, "escalation_policy_id": rule["name"]})
    assert unknown.status_code == 422
    nobody = {**rule, "escalation_policy_id": "0193e5a2-7c1e-7b3c-9d55-1b0a4f6f2c11"}
    refused = await operator.post("/v1/alerts/rules", json=nobody)
    assert (refused.status_code, "escalation_policy_id" in refused.json()["detail"]) == (422, True)


BAD: list[dict[str, Any]] = [
    {"name": ""}, {"name": "a\x00b"}, {"name": "x" * 101}, {"steps": None}, {"steps": [{}] * 11}, {"unknown": 1},
    {"steps": [{"after_seconds": 4}]}, {"steps": [{"after_seconds": 604801}]}, {"steps": [{"after_seconds": "soon"}]},
    {"steps": [{"channel_ids": ["x"]}]}, {"steps": [{"channel_ids": ["0193e5a2-7c1e-7b3c-9d55-1b0a4f6f2c11"]}]},
    {"steps": [{"channel_ids": ["0193e5a2-7c1e-7b3c-9d55-1b0a4f6f2c11"] * 2}]}, {"steps": [{"colour": "red"}]},
]  # fmt: skip


async def test_bad_policies_are_refused_in_words(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    for wrong in BAD:
        answer = await admin.post(PATH, json=_policy(**wrong))
        assert answer.status_code == 422, (wrong, answer.text)
    assert len((await admin.get(PATH)).json()["items"]) == 1


async def test_operators_read_policies_and_administrators_write_them(sign_in: SignIn, world: World) -> None:
    for role, reads in ((Role.OPERATOR, 200), (Role.VIEWER, 200), (Role.AUDITOR, 403)):
        somebody = await sign_in(role)
        assert (await somebody.get(PATH)).status_code == reads
        assert (await somebody.post(PATH, json=_policy())).status_code == 403


async def test_an_alert_shows_how_far_it_has_come(sign_in: SignIn, world: World, database: Database) -> None:
    viewer = await sign_in(Role.VIEWER)
    alert = (await viewer.get("/v1/alerts")).json()["items"][0]
    path = f"/v1/alerts/{alert['id']}"
    before = (await viewer.get(path)).json()["escalation"]
    assert (before["policy_name"], before["step"], before["steps"]) == ("House", 0, 1)
    assert before["next_at"] > alert["created_at"]
    async with database.session(SYSTEM) as session:
        await session.execute(text("UPDATE alert_escalations SET due_at = now()"))
    async with database.session(WORKER) as session:
        assert await escalations.escalate_next(session) is not None
    after = (await viewer.get(path)).json()
    assert (after["escalation"]["step"], after["escalation"]["next_at"], after["severity"]) == (1, None, "critical")
    told = after["history"][-1]
    assert (told["kind"], told["step"], told["severity"], told["user_id"]) == ("escalated", 1, "critical", None)
