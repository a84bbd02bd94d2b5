"""What an API key, or a role, does not hold is not reached by another way: events, results of jobs, kept answers."""

import asyncio
from contextlib import aclosing
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI
from redis.asyncio import Redis
from sqlalchemy import text

from sightline.api import callers, live
from sightline.core.database import AUTH, SYSTEM, Database, Principal, Role
from sightline.services.events import Event, EventKind, publish
from sightline.services.sessions import ActiveSession
from tests.api.conftest import BASE, SignIn, World
from tests.api.test_events import listening

pytestmark = pytest.mark.asyncio


async def key_of(browser: httpx.AsyncClient, *scopes: str) -> str:
    """A key of whoever is logged in."""
    ends = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    made = await browser.post("/v1/api-keys", json={"name": "gate 3", "scopes": scopes, "expires_at": ends})
    assert made.status_code == 201, made.text
    return str(made.json()["key"])


def machine(app: FastAPI, key: str) -> httpx.AsyncClient:
    """A program that holds a key."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE, headers={"X-API-Key": key})


async def _holder(app: FastAPI, key: str) -> ActiveSession:
    found = await callers._by_key(app.state.resources, key, AUTH)
    assert found.api_key_id is not None
    return found


async def test_a_key_hears_only_of_what_its_scopes_let_it_read(
    app: FastAPI, world: World, sign_in: SignIn, redis: Redis
) -> None:
    key = await key_of(await sign_in(Role.OPERATOR), "follow_events", "read_cameras")
    current = await _holder(app, key)
    await listening(app)
    stream = live._told(app.state.resources, Principal(Role.OPERATOR, current.user_id), current)
    async with aclosing(stream) as frames:  # type: ignore[type-var]
        assert "event: hello" in await anext(frames)
        await publish(redis, Event(EventKind.SIGHTING, world.known), Event(EventKind.CAMERA, world.lobby.id))
        async with asyncio.timeout(10):
            told = await anext(frames)
    assert told.startswith("event: camera")
    assert world.guest.name not in told


async def _finished(database: Database, kind: str, name: str) -> str:
    """A job of this account that has a result; its path."""
    async with database.session(SYSTEM) as session:
        job = await session.scalar(
            text(
                "INSERT INTO jobs (kind, status, created_by, result_key, result_name, expires_at, finished_at)"
                " SELECT :kind, 'done', id, 'jobs/x/people.csv', 'people.csv', now() + interval '1 day', now()"
                " FROM users WHERE username = :name RETURNING id"
            ),
            {"kind": kind, "name": name},
        )
    return f"/v1/jobs/{job}/result"


@pytest.mark.parametrize("kind", ["subject_export", "access_export", "report", "subject_import"])
async def test_a_result_needs_what_asking_for_it_needs(
    app: FastAPI, sign_in: SignIn, database: Database, kind: str
) -> None:
    admin = await sign_in(Role.ADMIN)
    await app.state.resources.storage.upload("jobs/x/people.csv", b"Grace Hopper")
    path = await _finished(database, kind, "admin")
    assert (await admin.get(path)).text == "Grace Hopper"
    async with machine(app, await key_of(admin, "own_jobs")) as program:
        assert (await program.get(path.removesuffix("/result"))).status_code == 200
        refused = await program.get(path)
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
        assert "Grace" not in refused.text


async def test_who_lost_a_role_gets_no_result_that_it_made(sign_in: SignIn, database: Database) -> None:
    viewer = await sign_in(Role.VIEWER)  # an administrator until a moment ago
    path = await _finished(database, "access_export", "viewer")
    assert (await viewer.get(path)).status_code == 403


async def test_a_random_password_is_shown_once_and_kept_nowhere(sign_in: SignIn, database: Database) -> None:
    admin = await sign_in(Role.ADMIN)
    key, body = {"Idempotency-Key": "a-new-account"}, {"username": "bob", "role": "viewer"}
    password = (await admin.post("/v1/users", json=body, headers=key)).json()["password"]
    again = await admin.post("/v1/users", json=body, headers=key)
    assert (again.status_code, password in again.text) == (409, False)
    async with database.session(SYSTEM) as session:
        await session.execute(text("SELECT 1"))
        kept = await session.scalars(text("SELECT coalesce(new_values::text, '') FROM audit_payloads"))
        assert not any(password in one for one in kept)


async def test_a_key_for_users_makes_nobody_who_may_do_more_than_itself(
    app: FastAPI, sign_in: SignIn, world: World
) -> None:
    admin = await sign_in(Role.ADMIN)
    viewer_id = (await (await sign_in(Role.VIEWER)).get("/v1/auth/me")).json()["user_id"]
    body, any_version = {"username": "mallory", "password": "lanterns over the quiet bay"}, {"If-Match": "*"}
    async with machine(app, await key_of(admin, "manage_users", "own_account")) as program:
        for role in ("admin", "operator", "viewer"):
            refused = await program.post("/v1/users", json={**body, "role": role})
            assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
        raised = await program.put(f"/v1/users/{viewer_id}", json={"role": "admin"}, headers=any_version)
        assert raised.status_code == 403
        stays = await program.put(
            f"/v1/users/{viewer_id}", json={"role": "viewer", "is_active": False}, headers=any_version
        )
        assert (stays.status_code, stays.json()["is_active"]) == (200, False)
    assert [one["username"] for one in (await admin.get("/v1/users", params={"q": "mallory"})).json()["items"]] == []
    scopes = (await admin.get("/v1/auth/me")).json()["permissions"]
    async with machine(app, await key_of(admin, *scopes)) as program:
        assert (await program.post("/v1/users", json={**body, "role": "operator"})).status_code == 201
