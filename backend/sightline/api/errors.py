"""From exceptions to problem+json."""

from http import HTTPStatus
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from sightline.api import interface
from sightline.core.errors import AppError, InvalidInput, TooLarge
from sightline.middleware.problems import problem_response, rendered
from sightline.middleware.request_log import log, request_id_of
from sightline.schemas.problem import FieldProblem, Problem

SHOWN: Final = 20
"""Wrong fields that are named, at most."""
LONGEST: Final = 200
"""Characters of a client's own text that are repeated to it."""

CODES: Final = {HTTPStatus.REQUEST_ENTITY_TOO_LARGE: TooLarge.code, HTTPStatus.BAD_REQUEST: "bad_request"}
"""Where the name of the status is not the code that we use elsewhere."""


def install(app: FastAPI) -> None:
    """Answer every known error."""
    app.add_exception_handler(AppError, _app_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


async def _app_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, AppError)  # noqa: S101 - registered for it
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("%s: %s", error.code, error.message, extra={"request_id": request_id_of(request.scope)})
    return problem_response(error, request_id_of(request.scope))


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it
    fields = tuple(
        FieldProblem(
            field=printable(".".join(str(part) for part in entry["loc"])), message=printable(str(entry["msg"]))
        )
        for entry in error.errors()[:SHOWN]
    )
    refusal = InvalidInput("the request cannot be understood", hint="Correct the fields named in errors.")
    return problem_response(refusal, request_id_of(request.scope), errors=fields)


async def _http(request: Request, error: Exception) -> Response:
    """What the router itself says: no such path, which may be the interface's, or not with this method."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
    status = HTTPStatus(error.status_code)
    shown = interface.answer(request) if status is HTTPStatus.NOT_FOUND else None
    if shown:
        return shown
    problem = Problem(
        title=status.phrase,
        status=status,
        code=CODES.get(status, status.name.lower()),
        detail=f"{request.method} {printable(request.url.path)}: {status.phrase.lower()}",
        request_id=request_id_of(request.scope),
    )
    return rendered(problem, dict(error.headers or {}))


def printable(text: str) -> str:
    """What a client sent, fit to be sent back: short, and without lone surrogates, which no encoding can carry."""
    return text[:LONGEST].encode("utf-8", "replace").decode("utf-8")
