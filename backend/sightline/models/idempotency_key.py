"""Requests that were done once and may be sent again."""

from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from sightline.models.base import Base, Created


class IdempotencyKey(Base):
    """A key of a client. fingerprint: sha256 of the request; status and body: the answer, where it is kept."""

    __tablename__ = "idempotency_keys"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    path: Mapped[str]
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int | None] = mapped_column(SmallInteger)
    media_type: Mapped[str | None]
    location: Mapped[str | None]
    etag: Mapped[str | None]
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[Created]

    __table_args__ = (Index("ix_idempotency_keys_created_at", "created_at"),)
