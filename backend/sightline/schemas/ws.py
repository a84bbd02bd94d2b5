"""Messages of the WebSocket /v1/ws; api/asyncapi.py describes them to others."""

from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, TypeAdapter

from sightline.schemas.alerts import AlertOut
from sightline.schemas.base import In, Out, UtcDatetime
from sightline.schemas.cameras import CameraOut
from sightline.schemas.jobs import JobOut
from sightline.schemas.sightings import SightingOut

MOST_CAMERAS = 1000
"""Cameras that a subscription may name; who wants more takes all and looks at camera_id."""


class Topic(StrEnum):
    """What one can hear of."""

    DETECTIONS = "detections"
    RECOGNITIONS = "recognitions"
    ALERTS = "alerts"
    CAMERAS = "cameras"
    JOBS = "jobs"


class Authenticate(In):
    """The first message of a client that sent no credentials with the request, and later a newer access token."""

    type: Literal["authenticate"]
    token: str = Field(min_length=1, max_length=4096, repr=False, description="An access token or an API key.")


class Subscribe(In):
    """Hear of these topics too. cameras: only these; it replaces what was chosen for the same topics before."""

    type: Literal["subscribe"]
    topics: list[Topic] = Field(min_length=1, max_length=len(Topic))
    cameras: list[UUID] | None = Field(None, max_length=MOST_CAMERAS, description="None: all that you may see.")


class Unsubscribe(In):
    """Hear no more of these topics."""

    type: Literal["unsubscribe"]
    topics: list[Topic] = Field(min_length=1, max_length=len(Topic))


class Ping(In):
    """Is anybody there?"""

    type: Literal["ping"]


ClientMessage = Annotated[Authenticate | Subscribe | Unsubscribe | Ping, Field(discriminator="type")]
CLIENT_MESSAGE: TypeAdapter[Authenticate | Subscribe | Unsubscribe | Ping] = TypeAdapter(ClientMessage)


class Welcome(Out):
    """You are known; subscribe now. Sent again after every authenticate."""

    type: Literal["welcome"] = "welcome"
    username: str
    topics: list[Topic] = Field(description="Those that you may hear of.")
    expires_at: UtcDatetime = Field(description="Send a newer token before then, or the connection is closed.")
    heartbeat_seconds: float
    last_event_id: str | None = Field(description="The newest event so far.")


class Subscribed(Out):
    """What is told from now on."""

    type: Literal["subscribed"] = "subscribed"
    topics: list[Topic]


class EventOut(Out):
    """A record that is new or changed, as its endpoint would show it to you."""

    type: Literal["event"] = "event"
    id: str = Field(description="Hand the last one in as last_event_id to go on from there.", examples=["1763841-0"])
    topic: Topic
    data: SightingOut | AlertOut | CameraOut | JobOut


class Gap(Out):
    """Events are missing: read the lists that you show again."""

    type: Literal["gap"] = "gap"


class Heartbeat(Out):
    """All is well. Who hears nothing for two of them should connect anew."""

    type: Literal["heartbeat"] = "heartbeat"
    at: UtcDatetime
    last_event_id: str | None


class Pong(Out):
    """The answer to ping."""

    type: Literal["pong"] = "pong"


class Refusal(Out):
    """A message could not be followed; the connection stays."""

    type: Literal["error"] = "error"
    code: str
    detail: str


ServerMessage = Welcome | Subscribed | EventOut | Gap | Heartbeat | Pong | Refusal
