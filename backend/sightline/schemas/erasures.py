"""Erasure of people, and the receipts that prove it."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from sightline.schemas.base import In, Out, UtcDatetime


class ErasureReason(StrEnum):
    """Why somebody is erased (GDPR, article 17(1)); no free text, which would speak of the person for ever."""

    REQUEST = "request"
    OBJECTION = "objection"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    PURPOSE_ENDED = "purpose_ended"
    UNLAWFUL = "unlawful"
    LEGAL_ORDER = "legal_order"
    UNSPECIFIED = "unspecified"


Reference = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9 ._/#-]*$", max_length=100)]


class ErasureIn(In):
    """Why."""

    reason: ErasureReason = Field(ErasureReason.UNSPECIFIED, description="The ground of the erasure.")
    reference: Reference = Field(
        "", description="A case number; never a name: it stays when the person is gone.", examples=["DSR-2026-117"]
    )


class Amount(Out):
    """How much of what."""

    item: str
    amount: int


class SearchedPlace(Out):
    """A place that was searched afterwards for every id of the person. hits: rows, keys or objects that hold one."""

    place: str
    searched: int
    hits: int


class KeptTrace(Out):
    """What names the person's id still, and why."""

    place: str
    hits: int
    why: str


class ErasedObjects(Out):
    """Pictures and files. digest: sha256 of all keys, sorted, one per line; key_digests: sha256 of each."""

    removed: int
    left: int = Field(description="Keys that the store still holds; 0 when all is well.")
    digest: str
    key_digests: Sequence[str] = Field(description="Of the first 500, sorted.")


class Receipt(Out):
    """What was erased from where, and what a search afterwards found."""

    kind: str = "sightline-erasure-receipt/1"
    id: UUID
    issuer: str
    subject_digest: str = Field(description="sha256 of the subject's id as text; whoever knows the id can check it.")
    reason: ErasureReason
    reference: str
    erased_at: UtcDatetime
    completed_at: UtcDatetime
    erased_by: UUID | None = Field(description="The account that erased.")
    removed: Sequence[Amount]
    objects: ErasedObjects
    searched: Sequence[SearchedPlace] = Field(description="After the erasure.")
    name_mentions: Sequence[KeptTrace] = Field(
        description="Where the name stands still, of another person of that name perhaps; look at these."
    )
    kept: Sequence[KeptTrace]
    clean: bool = Field(description="No search found anything beside what is kept on purpose.")
    backups_expire_on: date = Field(description="From this day on no backup holds the person either.")


class ErasureOut(Out):
    """An erasure. The receipt is null while files are still being removed: seconds, or until a store is back."""

    id: UUID
    subject_digest: str
    reason: ErasureReason
    reference: str
    requested_by: UUID | None
    created_at: UtcDatetime
    completed_at: UtcDatetime | None
    receipt: str | None = Field(description="Signed: a JWS in compact form, Ed25519 (RFC 7515, RFC 9864).")


class ErasureDetail(ErasureOut):
    """The same, with what the receipt says."""

    content: Receipt | None = Field(None, description="What the receipt says.")


class ReceiptIn(In):
    """A receipt to be checked."""

    receipt: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]+$", max_length=200_000)]


class ReceiptCheck(Out):
    """Whether a receipt is ours."""

    valid: bool = Field(description="Signed by a key of this installation, and unchanged.")
    known: bool = Field(description="This installation's records hold it.")
    content: Receipt | None = None


class ReceiptKeys(Out):
    """Public keys that receipts are signed with (RFC 7517), the current one first."""

    keys: Sequence[dict[str, str]]
