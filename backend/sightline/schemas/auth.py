"""Logging in."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from sightline.schemas.base import In, Out, UtcDatetime

NoNul = r"^[^\x00]*$"
"""PostgreSQL's text holds any character but this one."""


class LoginIn(In):
    """Name and password."""

    username: Annotated[str, Field(min_length=1, max_length=64, pattern=NoNul, examples=["admin"])]
    password: Annotated[str, Field(min_length=1, max_length=1024, repr=False)]


class MeOut(Out):
    """Who is logged in."""

    user_id: UUID
    username: str
    role: str = Field(description="admin, operator, viewer or auditor.")
    must_change_password: bool
    expires_at: UtcDatetime = Field(description="When a new login is needed.")
