"""Renders errors: problem+json for programs, with the request's id."""

from http import HTTPStatus

from starlette.responses import Response

from sightline.core.errors import AppError, TooManyAttempts
from sightline.schemas.problem import FieldProblem, Problem

MEDIA_TYPE = "application/problem+json"


def problem_response(error: AppError, request_id: str, *, errors: tuple[FieldProblem, ...] = ()) -> Response:
    """A known error."""
    headers = {"Retry-After": str(error.retry_after)} if isinstance(error, TooManyAttempts) else {}
    problem = Problem(
        title=HTTPStatus(error.status).phrase,
        status=error.status,
        code=error.code,
        detail=error.message,
        hint=error.hint,
        request_id=request_id,
        errors=errors,
    )
    return rendered(problem, headers)


def unexpected_response(request_id: str) -> Response:
    """An error that is ours; what it was stands in the log only."""
    problem = Problem(
        title=HTTPStatus.INTERNAL_SERVER_ERROR.phrase,
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
        code="error",
        detail="something unexpected went wrong",
        hint="Try again; if it stays, look for the request id in the API's log.",
        request_id=request_id,
    )
    return rendered(problem, {})


def rendered(problem: Problem, headers: dict[str, str]) -> Response:
    """The answer."""
    body = problem.model_dump_json(exclude_defaults=False)
    return Response(body, status_code=problem.status, media_type=MEDIA_TYPE, headers=headers)
