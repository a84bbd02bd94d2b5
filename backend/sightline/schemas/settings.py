"""Settings over HTTP: each section with its value, its default and who changed it; what a retention would remove."""

from enum import StrEnum
from typing import Generic, TypeVar
from uuid import UUID

from pydantic import Field

from sightline.schemas.base import Out, UtcDatetime
from sightline.schemas.runtime_settings import (
    AlertDefaults,
    CameraDefaults,
    GeneralSettings,
    PrivacySettings,
    RecognitionRules,
    RetentionRules,
    Section,
)

Value = TypeVar("Value")


class SettingsSource(StrEnum):
    """Where a value comes from: the environment, or an administrator's change."""

    DEFAULT = "default"
    CHANGED = "changed"


class SectionOut(Out, Generic[Value]):
    """A section of the settings."""

    section: Section
    value: Value = Field(description="What is in force.")
    default: Value = Field(description="What the environment says, in force where nobody changed it.")
    source: SettingsSource
    updated_at: UtcDatetime | None
    updated_by: UUID | None
    updated_by_name: str | None
    etag: str = Field(description="For If-Match of a change.", examples=['"0"'])


class SettingsOut(Out):
    """All sections."""

    general: SectionOut[GeneralSettings]
    cameras: SectionOut[CameraDefaults]
    recognition: SectionOut[RecognitionRules]
    alerts: SectionOut[AlertDefaults]
    retention: SectionOut[RetentionRules]
    privacy: SectionOut[PrivacySettings]


class RetentionPreviewOut(Out):
    """What a retention would remove now."""

    sightings_before: UtcDatetime
    minute_counts_before: UtcDatetime
    sightings: int = Field(description="Sightings that go.")
    known: int = Field(description="Those of subjects among them.")
    pictures_estimate: int = Field(description="Pictures that go, estimated from a sample.")
    database_bytes_estimate: int = Field(description="What they take in the database, by their share of each month.")
    oldest_sighting_at: UtcDatetime | None
    months_dropped: int = Field(description="Months that go as a whole.")
    alerts_anonymised: int = Field(description="Alerts that lose person, sighting and text.")
    minute_counts: int = Field(description="Counts per camera and minute that go.")
