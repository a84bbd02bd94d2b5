"""The description of the API: complete, valid, and good to generate a client from."""

import json
import keyword
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest
import yaml  # type: ignore[import-untyped]
from fastapi import FastAPI
from fastapi.routing import APIRoute
from typer.testing import CliRunner

from sightline.api import openapi_examples, openapi_summaries
from sightline.api.app import create_app
from sightline.api.permissions import MATRIX, declared, routes
from sightline.cli import build_app
from sightline.core.config import Settings

Operation = dict[str, Any]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return create_app(Settings()).openapi()


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, Operation]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def _references(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        for name, value in part.items():
            if name == "$ref":
                yield str(value)
            else:
                yield from _references(value)
    elif isinstance(part, list):
        for value in part:
            yield from _references(value)


def test_every_route_is_described(document: dict[str, Any]) -> None:
    app = create_app(Settings())
    described = {(path, method) for path, method, _ in _operations(document)}
    there = {
        (str(route.path_format), method.lower())
        for route in routes(app)
        if isinstance(route.original_route, APIRoute) and str(route.path).startswith("/v1/")
        for method in route.methods or ()
        if route.include_in_schema
    }
    assert there - described == set()
    hidden = {str(route.path) for route in routes(app) if not getattr(route, "include_in_schema", True)}
    assert {path for path in hidden if path.startswith("/v1/")} == set()


def test_operation_ids_are_unique_and_pleasant(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in _operations(document)]
    assert len(names) == len(set(names))
    assert [name for name in names if not re.fullmatch(r"[a-z][a-z0-9_]{1,50}", name) or keyword.iskeyword(name)] == []


def test_schemas_have_names_that_read_well_and_no_twins(document: dict[str, Any]) -> None:
    names = list(document["components"]["schemas"])
    assert [name for name in names if not re.fullmatch(r"[A-Z][A-Za-z0-9]+", name)] == []
    folded = [name.lower() for name in names]
    assert len(folded) == len(set(folded))
    assert [name for name in names if name.endswith(("Input", "-Output"))] == []


def test_nothing_points_nowhere(document: dict[str, Any]) -> None:
    for reference in set(_references(document)):
        part: Any = document
        for step in reference.removeprefix("#/").split("/"):
            part = part[step]


def test_every_operation_says_what_it_is_who_may_and_what_can_go_wrong(document: dict[str, Any]) -> None:
    tags = {tag["name"] for tag in document["tags"]}
    for path, method, operation in _operations(document):
        where = f"{method} {path}"
        assert operation.get("summary"), where
        assert operation.get("description"), where
        assert operation.get("tags"), where
        assert set(operation["tags"]) <= tags, where
        responses = operation["responses"]
        assert {"429", "503"} <= set(responses), where
        assert any(status.startswith(("2", "3")) for status in responses), where
        if operation["security"]:
            assert {"401", "403"} <= set(responses), where
        if "{" in path:
            assert "404" in responses, where
        if "requestBody" in operation:
            assert {"413", "415", "422"} <= set(responses), where
        assert "HTTPValidationError" not in json.dumps(responses), where


def test_every_tag_is_used(document: dict[str, Any]) -> None:
    used = {tag for _, _, operation in _operations(document) for tag in operation["tags"]}
    assert {tag["name"] for tag in document["tags"]} == used


def test_errors_are_problems_with_an_example_that_fits(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    problem = json.loads(json.dumps(schemas["Problem"]).replace("#/components/schemas/", "#/$defs/"))
    problem["$defs"] = schemas
    for name, response in document["components"]["responses"].items():
        content = response["content"]["application/problem+json"]
        jsonschema_rs.validate(problem, content["example"])
        assert "X-Request-ID" in response["headers"], name
    assert "Retry-After" in document["components"]["responses"]["RateLimited"]["headers"]


def test_every_json_body_has_an_example_that_fits(document: dict[str, Any]) -> None:
    text = json.dumps(document).replace("#/components/schemas/", "#/$defs/")
    inlined = json.loads(text)
    for path, method, operation in _operations(inlined):
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if body is not None:
            assert body.get("example"), f"{method} {path}"
            jsonschema_rs.validate({**body["schema"], "$defs": inlined["components"]["schemas"]}, body["example"])


def test_choices_that_come_up_twice_have_a_name(document: dict[str, Any]) -> None:
    inlined = Counter(str(choices) for choices in _inlined(document["components"]["schemas"]))
    assert [choices for choices, times in inlined.items() if times > 1] == []


def _inlined(schemas: dict[str, Any]) -> Iterator[list[str]]:
    for schema in schemas.values():
        for field in schema.get("properties", {}).values():
            yield from (part["enum"] for part in [field, *field.get("anyOf", [])] if "enum" in part)


def test_titles_are_sentences(document: dict[str, Any]) -> None:
    for path, method, operation in _operations(document):
        first, *others = operation["summary"].split()
        assert first[0].isupper(), f"{method} {path}"
        assert all(word.islower() or word in {"API", "URL", "Redis"} for word in others), operation["summary"]
    names = {operation["operationId"] for _, _, operation in _operations(document)}
    assert (set(openapi_summaries.OWN) | set(openapi_examples.OWN)) - names == set(), "of operations that are gone"


def test_roles_are_those_of_the_matrix(document: dict[str, Any]) -> None:
    app = create_app(Settings())
    for route in routes(app):
        permission = declared(route)
        if isinstance(route.original_route, APIRoute) and permission is not None and route.include_in_schema:
            for method in route.methods or ():
                operation = document["paths"][str(route.path_format)][method.lower()]
                assert operation["x-permission"] == permission.name.lower()
                assert operation["x-roles"] == sorted(role.value for role in MATRIX[permission])


def test_changes_say_that_they_need_a_version(document: dict[str, Any]) -> None:
    for path, method, operation in _operations(document):
        names = {parameter.get("name", "").lower() for parameter in operation.get("parameters", ())}
        assert ("if-match" in names) == ("428" in operation["responses"]), (method, path)


def test_schemas_are_valid_json_schema(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})
        assert schema.get("title") or schema.get("enum") or schema == {}, name


def test_the_command_prints_it_without_any_server(tmp_path: Path, document: dict[str, Any]) -> None:
    app = build_app(["openapi", "config"])
    file = tmp_path / "openapi.yaml"
    assert CliRunner().invoke(app, ["openapi", "--format", "yaml", "--output", str(file)]).exit_code == 0
    assert yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader) == json.loads(json.dumps(document))
    printed = CliRunner().invoke(app, ["openapi"])
    assert json.loads(printed.stdout)["openapi"].startswith("3.1")


@pytest.mark.asyncio
async def test_the_running_app_gives_the_same(app: FastAPI, client: httpx.AsyncClient) -> None:
    answer = await client.get("/openapi.json")
    assert answer.status_code == 200
    assert answer.json() == json.loads(json.dumps(app.openapi()))


@pytest.mark.asyncio
async def test_the_page_loads_nothing_from_outside(client: httpx.AsyncClient) -> None:
    page = await client.get("/docs")
    assert page.status_code == 200
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert loaded
    for address in loaded:
        assert address.startswith("/docs/")
        assert (await client.get(address)).status_code == 200
    assert "<script>" not in page.text
    assert "script-src 'self';" in page.headers["Content-Security-Policy"]
    assert "http" not in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize("name", ["redoc.standalone.js", "..%2Fcore.py", "%2e%2e%2fcore.py", "x", "start.js%00"])
@pytest.mark.asyncio
async def test_the_page_gives_no_other_file(client: httpx.AsyncClient, name: str) -> None:
    assert (await client.get(f"/docs/{name}")).status_code == 404
