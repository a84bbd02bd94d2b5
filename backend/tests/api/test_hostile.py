"""What hostile and clumsy clients send: each gets the right refusal, once in the log, and nothing changes."""

import json
import logging
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from sightline.core.config import Settings
from sightline.core.database import SYSTEM, Database, Role
from tests.api.conftest import SignIn, World, client_of
from tests.api.conftest import settings as usual_settings  # noqa: F401 - a fixture that ours builds on
from tests.support.limits import with_limits

LOGIN = "/v1/auth/login"
JSON = {"Content-Type": "application/json"}
RIGHT = {"username": "viewer", "password": "a-long-enough-passphrase"}


@pytest.fixture
def settings(usual_settings: Settings) -> Settings:  # noqa: F811
    return with_limits(usual_settings)


def _problem(answer: httpx.Response) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    found: dict[str, Any] = answer.json()
    assert found["status"] == answer.status_code
    assert found["request_id"] == answer.headers["X-Request-ID"]
    return found


BODIES = {
    "nothing": (b"", 422),
    "no JSON": (b"username=viewer", 422),
    "half of it": (b'{"username": "viewer"', 422),
    "a list": (b"[]", 422),
    "a text": (b'"viewer"', 422),
    "null": (b"null", 422),
    "wrong types": (b'{"username": {"a": 1}, "password": ["b"]}', 422),
    "a number for a text": (b'{"username": 7, "password": "x"}', 422),
    "unknown fields": (json.dumps({**RIGHT, "role": "admin"}).encode(), 422),
    "invalid UTF-8": (b'{"username": "\xff\xfe", "password": "x"}', 400),
    "NUL": (b'{"username": "view\\u0000er", "password": "x"}', 422),
    "a lone surrogate": (b'{"username": "\\ud800", "password": "x"}', 422),
    "brackets without end": (b"[" * 100_000, 400),
    "objects without end": (b'{"a":' * 50_000, 400),
    "a number without end": (b'{"username": ' + b"9" * 100_000 + b', "password": "x"}', 400),
    "not a number": (b'{"username": NaN, "password": Infinity}', 422),
    "a text without end": (json.dumps({"username": "x" * 200_000, "password": "x"}).encode(), 422),
    "more than is taken": (b" " * (300 * 1024), 413),
}


