"""Settings that an administrator changes while the system runs; the rest is the environment's (core/config.py)."""

from pydantic import Field

from sightline.schemas.base import In


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


class RuntimeSettings(In):
    """All of them, each with its default."""

    privacy: PrivacySettings = PrivacySettings()
