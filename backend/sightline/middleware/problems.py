"""Renders errors: problem+json for programs, with the request's id."""

from http import HTTPStatus

from starlette.responses import Response

from sightline.core.errors import AppError, FaceRefused, LooksLikeOther, TooManyAttempts, Unauthenticated
from sightline.domain.quality import ExaminedFace
from sightline.schemas.problem import FaceSeen, FieldProblem, Problem, Resembles

MEDIA_TYPE = "application/problem+json"


def problem_response(error: AppError, request_id: str, *, errors: tuple[FieldProblem, ...] = ()) -> Response:
    """A known error."""
    headers = {"Retry-After": str(error.retry_after)} if isinstance(error, TooManyAttempts) else {}
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = 'Bearer realm="sightline"'  # RFC 9110, 15.5.2: every 401 has one
    problem = Problem(
        title=HTTPStatus(error.status).phrase,
        status=error.status,
        code=error.code,
        detail=error.message,
        hint=error.hint,
        request_id=request_id,
        errors=errors,
        faces=tuple(_face(face) for face in error.faces) if isinstance(error, FaceRefused) else None,
        resembles=Resembles.model_validate(error) if isinstance(error, LooksLikeOther) else None,
    )
    return rendered(problem, headers)


def _face(face: ExaminedFace) -> FaceSeen:
    seen = face.quality
    return FaceSeen(
        box=face.box,
        quality=seen.score,
        eye_distance=seen.eye_distance,
        sharpness=seen.sharpness,
        frontality=seen.frontality,
        exposure=seen.exposure,
        visible=face.visible,
        bystander=face.bystander,
    )


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
    body = problem.model_dump_json(exclude_none=True)
    return Response(body, status_code=problem.status, media_type=MEDIA_TYPE, headers=headers)
