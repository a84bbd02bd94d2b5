"""Sightings."""

from uuid import UUID

from pydantic import Field

from sightline.schemas.base import Out, UtcDatetime


class SightingOut(Out):
    """Somebody seen by a camera once. Pictures: …/image and …/context, where has_image and has_context."""

    id: UUID
    camera_id: UUID
    camera_name: str
    subject_id: UUID | None = Field(description="Null: unknown.")
    subject_name: str | None
    similarity: float | None = Field(description="Cosine similarity of the match, -1 to 1.")
    false_match_rate: float | None = Field(
        description="Share of comparisons with strangers that reach this similarity; null where it was not measured."
    )
    false_match_rate_is_bound: bool = Field(description="The true rate is the stated one or lower.")
    quality: float | None = Field(description="Capture quality of the best shot, 0 to 1.")
    detections: int
    detected_at: UtcDatetime
    last_seen_at: UtcDatetime
    closed_at: UtcDatetime | None = Field(description="Null while the person is in view.")
    has_image: bool
    has_context: bool
