"""Who is told next while nobody acknowledges an alert."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from sightline.schemas.alert_rules import ChannelNameOut
from sightline.schemas.base import In, Out, Text, UtcDatetime

SHORTEST_SECONDS = 5
"""Nobody reads a notification faster; engines look every second."""
LONGEST_SECONDS = 7 * 24 * 3600
MOST_STEPS = 10


class EscalationStep(In):
    """One step, taken while the alert is still new."""

    after_seconds: int = Field(
        300,
        ge=SHORTEST_SECONDS,
        le=LONGEST_SECONDS,
        description="Time since the alert was raised, or since the step before.",
    )
    raise_severity: bool = Field(default=True, description="One up: low, medium, high, critical.")
    channel_ids: Annotated[tuple[UUID, ...], Field(max_length=20, description="Channels that are told.")] = ()

    @model_validator(mode="after")
    def _names_each_once(self) -> Self:
        if len(set(self.channel_ids)) != len(self.channel_ids):
            raise ValueError("a channel is named twice")
        return self


class EscalationPolicyIn(In):
    """A policy. Without steps alerts are never escalated."""

    name: Annotated[Text, Field(min_length=1, max_length=100, examples=["Gate at night"])]
    steps: Annotated[tuple[EscalationStep, ...], Field(max_length=MOST_STEPS)] = ()
    is_default: bool = Field(
        default=False, description="The house's: for watchlists' own alerts, and rules that name no policy."
    )


class EscalationWarning(StrEnum):
    """Why a policy may not do what was meant."""

    NOBODY_IS_TOLD = "nobody_is_told"
    CHANNEL_OFF = "channel_off"
    NO_STEPS = "no_steps"


class EscalationWarningOut(Out):
    """A warning: the policy is kept as it is."""

    code: EscalationWarning
    step: int | None = Field(description="Which step, from 1.")
    message: str


class EscalationStepOut(Out):
    """One step."""

    after_seconds: int
    raise_severity: bool
    channels: Sequence[ChannelNameOut]


class EscalationPolicyOut(Out):
    """A policy and what may be wrong with it."""

    id: UUID
    name: str
    steps: Sequence[EscalationStepOut]
    is_default: bool
    warnings: Sequence[EscalationWarningOut]
    created_at: UtcDatetime
    updated_at: UtcDatetime
