"""Cameras."""

from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, model_validator

from sightline.schemas.base import In, Out, Text, UtcDatetime
from sightline.schemas.bulk import BulkIds
from sightline.schemas.camera_control import ControlConfig, ControlConfigOut


class CameraStatus(StrEnum):
    """How a camera is. inactive: switched off, connecting, or nobody watches it."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    ERROR = "error"


class CameraAction(StrEnum):
    """What is done with each of several cameras."""

    ENABLE = "enable"
    DISABLE = "disable"
    DELETE = "delete"
    SET_GROUP = "set_group"


class Transport(StrEnum):
    """What carries the media of an RTSP session. TCP loses nothing; UDP is what some cameras insist on."""

    TCP = "tcp"
    UDP = "udp"


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("no time zone of the IANA database has that name") from error
    return name


TimeZone = Annotated[Text, Field(min_length=1, max_length=64), AfterValidator(_known_zone)]
"""Europe/Berlin, for example."""


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("a name needs a character that can be seen")
    return text


Name = Annotated[Text, Field(min_length=1, max_length=200), AfterValidator(_not_blank)]

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Corner = tuple[Share, Share]
Area = Annotated[list[Corner], Field(min_length=3, max_length=64)]
"""A polygon."""

Distance = Annotated[float, Field(gt=0, le=10_000, allow_inf_nan=False)]


class CameraConfig(In):
    """What a camera wants other than the settings. Corners of areas are shares of the picture's width and height:
    (0, 0) is its top left, (1, 1) its bottom right."""

    interest: list[Area] = Field(
        [], max_length=32, description="Faces count only where their centre lies in one of these areas; none: anywhere."
    )
    privacy: list[Area] = Field(
        [], max_length=32, description="Areas that are blackened before anything sees or stores the picture."
    )
    transport: Transport = Field(Transport.TCP, description="Of RTSP.")
    min_eye_distance: Distance | None = Field(
        None, description="px between the eyes below which a face is ignored; the setting where null."
    )
    min_eye_distance_recognise: Distance | None = Field(
        None, description="px between the eyes below which a face is not told; the setting where null."
    )
    control: ControlConfig | None = Field(
        None,
        description="Where it takes commands to move; null: it is not moved. A camera with privacy masks never is: they"
        " would not move with its picture.",
    )


class CameraConfigOut(Out):
    """As CameraConfig."""

    interest: list[list[tuple[float, float]]] = Field([])
    privacy: list[list[tuple[float, float]]] = Field([])
    transport: Transport = Transport.TCP
    min_eye_distance: float | None = None
    min_eye_distance_recognise: float | None = None
    control: ControlConfigOut | None = None


StreamUrl = Annotated[
    Text,
    Field(
        min_length=1,
        max_length=2048,
        description=(
            "rtsp, rtsps, http, https, rtmp, rtmps, srt, udp or rtp. A login in it is taken out and kept apart."
            " As it was shown, with what is masked, it stands for the address that is kept."
        ),
        examples=["rtsp://192.168.1.64:554/Streaming/Channels/101"],
    ),
]
Username = Annotated[Text, Field(min_length=1, max_length=256)]
Password = Annotated[Text, Field(max_length=256)]


class StreamAddressIn(In):
    """An address, and its login where that does not stand in it."""

    stream_url: StreamUrl = Field(repr=False)
    username: Username | None = Field(
        None, repr=False, description="Never shown. Left out, it stays as it is; null: no login any more."
    )
    password: Password | None = Field(None, repr=False, description="Never shown. Goes with username.")

    @model_validator(mode="after")
    def _password_goes_with_username(self) -> "StreamAddressIn":
        if self.password is not None and self.username is None:
            raise ValueError("a password needs a username")
        return self


class CameraIn(StreamAddressIn):
    """A camera. PUT replaces all of it; what is left out returns to its default, but for the login."""

    name: Name = Field(examples=["Entrance"])
    location: Text = Field("", max_length=500, examples=["Ground floor"])
    group_id: UUID | None = Field(None, description="Who sees it; null: everybody.")
    detection_enabled: bool = Field(default=True, description="Whether it is watched.")
    recognition_enabled: bool = Field(default=True, description="Whether faces are named, or counted only.")
    time_zone: TimeZone = Field("UTC", description="Where it hangs.", examples=["Europe/Berlin"])
    config: CameraConfig = CameraConfig()


class CameraOut(Out):
    """A camera and how it is; its address is shown with the single camera, to administrators."""

    id: UUID
    name: str
    location: str
    group_id: UUID | None
    status: CameraStatus
    status_message: str = Field(description="Reason of the last failure, empty where there is none.")
    fps: float | None
    resolution: str | None = Field(examples=["1280x720"])
    detection_enabled: bool
    recognition_enabled: bool
    time_zone: str
    has_credentials: bool = Field(description="Whether a login is kept; nobody is shown it.")
    is_movable: bool = Field(description="Whether it is set up to be moved, and has no privacy masks.")
    last_seen_at: UtcDatetime | None = Field(description="When somebody was last seen by it.")
    sample_rate_now: float | None = Field(
        description="Frames per second that are analysed; less than the settings say while detection is behind, null"
        " where no worker says."
    )
    created_at: UtcDatetime
    updated_at: UtcDatetime


class CameraDetailOut(CameraOut):
    """All about a camera but its login."""

    stream_url: str | None = Field(
        description="Its address without login and with values of its query masked; null unless you manage cameras.",
        examples=["rtsp://192.168.1.64/cam?channel=***"],
    )
    config: CameraConfigOut


class CameraBulkIn(BulkIds):
    """What to do with several cameras."""

    action: CameraAction
    group_id: UUID | None = Field(None, description="Of set_group; null: out of their groups.")

    @model_validator(mode="after")
    def _group_goes_with_set_group(self) -> "CameraBulkIn":
        if self.group_id is not None and self.action is not CameraAction.SET_GROUP:
            raise ValueError("group_id goes with set_group")
        return self


class ProbeIn(StreamAddressIn):
    """An address to try."""

    transport: Transport = Field(Transport.TCP, description="Of RTSP.")
    picture: bool = Field(
        default=False, description="Send the first picture, too. It may show people: the look goes on record."
    )


class ProbeOut(Out):
    """What answers there, or why nothing does."""

    stream_url: str = Field(description="The address that was tried, without its secrets.")
    reachable: bool
    codec: str | None = None
    width: int | None = Field(None, description="px")
    height: int | None = Field(None, description="px")
    fps: float | None = Field(None, description="As stated by the stream; null where it states none.")
    has_audio: bool | None = Field(None, description="null where the protocol was asked for video only.")
    live: bool | None = Field(None, description="Whether it has no end.")
    took_ms: int | None = Field(None, description="Until the first picture was there.")
    picture: str | None = Field(
        None, description="The first picture, at most 640 px wide or high, where it was asked for: a JPEG as base64."
    )
    code: str | None = Field(None, description="Why it failed, as in a problem's code.", examples=["source_denied"])
    detail: str | None = None
    hint: str | None = None


class StreamOut(Out):
    """What a live view can show now."""

    kind: Literal["snapshots"] = Field(description="Pictures to be fetched again and again.")
    url: str = Field(description="Where the next picture is.", examples=["/v1/cameras/{camera_id}/snapshot"])
    refresh_seconds: float = Field(description="How often there is a new one, at most.")
    sample_rate: float = Field(
        description="Frames per second that the settings have analysed; a camera's sample_rate_now is less while"
        " detection is behind."
    )
    status: CameraStatus
    source_url: str | None = Field(description="The camera's own address, masked; null unless you manage cameras.")


class CountsOut(Out):
    """What a camera counted in a span."""

    frames: int = Field(description="Pictures that were analysed.")
    detections: int = Field(description="Faces found in them, each time.")
    tracks: int = Field(description="People who came by, as far as they could be followed.")
    recognitions: int = Field(description="Of these, how many were named.")
    sightings: int = Field(description="Sightings on record.")
    known: int
    unknown: int


class BucketOut(CountsOut):
    """The same of one hour or day."""

    begins_at: UtcDatetime
    ends_at: UtcDatetime


class CameraStatsOut(Out):
    """Statistics of a camera."""

    camera_id: UUID
    since: UtcDatetime
    until: UtcDatetime
    time_zone: str
    status: CameraStatus
    status_message: str
    watched_minutes: int = Field(description="Minutes in which a picture was analysed.")
    availability: float | None = Field(description="Share of the minutes that have passed; null where none has.")
    total: CountsOut
    buckets: list[BucketOut]


class GapOut(Out):
    """Whole minutes in which no picture of a camera was analysed."""

    begins_at: UtcDatetime
    ends_at: UtcDatetime
    minutes: int
    is_open: bool = Field(description="Whether it lasts, as far as is known.")


class CameraHealthOut(Out):
    """When a camera gave no pictures: switched off, out of reach, or nobody watched it. What its state was said to be
    at the time stands in the audit log."""

    camera_id: UUID
    since: UtcDatetime = Field(description="Or when the camera was added, where that was later.")
    until: UtcDatetime = Field(description="The last minute that is settled, at the latest.")
    status: CameraStatus
    status_message: str = Field(description="Of now.")
    watched_minutes: int
    gaps: list[GapOut] = Field(description="The latest first, 500 at most.")
    has_more: bool = Field(description="Whether there were others before these.")


class FalseAlarmsOut(Out):
    """How many strangers a day this camera is expected to take for somebody of the gallery.

    People per day × false-match rate × templates. low and high hold the truth with 95 % confidence, as far as
    counting goes; they take comparisons for independent. Every such mistake is an alarm at most: rules and pauses
    leave some out.
    """

    per_day: float | None = Field(description="null where reason says why.")
    low: float | None
    high: float | None
    reason: str | None = Field(None, description="Why there is no number.")
    people_per_day: float | None
    people_counted: int
    days_measured: float
    false_match_rate: float | None = Field(description="Of one comparison, at min_similarity.")
    false_match_rate_is_bound: bool = Field(description="The true rate is this or lower.")
    impostor_pairs: int = Field(description="Comparisons behind that rate.")
    min_similarity: float | None
    templates: int = Field(description="Size of the gallery.")
    model_version: str | None
