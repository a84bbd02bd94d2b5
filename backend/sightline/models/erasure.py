"""Erasures and their receipts."""

from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from sightline.models.base import Base, Created, Instant, NewId


class Erasure(Base):
    """A person who was erased: no more than a digest of their id. receipt: JWS, compact; work: what is left to do."""

    __tablename__ = "erasures"

    id: Mapped[NewId]
    subject_digest: Mapped[str] = mapped_column(index=True)
    reason: Mapped[str]
    reference: Mapped[str] = mapped_column(server_default=text("''"))
    work: Mapped[str | None]
    receipt: Mapped[str | None]
    requested_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[Created]
    completed_at: Mapped[Instant | None]

    __table_args__ = (
        Index("ix_erasures_created_at", text("created_at DESC"), text("id DESC")),
        Index("ix_erasures_unfinished", "created_at", postgresql_where=text("work IS NOT NULL")),
    )