@pytest.mark.asyncio
async def test_bodies_that_are_none_are_refused_and_logged_once(
    client: httpx.AsyncClient, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    for name, (body, status) in BODIES.items():
        caplog.clear()
        with caplog.at_level(logging.INFO, "sightline.api"):
            answer = await client.post(LOGIN, content=body, headers=JSON)
        assert answer.status_code == status, (name, answer.text)
        _problem(answer)
        assert len([record for record in caplog.records if record.message == "request"]) == 1, name
        assert not [record for record in caplog.records if record.levelno >= logging.ERROR], name
        assert "set-cookie" not in answer.headers, name


@pytest.mark.asyncio
async def test_of_two_values_for_one_name_one_counts_and_nothing_breaks(
    client: httpx.AsyncClient, world: World
) -> None:
    answer = await client.post(LOGIN, content=b'{"username":"viewer","username":"x","password":"y"}', headers=JSON)
    assert answer.status_code in {401, 422}


@pytest.mark.asyncio
async def test_a_body_of_another_type_is_refused(client: httpx.AsyncClient, world: World) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/xml", "text/json", "", "a/b/c"):
        answer = await client.post(LOGIN, content=json.dumps(RIGHT), headers={"Content-Type": kind})
        assert (answer.status_code, _problem(answer)["code"]) == (415, "unsupported_media"), kind


PATHS = {
    "/v1/cameras/": 404,
    "/v1//cameras": 404,
    "/v1/CAMERAS": 404,
    "/v1/cameras/..": 404,
    "/v1/%2e%2e/%2e%2e/etc/passwd": 404,
    "/assets/..%2f..%2fapp.py": 404,
    "/assets/%2e%2e/app.py": 404,
    "/assets/app.js%00.css": 404,
    "/v1/sightings/%00/image": 422,
    "/v1/sightings/1' OR '1'='1/image": 422,
    "/v1/sightings/%ff%fe/image": 422,
    "/v1/sightings/0/image": 422,
    f"/v1/{'x' * 8000}": 404,
    "/nothing": 404,
}


@pytest.mark.asyncio
async def test_a_path_that_is_none_is_not_found(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    for path, status in PATHS.items():
        answer = await admin.get(path)
        assert answer.status_code in ({404, 422} if status == 422 else {status}), (path, answer.text)
        assert len(_problem(answer)["detail"]) < 400, path


@pytest.mark.asyncio
async def test_a_method_that_a_path_does_not_know_is_refused_and_the_right_ones_named(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    for method in ("PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "X" * 50):
        answer = await admin.request(method, "/v1/analytics/dashboard")
        assert (answer.status_code, _problem(answer)["code"]) == (405, "method_not_allowed"), method
        assert "GET" in answer.headers["Allow"]


@pytest.mark.asyncio
async def test_a_method_in_a_header_changes_nothing(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        assert (await admin.get("/v1/analytics/dashboard", headers={name: "DELETE"})).status_code == 200


QUERIES = [
    "limit=0",
    "limit=-1",
    "limit=201",
    "limit=99999999999999999999999",
    "limit=ten",
    "limit=",
    "cursor=%00",
    "cursor=x",
    "cursor=" + "A" * 3000,
    "sort=hashed_password",
    "sort=name;DROP TABLE cameras",
    "sort=--name",
]


LISTS = ("/v1/cameras", "/v1/subjects", "/v1/sightings", "/v1/alerts", "/v1/users", "/v1/audit")


@pytest.mark.asyncio
async def test_a_query_that_is_none_is_refused(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    for path in LISTS:
        for query in QUERIES:
            answer = await admin.get(f"{path}?{query}")
            assert answer.status_code == 422, (path, query, answer.text)
            assert _problem(answer)["code"] == "invalid_input"


@pytest.mark.asyncio
async def test_texts_that_mean_something_elsewhere_mean_nothing_here(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    names = ("q", "status", "camera_id", "subject_id", "since", "until", "before", "after", "from", "to")
    values = ("%00", "' OR 1=1 --", "%25", "_", "\\", "=cmd()", "%F0%9F%98%80", "9999-12-31T23:59:59-14:00", "%ff")
    for path in LISTS:
        for value in values:
            answer = await admin.get(f"{path}?" + "&".join(f"{name}={value}" for name in names))
            assert answer.status_code in {200, 422}, (path, value, answer.text)
            for name in names:
                answer = await admin.get(f"{path}?{name}={value}")
                assert answer.status_code in {200, 422}, (path, name, value, answer.text)


@pytest.mark.asyncio
async def test_headers_stay_headers(client: httpx.AsyncClient, world: World) -> None:
    hostile = {b"X-Request-ID": b"abc\x85Set-Cookie: a=b", b"User-Agent": b"\xff" * 5000, b"X-Forwarded-For": b"' OR 1"}
    answer = await client.get("/healthz", headers=hostile)
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert b"abc" not in answer.headers["X-Request-ID"].encode()


@pytest.mark.asyncio
async def test_a_user_agent_of_any_bytes_can_log_in(app: FastAPI, world: World) -> None:
    async with client_of(app) as client:
        for agent in (b"\xff\xfe", b"a" * 10_000, b"'; DROP TABLE users; --", b"\xc3\xa4"):
            answer = await client.post(LOGIN, json=RIGHT, headers={b"User-Agent": agent})
            assert answer.is_success, answer.text


FORGED = [
    "Bearer ",
    "Bearer x",
    "Bearer a.b.c",
    "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.",
    "Bearer " + "a" * 20_000,
    "Bearer slk_x_y",
    "Bearer \xff",
    "Basic YWRtaW46YWRtaW4=",
    "Negotiate x",
]


@pytest.mark.asyncio
async def test_a_token_that_is_none_opens_nothing(client: httpx.AsyncClient, world: World) -> None:
    for value in FORGED:
        for header in ({b"Authorization": value.encode("latin-1")}, {b"X-API-Key": value.encode("latin-1")}):
            answer = await client.get("/v1/cameras", headers=header)
            assert (answer.status_code, _problem(answer)["code"]) == (401, "unauthenticated"), value


async def _fingerprint(database: Database) -> object:
    """Rows of each table that people change."""
    tables = ("users", "cameras", "subjects", "watchlists", "alert_rules", "settings", "images", "alerts")
    async with database.session(SYSTEM) as session:
        return [await session.scalar(text(f"SELECT count(*) FROM {name}")) for name in tables]  # noqa: S608


@pytest.mark.asyncio
async def test_refusals_change_nothing(sign_in: SignIn, database: Database) -> None:
    admin = await sign_in(Role.ADMIN)
    before = await _fingerprint(database)
    for path in ("/v1/cameras", "/v1/subjects", "/v1/watchlists", "/v1/users", "/v1/alerts/rules"):
        bodies: tuple[object, ...] = (
            [],
            {},
            {"id": 1},
            {"name": "a\0b"},
            {"name": "x" * 100_000},
            {"name": ["x"]},
            {"name": None},
        )
        for body in bodies:
            answer = await admin.post(path, json=body)
            assert answer.status_code == 422, (path, body, answer.text)
            _problem(answer)
    assert await _fingerprint(database) == before


SECRETS = ("a-long-enough-passphrase", "secret-of-camera", "sightline_session=", "$argon2", "slk_")


@pytest.mark.asyncio
async def test_logs_hold_no_secret(
    app: FastAPI, sign_in: SignIn, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "sightline"):
        admin = await sign_in(Role.ADMIN)
        wrong = {"username": "admin", "password": "another-secret-of-camera"}
        await admin.post(LOGIN, json=wrong)
        for path in ("/v1/cameras", "/v1/sightings", "/v1/users", "/v1/auth/me", "/enter?token=secret-of-camera"):
            await admin.get(path)
        await admin.post("/v1/cameras", json={"name": "x", "stream_url": "rtsp://u:secret-of-camera@camera.example/1"})
        await admin.get("/v1/cameras", headers={"Authorization": "Bearer slk_abc_def"})
    assert caplog.records
    text_of_all = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    assert [secret for secret in SECRETS if secret in text_of_all] == []
