"""Operations on several records at once: each stands alone, and says how it went."""

from collections.abc import Sequence
from uuid import UUID

from pydantic import Field

from sightline.schemas.base import In, Out

MOST = 500
"""Records of one call."""


class BulkIds(In):
    """Which records."""

    ids: list[UUID] = Field(min_length=1, max_length=MOST)


class BulkItem(Out):
    """How it went with one record."""

    id: UUID
    done: bool
    code: str | None = Field(None, description="Why not, as in a problem's code.")
    detail: str | None = None


class BulkOut(Out):
    """How it went with each, in the order of the request."""

    items: Sequence[BulkItem]
