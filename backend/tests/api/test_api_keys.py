"""Keys for machines: shown once, limited by scope, role and time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from sightline.core.database import SYSTEM, Database, Role
from tests.api.conftest import BASE, PASSWORD, SignIn, World


def _body(**changes: object) -> dict[str, object]:
    expires = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    return {"name": "gate 3", "scopes": ["read_cameras", "own_account"], "expires_at": expires, **changes}


async def _made(client: httpx.AsyncClient, **changes: object) -> dict[str, Any]:
    answer = await client.post("/v1/api-keys", json=_body(**changes))
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    found: dict[str, Any] = answer.json()
    return found


def _machine(app: FastAPI, key: str, *, header: str = "Authorization") -> httpx.AsyncClient:
    value = f"Bearer {key}" if header == "Authorization" else key
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE, headers={header: value})


@pytest.mark.asyncio
@pytest.mark.parametrize("header", ["Authorization", "X-API-Key"])
async def test_a_key_does_what_its_scopes_say(app: FastAPI, sign_in: SignIn, header: str, database: Database) -> None:
    operator = await sign_in(Role.OPERATOR)
    made = await _made(operator)
    assert made["key"].startswith(made["prefix"] + "_")
    async with _machine(app, made["key"], header=header) as machine:
        assert (await machine.get("/v1/cameras")).status_code == 200
        refused = await machine.get("/v1/sightings")
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
        me = (await machine.get("/v1/auth/me")).json()
        assert (me["api_key_id"], me["session_id"]) == (made["id"], None)
        assert sorted(me["permissions"]) == ["own_account", "read_cameras"]
    (listed,) = (await operator.get("/v1/api-keys")).json()["items"]
    assert listed["last_used_at"]
    assert "key" not in listed
    async with database.session(SYSTEM) as session:
        rows = list(await session.scalars(text("SELECT k::text || encode(key_hash, 'escape') FROM api_keys k")))
        rows += list(await session.scalars(text("SELECT coalesce(new_values::text, '') FROM audit_payloads")))
    assert made["key"].rpartition("_")[2] not in str(rows)


@pytest.mark.asyncio
async def test_a_key_is_no_way_to_more(app: FastAPI, world: World, sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    made = await _made(admin, scopes=["own_account", "manage_users"])
    user_id = (await admin.get("/v1/auth/me")).json()["user_id"]
    async with _machine(app, made["key"]) as machine:
        attempts = [
            await machine.post("/v1/api-keys", json=_body()),
            await machine.delete(f"/v1/api-keys/{made['id']}"),
            await machine.post("/v1/auth/second-factor", json={"password": PASSWORD}),
            await machine.delete(f"/v1/users/{user_id}/second-factor"),
            await machine.post(
                f"/v1/users/{user_id}/change-password",
                json={"old_password": PASSWORD, "new_password": "lanterns over the quiet bay"},
            ),
        ]
        assert [answer.status_code for answer in attempts] == [403] * len(attempts)
        assert (await machine.get("/v1/users")).status_code == 200


@pytest.mark.asyncio
async def test_a_key_loses_what_its_user_loses(app: FastAPI, sign_in: SignIn) -> None:
    operator, admin = await sign_in(Role.OPERATOR), await sign_in(Role.ADMIN)
    made = await _made(operator, scopes=["read_sightings", "read_cameras"])
    user_id = (await operator.get("/v1/auth/me")).json()["user_id"]
    path, any_version = f"/v1/users/{user_id}", {"If-Match": "*"}
    async with _machine(app, made["key"]) as machine:
        assert (await machine.get("/v1/sightings")).status_code == 200
        assert (await admin.put(path, json={"role": "auditor"}, headers=any_version)).status_code == 200
        assert (await machine.get("/v1/sightings")).status_code == 403
        assert (await machine.get("/v1/cameras")).status_code == 200
        await admin.put(path, json={"role": "auditor", "is_active": False}, headers=any_version)
        assert (await machine.get("/v1/cameras")).status_code == 401


@pytest.mark.asyncio
async def test_a_key_ends_when_it_is_deleted_or_its_time_is_over(
    app: FastAPI, sign_in: SignIn, database: Database
) -> None:
    operator = await sign_in(Role.OPERATOR)
    first, second = await _made(operator), await _made(operator)
    assert (await operator.delete(f"/v1/api-keys/{first['id']}")).status_code == 204
    assert (await operator.delete(f"/v1/api-keys/{first['id']}")).status_code == 404
    async with database.session(SYSTEM) as session:
        await session.execute(text("UPDATE api_keys SET expires_at = now() - interval '1 second'"))
    for made in (first, second):
        async with _machine(app, made["key"]) as machine:
            assert (await machine.get("/v1/cameras")).status_code == 401


@pytest.mark.asyncio
async def test_keys_are_their_owners_and_administrators_see_all(sign_in: SignIn) -> None:
    operator, viewer, admin = [await sign_in(role) for role in (Role.OPERATOR, Role.VIEWER, Role.ADMIN)]
    made = await _made(operator)
    assert (await viewer.get("/v1/api-keys")).json()["items"] == []
    assert (await viewer.get("/v1/api-keys", params={"user_id": made["user_id"]})).status_code == 403
    for client, status in ((viewer, 404), (operator, 200), (admin, 200)):
        assert (await client.get(f"/v1/api-keys/{made['id']}")).status_code == status
    assert (await viewer.delete(f"/v1/api-keys/{made['id']}")).status_code == 404
    (seen,) = (await admin.get("/v1/api-keys", params={"user_id": made["user_id"]})).json()["items"]
    assert seen["id"] == made["id"]
    assert (await admin.delete(f"/v1/api-keys/{made['id']}")).status_code == 204


WRONG: list[tuple[dict[str, object], int]] = [
    ({"scopes": ["manage_users"]}, 403),
    ({"scopes": ["everything"]}, 403),
    ({"scopes": []}, 422),
    ({"scopes": ["READ_CAMERAS"]}, 422),
    ({"scopes": "read_cameras"}, 422),
    ({"name": ""}, 422),
    ({"name": "a\x00b"}, 422),
    ({"name": "x" * 101}, 422),
    ({"expires_at": None}, 422),
    ({"expires_at": "2020-01-01T00:00:00Z"}, 422),
    ({"expires_at": "2120-01-01T00:00:00Z"}, 422),
    ({"expires_at": "2120-01-01T00:00:00"}, 422),
    ({"user_id": "00000000-0000-0000-0000-000000000000"}, 422),
]


@pytest.mark.asyncio
async def test_what_cannot_be_a_key(sign_in: SignIn) -> None:
    operator = await sign_in(Role.OPERATOR)
    for wrong, status in WRONG:
        assert (await operator.post("/v1/api-keys", json=_body(**wrong))).status_code == status, wrong
    assert (await operator.get("/v1/api-keys")).json()["items"] == []
