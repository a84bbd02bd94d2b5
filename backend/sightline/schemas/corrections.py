"""Decisions about who a sighting shows, and the errors that they count."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from sightline.schemas.base import Out, Text, UtcDatetime

Note = Annotated[Text, Field(max_length=500, description="Why; not kept in the audit log, and erased with the person.")]


class Verdict(StrEnum):
    """It is whom recognition named; it is not; it is somebody else."""

    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    ASSIGNED = "assigned"


class CorrectionOut(Out):
    """One decision."""

    id: UUID
    verdict: str = Field(description="confirmed, rejected, assigned, or undone: back to what recognition said.")
    subject_id: UUID | None = Field(description="Who it is by this decision; null: unknown.")
    subject_name: str | None
    note: str
    decided_by: str | None = Field(description="Username; null where the account is gone.")
    created_at: UtcDatetime


class ErrorCountOut(Out):
    """What decisions say about the sightings of a camera, or about one subject."""

    id: UUID
    name: str
    false_matches: int = Field(description="Recognised as this one, and it was not.")
    missed: int = Field(description="It was this one, and was not recognised as such.")
    confirmed: int = Field(description="Recognised rightly.")


class ErrorCountsOut(Out):
    """Per camera and per subject, most errors first. Errors that nobody looked at are in no count."""

    cameras: Sequence[ErrorCountOut]
    subjects: Sequence[ErrorCountOut]
