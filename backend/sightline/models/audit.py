"""The audit log. Only the database's own functions write it."""

from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import INET, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from sightline.models.base import Base, Created, Instant, Json, NewId


class AuditLog(Base):
    """One event: who did what to which record, from where. actor: the user's role, a service, or a database login."""

    __tablename__ = "audit_logs"

    id: Mapped[NewId]
    user_id: Mapped[UUID | None]
    actor: Mapped[str]
    action: Mapped[str]
    table_name: Mapped[str]
    record_id: Mapped[str | None]
    row_count: Mapped[int] = mapped_column(server_default=text("1"))
    ip_address: Mapped[str | None] = mapped_column(INET)
    user_agent: Mapped[str | None]
    payload_digest: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[Created]

    __table_args__ = (
        Index("ix_audit_logs_created_at", text("created_at DESC"), text("id DESC")),
        Index("ix_audit_logs_record", "table_name", "record_id"),
        Index("ix_audit_logs_action", "action", text("created_at DESC"), text("id DESC")),
        Index("ix_audit_logs_user_created", "user_id", text("created_at DESC"), text("id DESC")),
    )


class AuditPayload(Base):
    """Old and new values of an event, kept apart so that they can be erased without breaking the chain."""

    __tablename__ = "audit_payloads"

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("audit_logs.id"), primary_key=True)
    subject_id: Mapped[UUID | None] = mapped_column(index=True)
    salt: Mapped[bytes | None] = mapped_column(LargeBinary)
    old_values: Mapped[Json | None] = mapped_column(JSONB)
    new_values: Mapped[Json | None] = mapped_column(JSONB)
    erased_at: Mapped[Instant | None]
    erased_by: Mapped[UUID | None] = mapped_column(ForeignKey("audit_logs.id"), index=True)

    __table_args__ = (
        Index(
            "ix_audit_payloads_old_values",
            "old_values",
            postgresql_using="gin",
            postgresql_ops={"old_values": "jsonb_path_ops"},
        ),
        Index(
            "ix_audit_payloads_new_values",
            "new_values",
            postgresql_using="gin",
            postgresql_ops={"new_values": "jsonb_path_ops"},
        ),
    )


class AuditLink(Base):
    """A link of the chain: sha256 over the digest before and the event's text."""

    __tablename__ = "audit_chain"

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    audit_id: Mapped[UUID] = mapped_column(ForeignKey("audit_logs.id"), unique=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary)


class AuditPending(Base):
    """An event that waits to be sealed into the chain."""

    __tablename__ = "audit_pending"

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("audit_logs.id"), primary_key=True)
    queued_at: Mapped[Created] = mapped_column(index=True)
