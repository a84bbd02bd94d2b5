"""Accounts, their tokens and keys."""

from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, ForeignKey, Index, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import INET, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from sightline.models.base import Base, Created, Instant, NewId


class User(Base):
    """Somebody who may log in. role: admin, operator, viewer or auditor."""

    __tablename__ = "users"

    id: Mapped[NewId]
    username: Mapped[str]
    email: Mapped[str | None]
    hashed_password: Mapped[str]
    role: Mapped[str]
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    must_change_password: Mapped[bool] = mapped_column(server_default=text("false"))
    last_login_at: Mapped[Instant | None]
    created_at: Mapped[Created]
    updated_at: Mapped[Created]

    __table_args__ = (
        Index("uq_users_username", text("lower(username)"), unique=True),
        Index("uq_users_email", text("lower(email)"), unique=True),
    )


class RefreshToken(Base):
    """A login that can be renewed; only the token's hash is kept. kind: session, or link for a one-time link.

    The tokens of one session share family_id; one of them is live, the others are spent or revoked.
    """

    __tablename__ = "refresh_tokens"

    id: Mapped[NewId]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    family_id: Mapped[UUID] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(server_default=text("'session'"))
    session_started_at: Mapped[Created]
    ip_address: Mapped[str | None] = mapped_column(INET)
    user_agent: Mapped[str | None]
    expires_at: Mapped[Instant]
    revoked_at: Mapped[Instant | None]
    spent_at: Mapped[Instant | None]
    created_at: Mapped[Created]

    __table_args__ = (
        Index(
            "uq_refresh_tokens_live",
            "family_id",
            unique=True,
            postgresql_where=text("kind = 'session' AND spent_at IS NULL AND revoked_at IS NULL"),
        ),
    )


class ApiKey(Base):
    """A key for machines, which acts as its user; only its hash is kept. prefix: its first characters, for people."""

    __tablename__ = "api_keys"

    id: Mapped[NewId]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    prefix: Mapped[str]
    key_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    expires_at: Mapped[Instant]
    last_used_at: Mapped[Instant | None]
    revoked_at: Mapped[Instant | None]
    created_at: Mapped[Created]


class SecondFactor(Base):
    """A user's authenticator app (RFC 6238). recovery_hashes: of the codes that were not used yet."""

    __tablename__ = "second_factors"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    sealed_secret: Mapped[bytes] = mapped_column(LargeBinary)
    confirmed_at: Mapped[Instant | None]
    last_counter: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    recovery_hashes: Mapped[list[bytes]] = mapped_column(ARRAY(LargeBinary), server_default=text("'{}'"))
    created_at: Mapped[Created]


class Setting(Base):
    """A setting that an admin changes while the program runs; never a secret."""

    __tablename__ = "settings"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[object] = mapped_column(JSONB)
    description: Mapped[str] = mapped_column(server_default=text("''"))
    updated_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    updated_at: Mapped[Created]

    __table_args__ = (
        Index("ix_settings_value", "value", postgresql_using="gin", postgresql_ops={"value": "jsonb_path_ops"}),
    )
