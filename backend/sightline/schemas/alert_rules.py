"""Rules that raise alerts beyond what watchlists do by themselves."""

from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from typing import Annotated, Self
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from sightline.schemas.alerts import Severity
from sightline.schemas.base import In, Out, Text, UtcDatetime

INTEGER = 2**31 - 1
WEEK = 7 * 24 * 3600
LONGEST_DRY_RUN = timedelta(days=90)


class Weekday(StrEnum):
    """In the order of ISO 8601."""

    MONDAY = "mon"
    TUESDAY = "tue"
    WEDNESDAY = "wed"
    THURSDAY = "thu"
    FRIDAY = "fri"
    SATURDAY = "sat"
    SUNDAY = "sun"


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _is_zone(name: str) -> str:
    if name not in _zones():
        raise ValueError("no time zone of the IANA database, such as Europe/Berlin")
    return name


TimeZone = Annotated[str, Field(max_length=64, examples=["Europe/Berlin"]), AfterValidator(_is_zone)]
Beginning = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["22:00"])]
End = Annotated[str, Field(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", examples=["06:00"])]


class Window(In):
    """From one time of day to another, on days of the week. One that ends earlier than it begins ends the next day."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, populate_by_name=True)

    days: Annotated[tuple[Weekday, ...], Field(min_length=1, max_length=7, description="Days on which it begins.")]
    begins: Beginning = Field(alias="from")
    ends: End = Field(alias="to", description="Not part of the window; 24:00 is the end of the day.")

    @model_validator(mode="after")
    def _has_length(self) -> Self:
        if self.begins == self.ends:
            raise ValueError("a window that ends when it begins is none; a whole day is 00:00 to 24:00")
        if len(set(self.days)) != len(self.days):
            raise ValueError("a day is named twice")
        return self


class Schedule(In):
    """When a rule holds; without windows always."""

    time_zone: TimeZone = "UTC"
    windows: Annotated[tuple[Window, ...], Field(max_length=21)] = ()


class RuleIn(In):
    """A rule. Conditions that are null hold for everything; all of them must be met."""

    name: Annotated[Text, Field(min_length=1, max_length=100, examples=["Visitors at night"])]
    is_active: bool = True
    camera_id: UUID | None = Field(None, description="Only at this camera.")
    group_id: UUID | None = Field(None, description="Only at cameras of this group; not together with camera_id.")
    watchlist_id: int | None = Field(None, ge=1, le=INTEGER, description="Only subjects of this watchlist.")
    subject_id: UUID | None = Field(None, description="Only this subject.")
    min_similarity: float | None = Field(
        None, ge=-1, le=1, description="Least cosine similarity of the match; none: whatever counts as a match."
    )
    severity: Severity | None = Field(None, description="Null: the watchlist's.")
    cooldown_seconds: int = Field(
        300, ge=0, le=WEEK, description="Pause between alerts of this rule on one subject at one camera."
    )
    schedule: Schedule = Schedule()
    channel_ids: Annotated[tuple[UUID, ...], Field(max_length=20, description="Channels that its alerts go to.")] = ()

    @model_validator(mode="after")
    def _does_not_contradict_itself(self) -> Self:
        if self.camera_id is not None and self.group_id is not None:
            raise ValueError("a rule names a camera or a group of cameras, not both")
        if len(set(self.channel_ids)) != len(self.channel_ids):
            raise ValueError("a channel is named twice")
        return self


class RuleWarning(StrEnum):
    """Why a rule may not do what was meant."""

    LIST_NOT_IN_FORCE = "list_not_in_force"
    LIST_IS_EMPTY = "list_is_empty"
    SUBJECT_NOT_SEARCHED = "subject_not_searched"
    CAMERA_OFF = "camera_off"
    GROUP_IS_EMPTY = "group_is_empty"
    EVERYBODY_EVERYWHERE = "everybody_everywhere"
    CHANNEL_OFF = "channel_off"


class WarningOut(Out):
    """A warning: the rule is kept as it is."""

    code: RuleWarning
    message: str


class ChannelNameOut(Out):
    """A channel as those who write rules see it."""

    id: UUID
    name: str
    kind: str
    is_active: bool


class RuleOut(Out):
    """A rule and what may be wrong with it."""

    id: UUID
    name: str
    is_active: bool
    camera_id: UUID | None
    group_id: UUID | None
    watchlist_id: int | None
    subject_id: UUID | None
    min_similarity: float | None
    severity: Severity | None
    cooldown_seconds: int
    schedule: Schedule
    channels: Sequence[ChannelNameOut]
    warnings: Sequence[WarningOut]
    created_by: UUID | None
    created_at: UtcDatetime
    updated_at: UtcDatetime


class DryRunIn(In):
    """A rule, and the past to try it on."""

    rule: RuleIn
    since: UtcDatetime
    until: UtcDatetime

    @model_validator(mode="after")
    def _is_a_time_that_can_be_read(self) -> Self:
        if not timedelta() < self.until - self.since <= LONGEST_DRY_RUN:
            raise ValueError(f"until must come after since, by at most {LONGEST_DRY_RUN.days} days")
        return self


class WouldFireOut(Out):
    """A sighting for which the rule would have raised an alert."""

    sighting_id: UUID
    detected_at: UtcDatetime
    camera_id: UUID
    subject_id: UUID
    similarity: float | None


class DayOut(Out):
    """How often on one day, in the rule's time zone."""

    day: date
    alerts: int


class DryRunOut(Out):
    """What the rule would have done. Subjects, lists and groups are taken as they are today."""

    alerts: int
    per_day: Sequence[DayOut] = Field(description="Days without alerts are left out.")
    first: Sequence[WouldFireOut] = Field(description="The first 100.")
    sightings: int = Field(description="Sightings that met camera, subject, list and similarity.")
    is_complete: bool = Field(description="False: there were more sightings than are read; the earliest were.")
    warnings: Sequence[WarningOut]
