"""Accounts over HTTP: who manages them, what is refused, and that a house never loses its last administrator."""

import asyncio
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from sightline.core.database import Role
from tests.api.conftest import PASSWORD, SignIn, World, client_of, log_in

VERA = {"username": "vera", "role": "viewer", "email": "vera@example.org", "password": "lanterns over the quiet bay"}


async def _id(client: httpx.AsyncClient) -> str:
    return str((await client.get("/v1/auth/me")).json()["user_id"])


def _writable(user: dict[str, Any], **changes: object) -> dict[str, Any]:
    names = ("role", "email", "is_active", "must_change_password", "camera_group_ids")
    return {**{name: user[name] for name in names}, **changes}


@pytest.mark.asyncio
async def test_an_account_is_made_changed_and_removed(app: FastAPI, world: World, sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    made = await admin.post("/v1/users", json={**VERA, "camera_group_ids": [str(world.vault.group_id)]})
    assert made.status_code == 201
    user = made.json()
    assert made.headers["location"] == f"/v1/users/{user['id']}"
    assert user["password"] is None
    assert "hashed" not in made.text
    async with client_of(app) as vera:
        assert (await log_in(vera, "vera@example.org", VERA["password"])).status_code == 200
        assert [one["name"] for one in (await vera.get("/v1/cameras")).json()["items"]] == ["Lobby", "Vault"]
        path, etag = f"/v1/users/{user['id']}", made.headers["etag"]
        body = _writable(user, camera_group_ids=[])
        assert (await admin.put(path, json=body)).status_code == 428
        changed = await admin.put(path, json=body, headers={"If-Match": etag})
        assert changed.status_code == 200, changed.text
        assert changed.headers["etag"] != etag
        assert (await admin.put(path, json=body, headers={"If-Match": etag})).status_code == 412
        assert [one["name"] for one in (await vera.get("/v1/cameras")).json()["items"]] == ["Lobby"]
        promoted = _writable(user, role="operator")
        await admin.put(path, json=promoted, headers={"If-Match": changed.headers["etag"]})
        assert (await vera.get("/v1/cameras")).status_code == 401
        assert (await log_in(vera, "VERA", VERA["password"])).status_code == 200
        assert (await admin.delete(path)).status_code == 204
        assert (await vera.get("/v1/cameras")).status_code == 401
        assert (await admin.delete(path)).status_code == 404
        assert (await log_in(vera, "vera", VERA["password"])).status_code == 401


@pytest.mark.asyncio
async def test_a_random_password_is_shown_once_and_has_to_be_changed(app: FastAPI, sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    made = (await admin.post("/v1/users", json={"username": "olga", "role": "operator"})).json()
    assert made["must_change_password"]
    assert "password" not in (await admin.get(f"/v1/users/{made['id']}")).json()
    async with client_of(app) as olga:
        assert (await log_in(olga, "olga", made["password"])).status_code == 200
        assert (await olga.get("/v1/cameras")).json()["code"] == "password_change_required"


@pytest.mark.asyncio
@pytest.mark.parametrize("role", [Role.OPERATOR, Role.VIEWER, Role.AUDITOR])
async def test_only_administrators_manage_accounts(sign_in: SignIn, role: Role) -> None:
    admin, other = await sign_in(Role.ADMIN), await sign_in(role)
    admin_id, own_id = await _id(admin), await _id(other)
    attempts = [
        await other.get("/v1/users"),
        await other.post("/v1/users", json=VERA),
        await other.get(f"/v1/users/{own_id}"),
        await other.put(f"/v1/users/{own_id}", json={"role": "admin"}, headers={"If-Match": "*"}),
        await other.delete(f"/v1/users/{admin_id}"),
        await other.post(f"/v1/users/{admin_id}/change-password", json={"new_password": "x" * 20}),
        await other.get(f"/v1/users/{own_id}/sessions"),
    ]
    assert [answer.status_code for answer in attempts] == [403] * len(attempts)
    assert (await other.get("/v1/users/me")).json()["role"] == role.value
    assert len((await admin.get("/v1/users")).json()["items"]) == 4


WRONG: list[dict[str, object]] = [
    {"username": "v\u0435ra"},
    {"username": "../etc/passwd"},
    {"username": "=cmd|' /C calc'!A0"},
    {"username": "ve\x00ra"},
    {"username": "x" * 65},
    {"username": ""},
    {"username": 7},
    {"role": "root"},
    {"role": "system"},
    {"email": "no address"},
    {"email": "a@b\r\nBcc: c@example.org"},
    {"email": "x" * 300 + "@example.org"},
    {"password": "short"},
    {"password": "passwordpassword"},
    {"password": "x" * 257},
    {"camera_group_ids": ["1"]},
    {"camera_group_ids": ["00000000-0000-0000-0000-000000000000"] * 201},
    {"is_admin": True},
    {"id": "00000000-0000-0000-0000-000000000000"},
]


@pytest.mark.asyncio
async def test_what_cannot_be_an_account_changes_nothing(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    for wrong in WRONG:
        answer = await admin.post("/v1/users", json={**VERA, **wrong})
        assert answer.status_code == 422, wrong
        assert VERA["password"] not in answer.text
    unknown = {"camera_group_ids": ["00000000-0000-0000-0000-000000000000"]}
    assert (await admin.post("/v1/users", json={**VERA, **unknown})).status_code == 404
    assert (await admin.get("/v1/users", params={"q": "vera"})).json()["items"] == []
    await admin.post("/v1/users", json=VERA)
    for taken in ({"username": "VERA", "email": None}, {"username": "other", "email": "Vera@Example.org"}):
        assert (await admin.post("/v1/users", json={**VERA, **taken})).status_code == 409


@pytest.mark.asyncio
async def test_accounts_are_listed_by_pages_and_filters(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    names: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await admin.get("/v1/users", params={"limit": 3, **cursor})).json()
        names += [one["username"] for one in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert names == ["admin", "auditor", "operator", "viewer"]

    async def found(**where: str | bool) -> list[str]:
        answer = await admin.get("/v1/users", params={"sort": "-username", **where})
        return [one["username"] for one in answer.json()["items"]]

    assert await found(role="viewer") == ["viewer"]
    assert await found(q="OR") == ["operator", "auditor"]
    assert await found(q="%") == []
    assert await found(is_active=False) == []
    assert (await admin.get("/v1/users", params={"total": True, "limit": 1})).json()["total"] == 4
    for wrong in ({"sort": "hashed_password"}, {"role": "root"}, {"q": "\x00"}, {"limit": 0}, {"cursor": "x"}):
        assert (await admin.get("/v1/users", params=wrong)).status_code == 422, wrong


@pytest.mark.asyncio
async def test_the_last_administrator_stays(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    me = (await admin.get("/v1/users/me")).json()
    path = f"/v1/users/{me['id']}"
    for change in ({"role": "viewer"}, {"is_active": False}):
        answer = await admin.put(path, json=_writable(me, **change), headers={"If-Match": "*"})
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert (await admin.delete(path)).status_code == 409
    assert (await admin.get("/v1/users/me")).json() == me


@pytest.mark.asyncio
async def test_two_administrators_cannot_remove_each_other_at_once(app: FastAPI, sign_in: SignIn) -> None:
    first = await sign_in(Role.ADMIN)
    made = await first.post("/v1/users", json={**VERA, "role": "admin"})
    async with client_of(app) as second:
        await log_in(second, "vera", VERA["password"])
        ids = await _id(first), made.json()["id"]
        answers = await asyncio.gather(first.delete(f"/v1/users/{ids[1]}"), second.delete(f"/v1/users/{ids[0]}"))
        assert sorted(answer.status_code for answer in answers)[0] == 204
        assert sorted(answer.status_code for answer in answers)[1] in {401, 403, 404, 409}


@pytest.mark.asyncio
async def test_an_admin_resets_anothers_password_and_ends_their_sessions(app: FastAPI, sign_in: SignIn) -> None:
    admin, operator = await sign_in(Role.ADMIN), await sign_in(Role.OPERATOR)
    path, fresh = f"/v1/users/{await _id(operator)}/change-password", "lanterns over the quiet bay"
    assert (await admin.post(path, json={"new_password": "operator operator"})).status_code == 422
    assert (await admin.post(path, json={"new_password": fresh})).status_code == 204
    assert (await operator.get("/v1/auth/me")).status_code == 401
    assert (await log_in(operator, "operator", PASSWORD)).status_code == 401
    assert (await log_in(operator, "operator", fresh)).status_code == 200
    assert (await operator.get("/v1/auth/me")).json()["must_change_password"]


@pytest.mark.asyncio
async def test_an_admin_logs_somebody_out(sign_in: SignIn) -> None:
    admin, operator = await sign_in(Role.ADMIN), await sign_in(Role.OPERATOR)
    path = f"/v1/users/{await _id(operator)}/sessions"
    (session,) = (await admin.get(path)).json()["items"]
    assert (await admin.delete(f"{path}/{session['id']}")).status_code == 204
    assert (await admin.delete(f"{path}/{session['id']}")).status_code == 404
    assert (await operator.get("/v1/auth/me")).status_code == 401
    await log_in(operator, "operator")
    assert (await admin.delete(path)).status_code == 204
    assert (await operator.get("/v1/auth/me")).status_code == 401


@pytest.mark.asyncio
async def test_everybody_can_read_what_each_role_may_do(sign_in: SignIn) -> None:
    viewer = await sign_in(Role.VIEWER)
    matrix = {one["permission"]: one for one in (await viewer.get("/v1/users/roles")).json()["items"]}
    mine = set((await viewer.get("/v1/auth/me")).json()["permissions"])
    assert {name for name, one in matrix.items() if "viewer" in one["roles"]} == mine
    assert matrix["manage_users"] == {"permission": "manage_users", "meaning": "manage users", "roles": ["admin"]}
