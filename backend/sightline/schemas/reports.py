"""Reports: what is to be in one, and as which kind of file."""

from enum import StrEnum
from typing import Self
from uuid import UUID

from pydantic import Field, model_validator

from sightline.schemas.base import In, Text, UtcDatetime
from sightline.schemas.runtime_settings import TimeZone


class ReportKind(StrEnum):
    """activity: who comes when; alerts: how many, how fast; accuracy: error rates; subject: one person."""

    ACTIVITY = "activity"
    ALERTS = "alerts"
    ACCURACY = "accuracy"
    SUBJECT = "subject"


class ReportFormat(StrEnum):
    """Kinds of files."""

    PDF = "pdf"
    XLSX = "xlsx"
    CSV = "csv"


class ReportInterval(StrEnum):
    """Width of a bucket in a report."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class ReportIn(In):
    """A report over a span of two years at most (accuracy: 31 days), without pictures of people."""

    kind: ReportKind
    format: ReportFormat = ReportFormat.PDF
    since: UtcDatetime | None = Field(None, description="Without it a week before until.")
    until: UtcDatetime | None = Field(None, description="Without it now.")
    time_zone: TimeZone | None = Field(None, description="Without it that of the settings.", examples=["Europe/Berlin"])
    interval: ReportInterval = ReportInterval.DAY
    title: Text = Field("", max_length=200, description="Without it that of the kind.")
    camera_ids: list[UUID] | None = Field(None, min_length=1, max_length=200, description="Only these cameras.")
    group_id: UUID | None = Field(None, description="Only cameras of this group.")
    subject_id: UUID | None = Field(None, description="Whom a report of the kind subject is about.")

    @model_validator(mode="after")
    def _subject_has_its_kind(self) -> Self:
        if (self.kind is ReportKind.SUBJECT) != (self.subject_id is not None):
            raise ValueError("a report of the kind subject needs subject_id, and only that one has it")
        return self


class ReportParameters(ReportIn):
    """What the job is given. purpose: as it was stated."""

    purpose: str | None = None
