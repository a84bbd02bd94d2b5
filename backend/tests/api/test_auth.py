"""Logging in over HTTP: the cookie, refusals, foreign sites, and links."""

import httpx
import pytest
from fastapi import FastAPI

from sightline.api.app import create_app
from sightline.core.config import Settings
from sightline.core.database import SYSTEM, Database
from sightline.services import sessions, users
from tests.api.conftest import BASE, World, client_of, log_in


@pytest.mark.asyncio
async def test_log_in_see_who_you_are_log_out(client: httpx.AsyncClient, world: World) -> None:
    answer = await log_in(client, "operator")
    assert answer.status_code == 200
    assert answer.json()["access_token"] is answer.json()["refresh_token"] is None
    cookies = answer.headers.get_list("set-cookie")
    assert [cookie.partition("=")[0] for cookie in cookies] == ["sightline_session", "sightline_refresh"]
    for cookie in cookies:
        assert "httponly" in cookie.lower()
        assert "samesite=strict" in cookie.lower()
        assert "secure" not in cookie.lower()
    assert "Path=/v1/auth" in cookies[1]
    me = (await client.get("/v1/auth/me")).json()
    assert (me["username"], me["role"]) == ("operator", "operator")
    token = client.cookies["sightline_session"]
    assert (await client.post("/v1/auth/logout")).status_code == 204
    client.cookies.set("sightline_session", token)
    assert (await client.get("/v1/auth/me")).status_code == 401


@pytest.mark.asyncio
async def test_over_https_the_cookie_never_travels_in_the_clear(app: FastAPI, settings: Settings, world: World) -> None:
    api = settings.api.model_copy(update={"public_url": "https://sightline.example"})
    behind_proxy = create_app(settings.model_copy(update={"api": api}))
    async with behind_proxy.router.lifespan_context(behind_proxy), client_of(behind_proxy) as client:
        client.headers["Origin"] = "https://sightline.example"
        answer = await log_in(client, "viewer")
        access, refresh = answer.headers.get_list("set-cookie")
        assert access.startswith("__Host-sightline_session=")
        assert refresh.startswith("__Secure-sightline_refresh=")
        assert "secure" in access.lower()
        assert "secure" in refresh.lower()
        assert answer.headers["strict-transport-security"]


@pytest.mark.asyncio
async def test_a_refusal_is_a_problem_that_repeats_nothing(client: httpx.AsyncClient, world: World) -> None:
    answer = await log_in(client, "operator", "the-wrong-passphrase")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == "login_refused"
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert "the-wrong-passphrase" not in answer.text


@pytest.mark.asyncio
async def test_too_many_attempts_say_how_long_to_wait(client: httpx.AsyncClient, world: World) -> None:
    answers = [await log_in(client, "operator", "wrong") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 401, 429]
    assert answers[-1].headers["retry-after"] == "1"


BODIES = [
    {"username": "operator"},
    {"username": "", "password": "x"},
    {"username": "a\x00b", "password": "hunter2hunter2"},
    {"username": "x" * 255, "password": "hunter2hunter2"},
    {"username": "operator", "password": "hunter2" * 40},
    {"username": "operator", "password": "hunter2hunter2", "transport": "url"},
    {"username": ["operator"], "password": "hunter2hunter2"},
    {"username": "operator", "password": "hunter2hunter2", "role": "admin"},
    ["operator", "hunter2hunter2"],
]


@pytest.mark.asyncio
@pytest.mark.parametrize("body", BODIES)
async def test_a_wrong_body_is_refused_without_repeating_it(client: httpx.AsyncClient, body: object) -> None:
    answer = await client.post("/v1/auth/login", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"]
    assert "hunter2" not in answer.text


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("content", "status"),
    [(b"\xff\xfe", 422), (b'{"username": "\\ud800", "password": "x"}', 422), (b"[" * 5000, 400), (b" " * 300_000, 413)],
)
async def test_bytes_that_are_no_login(client: httpx.AsyncClient, content: bytes, status: int) -> None:
    answer = await client.post("/v1/auth/login", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


FOREIGN = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": f"{BASE}.evil.example"},
    {"Origin": BASE, "Sec-Fetch-Site": "cross-site"},
    {"Origin": BASE, "Sec-Fetch-Site": "same-site"},
]


@pytest.mark.asyncio
@pytest.mark.parametrize("headers", FOREIGN)
async def test_another_sites_page_can_change_nothing(
    client: httpx.AsyncClient, world: World, headers: dict[str, str]
) -> None:
    await log_in(client, "operator")
    assert (await client.post("/v1/auth/logout", headers=headers)).status_code == 403
    assert (await client.get("/v1/auth/me")).status_code == 200


@pytest.mark.asyncio
async def test_a_form_is_no_json(client: httpx.AsyncClient, world: World) -> None:
    answer = await client.post("/v1/auth/login", data={"username": "operator", "password": "x"})
    assert answer.status_code == 415
    assert "JSON" in answer.json()["detail"]


@pytest.mark.asyncio
async def test_a_one_time_link_leads_to_the_page_once(
    app: FastAPI, client: httpx.AsyncClient, world: World, database: Database
) -> None:
    async with database.session(SYSTEM) as session:
        admin = await users.get(session, username="admin")
        link = await sessions.create_login_link(session, user_id=admin.id)
    answer = await client.get("/enter", params={"token": link})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert (await client.get("/v1/auth/me")).json()["username"] == "admin"
    again = await client.get("/enter", params={"token": link})
    assert again.headers["location"] == "/"
    async with client_of(app) as thief:
        stolen = await thief.get("/enter", params={"token": link})
        assert stolen.headers["location"] == "/login?reason=link"
        assert (await thief.get("/v1/auth/me")).status_code == 401


@pytest.mark.asyncio
async def test_a_machine_gains_nothing_by_the_many_addresses_of_its_network(app: FastAPI, world: World) -> None:
    seen = []
    for number in range(1, 6):
        async with client_of(app, f"2001:db8:1:2::{number:x}") as guesser:
            seen.append((await log_in(guesser, "admin", "not it")).status_code)
    assert seen == [401, 401, 401, 401, 429]
    async with client_of(app, "2001:db8:1:3::1") as neighbour:
        assert (await log_in(neighbour, "admin")).status_code == 200
