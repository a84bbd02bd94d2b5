"""Errors as RFC 9457 describes them."""

from uuid import UUID

from pydantic import Field

from sightline.schemas.base import Out


class FieldProblem(Out):
    """What is wrong with one field; what was given is not repeated."""

    field: str = Field(examples=["body.username"])
    message: str


class FaceSeen(Out):
    """A face in a picture that was refused, and how usable it is; each part from 0 to 1, 1 is best."""

    box: tuple[float, float, float, float] = Field(description="x, y, width, height in px.")
    quality: float
    eye_distance: float = Field(description="px between the eyes.")
    sharpness: float
    frontality: float
    exposure: float
    visible: float = Field(description="Share of the face inside the picture.")
    bystander: bool = Field(description="Too small beside the first face to count as a second person.")


class Resembles(Out):
    """The subject that looks like the same person."""

    subject_id: UUID
    similarity: float = Field(description="Cosine, -1 to 1.")


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
    faces: tuple[FaceSeen, ...] | None = Field(
        None, description="With codes of refused faces only: what was seen, the principal face first."
    )
    resembles: Resembles | None = Field(None, description="With looks_like_other only.")
