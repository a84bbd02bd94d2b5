"""Accounts."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, EmailStr, Field

from sightline.schemas.auth import Password
from sightline.schemas.base import In, Out, Text, UtcDatetime


class UserRole(StrEnum):
    """What an account may do: everything; handle what happens; watch; look at who looked."""

    ADMIN = "admin"
    OPERATOR = "operator"
    VIEWER = "viewer"
    AUDITOR = "auditor"


def _sendable(address: str) -> str:
    """RFC 5321, 4.5.3.1.3: a path has 256 octets with its brackets."""
    if len(address) > 254:
        raise ValueError("this address is too long")
    return address


Email = Annotated[EmailStr, AfterValidator(_sendable)]


class UserIn(In):
    """What an administrator sets."""

    role: UserRole
    email: Email | None = Field(None, examples=["vera@example.org"])
    is_active: bool = True
    must_change_password: bool = Field(default=False, description="Ask for another password at the next login.")
    camera_group_ids: list[UUID] = Field(
        default=[], max_length=200, description="Only these groups' cameras, beside those without a group."
    )


class NewUserIn(UserIn):
    """A new account."""

    username: Annotated[
        Text,
        Field(
            min_length=1,
            max_length=64,
            examples=["vera"],
            description="Letters a to z, digits, dot, hyphen, underscore; other scripts look alike and are refused.",
        ),
    ]
    password: Password | None = Field(
        None,
        repr=False,
        description="Without one a random one is made, which is in the answer once and has to be changed.",
    )


class UserOut(Out):
    """An account."""

    id: UUID
    username: str
    email: str | None
    role: UserRole
    is_active: bool
    must_change_password: bool
    second_factor: bool
    camera_group_ids: Sequence[UUID]
    last_login_at: UtcDatetime | None
    created_at: UtcDatetime
    updated_at: UtcDatetime


class NewUserOut(UserOut):
    """A new account. password: the random one where none was given; shown once."""

    password: str | None = Field(None, repr=False)


class ChangePasswordIn(In):
    """old_password: needed for one's own account; administrators set others' without."""

    old_password: Password | None = Field(None, repr=False)
    new_password: Annotated[
        Text,
        Field(
            min_length=15,
            max_length=256,
            repr=False,
            examples=["three lazy foxes at noon"],
            description="15 to 256 characters of any kind; common and repetitive ones are refused.",
        ),
    ]


class PermissionOut(Out):
    """Something that one may do, and who may."""

    permission: str = Field(description="Its name, as API keys are given it.", examples=["read_cameras"])
    meaning: str = Field(examples=["read cameras"])
    roles: Sequence[UserRole]


class RolesOut(Out):
    """The matrix of roles and permissions."""

    items: Sequence[PermissionOut]
