"""Logging in, renewing, sessions and the second factor."""

from collections.abc import Sequence
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field

from sightline.schemas.base import In, Out, Text, UtcDatetime

Password = Annotated[Text, Field(min_length=1, max_length=256, examples=["three lazy foxes at noon"])]
Code = Annotated[
    Text,
    Field(min_length=6, max_length=32, examples=["123456"], description="Of the app, or a recovery code."),
]
RefreshToken = Annotated[Text, Field(min_length=1, max_length=512)]


class LoginIn(In):
    """Name and password, and where they should lead."""

    username: Annotated[
        Text, Field(min_length=1, max_length=254, examples=["admin"], description="User name or e-mail address.")
    ]
    password: Password = Field(repr=False)
    otp: Code | None = Field(None, repr=False, description="Needed where the account has a second factor.")
    remember: bool = Field(default=False, description="Stay logged in for days instead of hours.")
    transport: Literal["body", "cookie"] = Field(
        "body", description="Where the tokens come: in the answer for programs, as HttpOnly cookies for browsers."
    )


class RefreshIn(In):
    """The refresh token of a program; browsers send theirs as a cookie and no body."""

    refresh_token: RefreshToken | None = Field(None, repr=False)


class LogoutIn(In):
    """The refresh token of a program that has no valid access token any more."""

    refresh_token: RefreshToken | None = Field(None, repr=False)


class SessionTokensOut(Out):
    """A session. With transport cookie both tokens are null here: they come as cookies."""

    session_id: UUID
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - its name in RFC 6750
    access_token: str | None = Field(None, description="Send it as Authorization: Bearer …", repr=False)
    expires_in: int = Field(description="Seconds until the access token ends.", examples=[900])
    refresh_token: str | None = Field(None, description="Exchange it once for new tokens.", repr=False)
    refresh_expires_at: UtcDatetime = Field(description="When a new login is needed, however often renewed.")


class MeOut(Out):
    """Who calls, and what they may."""

    user_id: UUID
    username: str
    email: str | None = None
    role: str = Field(description="admin, operator, viewer or auditor.")
    permissions: Sequence[str] = Field(description="Names of what the caller may do.", examples=[["read_cameras"]])
    camera_group_ids: Sequence[UUID] = Field(description="Limited to these groups, beside cameras without a group.")
    second_factor: bool = Field(description="Whether a login needs a code.")
    must_change_password: bool
    expires_at: UtcDatetime = Field(description="When a new login, or a new API key, is needed.")
    session_id: UUID | None = Field(None, description="Null where an API key calls.")
    api_key_id: UUID | None = Field(None, description="Null where a session calls.")


class SessionOut(Out):
    """Where somebody is logged in."""

    id: UUID
    created_at: UtcDatetime
    last_used_at: UtcDatetime = Field(description="When its tokens were renewed last.")
    expires_at: UtcDatetime
    ip_address: str | None
    user_agent: str | None
    current: bool = Field(default=False, description="Whether this very request belongs to it.")

    @classmethod
    def of(cls, one: object, *, current: UUID | None) -> Self:
        """From a service's view. current: the session of this request."""
        out = cls.model_validate(one)
        return out.model_copy(update={"current": out.id == current})


class SessionsOut(Out):
    """All sessions of a user, the latest first."""

    items: Sequence[SessionOut]


class SecondFactorIn(In):
    """The password again, before an app is connected."""

    password: Password = Field(repr=False)


class SecondFactorOut(Out):
    """What the app needs; shown once."""

    secret: str = Field(repr=False, description="Base32, for typing.")
    uri: str = Field(repr=False, description="otpauth:// address, for a QR code.")


class ConfirmSecondFactorIn(In):
    """A first code of the app."""

    code: Code = Field(repr=False)


class RecoveryCodesOut(Out):
    """Each logs in once in place of the app; shown once."""

    recovery_codes: Sequence[str] = Field(repr=False)


class RemoveSecondFactorIn(In):
    """Password and a code, so that a borrowed browser is not enough."""

    password: Password = Field(repr=False)
    code: Code = Field(repr=False)
