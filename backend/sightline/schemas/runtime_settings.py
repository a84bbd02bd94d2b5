"""Settings that an administrator changes while the system runs; the rest is the environment's (core/config.py).

The environment is the layer below: a section that nobody changed is as the environment says.
"""

from enum import StrEnum
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, model_validator

from sightline.schemas.base import In, Text


def _known_zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("no time zone of the IANA database has that name") from error


TimeZone = Annotated[Text, Field(min_length=1, max_length=64), AfterValidator(_known_zone)]
"""Name of the IANA database."""


class GeneralSettings(In):
    """How the house calls itself and tells time."""

    system_name: Text = Field("Sightline", min_length=1, max_length=100, description="On pages and reports.")
    time_zone: TimeZone = Field("UTC", description="Of reports, where they name no other.", examples=["Europe/Berlin"])
    language: str = Field(
        "en", pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$", description="Preferred language (BCP 47).", examples=["de"]
    )


class CameraDefaults(In):
    """How cameras are read that say nothing else; a change begins new tracks at every camera."""

    sample_rate: float = Field(5.0, gt=0, le=60, description="Frames per second that are analysed.")
    min_eye_distance: float = Field(
        8.0, gt=0, le=1000, description="px between the eyes below which a face is ignored."
    )


class RecognitionRules(In):
    """When a face is a match, and what is kept of people who match nobody; a change begins new tracks."""

    fmr: float = Field(
        1e-4, ge=1e-9, lt=1, description="False-match rate of one comparison; the model pack must have measured it."
    )
    min_similarity: float | None = Field(
        None, ge=-1, le=1, description="An explicit similarity instead of the operating point."
    )
    unknown: Literal["count", "crop", "template"] = Field(
        "crop", description="What is kept of people who match nobody: a count, a crop for a while, or a template too."
    )
    unknown_hours: int = Field(24, ge=1, le=24 * 366, description="Hours until that is erased.")
    unknown_purpose: Text = Field(
        "", max_length=500, description="Why templates of unknown people are kept; needed for unknown=template."
    )

    @model_validator(mode="after")
    def _template_needs_purpose(self) -> Self:
        if self.unknown == "template" and not self.unknown_purpose.strip():
            raise ValueError(
                "unknown=template keeps biometric data of bystanders: state the purpose in unknown_purpose"
            )
        return self


class AlertDefaults(In):
    """When an alert is raised."""

    cooldown_seconds: int = Field(
        300, ge=0, le=7 * 86400, description="Pause between alerts on one subject at one camera."
    )


class RetentionRules(In):
    """How long records are kept. A shorter time removes what is older within a minute, for good."""

    sightings_days: int = Field(30, ge=1, le=3660, description="Days that sightings and their pictures are kept.")
    minute_counts_days: int = Field(
        90, ge=3, le=3660, description="Days that counts per minute are kept; those per quarter of an hour stay."
    )


class PrivacySettings(In):
    """What the house asks of whoever looks at people."""

    purpose_required: bool = Field(
        default=False, description="Pictures, searches and exports ask for a purpose (header Sightline-Purpose)."
    )
    search_needs_approval: bool = Field(
        default=False, description="A search of past sightings by face runs after a second person has approved it."
    )
    match_needs_verification: bool = Field(
        default=False, description="An alert leaves the house after a second person has confirmed the match."
    )
    backups_kept_days: int = Field(
        30, ge=0, le=3650, description="Days after which backups are overwritten; receipts of erasure state it."
    )


class Section(StrEnum):
    """Parts of the settings; each is read and changed as a whole."""

    GENERAL = "general"
    CAMERAS = "cameras"
    RECOGNITION = "recognition"
    ALERTS = "alerts"
    RETENTION = "retention"
    PRIVACY = "privacy"


class RuntimeSettings(In):
    """All of them, each with its default."""

    general: GeneralSettings = GeneralSettings()
    cameras: CameraDefaults = CameraDefaults()
    recognition: RecognitionRules = RecognitionRules()
    alerts: AlertDefaults = AlertDefaults()
    retention: RetentionRules = RetentionRules()
    privacy: PrivacySettings = PrivacySettings()


AnySection = GeneralSettings | CameraDefaults | RecognitionRules | AlertDefaults | RetentionRules | PrivacySettings
"""The value of one section."""
