"""Channels of every kind over the API, what became of deliveries, and sending one again."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from sightline.core.database import SYSTEM, WORKER, Database, Role
from sightline.services import notifications
from tests.api.conftest import SignIn, World
from tests.api.test_push import _subscription

PATH = "/v1/alerts/channels"
KEY = json.dumps({"type": "service_account", "project_id": "p", "private_key": "veryprivate", "client_email": "c"})
KINDS: dict[str, dict[str, Any]] = {
    "slack": {"url": "https://hooks.slack.com/services/veryprivate"},
    "teams": {"url": "https://prod-1.logic.azure.com/veryprivate"},
    "sms": {
        "account_sid": "AC" + "0" * 32, "auth_token": "veryprivate", "sender": "+15017122661",
        "recipients": ["+491701234567"],
    },
    "push": {"service_account": KEY, "topics": ["guards"], "device_tokens": ["veryprivate-device-token"]},
    "web_push": {"roles": ["operator"]},
    "telegram": {"bot_token": "12345678:veryprivate" + "a" * 30, "recipients": ["@guards"]},
    "mqtt": {"host": "broker.example.org", "username": "house", "password": "veryprivate"},
}  # fmt: skip
REQUIRED = {"slack": "url", "teams": "url", "sms": "auth_token", "push": "service_account", "telegram": "bot_token"}


@pytest.mark.asyncio
@pytest.mark.parametrize("kind", KINDS)
async def test_each_kind_is_kept_and_its_secrets_are_not_shown(
    sign_in: SignIn, world: World, database: Database, kind: str
) -> None:
    admin, given = await sign_in(Role.ADMIN), {"kind": kind, "name": "n", **KINDS[kind]}
    if kind in REQUIRED:
        without = {name: value for name, value in given.items() if name != REQUIRED[kind]}
        assert (await admin.post(PATH, json=without)).status_code == 422
    made = await admin.post(PATH, json=given)
    assert (made.status_code, made.json()["kind"], made.json()["health"]["circuit"]) == (201, kind, "closed")
    assert made.json()["has_secret"] is (kind != "web_push")
    secrets = {"url", "auth_token", "service_account", "device_tokens", "bot_token", "password"}
    shown = {name: value for name, value in given.items() if name not in secrets}
    assert {name: made.json()[name] for name in shown} == shown
    changed = await admin.put(
        made.headers["location"], json={**shown, "name": "m"}, headers={"If-Match": made.headers["etag"]}
    )
    assert (changed.status_code, changed.json()["has_secret"]) == (200, made.json()["has_secret"])
    assert "veryprivate" not in made.text + changed.text + (await admin.get(PATH)).text
    async with database.session(SYSTEM) as session:
        for table in ("notification_channels", "audit_payloads"):
            whole = await session.scalar(text(f"SELECT string_agg(t::text, ' ') FROM {table} t"))  # noqa: S608
            assert "veryprivate" not in whole
    if kind != "push":  # whose key is none, which takes a while to find out
        went = (await admin.post(f"{made.headers['location']}/test")).json()
        assert went["delivered"] is False
        assert "veryprivate" not in json.dumps(went)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "given",
    [
        {**KINDS["mqtt"], "kind": "mqtt", "topic_prefix": "a/#"}, {**KINDS["mqtt"], "kind": "mqtt", "host": "a b"},
        {**KINDS["sms"], "kind": "sms", "recipients": ["0170"]}, {"kind": "web_push"},
        {"kind": "web_push", "roles": []},
        {**KINDS["telegram"], "kind": "telegram", "bot_token": "1/../x"}, {"kind": "push", "service_account": "{}"},
        {**KINDS["slack"], "kind": "slack", "text_template": "$person"}, {"kind": "slack", "url": "file:///etc"},
        {**KINDS["slack"], "kind": "slack", "time_zone": "Mars/Olympus"},
        {**KINDS["slack"], "kind": "slack", "rate_per_minute": 0},
        {**KINDS["slack"], "kind": "slack", "language": "xx"},
    ],
)  # fmt: skip
async def test_nonsense_is_refused(sign_in: SignIn, world: World, given: dict[str, Any]) -> None:
    answer = await (await sign_in(Role.ADMIN)).post(PATH, json={"name": "n", **given})
    assert answer.status_code == 422
    assert "veryprivate" not in answer.text


async def _alert(database: Database, channel_id: str, camera: UUID) -> UUID:
    async with database.session(WORKER) as session:
        alert = await session.scalar(text("SELECT id FROM alerts WHERE camera_id = :c"), {"c": camera})
        await notifications.send_notifications(session, alert_id=alert, channel_ids=[UUID(channel_id)])
        await notifications.send_notifications(session, alert_id=alert, channel_ids=[UUID(channel_id)], level=1)
    return UUID(str(alert))


@pytest.mark.asyncio
async def test_who_sees_an_alert_sees_who_was_told(sign_in: SignIn, world: World, database: Database) -> None:
    admin, viewer = await sign_in(Role.ADMIN), await sign_in(Role.VIEWER)
    channel = (await admin.post(PATH, json={"kind": "slack", "name": "Guards", **KINDS["slack"]})).json()
    alert = await _alert(database, channel["id"], world.lobby.id)
    async with database.session(SYSTEM) as session:
        statement = text("UPDATE notification_outbox SET status = 'failed', attempts = 1 WHERE level = 0 RETURNING id")
        failed = await session.scalar(statement)
        await session.execute(
            text(
                "INSERT INTO delivery_attempts (delivery_id, attempt, outcome, detail, started_at, duration_ms)"
                " VALUES (:id, 1, 'refused', 'the server answered 410', now(), 12)"
            ),
            {"id": failed},
        )
    told = (await viewer.get(f"/v1/alerts/{alert}/deliveries")).json()
    assert [(one["status"], one["level"], one["channel_name"]) for one in told] == [
        ("failed", 0, "Guards"), ("pending", 1, "Guards"),
    ]  # fmt: skip
    assert [(one["outcome"], one["detail"], one["duration_ms"]) for one in told[0]["log"]] == [
        ("refused", "the server answered 410", 12)
    ]
    assert (told[0]["next_attempt_at"], told[1]["next_attempt_at"] is not None) == (None, True)
    assert (await viewer.get(f"/v1/alerts/{uuid4()}/deliveries")).status_code == 404
    assert (await (await sign_in(Role.AUDITOR)).get(f"/v1/alerts/{alert}/deliveries")).status_code == 403
    where = f"{PATH}/{channel['id']}/deliveries"
    again = await admin.post(f"{where}/{failed}/replay")
    assert (again.status_code, again.json()["status"], again.json()["id"]) == (200, "pending", str(failed))
    assert (await admin.post(f"{where}/{failed}/replay")).status_code == 409
    assert (await admin.post(f"{where}/{uuid4()}/replay")).status_code == 404
    assert (await viewer.post(f"{where}/{failed}/replay")).status_code == 403
    assert len((await admin.get(where)).json()["items"]) == 2


@pytest.mark.asyncio
async def test_a_channel_waits_and_goes_on(sign_in: SignIn, world: World, database: Database) -> None:
    admin = await sign_in(Role.ADMIN)
    channel = (await admin.post(PATH, json={"kind": "slack", "name": "Guards", **KINDS["slack"]})).json()
    where = f"{PATH}/{channel['id']}"
    async with database.session(SYSTEM) as session:
        await session.execute(
            text(
                "INSERT INTO channel_health (channel_id, failures, openings, opened_until, last_error)"
                " VALUES (:id, 5, 1, now() + interval '1 minute', 'the server answered 500')"
            ),
            {"id": channel["id"]},
        )
    ill = (await admin.get(where)).json()["health"]
    assert (ill["circuit"], ill["failures"], ill["last_error"]) == ("open", 5, "the server answered 500")
    paused = (await admin.post(f"{where}/pause")).json()
    assert (await admin.post(f"{where}/pause")).json()["paused_at"] == paused["paused_at"] is not None
    resumed = (await admin.post(f"{where}/resume")).json()
    assert (resumed["paused_at"], resumed["health"]["circuit"]) == (None, "closed")
    assert (await admin.post(f"{PATH}/{uuid4()}/pause")).status_code == 404
    assert (await (await sign_in(Role.OPERATOR)).post(f"{where}/pause")).status_code == 403


@pytest.mark.asyncio
async def test_browsers_of_those_who_may_see_the_camera_are_told(
    sign_in: SignIn, world: World, database: Database
) -> None:
    for role in (Role.VIEWER, Role.OPERATOR, Role.ADMIN):
        endpoint = f"https://push.example.com/{role.value}"
        assert (await (await sign_in(role)).post("/v1/push/subscriptions", json=_subscription(endpoint))).is_success
    find = text("SELECT count(*) FROM push_recipients(:alert, :people, :roles)")
    async with database.session(SYSTEM) as session:
        viewer = await session.scalar(text("SELECT id FROM users WHERE username = 'viewer'"))
        move = text("UPDATE alerts SET camera_id = :camera RETURNING id")
        alert = await session.scalar(move, {"camera": world.vault.id})
    async with database.session(WORKER) as session:
        for people, roles, seen, everywhere in (
            ([], ["admin", "operator", "viewer"], 1, 3), ([viewer], [], 0, 1), ([viewer], ["admin"], 1, 2),
        ):  # fmt: skip
            values = {"people": people, "roles": roles}
            assert await session.scalar(find, {"alert": alert, **values}) == seen
            assert await session.scalar(find, {"alert": None, **values}) == everywhere
