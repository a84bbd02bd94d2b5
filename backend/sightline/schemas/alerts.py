"""Alerts: what they tell, how they are handled, and what happened to them."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from sightline.schemas.base import In, Out, Text, UtcDatetime
from sightline.schemas.bulk import BulkIds
from sightline.schemas.exports import ExportFormat


class AlertStatus(StrEnum):
    """How far an alert has come."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class Severity(StrEnum):
    """How urgent; from the watchlist's priority, or a rule's."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Verdict(StrEnum):
    """How an alert turned out. False matches count as errors of the camera and the subject."""

    TRUE_MATCH = "true_match"
    FALSE_MATCH = "false_match"
    TEST = "test"
    UNCLEAR = "unclear"


class Verification(StrEnum):
    """Whether a second person confirmed the match. Nothing about a pending one leaves the house."""

    NOT_NEEDED = "not_needed"
    PENDING = "pending"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class AlertEventKind(StrEnum):
    """What happened to an alert."""

    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    ASSIGNED = "assigned"
    COMMENTED = "commented"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    IDENTITY_CHANGED = "identity_changed"
    ESCALATED = "escalated"


class AlertIdentity(StrEnum):
    """Whether a sighting still shows whom its alert is about. OTHER: another person; UNKNOWN: nobody known."""

    SAME = "same"
    OTHER = "other"
    UNKNOWN = "unknown"


class AlertOut(Out):
    """A match that somebody should look at."""

    id: UUID
    created_at: UtcDatetime
    updated_at: UtcDatetime
    matched_at: UtcDatetime = Field(description="When the person was seen, by the camera's clock.")
    severity: Severity
    status: AlertStatus
    message: str = Field(examples=['Match on watchlist "Stolen badges" at camera "Lobby"'])
    camera_id: UUID
    camera_name: str
    sighting_id: UUID | None = Field(description="Null after the retention period.")
    subject_id: UUID | None
    subject_name: str | None
    watchlist_id: int | None
    watchlist_name: str | None
    rule_id: UUID | None = Field(description="The rule that raised it; null: its watchlist did.")
    verification: Verification
    verified_at: UtcDatetime | None
    verified_by: UUID | None
    assigned_to: UUID | None
    assigned_to_name: str | None
    acknowledged_at: UtcDatetime | None
    acknowledged_by: UUID | None
    acknowledged_by_name: str | None
    resolved_at: UtcDatetime | None
    resolved_by: UUID | None
    resolved_by_name: str | None
    verdict: Verdict | None = Field(description="How it turned out, of resolved ones.")
    similarity: float | None = Field(description="The best match of its sighting so far; null: of an unknown person.")
    identity: AlertIdentity = Field(description="Whom its sighting is taken for by now: the same person or not.")
    image_url: str | None = Field(
        None,
        description="Shows the best crop of its sighting for at least 5 minutes without a header; null where there is"
        " none, or where you may not see it (the house may ask for the header Sightline-Purpose).",
        examples=["/v1/media?token=AQIDBA"],
    )


class AlertFilterIn(In):
    """Which alerts; everything that is not given leaves all."""

    status: list[AlertStatus] | None = Field(None, max_length=3, description="Any of these.")
    severity: list[Severity] | None = Field(None, max_length=4, description="Any of these.")
    verdict: list[Verdict] | None = Field(None, max_length=4, description="Any of these.")
    verification: Verification | None = None
    camera_id: UUID | None = None
    group_id: UUID | None = Field(None, description="A camera group.")
    subject_id: UUID | None = None
    watchlist_id: int | None = Field(None, ge=1, lt=2**31)
    rule_id: UUID | None = None
    assigned_to: UUID | None = Field(None, description="Who looks after it.")
    since: UtcDatetime | None = Field(None, description="Raised at this time or later.")
    until: UtcDatetime | None = Field(None, description="Raised before this time.")


class AlertListIn(AlertFilterIn):
    """Query parameters of the list."""

    sort: Literal["created_at", "-created_at", "severity", "-severity"] = Field(
        "-created_at", description="A leading minus turns it around."
    )
    limit: int = Field(50, ge=1, le=200, description="Rows per page, at most.")
    cursor: str | None = Field(None, max_length=2000, description="next of the page before; none for the first one.")
    total: bool = Field(default=False, description="Count all; the count stops at 10,000.")


class AlertExportIn(AlertFilterIn):
    """What is exported: at most 1,000,000 alerts, the newest first."""

    format: ExportFormat = ExportFormat.CSV
    byte_order_mark: bool = Field(default=False, description="Begin a CSV file so that Excel reads it as UTF-8.")


class AlertEventOut(Out):
    """One thing that happened to an alert."""

    id: UUID
    created_at: UtcDatetime
    kind: AlertEventKind
    user_id: UUID | None = Field(description="Null: the machine, or an account that is gone.")
    user_name: str | None
    note: str
    verdict: Verdict | None
    assigned_to: UUID | None
    assigned_to_name: str | None
    channel: str | None = Field(description="The channel by whose link it was acknowledged, as it was called then.")
    step: int | None = Field(description="Which step of its escalation, from 1.")
    severity: Severity | None = Field(description="From that step on.")


class EscalationOut(Out):
    """How far an alert's escalation has come."""

    policy_id: UUID | None = Field(description="The policy in force for it now; null: it is never escalated.")
    policy_name: str | None
    step: int = Field(description="The last step that was taken; 0: none.")
    steps: int = Field(description="How many there are.")
    next_at: UtcDatetime | None = Field(
        description="When the next step is due; null: acknowledged, resolved, or nothing follows."
    )


class AlertDetailOut(AlertOut):
    """An alert and what happened to it, the oldest first."""

    history: Sequence[AlertEventOut]
    escalation: EscalationOut


class AlertCountOut(Out):
    """Open alerts that the caller may see."""

    new: int = Field(description="Nobody has looked at these.")
    acknowledged: int
    mine: int = Field(description="Open ones that are assigned to the caller.")
    unverified: int = Field(description="Open ones that wait for a second person.")
    by_severity: dict[Severity, int] = Field(description="Open ones by severity.")


class AssigneeOut(Out):
    """Somebody who may look after an alert."""

    id: UUID
    username: str


Note = Annotated[Text, Field(max_length=2000, description="What the record should say.")]


class NoteIn(In):
    """Acknowledge, reopen: optionally with a note."""

    note: Note = ""


class CommentIn(In):
    """A comment."""

    note: Annotated[Text, Field(min_length=1, max_length=2000, examples=["Called the guard at gate 2."])]


class ResolveIn(In):
    """How it turned out."""

    verdict: Verdict
    note: Note = ""


class AssignIn(In):
    """Who looks after it; null: nobody any more."""

    assigned_to: UUID | None
    note: Note = ""


class VerifyIn(In):
    """Whether it is that person."""

    confirmed: bool
    note: Note = ""


class BulkAcknowledgeIn(BulkIds, NoteIn):
    """Acknowledge several."""

    action: Literal["acknowledge"]


class BulkResolveIn(BulkIds, ResolveIn):
    """Resolve several in one way."""

    action: Literal["resolve"]


class BulkAssignIn(BulkIds, AssignIn):
    """Give several to one person."""

    action: Literal["assign"]


AlertBulkIn = Annotated[BulkAcknowledgeIn | BulkResolveIn | BulkAssignIn, Field(discriminator="action")]
