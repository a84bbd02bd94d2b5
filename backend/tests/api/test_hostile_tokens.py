"""Tokens that were never ours, or are not any more, and names that look like somebody else's, at many doors."""

import base64
import json
import secrets
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import OctKey

from sightline.core.config import Settings
from sightline.core.database import Role
from tests.api.conftest import PASSWORD, SignIn, World, client_of
from tests.api.conftest import settings as usual_settings  # noqa: F401 - a fixture that ours builds on
from tests.support.limits import with_limits

DOORS = (
    ("GET", "/v1/auth/me"),
    ("GET", "/v1/cameras"),
    ("GET", "/v1/sightings/{sighting}/image"),
    ("GET", "/v1/events"),
    ("GET", "/metrics"),
    ("POST", "/v1/cameras"),
    ("POST", "/v1/subjects/search"),
    ("PUT", "/v1/settings/privacy"),
    ("DELETE", "/v1/cameras/{camera}"),
)


@pytest.fixture
def settings(usual_settings: Settings) -> Settings:  # noqa: F811
    return with_limits(usual_settings)


def _parts(token: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    header, payload, signature = token.split(".")
    return _read(header), _read(payload), signature


def _read(part: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def _written(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def _signed(header: dict[str, Any], claims: dict[str, Any]) -> str:
    """By a key of our own making, under the name of the server's."""
    return jwt.encode({**header, "alg": "HS256"}, claims, OctKey.import_key(secrets.token_bytes(64)))


def _forgeries(token: str) -> Iterator[tuple[str, str]]:
    header, claims, signature = _parts(token)
    now = int(time.time())
    yield "no signature", f"{_written({**header, 'alg': 'none'})}.{_written(claims)}."
    yield "none in capitals", f"{_written({**header, 'alg': 'NONE'})}.{_written(claims)}."
    yield "none, and the signature kept", f"{_written({**header, 'alg': 'none'})}.{_written(claims)}.{signature}"
    yield "another's session", f"{_written(header)}.{_written({**claims, 'sid': claims.get('jti', 'x')})}.{signature}"
    yield "longer", f"{_written(header)}.{_written({**claims, 'exp': now + 10**6})}.{signature}"
    yield "another key", _signed(header, claims)
    yield "another key, named in the token", _signed({**header, "jwk": {"kty": "oct", "k": "AAAA"}}, claims)
    yield "a key from elsewhere", _signed({**header, "jku": "https://evil.example/keys"}, claims)
    yield "a key of ours that is none", _signed({**header, "kid": "../../dev/null"}, claims)
    yield "cut", token[:-3]
    yield "twice", f"{token}.{token}"


@pytest.mark.asyncio
async def test_no_door_opens_to_a_forged_token(app: FastAPI, world: World, client: httpx.AsyncClient) -> None:
    body = {"username": "admin", "password": PASSWORD}
    token = (await client.post("/v1/auth/login", json=body)).json()["access_token"]
    async with client_of(app) as visitor:
        assert (await visitor.get("/v1/cameras", headers=_bearer(token))).status_code == 200
        for name, forged in _forgeries(token):
            for method, path in DOORS:
                where = path.format(sighting=world.known, camera=world.lobby.id)
                answer = await visitor.request(method, where, headers=_bearer(forged))
                assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated"), (name, method, path)
                assert answer.headers["WWW-Authenticate"].startswith("Bearer"), name
                assert forged not in answer.text, name
        assert (await visitor.get(f"/v1/cameras/{world.lobby.id}", headers=_bearer(token))).status_code == 200


@pytest.mark.asyncio
async def test_a_token_counts_no_more_once_its_time_or_its_session_is_over(
    app: FastAPI, world: World, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {"username": "admin", "password": PASSWORD}
    tokens = [(await client.post("/v1/auth/login", json=body)).json()["access_token"] for _ in range(2)]
    async with client_of(app) as visitor:
        assert (await visitor.post("/v1/auth/logout", headers=_bearer(tokens[0]))).status_code == 204
        assert await _opened(visitor, world, tokens[0]) == []
        assert (await visitor.get("/v1/cameras", headers=_bearer(tokens[1]))).status_code == 200
        later = time.time() + _parts(tokens[1])[1]["exp"] - _parts(tokens[1])[1]["iat"] + 60
        monkeypatch.setattr(time, "time", lambda: later)
        assert await _opened(visitor, world, tokens[1]) == []


async def _opened(visitor: httpx.AsyncClient, world: World, token: str) -> list[str]:
    found = []
    for method, path in DOORS:
        where = path.format(sighting=world.known, camera=world.lobby.id)
        if (await visitor.request(method, where, headers=_bearer(token))).status_code != 401:
            found.append(f"{method} {path}")
    return found


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


ALIKE = [
    "\u0430dmin",  # Cyrillic a
    "\uff41\uff44\uff4d\uff49\uff4e",  # full width
    "adm\u0131n",  # Turkish i without its dot
    "admin\u200b",  # zero width space
    "ad\u00admin",  # soft hyphen
    "\u202enimda",  # right to left
    "admi\u006e\u0301",  # combining accent
    "\U0001d41admin",  # mathematical bold a
    " admin",
    "admin ",
    "admin\n",
]


@pytest.mark.asyncio
async def test_a_name_that_looks_like_anothers_is_neither_made_nor_taken_for_it(
    client: httpx.AsyncClient, sign_in: SignIn
) -> None:
    admin = await sign_in(Role.ADMIN)
    before = (await admin.get("/v1/users", params={"total": True})).json()["total"]
    for name in ALIKE:
        made = await admin.post("/v1/users", json={"username": name, "password": PASSWORD, "role": "viewer"})
        assert made.status_code in {409, 422}, ascii(name)
        if made.status_code == 409:
            continue  # RFC 8265: another width of the same letters is the same name, and taken
        entered = await client.post("/v1/auth/login", json={"username": name, "password": PASSWORD})
        assert entered.status_code in {401, 422, 429}, (ascii(name), entered.text)
        assert "set-cookie" not in entered.headers, ascii(name)
    assert (await admin.get("/v1/users", params={"total": True})).json()["total"] == before
