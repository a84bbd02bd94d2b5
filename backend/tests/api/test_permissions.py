"""Deny by default: every route says who may call it, and that holds for every role."""

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from sightline.api.permissions import MATRIX, Permission, declared, routes
from sightline.core.database import Role
from sightline.services.users import USER_ROLES
from tests.api.conftest import World, client_of, log_in

PUBLIC = {"/", "/login", "/enter", "/assets/{name}", "/healthz", "/readyz", "/v1/auth/login", "/v1/auth/logout"}


@pytest.mark.asyncio
async def test_every_route_declares_a_permission_and_only_these_are_public(app: FastAPI) -> None:
    permissions = {str(route.path): declared(route) for route in routes(app)}
    assert {path for path, permission in permissions.items() if permission is None} == PUBLIC
    assert set(permissions.values()) - {None} == set(Permission)


def test_a_route_that_declares_nothing_is_found_also_inside_of_a_router() -> None:
    app, router = FastAPI(openapi_url=None, docs_url=None, redoc_url=None), APIRouter()
    router.add_api_route("/forgotten", lambda: None)
    app.include_router(router)
    with pytest.raises(LookupError, match="/forgotten"):
        [declared(route) for route in routes(app)]


def test_the_matrix_knows_every_permission_and_only_roles_of_users() -> None:
    assert set(MATRIX) == set(Permission)
    assert frozenset().union(*MATRIX.values()) == set(USER_ROLES)


@pytest.mark.asyncio
async def test_every_role_gets_what_the_matrix_says(app: FastAPI, world: World, accounts: dict[Role, str]) -> None:
    guarded = [(str(r.path), declared(r)) for r in routes(app) if declared(r) and r.path != "/v1/events"]
    for role, name in accounts.items():
        async with client_of(app) as client:
            assert (await log_in(client, name)).status_code == 204
            for path, permission in guarded:
                assert permission is not None
                status = (await client.get(path.replace("{sighting_id}", str(world.known)))).status_code
                assert status == (200 if role in MATRIX[permission] else 403), (role, path)


@pytest.mark.asyncio
async def test_a_stranger_gets_nothing(app: FastAPI, client: httpx.AsyncClient, world: World) -> None:
    for route in routes(app):
        if declared(route) is not None:
            answer = await client.get(str(route.path).replace("{sighting_id}", str(world.known)))
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated"), route.path
