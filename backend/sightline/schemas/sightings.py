"""Sightings: in lists, one by one, and as filters."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from sightline.schemas.base import In, Out, UtcDatetime
from sightline.schemas.bulk import BulkIds
from sightline.schemas.corrections import CorrectionOut, Note, Verdict
from sightline.schemas.exports import ExportFormat

Similarity = Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
MOST_CHOSEN = 200
"""Cameras or subjects that one filter names."""


class BoxOut(Out):
    """A face in the full frame, px."""

    x: float
    y: float
    width: float
    height: float


class SightingOut(Out):
    """Somebody seen by a camera once."""

    id: UUID
    camera_id: UUID
    camera_name: str
    camera_time_zone: str = Field(description="Where the camera hangs.", examples=["Europe/Berlin"])
    subject_id: UUID | None = Field(description="Null: unknown.")
    subject_name: str | None
    similarity: float | None = Field(description="Cosine similarity of the match, -1 to 1.")
    false_match_rate: float | None = Field(
        description="Share of comparisons with strangers that reach this similarity; null where it was not measured."
    )
    false_match_rate_is_bound: bool = Field(description="The true rate is the stated one or lower.")
    quality: float | None = Field(description="Capture quality of the best shot, 0 to 1.")
    detections: int
    box: BoxOut = Field(description="Where the face was in the frame of the best shot; it may have moved since.")
    frame_width: int
    frame_height: int
    detected_at: UtcDatetime
    last_seen_at: UtcDatetime
    closed_at: UtcDatetime | None = Field(description="Null while the person is in view.")
    has_image: bool
    has_context: bool
    verdict: Verdict | None = Field(None, description="What a person decided about the match; null: nobody has.")
    corrected_at: UtcDatetime | None = None
    image_url: str | None = Field(
        None,
        description="Shows the best crop for at least 5 minutes without a header; null where there is none, or where"
        " you may not see it (the house may ask for the header Sightline-Purpose).",
        examples=["/v1/media?token=AQIDBA"],
    )
    context_url: str | None = Field(None, description="The same for the full frame with the face marked.")


class CandidateOut(Out):
    """A subject that recognition ranked, the most similar first."""

    subject_id: UUID
    subject_name: str | None = Field(description="Null: not visible to you.")
    similarity: float
    false_match_rate: float | None
    false_match_rate_is_bound: bool
    picture_url: str | None = Field(
        None,
        description="Shows the subject's portrait, as image_url shows the sighting; null where there is none, or where"
        " you may not see it.",
        examples=["/v1/media?token=AQIDBA"],
    )


class SightingDetailOut(SightingOut):
    """A sighting with what only its own page shows."""

    candidates: Sequence[CandidateOut]
    model_version: str | None = Field(description="The model that made the template; null where none is kept.")
    has_template: bool = Field(description="Whether similar sightings can be looked for.")
    media_expires_at: UtcDatetime | None = Field(description="When pictures and template of somebody unknown go.")
    corrections: Sequence[CorrectionOut] = Field(description="Every decision, the oldest first.")


class SightingFilterIn(In):
    """Which sightings; everything that is not given leaves all."""

    camera_id: list[UUID] | None = Field(None, max_length=MOST_CHOSEN, description="Any of these cameras.")
    group_id: UUID | None = Field(None, description="Cameras of this group.")
    subject_id: list[UUID] | None = Field(None, max_length=MOST_CHOSEN, description="Any of these subjects.")
    watchlist_id: int | None = Field(None, ge=1, lt=2**31, description="Subjects on this watchlist.")
    known: bool | None = Field(None, description="Whether somebody was recognised.")
    min_similarity: Similarity | None = None
    min_quality: Share | None = None
    since: UtcDatetime | None = Field(None, description="First seen at this moment or later.")
    until: UtcDatetime | None = Field(None, description="First seen before this moment.")
    open: bool | None = Field(None, description="Whether the person is still in view.")
    verdict: Verdict | None = Field(None, description="What a person decided.")


class SightingListIn(SightingFilterIn):
    """Query parameters of the list."""

    sort: Literal["detected_at", "-detected_at"] = Field("-detected_at", description="A leading minus: newest first.")
    limit: int = Field(50, ge=1, le=200, description="Rows per page, at most.")
    cursor: str | None = Field(
        None, max_length=2000, description="next of the page before; none for the first one, and in the same order."
    )
    total: bool = Field(default=False, description="Count them too: up to 10,001, which stands for more than 10,000.")


class SightingExportIn(SightingFilterIn):
    """What is exported: at most 1,000,000 sightings, the newest first."""

    format: ExportFormat = ExportFormat.CSV
    byte_order_mark: bool = Field(default=False, description="Begin a CSV file so that Excel reads it as UTF-8.")


class RejectIn(In):
    """It is not that person."""

    note: Note = ""


class AssignIn(In):
    """It is this person."""

    subject_id: UUID
    note: Note = ""


class UndoIn(In):
    """Back to what recognition said."""

    note: Note = ""


class BulkAction(StrEnum):
    """What is done with each of several."""

    REJECT = "reject"
    ASSIGN = "assign"
    UNDO = "undo"


class SightingBulkIn(BulkIds):
    """One decision about several sightings."""

    action: BulkAction
    subject_id: UUID | None = Field(None, description="Who it is, for assign.")
    note: Note = ""
