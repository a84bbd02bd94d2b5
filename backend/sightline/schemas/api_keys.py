"""Keys for machines."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from pydantic import Field

from sightline.schemas.base import In, Out, Text, UtcDatetime

Scope = Annotated[Text, Field(min_length=1, max_length=40, pattern=r"^[a-z_]+$", examples=["read_cameras"])]


class NewApiKeyIn(In):
    """What a key is for, what it may, and until when."""

    name: Annotated[Text, Field(min_length=1, max_length=100, examples=["access control of gate 3"])]
    scopes: list[Scope] = Field(
        min_length=1, max_length=50, description="Names of permissions, as in GET /v1/auth/me; part of one's own."
    )
    expires_at: UtcDatetime = Field(description="At most 366 days from now.")


class ApiKeyOut(Out):
    """A key, without what makes it one."""

    id: UUID
    user_id: UUID
    name: str
    prefix: str = Field(description="How the key begins.", examples=["slk_9f86d081"])
    scopes: Sequence[str]
    expires_at: UtcDatetime
    last_used_at: UtcDatetime | None = Field(description="To the minute.")
    created_at: UtcDatetime


class NewApiKeyOut(ApiKeyOut):
    """A new key; key is shown once."""

    key: str = Field(repr=False, examples=["slk_9f86d081_…"])
