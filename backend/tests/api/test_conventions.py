"""What the specification lists is there, and all routes keep the house's conventions."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, APIWebSocketRoute

from sightline.api.permissions import routes
from sightline.api.routing import Route
from sightline.core.config import Settings
from sightline.core.database import Role
from tests.api.conftest import SignIn, World
from tests.api.conftest import settings as usual_settings  # noqa: F401 - a fixture that ours builds on
from tests.conftest import SHARED
from tests.support.limits import with_limits

SPECIFIED = Path(__file__).parent / "spec_endpoints.txt"
"""Method and path of each line of the specification's section 2.3, for machines without it."""
LINE = re.compile(r"^(GET|POST|PUT|DELETE|WS)\s+(/v1/\S+)", re.MULTILINE)
NOBODY = "0193e5a2-7c1e-7b3c-9d55-1b0a4f6f2c11"


@pytest.fixture
def settings(usual_settings: Settings) -> Settings:  # noqa: F811
    return with_limits(usual_settings)


def _listed() -> list[tuple[str, str]]:
    specification = SHARED / "spec.md"
    newest = specification if specification.exists() else SPECIFIED
    return LINE.findall(newest.read_text(encoding="utf-8"))


def test_the_copy_of_the_list_is_the_specifications() -> None:
    assert LINE.findall(SPECIFIED.read_text(encoding="utf-8")) == _listed()
    assert len(_listed()) == 48


@pytest.mark.asyncio
async def test_every_endpoint_of_the_specification_is_routed(app: FastAPI, sign_in: SignIn, world: World) -> None:
    admin = await sign_in(Role.ADMIN)
    missing = []
    for method, path in _listed():
        if method == "WS":
            found = any(
                isinstance(route.original_route, APIWebSocketRoute) and str(route.path) == path for route in routes(app)
            )
        elif path.startswith("/v1/auth/log"):
            found = any(str(route.path) == path and method in (route.methods or ()) for route in routes(app))
        else:
            answer = await admin.request(method, path.replace("{id}", NOBODY).replace("{image_id}", NOBODY))
            routed = answer.status_code not in {404, 405} or answer.json().get("code") == "not_found"
            found = routed and "/v1" not in answer.json().get("detail", "") if answer.is_client_error else routed
        if not found:
            missing.append(f"{method} {path}")
    assert missing == []


def _http(app: FastAPI) -> Iterator[tuple[str, str, Route]]:
    for context in routes(app):
        if isinstance(context.original_route, APIRoute) and str(context.path).startswith("/v1/"):
            for method in context.methods or ():
                yield method, str(context.path), context  # type: ignore[misc]


@pytest.mark.asyncio
async def test_paths_are_plural_lower_case_and_without_a_slash_at_the_end(app: FastAPI) -> None:
    for _, path, _ in _http(app):
        for part in path.removeprefix("/v1/").split("/"):
            assert re.fullmatch(r"[a-z0-9-]+|\{[a-z_]+(:path)?\}", part), path


@pytest.mark.asyncio
async def test_creating_and_removing_answer_as_everywhere(app: FastAPI) -> None:
    for method, path, route in _http(app):
        if method == "DELETE":
            assert route.status_code in {None, 200, 202, 204}, path
        if method == "GET":
            assert route.status_code in {None, 200}, path
        assert route.body_field is None or method != "GET", f"{path}: a GET has no body"


@pytest.mark.asyncio
async def test_everything_about_people_is_kept_out_of_shared_caches(sign_in: SignIn, world: World) -> None:
    admin = await sign_in(Role.ADMIN)
    for path in ("/v1/sightings", f"/v1/sightings/{world.known}/image", "/v1/cameras", "/v1/nothing"):
        caching = (await admin.get(path)).headers["Cache-Control"]
        assert "no-store" in caching or caching.startswith("private"), path
