"""Errors as RFC 9457 describes them."""

from pydantic import Field

from sightline.schemas.base import Out


class FieldProblem(Out):
    """What is wrong with one field; what was given is not repeated."""

    field: str = Field(examples=["body.username"])
    message: str


class Problem(Out):
    """application/problem+json."""

    type: str = "about:blank"
    title: str = Field(examples=["Not Found"])
    status: int
    code: str = Field(description="Stable, for programs.", examples=["not_found"])
    detail: str = Field(description="What happened.")
    hint: str = Field("", description="What to do next.")
    request_id: str = Field(description="Quote it when you ask for help; the log has it too.")
    errors: tuple[FieldProblem, ...] = ()
