"""The OpenAPI 3.1 document: what FastAPI reads off the routes, and what holds for all of them.

Every operation says who may call it, what quota it draws on, and each error it can answer with.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final, get_args

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from sightline.api.conditional import expected_version
from sightline.api.cookies import cookie_name
from sightline.api.gate import rate_class
from sightline.api.openapi_errors import COMPONENTS, REFERENCES
from sightline.api.openapi_examples import add_examples
from sightline.api.openapi_summaries import summary_of
from sightline.api.openapi_texts import DESCRIPTION, IDEMPOTENCY_KEY, TAGS
from sightline.api.permissions import MATRIX, Permission, declared, routes
from sightline.core.config import Settings
from sightline.schemas.problem import Problem
from sightline.services.rate_limits import WINDOW_SECONDS

Json = dict[str, Any]
"""A part of the document, which is JSON by nature and leaves this module as such only."""

MORE_ERRORS: Final = {
    "/v1/media": {403, 404},
    "/v1/auth/second-factor/confirm": {404},
    "/v1/jobs/{job_id}/result": {409},  # not done yet
    **{
        f"/v1/cameras/{{camera_id}}/control{order}": {409, 502, 504}  # the camera itself is asked
        for order in ("", "/move", "/stop", "/preset", "/home")
    },
}
"""Beside those that follow from a route's shape."""
CHANGING: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
LICENCE: Final = {"name": "Apache License 2.0", "identifier": "Apache-2.0"}
SECURITY: Final[list[dict[str, list[str]]]] = [{"bearer": []}, {"api_key": []}, {"cookie": []}]


def install(app: FastAPI, settings: Settings) -> None:
    """Let app.openapi() give the document."""

    def document() -> Json:
        if app.openapi_schema is None:
            app.openapi_schema = build(app, settings)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # as FastAPI's manual has it, "Extending OpenAPI"


def build(app: FastAPI, settings: Settings) -> Json:
    """The document."""
    document = get_openapi(
        title=app.title,
        version=app.version,
        summary="Finds faces on cameras, names the people who are enrolled, and says how sure it is.",
        description=DESCRIPTION,
        routes=app.routes,
        tags=TAGS,
        servers=[{"url": "/", "description": "The server that this document comes from"}],
        license_info=LICENCE,
    )
    schemas: Json = document.setdefault("components", {}).setdefault("schemas", {})
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    schemas.update(_problem_schemas())
    document["components"]["responses"] = COMPONENTS
    document["components"]["securitySchemes"] = _schemes(settings)
    for path, method, route in _operations(app):
        _complete(document["paths"][path][method.lower()], path, method, route)
    add_examples(document)
    return _renamed(document)


def _renamed(document: Json) -> Json:
    """With names that read well in a generated client: CameraPage, UploadImageForm."""
    text = json.dumps(document)
    for name in document["components"]["schemas"]:
        better = _better(name)
        if better != name:
            text = text.replace(f'/schemas/{name}"', f'/schemas/{better}"').replace(f'"{name}": {{', f'"{better}": {{')
    renamed: Json = json.loads(text)
    return renamed


def _better(name: str) -> str:
    if page := re.fullmatch(r"Page_(\w+?)(?:Out)?_", name):
        return f"{page[1]}Page"
    if other := re.fullmatch(r"(\w+?)Out_(\w+)_", name):
        return f"{other[2]}{other[1]}"
    if twin := re.fullmatch(r"sightline__schemas__([a-z_]+?)s?__(\w+)", name):
        return "".join(word.capitalize() for word in twin[1].split("_")) + twin[2]
    if form := re.fullmatch(r"Body_(\w+)", name):
        return "".join(word.capitalize() for word in form[1].split("_")) + "Form"
    return name


def _operations(app: FastAPI) -> Iterator[tuple[str, str, Any]]:
    for context in routes(app):
        if isinstance(context.original_route, APIRoute) and context.include_in_schema:
            for method in sorted(context.methods or ()):
                yield str(context.path_format), method, context


def _complete(operation: Json, path: str, method: str, route: Any) -> None:
    permission = declared(route)
    kind = rate_class(path, method, permission)
    operation["summary"] = route.summary or summary_of(operation["operationId"])
    operation["security"] = SECURITY if permission else []
    if permission is not None:
        operation["x-permission"] = permission.name.lower()
        operation["x-roles"] = sorted(role.value for role in MATRIX[permission])
    operation["x-rate-limit"] = {"class": kind.value, "window": WINDOW_SECONDS}
    if method == "POST" and permission is not None:
        operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
    _document_errors(operation, _errors(path, method, route, permission))


def _document_errors(operation: Json, statuses: set[int]) -> None:
    responses: Json = operation["responses"]
    responses.pop("422", None) if _is_fastapis(responses.get("422")) else None
    for status in sorted(statuses):
        responses.setdefault(str(status), REFERENCES[status])
    operation["responses"] = dict(sorted(responses.items()))


def _is_fastapis(response: Json | None) -> bool:
    return response is not None and "HTTPValidationError" in str(response)


def _errors(path: str, method: str, route: Any, permission: Permission | None) -> set[int]:
    """Statuses that this operation may answer with beside those that it names itself."""
    dependant: Dependant = route.dependant
    found = {429, 503} | MORE_ERRORS.get(path, set())
    if permission is not None:
        found |= {401, 403}
    if permission is None and method in CHANGING:
        found.add(401)  # logging in
    if route.body_field is not None or method == "POST" or _has_parameters(dependant):
        found.add(422)
    if "{" in path or _names_records(route.body_field):
        found.add(404)
    if method in CHANGING:
        found.add(409)
    if route.body_field is not None:
        found |= {400, 413, 415}
    if _uses(dependant, expected_version):
        found |= {412, 428}
    return found


def _names_records(body: Any) -> bool:
    """Whether a body names records by their ids, which may be absent."""
    if body is None:
        return False
    annotation = body.field_info.annotation
    models = [annotation, *get_args(annotation)]
    names = [name for model in models for name in getattr(model, "model_fields", {})]
    return any(name.endswith(("_id", "_ids")) for name in names)


def _uses(dependant: Dependant, call: object) -> bool:
    return dependant.call is call or any(_uses(inner, call) for inner in dependant.dependencies)


def _has_parameters(dependant: Dependant) -> bool:
    own = dependant.path_params or dependant.query_params or dependant.header_params or dependant.cookie_params
    return bool(own) or any(_has_parameters(inner) for inner in dependant.dependencies)


def _problem_schemas() -> Json:
    schema = Problem.model_json_schema(mode="serialization", ref_template="#/components/schemas/{model}")
    inner: Json = schema.pop("$defs", {})
    return {**inner, "Problem": schema}


def _schemes(settings: Settings) -> Json:
    return {
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "An access token of `POST /v1/auth/login`, or an API key.",
        },
        "api_key": {
            "type": "apiKey",
            "in": "header",
            "name": "X-API-Key",
            "description": "An API key of `POST /v1/api-keys`.",
        },
        "cookie": {
            "type": "apiKey",
            "in": "cookie",
            "name": cookie_name(settings),
            "description": "How browsers are logged in.",
        },
    }
