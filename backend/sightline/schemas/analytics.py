"""Numbers: the first page, series, cameras, subjects, recognition. Hours and days are those of a time zone."""

import datetime as dt
from collections.abc import Sequence
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from sightline.schemas.base import Out, UtcDatetime


class MinuteOut(Out):
    """What all visible cameras counted in one minute."""

    minute: UtcDatetime
    frames: int
    detections: int
    tracks: int
    recognitions: int


class CameraNowOut(Out):
    """One camera now; frames and detections of the last whole minute."""

    camera_id: UUID
    in_view: int
    sightings_today: int
    frames: int
    detections: int


class HourOut(Out):
    """Sightings in an hour."""

    hour: UtcDatetime = Field(description="Its beginning.")
    sightings: int
    known: int = Field(description="Those of subjects.")


class DashboardOut(Out):
    """Now and today. minutes: the last hour; hours: the last 24; both oldest first, without gaps."""

    as_of: UtcDatetime
    in_view: int
    sightings_today: int
    recognised_today: int
    unknown_today: int
    open_alerts: int
    minutes: tuple[MinuteOut, ...]
    hours: tuple[HourOut, ...]
    cameras: tuple[CameraNowOut, ...]
    cameras_by_status: dict[str, int] = Field(examples=[{"active": 48, "inactive": 1, "error": 1}])
    alerts_by_severity: dict[str, int] = Field(
        description="Those that are not resolved.", examples=[{"low": 0, "medium": 2, "high": 1, "critical": 0}]
    )
    recent_alerts: tuple[UUID, ...] = Field(description="Ids, the newest first.")
    frames_per_second: float = Field(description="That go to detection now, of all cameras that are watched.")
    frames_per_second_wanted: float = Field(
        description="That would by the settings. What is missing is left out, because detection is behind."
    )


class Metric(StrEnum):
    """What a series counts. detections: faces in frames; known: sightings of subjects."""

    DETECTIONS = "detections"
    SIGHTINGS = "sightings"
    KNOWN = "known"
    RECOGNITIONS = "recognitions"
    ALERTS = "alerts"
    FRAMES = "frames"
    TRACKS = "tracks"


class TrendBucketOut(Out):
    """What was counted from start to end; end is the next bucket's start."""

    start: UtcDatetime
    end: UtcDatetime
    value: int


class TrendOut(Out):
    """Whole buckets that cover what was asked for, without gaps, oldest first."""

    metric: str = Field(validation_alias="measure", examples=["sightings"])
    interval: str = Field(examples=["day"])
    time_zone: str = Field(examples=["Europe/Berlin"])
    total: int
    buckets: Sequence[TrendBucketOut]


class CameraNumbersOut(Out):
    """One camera over a span."""

    camera_id: UUID
    name: str
    status: str
    frames: int
    detections: int
    tracks: int
    recognitions: int
    sightings: int
    known: int
    alerts: int
    false_matches: int = Field(description="Sightings of which a person said that it is somebody else.")
    uptime: float = Field(description="Share of the span's minutes in which it gave frames, 0 to 1.")


class CameraHoursOut(Out):
    """One camera per hour of the day."""

    camera_id: UUID
    hours: Sequence[int] = Field(description="24 counts, from midnight.")


class HeatmapOut(Out):
    """When of the week something happens."""

    metric: str = Field(validation_alias="measure", examples=["sightings"])
    time_zone: str
    since: UtcDatetime
    until: UtcDatetime
    weekdays: Sequence[Sequence[int]] = Field(description="7 rows from Monday to Sunday, each 24 hours.")
    cameras: Sequence[CameraHoursOut]


class SeenAtOut(Out):
    """A camera that saw the subject."""

    camera_id: UUID
    camera_name: str
    sightings: int
    last_seen_at: UtcDatetime


class SeenOnOut(Out):
    """A day of the time zone."""

    day: dt.date
    sightings: int


class SubjectNumbersOut(Out):
    """One subject over a span, at cameras that you may see."""

    subject_id: UUID
    since: UtcDatetime
    until: UtcDatetime
    time_zone: str
    sightings: int
    alerts: int
    first_seen_at: UtcDatetime | None
    last_seen_at: UtcDatetime | None
    mean_similarity: float | None = Field(description="Of its matches; null where there is none.")
    confirmed: int = Field(description="Matches that a person found right.")
    rejected: int = Field(description="Matches that a person found wrong; they are not among its sightings.")
    cameras: Sequence[SeenAtOut] = Field(description="Most sightings first.")
    days: Sequence[SeenOnOut] = Field(description="Those with a sighting, oldest first.")
    weekdays: Sequence[Sequence[int]] = Field(description="7 rows from Monday to Sunday, each 24 hours.")


class BinOut(Out):
    """How many values lie from lower to lower + 0.05."""

    lower: float
    count: int


class RecognitionOut(Out):
    """How recognition does."""

    since: UtcDatetime
    until: UtcDatetime
    sightings: int
    known: int
    confirmed: int
    rejected: int
    assigned: int = Field(description="Sightings to which a person gave a name.")
    judged_wrong: float | None = Field(
        description="Share of rejected among confirmed and rejected; null where nobody judged."
        " People judge what catches their eye, so this is no error rate of all matches."
    )
    judged_wrong_interval: tuple[float, float] | None = Field(description="Its 95 % interval (Clopper-Pearson).")
    similarities: Sequence[BinOut] = Field(description="Of matches.")
    qualities: Sequence[BinOut] = Field(description="Of best shots.")


class FalseAlarmShareOut(Out):
    """What one camera adds."""

    camera_id: UUID
    camera_name: str
    per_day: float | None
    people_per_day: float
    days_measured: float


class FalseAlarmsOfAllOut(Out):
    """How many strangers a day the cameras together are expected to take for somebody of the gallery.

    As of one camera, summed over those that were watched for a day at least, in the last two weeks. low and high
    hold the truth with 95 % confidence, as far as counting goes; they take comparisons for independent. Every such
    mistake is an alarm at most: rules and pauses leave some out.
    """

    per_day: float | None = Field(description="null where reason says why.")
    low: float | None
    high: float | None
    reason: str | None = Field(description="Why there is no number.")
    people_per_day: float | None
    false_match_rate: float | None = Field(description="Of one comparison, at min_similarity.")
    false_match_rate_is_bound: bool = Field(description="The true rate is this or lower.")
    impostor_pairs: int = Field(description="Comparisons behind that rate.")
    min_similarity: float | None
    templates: int = Field(description="Size of the gallery.")
    model_version: str | None
    cameras_counted: int
    cameras_left_out: int = Field(description="Watched for less than a day.")
    cameras: Sequence[FalseAlarmShareOut] = Field(description="The 20 that add most, the most first.")
