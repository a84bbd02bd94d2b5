"""Alert rules over HTTP: written by operators, read by viewers, tried on the past, never overwritten unseen."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from sightline.core.database import SYSTEM, Database, Role
from tests.api.conftest import SignIn, World

PATH = "/v1/alerts/rules"
SCHEDULE = {"time_zone": "Europe/Berlin", "windows": [{"days": ["fri"], "from": "22:00", "to": "06:00"}]}


@pytest.mark.asyncio
async def test_a_rule_from_its_beginning_to_its_end(sign_in: SignIn, world: World) -> None:
    operator, viewer = await sign_in(Role.OPERATOR), await sign_in(Role.VIEWER)
    body: dict[str, Any] = {"name": "Night", "camera_id": str(world.lobby.id), "schedule": SCHEDULE, "severity": "high"}
    made = await operator.post(PATH, json=body)
    assert made.status_code == 201
    rule, where = made.json(), made.headers["location"]
    assert (where, rule["schedule"]["windows"][0]["days"], rule["warnings"]) == (f"{PATH}/{rule['id']}", ["fri"], [])
    shown = await viewer.get(where)
    assert (shown.json(), shown.headers["etag"]) == (rule, made.headers["etag"])
    assert [one["id"] for one in (await viewer.get(PATH, params={"is_active": True})).json()["items"]] == [rule["id"]]
    assert (await viewer.get(PATH, params={"is_active": False})).json()["items"] == []
    assert (await operator.put(where, json=body)).status_code == 428
    changed = await operator.put(where, json={"name": "Day"}, headers={"If-Match": made.headers["etag"]})
    assert (changed.status_code, changed.json()["camera_id"], changed.json()["cooldown_seconds"]) == (200, None, 300)
    assert [warning["code"] for warning in changed.json()["warnings"]] == ["everybody_everywhere"]
    late = await operator.put(where, json={"name": "Late"}, headers={"If-Match": made.headers["etag"]})
    assert (late.status_code, (await viewer.get(where)).json()["name"]) == (412, "Day")
    assert (await operator.delete(where)).status_code == 204
    for gone in (
        operator.delete(where),
        operator.get(where),
        operator.put(where, json=body, headers={"If-Match": "*"}),
    ):
        assert (await gone).status_code == 404


@pytest.mark.asyncio
async def test_rules_name_channels_by_what_operators_may_know(
    sign_in: SignIn, world: World, database: Database
) -> None:
    async with database.session(SYSTEM) as session:
        channel = await session.scalar(
            text(
                "INSERT INTO notification_channels (name, kind, config)"
                """ VALUES ('Guards', 'email', '{"recipients": ["x@example.org"]}') RETURNING id"""
            )
        )
    operator = await sign_in(Role.OPERATOR)
    names = await operator.get(f"{PATH}/channels")
    assert names.json() == [{"id": str(channel), "name": "Guards", "kind": "email", "is_active": True}]
    assert "example.org" not in names.text
    assert (await operator.get("/v1/alerts/channels")).status_code == 403
    made = await operator.post(PATH, json={"name": "n", "channel_ids": [str(channel)]})
    assert [one["name"] for one in made.json()["channels"]] == ["Guards"]
    changed = await operator.put(
        made.headers["location"], json={"name": "n"}, headers={"If-Match": made.headers["etag"]}
    )
    assert changed.json()["channels"] == []
    assert changed.headers["etag"] != made.headers["etag"]


@pytest.mark.asyncio
async def test_a_dry_run_counts_and_raises_nothing(sign_in: SignIn, world: World) -> None:
    operator = await sign_in(Role.OPERATOR)
    now = datetime.now(UTC)
    span = {"since": (now - timedelta(days=1)).isoformat(), "until": (now + timedelta(hours=1)).isoformat()}
    answer = await operator.post(f"{PATH}/dry-run", json={"rule": {"name": "n", "min_similarity": 0.6}, **span})
    run = answer.json()
    assert (run["alerts"], run["sightings"], run["is_complete"]) == (1, 1, True)
    assert [one["sighting_id"] for one in run["first"]] == [str(world.known)]
    assert sum(day["alerts"] for day in run["per_day"]) == 1
    none = await operator.post(f"{PATH}/dry-run", json={"rule": {"name": "n", "min_similarity": 0.63}, **span})
    assert none.json()["alerts"] == 0
    assert len((await operator.get("/v1/alerts")).json()["items"]) == 1
    for wrong in (
        {"until": span["since"]}, {"since": "2020-01-01T00:00:00Z"}, {"since": "2026-01-01"}, {"rule": {"name": ""}},
        {"rule": {"name": "n", "camera_id": str(world.vault.id)}}, {"rule": None}, {"extra": 1},
    ):  # fmt: skip
        bad = await operator.post(f"{PATH}/dry-run", json={"rule": {"name": "n"}, **span, **wrong})
        assert bad.status_code == 422, wrong


@pytest.mark.asyncio
async def test_the_policy_asks_why(sign_in: SignIn, world: World, database: Database) -> None:
    async with database.session(SYSTEM) as session:
        await session.execute(
            text("INSERT INTO settings (key, value) VALUES ('privacy', '{\"purpose_required\": true}')")
        )
    operator, now = await sign_in(Role.OPERATOR), datetime.now(UTC)
    body = {"rule": {"name": "n"}, "since": (now - timedelta(days=1)).isoformat(), "until": now.isoformat()}
    assert (await operator.post(f"{PATH}/dry-run", json=body)).json()["code"] == "purpose_required"
    stated = await operator.post(f"{PATH}/dry-run", json=body, headers={"Sightline-Purpose": "case 7"})
    assert stated.status_code == 200


@pytest.mark.asyncio
async def test_who_may_not_write_rules_and_what_is_none(sign_in: SignIn, world: World) -> None:
    operator = await sign_in(Role.OPERATOR)
    kept = (await operator.post(PATH, json={"name": "kept"})).headers["location"]

    async def tried(client: httpx.AsyncClient) -> list[int]:
        anyhow = {"If-Match": "*"}
        answers = [
            await client.post(PATH, json={"name": "n"}),
            await client.put(kept, json={"name": "n"}, headers=anyhow),
            await client.delete(kept),
            await client.post(f"{PATH}/dry-run", json={}),
        ]
        return [answer.status_code for answer in answers]

    assert await tried(await sign_in(Role.VIEWER)) == [403] * 4
    assert await tried(await sign_in(Role.AUDITOR)) == [403] * 4
    bodies: list[Any] = [
        {}, [], {"name": 1}, {"name": "a\0b"}, {"name": "n", "camera_id": str(world.vault.id)},
        {"name": "n", "subject_id": str(uuid4())}, {"name": "n", "channel_ids": [str(uuid4())]},
        {"name": "n", "schedule": {"time_zone": "/etc/passwd"}},
    ]  # fmt: skip
    for body in bodies:
        assert (await operator.post(PATH, json=body)).status_code == 422, body
    assert [rule["name"] for rule in (await operator.get(PATH)).json()["items"]] == ["kept"]
    assert (await operator.get(PATH, params={"sort": "severity"})).status_code == 422
    assert (await operator.get(f"{PATH}/nonsense")).status_code == 422


@pytest.mark.asyncio
async def test_rules_of_another_site_are_out_of_reach(sign_in: SignIn, world: World, database: Database) -> None:
    admin, operator, viewer = await sign_in(Role.ADMIN), await sign_in(Role.OPERATOR), await sign_in(Role.VIEWER)
    group = str(world.vault.group_id)
    theirs = [
        (await admin.post(PATH, json={"name": "Vault", "camera_id": str(world.vault.id)})).json(),
        (await admin.post(PATH, json={"name": "Vaults", "group_id": group})).json(),
    ]
    everybodys = (await admin.post(PATH, json={"name": "Everywhere"})).json()
    any_version = {"If-Match": "*"}
    for person in (operator, viewer):
        assert [one["id"] for one in (await person.get(PATH)).json()["items"]] == [everybodys["id"]]
        assert [(await person.get(f"{PATH}/{one['id']}")).status_code for one in theirs] == [404, 404]
    for one in theirs:
        where = f"{PATH}/{one['id']}"
        assert (
            await operator.put(where, json={"name": "Quiet", "is_active": False}, headers=any_version)
        ).status_code == 404
        assert (await operator.delete(where)).status_code == 404
        assert (await admin.get(where)).json() == one
    assert (await operator.post(PATH, json={"name": "Mine", "group_id": group})).status_code == 403
    mine = (await operator.post(PATH, json={"name": "Mine"})).json()
    moved = await operator.put(f"{PATH}/{mine['id']}", json={"name": "Mine", "group_id": group}, headers=any_version)
    assert moved.status_code == 403
    async with database.session(SYSTEM) as session:
        await session.execute(
            text(
                "INSERT INTO user_camera_groups (user_id, group_id)"
                " SELECT id, :g FROM users WHERE username = 'operator'"
            ),
            {"g": world.vault.group_id},
        )
    assert len((await operator.get(PATH)).json()["items"]) == 4
    assert (await operator.delete(f"{PATH}/{theirs[1]['id']}")).status_code == 204


@pytest.mark.asyncio
async def test_a_rule_of_everything_that_can_be_asked(sign_in: SignIn, world: World) -> None:
    operator = await sign_in(Role.OPERATOR)
    guest, window = str(world.guest.id), {"days": ["mon"], "from": "22:00", "to": "06:00", "holidays": "not_on"}
    holidays = {"country": "DE", "subdivision": "BY", "dates": ["2026-12-24"]}
    body: dict[str, Any] = {
        "name": "Everything", "camera_id": str(world.lobby.id), "subject_id": guest,
        "zone": [[[0, 0], [0.5, 0], [0.5, 1]]], "max_fmr": 1e-4,
        "schedule": {"time_zone": None, "windows": [window], "holidays": holidays},
        "frequency": {"count": 3, "within_seconds": 600, "place": "anywhere"},
        "co_presence": {"subject_id": guest, "within_seconds": 5, "place": "group"},
        "cooldown_scope": "subject", "snoozed_until": "2030-01-01T00:00:00Z",
        "quiet_hours": {"time_zone": "UTC", "windows": [window], "holidays": holidays, "spares_critical": False},
    }  # fmt: skip
    made = await operator.post(PATH, json=body)
    assert made.status_code == 201, made.text
    rule = made.json()
    assert {name: rule[name] for name in body} == body
    codes = [warning["code"] for warning in rule["warnings"]]
    assert "co_presence_with_oneself" in codes
    woken = await operator.post(f"{PATH}/{rule['id']}/snooze", json={"until": None})
    assert (woken.status_code, woken.json()["snoozed_until"]) == (200, None)
    assert woken.headers["etag"] != made.headers["etag"]
    until = "2026-12-01T06:00:00Z"
    assert (await operator.post(f"{PATH}/{rule['id']}/snooze", json={"until": until})).json()["snoozed_until"] == until
    viewer = await sign_in(Role.VIEWER)
    assert (await viewer.post(f"{PATH}/{rule['id']}/snooze", json={"until": None})).status_code == 403
    assert (await operator.post(f"{PATH}/{uuid4()}/snooze", json={"until": None})).status_code == 404
    assert (await operator.post(f"{PATH}/{rule['id']}/snooze", json={})).status_code == 422


@pytest.mark.asyncio
async def test_a_dry_run_speaks_of_strangers_and_of_what_it_cannot_know(sign_in: SignIn, world: World) -> None:
    operator, now = await sign_in(Role.OPERATOR), datetime.now(UTC)
    span = {"since": (now - timedelta(days=7)).isoformat(), "until": (now + timedelta(hours=1)).isoformat()}
    rule = {"name": "n", "unknown_person": True, "unknown_after_seconds": 5, "camera_id": str(world.lobby.id)}
    run = (await operator.post(f"{PATH}/dry-run", json={"rule": rule, **span})).json()
    assert (run["alerts"], run["summary"]) == (1, "It would have fired once in 7 days.")
    assert (run["first"][0]["sighting_id"], run["first"][0]["subject_id"]) == (str(world.unknown), None)
    assert [limit["code"] for limit in run["limits"]] == ["named_later"]
    assert all(limit["message"] for limit in run["limits"])
