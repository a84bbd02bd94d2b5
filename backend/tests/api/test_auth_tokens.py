"""Tokens over HTTP: in the body and in cookies, renewed, ended, made up; and what a cookie alone may not."""

import logging
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from sightline.core.database import SYSTEM, Database, Role
from sightline.services import users
from tests.api.conftest import BASE, PASSWORD, SignIn, World, log_in


def _program(app: FastAPI) -> httpx.AsyncClient:
    """Neither cookies nor what browsers say of themselves."""
    transport = httpx.ASGITransport(app, client=("192.0.2.77", 40000))
    return httpx.AsyncClient(transport=transport, base_url=BASE)


async def _tokens(client: httpx.AsyncClient, username: str = "operator", **more: object) -> dict[str, Any]:
    answer = await client.post("/v1/auth/login", json={"username": username, "password": PASSWORD, **more})
    answer.raise_for_status()
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers
    found: dict[str, Any] = answer.json()
    return found


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.asyncio
async def test_a_program_logs_in_renews_and_logs_out(app: FastAPI, world: World) -> None:
    async with _program(app) as client:
        first = await _tokens(client)
        assert (first["token_type"], first["expires_in"]) == ("Bearer", 900)
        me = (await client.get("/v1/auth/me", headers=_bearer(first["access_token"]))).json()
        assert me["session_id"] == first["session_id"]
        assert "read_cameras" in me["permissions"]
        assert "manage_users" not in me["permissions"]
        body = {"refresh_token": first["refresh_token"]}
        second = (await client.post("/v1/auth/refresh", json=body)).json()
        assert second["refresh_token"] not in {None, first["refresh_token"]}
        early = await client.post("/v1/auth/refresh", json=body)
        assert (early.status_code, early.json()["code"]) == (409, "conflict")
        for token in (first["access_token"], second["access_token"]):
            assert (await client.get("/v1/auth/me", headers=_bearer(token))).status_code == 200
        out = await client.post("/v1/auth/logout", headers=_bearer(second["access_token"]))
        assert out.status_code == 204
        for token in (first["access_token"], second["access_token"]):
            assert (await client.get("/v1/auth/me", headers=_bearer(token))).status_code == 401
        again = await client.post("/v1/auth/refresh", json={"refresh_token": second["refresh_token"]})
        assert again.status_code == 401


@pytest.mark.asyncio
async def test_a_stolen_refresh_token_ends_the_session_for_both(app: FastAPI, world: World, database: Database) -> None:
    async with _program(app) as client:
        first = await _tokens(client)
        body = {"refresh_token": first["refresh_token"]}
        second = (await client.post("/v1/auth/refresh", json=body)).json()
        async with database.session(SYSTEM) as session:
            await session.execute(text("UPDATE refresh_tokens SET spent_at = spent_at - interval '1 minute'"))
        assert (await client.post("/v1/auth/refresh", json=body)).status_code == 401
        assert (await client.get("/v1/auth/me", headers=_bearer(second["access_token"]))).status_code == 401


@pytest.mark.asyncio
async def test_a_browser_renews_by_its_cookie(client: httpx.AsyncClient, world: World) -> None:
    await log_in(client, "operator")
    before = client.cookies["sightline_refresh"]
    client.cookies.delete("sightline_session")  # its 15 minutes are over
    assert (await client.get("/v1/auth/me")).status_code == 401
    answer = await client.post("/v1/auth/refresh")
    assert answer.status_code == 200
    assert answer.json()["access_token"] is answer.json()["refresh_token"] is None
    assert client.cookies["sightline_refresh"] != before
    assert (await client.get("/v1/auth/me")).status_code == 200


@pytest.mark.asyncio
async def test_a_cookie_alone_changes_nothing(client: httpx.AsyncClient, world: World) -> None:
    await log_in(client, "operator")
    del client.headers["Origin"]
    assert (await client.get("/v1/auth/me")).status_code == 200
    me = (await client.get("/v1/auth/me")).json()
    for path in (f"/v1/auth/sessions/{me['session_id']}",):
        answer = await client.delete(path)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert (await client.post("/v1/auth/refresh")).status_code == 403
    client.headers["Sec-Fetch-Site"] = "same-origin"
    assert (await client.delete(f"/v1/auth/sessions/{me['session_id']}")).status_code == 204


MADE_UP = ["eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.", "slk_00000000_guess", "x", "a.b.c", "%00", "' OR 1=1 --"]


@pytest.mark.asyncio
@pytest.mark.parametrize("token", MADE_UP)
async def test_a_made_up_token_is_refused_and_logged_once(
    app: FastAPI, world: World, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "sightline.api.callers")
    async with _program(app) as client:
        answer = await client.get("/v1/cameras", headers=_bearer(token))
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer")
    lines = [record.getMessage() for record in caplog.records if record.name == "sightline.api.callers"]
    assert len(lines) == 1
    assert token not in lines[0]


@pytest.mark.asyncio
@pytest.mark.parametrize("header", ["Basic b3BlcmF0b3I6eA==", "Bearer", "Bearer  ", "Token abc", ""])
async def test_another_scheme_is_refused_even_beside_a_cookie(
    client: httpx.AsyncClient, world: World, header: str
) -> None:
    await log_in(client, "operator")
    assert (await client.get("/v1/cameras", headers={"Authorization": header})).status_code == 401


@pytest.mark.asyncio
async def test_sessions_are_listed_and_ended(app: FastAPI, sign_in: SignIn) -> None:
    here, there = await sign_in(Role.OPERATOR), await sign_in(Role.OPERATOR)
    viewer = await sign_in(Role.VIEWER)
    items = (await here.get("/v1/auth/sessions")).json()["items"]
    assert [one["current"] for one in items] == [False, True]
    assert {one["user_agent"] for one in items} == {"tests"}
    assert {one["ip_address"] for one in items} == {"192.0.2.10"}
    assert (await viewer.delete(f"/v1/auth/sessions/{items[0]['id']}")).status_code == 404
    assert (await there.get("/v1/auth/me")).status_code == 200
    assert (await here.delete(f"/v1/auth/sessions/{items[0]['id']}")).status_code == 204
    assert (await there.get("/v1/auth/me")).status_code == 401
    assert (await here.get("/v1/auth/me")).status_code == 200


@pytest.mark.asyncio
async def test_until_the_password_is_changed_nothing_else_works(
    client: httpx.AsyncClient, world: World, database: Database
) -> None:
    async with database.session(SYSTEM) as session:
        (await users.get(session, username="operator")).must_change_password = True
    await log_in(client, "operator")
    me = (await client.get("/v1/auth/me")).json()
    assert me["must_change_password"]
    for path in ("/v1/cameras", "/v1/sightings", "/v1/api-keys"):
        answer = await client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (403, "password_change_required"), path
    path = f"/v1/users/{me['user_id']}/change-password"
    fresh = "lanterns over the quiet bay"
    wrong = await client.post(path, json={"old_password": "not this one", "new_password": fresh})
    assert (wrong.status_code, wrong.json()["code"]) == (403, "password_refused")
    same = await client.post(path, json={"old_password": PASSWORD, "new_password": PASSWORD})
    assert same.status_code == 422
    missing = await client.post(path, json={"new_password": fresh})
    assert missing.status_code == 422
    answer = await client.post(path, json={"old_password": PASSWORD, "new_password": fresh})
    assert answer.status_code == 204, answer.text
    assert (await client.get("/v1/cameras")).status_code == 200
    assert (await log_in(client, "operator")).status_code == 401
    assert (await log_in(client, "operator", fresh)).status_code == 200
