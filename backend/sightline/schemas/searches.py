"""Searches of past sightings by face, and the requests that wait for a second person."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import UploadFile
from pydantic import Field

from sightline.schemas.base import In, Out, UtcDatetime
from sightline.schemas.corrections import Note
from sightline.schemas.sightings import MOST_CHOSEN, SightingOut, Similarity

FalseMatchRate = Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)]


class HistoryFilterIn(In):
    """Where, when and how similar."""

    camera_id: list[UUID] | None = Field(None, max_length=MOST_CHOSEN, description="Any of these cameras.")
    since: UtcDatetime | None = Field(None, description="First seen at this moment or later.")
    until: UtcDatetime | None = Field(None, description="First seen before this moment.")
    min_similarity: Similarity | None = Field(
        None, description="The least similarity; without it that of fmr, without both that of recognition."
    )
    fmr: FalseMatchRate | None = Field(
        None, description="False-match rate of one comparison, in place of a similarity."
    )
    top_k: int = Field(20, ge=1, le=100, description="Sightings, at most.")


class SightingSearchIn(HistoryFilterIn):
    """A picture of the face that is looked for, and where to look."""

    file: UploadFile = Field(description="JPEG, PNG, WebP, BMP, TIFF or still GIF, at most 20 MiB; the largest face.")


class HistoryMatchOut(Out):
    """A past sighting that resembles the probe."""

    sighting: SightingOut
    similarity: float = Field(description="Cosine similarity of probe and sighting, -1 to 1.")
    false_match_rate: float | None = Field(
        description="Share of comparisons with strangers that reach this similarity; null where it was not measured."
    )
    false_match_rate_is_bound: bool


class HistorySearchOut(Out):
    """What a search found, the most similar first."""

    items: Sequence[HistoryMatchOut]
    min_similarity: float = Field(description="The threshold that was used.")


class SearchStatus(StrEnum):
    """Waits; may run; may not; nobody decided in time."""

    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"
    EXPIRED = "expired"


class SearchRequestOut(Out):
    """A search that asks, or asked, for a second person."""

    id: UUID
    status: SearchStatus
    purpose: str
    requested_by: UUID
    requested_by_name: str | None
    camera_ids: Sequence[UUID] | None = Field(description="Null: every camera that the requester may see.")
    since: UtcDatetime | None
    until: UtcDatetime | None
    min_similarity: float
    top_k: int
    decided_by: UUID | None
    decided_by_name: str | None
    decided_at: UtcDatetime | None
    note: str = Field(description="Of whoever decided.")
    expires_at: UtcDatetime = Field(description="When the probe goes, and results can be had no more.")
    created_at: UtcDatetime


class SearchDetailOut(SearchRequestOut):
    """A search with what it finds now: for whoever asked, once it is approved and until it expires; else null."""

    found: HistorySearchOut | None


class DecisionIn(In):
    """The second person's word."""

    note: Note = ""
