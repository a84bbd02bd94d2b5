"""A second factor over HTTP."""

import time

import httpx
import pyotp
import pytest
from fastapi import FastAPI

from sightline.core.database import Role
from tests.api.conftest import PASSWORD, SignIn, client_of


async def _log_in(client: httpx.AsyncClient, **more: str) -> httpx.Response:
    return await client.post("/v1/auth/login", json={"username": "operator", "password": PASSWORD, **more})


@pytest.mark.asyncio
async def test_a_second_factor_from_its_beginning_to_its_end(
    app: FastAPI, client: httpx.AsyncClient, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator = await sign_in(Role.OPERATOR)
    refused = await operator.post("/v1/auth/second-factor", json={"password": "not this one"})
    assert (refused.status_code, refused.json()["code"]) == (403, "password_refused")
    begun = (await operator.post("/v1/auth/second-factor", json={"password": PASSWORD})).json()
    totp, now = pyotp.TOTP(begun["secret"]), time.time()
    monkeypatch.setattr("sightline.services.second_factor.time.time", lambda: now)
    assert (await _log_in(client)).status_code == 200  # begun only
    confirmed = await operator.post("/v1/auth/second-factor/confirm", json={"code": totp.at(int(now))})
    codes = confirmed.json()["recovery_codes"]
    assert (await operator.get("/v1/auth/me")).json()["second_factor"] is True

    asked = await _log_in(client)
    assert (asked.status_code, asked.json()["code"]) == (401, "second_factor_required")
    replayed = await _log_in(client, otp=totp.at(int(now)))
    assert (replayed.status_code, replayed.json()["code"]) == (401, "login_refused")
    assert (await _log_in(client, otp=totp.at(int(now) + 30))).status_code == 200
    assert (await _log_in(client, otp=codes[0])).status_code == 200
    async with client_of(app, "192.0.2.55") as elsewhere:
        assert (await _log_in(elsewhere, otp=codes[0])).status_code == 401

    body = {"password": PASSWORD, "code": codes[1]}
    assert (await operator.post("/v1/auth/second-factor/remove", json={**body, "code": "000000"})).status_code == 403
    assert (await operator.post("/v1/auth/second-factor/remove", json=body)).status_code == 204
    assert (await _log_in(client)).status_code == 200


@pytest.mark.asyncio
async def test_an_admin_resets_it_for_whoever_lost_theirs(client: httpx.AsyncClient, sign_in: SignIn) -> None:
    operator, admin, viewer = [await sign_in(role) for role in (Role.OPERATOR, Role.ADMIN, Role.VIEWER)]
    begun = (await operator.post("/v1/auth/second-factor", json={"password": PASSWORD})).json()
    await operator.post("/v1/auth/second-factor/confirm", json={"code": pyotp.TOTP(begun["secret"]).now()})
    user_id = (await operator.get("/v1/auth/me")).json()["user_id"]
    assert (await _log_in(client)).json()["code"] == "second_factor_required"
    assert (await viewer.delete(f"/v1/users/{user_id}/second-factor")).status_code == 403
    assert (await admin.delete(f"/v1/users/{user_id}/second-factor")).status_code == 204
    assert (await admin.delete(f"/v1/users/{user_id}/second-factor")).status_code == 404
    assert (await _log_in(client)).status_code == 200
