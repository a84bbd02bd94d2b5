"""Deny by default: every route says who may call it, and that holds for every role, method and key."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, RouteContext

from sightline.api.permissions import MATRIX, Permission, Requires, declared, routes, scope
from sightline.api.routing import Route, Router
from sightline.core.config import Settings
from sightline.core.database import Role
from sightline.services.users import USER_ROLES
from tests.api.conftest import SignIn, World, client_of
from tests.api.conftest import settings as usual_settings  # noqa: F401 - a fixture that ours builds on
from tests.support.limits import with_limits

PUBLIC = {
    "/enter",
    "/docs",
    "/docs/{name}",
    "/openapi.json",
    "/asyncapi.json",
    "/v1/ws",  # asks who is there by itself: a browser may say so in its first message
    "/healthz",
    "/readyz",
    "/v1/auth/login",
    "/v1/auth/logout",
    "/v1/auth/refresh",
    "/v1/media",  # the signed link is the permission
    "/v1/alerts/acknowledge-link",  # likewise
}
ENDLESS = {"/v1/events", "/v1/alerts/events"}
"""Streams that go on: who may not is refused; nobody waits for their end here."""
NOBODY = "0193e5a2-7c1e-7b3c-9d55-1b0a4f6f2c11"
BODY = {"no-such-field": True}


@pytest.fixture
def settings(usual_settings: Settings) -> Settings:  # noqa: F811
    return with_limits(usual_settings)


@dataclass(frozen=True)
class Call:
    """One method of one route."""

    method: str
    path: str
    permission: Permission | None
    needed: frozenset[Permission] = frozenset()
    in_person: bool = False

    async def by(self, client: httpx.AsyncClient) -> httpx.Response:
        """Sent with ids that nobody has and a body that nobody wants: who may is told that, who may not is not."""
        path = self.path.replace(":path}", "}")
        while "{" in path:
            before, _, rest = path.partition("{")
            path = before + NOBODY + rest.partition("}")[2]
        body: dict[str, Any] = {} if self.method == "GET" else {"json": BODY}
        return await client.request(self.method, path, **body)


def calls(app: FastAPI) -> Iterator[Call]:
    for route in routes(app):
        if isinstance(route.original_route, APIRoute):
            for method in sorted(route.methods or ()):
                required = _required(route)
                needed = frozenset(call.permission for call in required)
                in_person = any(call.in_person for call in required)
                yield Call(method, str(route.path), declared(route), needed, in_person)


def _required(route: RouteContext) -> list[Requires]:
    dependant: Dependant | None = getattr(route, "dependant", None)
    found = [dependency.call for dependency in dependant.dependencies] if dependant else []
    return [call for call in found if isinstance(call, Requires)]


@pytest.mark.asyncio
async def test_every_route_declares_a_permission_and_only_these_are_public(app: FastAPI) -> None:
    found = {str(route.path) for route in routes(app) if declared(route) is None}
    assert found <= PUBLIC
    assert {declared(route) for route in routes(app)} - {None} <= set(Permission)


@pytest.mark.asyncio
async def test_no_permission_is_without_a_route(app: FastAPI) -> None:
    assert set(Permission) - {declared(route) for route in routes(app)} == set()


@pytest.mark.asyncio
async def test_every_route_is_guarded_before_its_body_is_read(app: FastAPI) -> None:
    plain = {
        str(route.path)
        for route in routes(app)
        if isinstance(route.original_route, APIRoute) and not isinstance(route.original_route, Route)
    }
    assert plain == set(), "make these with sightline.api.routing.Router"


def test_a_route_that_declares_nothing_is_found_also_inside_of_a_router() -> None:
    app, router = FastAPI(openapi_url=None, docs_url=None, redoc_url=None), Router()
    router.add_api_route("/forgotten", lambda: None)
    app.include_router(router)
    with pytest.raises(LookupError, match="/forgotten"):
        [declared(route) for route in routes(app)]


def test_the_matrix_knows_every_permission_and_only_roles_of_users() -> None:
    assert set(MATRIX) == set(Permission)
    assert frozenset().union(*MATRIX.values()) == set(USER_ROLES)


@pytest.mark.parametrize("role", sorted(USER_ROLES))
@pytest.mark.asyncio
async def test_every_role_gets_what_the_matrix_says(app: FastAPI, sign_in: SignIn, role: Role) -> None:
    client = await sign_in(role)
    wrong = []
    for call in calls(app):
        allowed = call.permission is None or role in MATRIX[call.permission]
        if call.permission is None or (allowed and call.path in ENDLESS):
            continue
        answer = await call.by(client)
        refused = answer.status_code == 403 and answer.json()["code"] == "forbidden"
        if refused == allowed or answer.status_code in {401, 500}:
            wrong.append((call.method, call.path, allowed, answer.status_code, answer.text[:200]))
    assert wrong == []


async def _machine(app: FastAPI, owner: httpx.AsyncClient, scopes: list[str]) -> httpx.AsyncClient:
    """A program with a key of these scopes."""
    expires = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    made = await owner.post("/v1/api-keys", json={"name": "gate", "scopes": scopes, "expires_at": expires})
    assert made.status_code == 201, made.text
    machine = client_of(app)
    machine.headers["X-API-Key"] = made.json()["key"]
    return machine


async def _is_refused(client: httpx.AsyncClient, call: Call) -> bool:
    answer = await call.by(client)
    assert answer.status_code not in {401, 500}, (call, answer.text)
    return answer.status_code == 403 and answer.json()["code"] == "forbidden"


@pytest.mark.asyncio
async def test_a_key_of_one_scope_opens_its_routes_and_no_others(app: FastAPI, sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    by_permission: dict[Permission, list[Call]] = {permission: [] for permission in Permission}
    for call in calls(app):
        if call.permission is not None and call.path not in ENDLESS:
            by_permission[call.permission].append(call)
    wrong = []
    for permission in Permission:
        others = [found[0] for other, found in by_permission.items() if other is not permission and found]
        async with await _machine(app, admin, [scope(permission)]) as machine:
            for call in [*by_permission[permission], *others]:
                allowed = call.needed == {permission} and not call.in_person
                if await _is_refused(machine, call) == allowed:
                    wrong.append((scope(permission), call))
    assert wrong == []


@pytest.mark.parametrize("role", sorted(set(USER_ROLES) - {Role.ADMIN}))
@pytest.mark.asyncio
async def test_a_key_of_every_scope_opens_what_its_owners_role_may_but_nothing_in_person(
    app: FastAPI, sign_in: SignIn, role: Role
) -> None:
    owner = await sign_in(role)
    scopes = [scope(permission) for permission in Permission if role in MATRIX[permission]]
    wrong = []
    async with await _machine(app, owner, scopes) as machine:
        for call in calls(app):
            if call.permission is None or call.path in ENDLESS:
                continue
            allowed = all(role in MATRIX[permission] for permission in call.needed) and not call.in_person
            if await _is_refused(machine, call) == allowed:
                wrong.append(call)
    assert wrong == []


@pytest.mark.asyncio
async def test_what_changes_how_somebody_logs_in_is_done_in_person(app: FastAPI) -> None:
    found = {f"{call.method} {call.path}" for call in calls(app) if call.in_person}
    assert found >= {
        "POST /v1/api-keys",
        "DELETE /v1/api-keys/{key_id}",
        "POST /v1/auth/second-factor",
        "POST /v1/users/{user_id}/change-password",
        "DELETE /v1/users/{user_id}/second-factor",
    }


@pytest.mark.asyncio
async def test_a_stranger_gets_nothing(app: FastAPI, client: httpx.AsyncClient, world: World) -> None:
    for call in calls(app):
        if call.permission is not None:
            answer = await call.by(client)
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated"), call


@pytest.mark.asyncio
async def test_a_stranger_is_refused_before_anything_of_a_large_upload_is_read(app: FastAPI, world: World) -> None:
    taken = 0

    async def pieces() -> Any:
        nonlocal taken
        for _ in range(100):
            taken += 1
            yield b"x" * 65536

    headers = {"Content-Type": "application/json", "Content-Length": str(200 * 1024)}
    path = next(call for call in calls(app) if call.method == "POST" and call.permission is Permission.MANAGE_CAMERAS)
    async with client_of(app) as stranger:
        answer = await stranger.post(path.path.replace("{camera_id}", NOBODY), content=pieces(), headers=headers)
    assert answer.status_code == 401
    assert taken == 0
