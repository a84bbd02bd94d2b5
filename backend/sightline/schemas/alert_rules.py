"""Rules that raise alerts beyond what watchlists do by themselves."""

from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from sightline.schemas.alerts import Severity
from sightline.schemas.base import In, Out, Text, UtcDatetime
from sightline.schemas.cameras import Area
from sightline.schemas.schedules import QuietHours, Schedule

INTEGER = 2**31 - 1
WEEK = 7 * 24 * 3600
LONGEST_FREQUENCY = 31 * 24 * 3600
LONGEST_DRY_RUN = timedelta(days=90)

Region = Annotated[list[Area], Field(min_length=1, max_length=8)]


class FrequencyPlace(StrEnum):
    """Where sightings are counted together."""

    CAMERA = "camera"
    ANYWHERE = "anywhere"


class CoPresencePlace(StrEnum):
    """Where two people count as seen together."""

    CAMERA = "camera"
    GROUP = "group"


class CooldownScope(StrEnum):
    """What a pause is of. SUBJECT: one alert on a person, however many cameras see them."""

    SUBJECT_AND_CAMERA = "subject_and_camera"
    SUBJECT = "subject"
    RULE = "rule"


class Frequency(In):
    """How often somebody must be seen. Each time is a sighting of its own: who stays in view counts once."""

    count: int = Field(ge=2, le=1000, description="Sightings.", examples=[3])
    within_seconds: int = Field(ge=1, le=LONGEST_FREQUENCY, description="Up to 31 days.", examples=[3600])
    place: FrequencyPlace = Field(FrequencyPlace.CAMERA, description="camera: at one camera; anywhere: over all.")


class CoPresence(In):
    """Another person who must be seen about the same time; the rule's similarity counts for both."""

    subject_id: UUID
    within_seconds: int = Field(
        60,
        ge=0,
        le=24 * 3600,
        description="Between one sighting and the other; 0: at the same time.",
    )
    place: CoPresencePlace = Field(CoPresencePlace.CAMERA, description="At the same camera, or at ones of its group.")


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
        300, ge=0, le=WEEK, description="Pause between alerts of this rule, by cooldown_scope."
    )
    schedule: Schedule = Schedule()
    channel_ids: Annotated[tuple[UUID, ...], Field(max_length=20, description="Channels that its alerts go to.")] = ()
    unknown_person: bool = Field(default=False, description="Only people whom nobody recognises.")
    unknown_after_seconds: int = Field(
        10, ge=0, le=24 * 3600, description="In view for so long without a name, or gone, somebody counts as unknown."
    )
    zone: Region | None = Field(
        None, description="Only where the face's centre lies in one of these areas of camera_id's picture."
    )
    max_fmr: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="False-match rate that a match must hold, by what the model pack measured; 1e-5 is strict.",
        examples=[1e-5],
    )
    frequency: Frequency | None = Field(None, description="Only when somebody is seen this often.")
    co_presence: CoPresence | None = Field(None, description="Only together with this person; needs subject_id.")
    cooldown_scope: CooldownScope = Field(
        CooldownScope.SUBJECT_AND_CAMERA, description="Of what the pause is: subject dedupes over cameras."
    )
    snoozed_until: UtcDatetime | None = Field(None, description="What is seen before this moment raises nothing.")
    quiet_hours: QuietHours | None = Field(None, description="Null: notifications go at any time.")
    is_escalated: bool = Field(default=True, description="False: nobody else is told, however long its alerts wait.")
    escalation_policy_id: UUID | None = Field(
        None, description="Who is told then, and when; null: the house's default."
    )

    @model_validator(mode="after")
    def _does_not_contradict_itself(self) -> Self:
        if self.camera_id is not None and self.group_id is not None:
            raise ValueError("a rule names a camera or a group of cameras, not both")
        if self.zone is not None and self.camera_id is None:
            raise ValueError("a zone is a part of one camera's picture: name camera_id")
        if self.co_presence is not None and self.subject_id is None:
            raise ValueError("co-presence is of two people: name the other one in subject_id")
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
    NEVER_IN_FORCE = "never_in_force"
    HOLIDAYS_NOT_NAMED = "holidays_not_named"
    ALWAYS_QUIET = "always_quiet"
    FREQUENCY_BEYOND_RETENTION = "frequency_beyond_retention"
    RATE_NOT_MEASURED = "rate_not_measured"
    UNKNOWN_AND_NAMED = "unknown_and_named"
    UNKNOWN_NOT_RECORDED = "unknown_not_recorded"
    CO_PRESENCE_WITH_ONESELF = "co_presence_with_oneself"
    CO_PRESENCE_NOT_SEARCHED = "co_presence_not_searched"
    CANNOT_BE_EVALUATED = "cannot_be_evaluated"


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
    unknown_person: bool
    unknown_after_seconds: int
    zone: Sequence[Sequence[tuple[float, float]]] | None
    max_fmr: float | None
    frequency: Frequency | None
    co_presence: CoPresence | None
    cooldown_scope: CooldownScope
    snoozed_until: UtcDatetime | None
    quiet_hours: QuietHours | None
    is_escalated: bool
    escalation_policy_id: UUID | None
    warnings: Sequence[WarningOut]
    created_by: UUID | None
    created_at: UtcDatetime
    updated_at: UtcDatetime


class SnoozeIn(In):
    """Until when a rule is silent; null: it is not any more."""

    until: UtcDatetime | None = Field(examples=["2026-11-23T06:00:00Z"])


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
    """A sighting for which the rule would have raised an alert. at: the moment from which all conditions held."""

    sighting_id: UUID
    at: UtcDatetime
    detected_at: UtcDatetime
    camera_id: UUID
    subject_id: UUID | None = Field(description="Null: somebody unknown.")
    similarity: float | None


class DayOut(Out):
    """How often on one day, in the rule's time zone or else the camera's."""

    day: date
    alerts: int


class DryRunLimit(StrEnum):
    """What the past cannot tell."""

    RETENTION = "retention"
    ANONYMISED = "anonymised"
    NAMED_LATER = "named_later"
    UNKNOWN_NOT_RECORDED = "unknown_not_recorded"
    BEST_SHOT_ONLY = "best_shot_only"
    CORRECTED = "corrected"
    LIST_IS_CUT = "list_is_cut"


class DryRunLimitOut(Out):
    """Why the past may have been another one than its records say."""

    code: DryRunLimit
    message: str


class DryRunOut(Out):
    """What the rule would have done. Subjects, lists, groups and thresholds are taken as they are today."""

    alerts: int
    summary: str = Field(examples=["It would have fired 14 times in 7 days."])
    per_day: Sequence[DayOut] = Field(description="Days without alerts are left out.")
    first: Sequence[WouldFireOut] = Field(description="The first 100.")
    sightings: int = Field(description="Sightings that met camera, subject, list and similarity.")
    is_complete: bool = Field(description="False: there were more sightings than are read; the earliest were.")
    limits: Sequence[DryRunLimitOut] = Field(description="What the past cannot tell.")
    warnings: Sequence[WarningOut]
