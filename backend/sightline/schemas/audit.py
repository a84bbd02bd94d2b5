"""The audit log."""

from uuid import UUID

from pydantic import Field, JsonValue

from sightline.schemas.base import In, Out, Text, UtcDatetime
from sightline.schemas.exports import ExportFormat


class AuditEntryOut(Out):
    """Who did what to which record, from where."""

    id: UUID
    created_at: UtcDatetime
    user_id: UUID | None = Field(description="Null for services and the machine's own command line.")
    username: str | None = Field(description="Null where the account is gone.")
    actor: str = Field(description="The role of the user, or the name of the service.", examples=["operator"])
    action: str = Field(
        description="INSERT, UPDATE, DELETE, or what is no change: LOGIN, VIEW, SEARCH, EXPORT and others.",
        examples=["VIEW"],
    )
    table_name: str = Field(examples=["sightings"])
    record_id: str | None = Field(description="Null where one entry stands for several records.")
    row_count: int = Field(description="Records that the entry stands for.")
    subject_id: UUID | None = Field(description="The person whom it tells about.")
    old_values: dict[str, JsonValue] | None
    new_values: dict[str, JsonValue] | None = Field(description="For a VIEW or SEARCH: its details and its purpose.")
    erased_at: UtcDatetime | None = Field(description="When the values were erased with the person.")
    ip_address: str | None
    user_agent: str | None
    position: int | None = Field(description="Place in the chain; null while the entry waits for its seal.")


class AuditUserOut(Out):
    """An account that entries may name."""

    id: UUID
    username: str


class ChainProblemOut(Out):
    """A finding."""

    kind: str = Field(examples=["edited"])
    position: int = Field(description="Place in the chain, 0 for none.")
    audit_id: UUID | None


class AnchorOut(Out):
    """A head of the chain."""

    position: int
    digest: str


class ChainReportOut(Out):
    """Whether the chain is whole."""

    is_whole: bool
    events: int
    pending: int = Field(description="Entries that wait for their seal.")
    erased: int = Field(description="Entries whose values were erased, on record.")
    head: AnchorOut | None
    anchors: int = Field(description="Anchors that the chain was compared with.")
    problems: list[ChainProblemOut] = Field(description="The first hundred findings.")


class AuditExportIn(In):
    """Which entries, and how; all up to now where no time is given."""

    format: ExportFormat = ExportFormat.CSV
    byte_order_mark: bool = Field(default=False, description="Begin a CSV file so that Excel reads it as UTF-8.")
    user_id: UUID | None = None
    actor: Text | None = Field(None, min_length=1, max_length=100)
    action: list[Text] = Field(default=[], max_length=20, examples=[["VIEW", "SEARCH"]])
    table_name: Text | None = Field(None, min_length=1, max_length=100)
    record_id: Text | None = Field(None, min_length=1, max_length=100)
    subject_id: UUID | None = None
    ip_address: Text | None = Field(None, min_length=1, max_length=100)
    since: UtcDatetime | None = None
    until: UtcDatetime | None = None
