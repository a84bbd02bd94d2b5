"""Background jobs."""

from uuid import UUID

from sqlalchemy import JSON, REAL, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from sightline.models.base import Base, Created, Instant, Json, NewId


class Job(Base):
    """Work that takes longer than a request. status: queued, running, done, failed or cancelled; progress 0 to 1.

    attempts counts how often it was begun; its files lie below jobs/{id}/ in the object store.
    """

    __tablename__ = "jobs"

    id: Mapped[NewId]
    kind: Mapped[str]
    parameters: Mapped[Json] = mapped_column(JSON, server_default=text("'{}'"))
    subject_id: Mapped[UUID | None] = mapped_column(ForeignKey("subjects.id", ondelete="CASCADE"), index=True)
    status: Mapped[str] = mapped_column(server_default=text("'queued'"))
    progress: Mapped[float] = mapped_column(REAL, server_default=text("0"))
    message: Mapped[str] = mapped_column(server_default=text("''"))
    cancel_requested: Mapped[bool] = mapped_column(server_default=text("false"))
    result_key: Mapped[str | None]
    result_name: Mapped[str | None]
    result_type: Mapped[str | None]
    summary: Mapped[Json] = mapped_column(JSON, server_default=text("'{}'"))
    error_code: Mapped[str | None]
    error_detail: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    position: Mapped[int] = mapped_column(server_default=text("0"))
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[Created]
    started_at: Mapped[Instant | None]
    heartbeat_at: Mapped[Instant | None]
    finished_at: Mapped[Instant | None]
    expires_at: Mapped[Instant | None]
    files_removed_at: Mapped[Instant | None]

    __table_args__ = (
        Index("ix_jobs_created_by", "created_by", text("created_at DESC")),
        Index("ix_jobs_created_at", text("created_at DESC"), text("id DESC")),
        Index("ix_jobs_waiting", "created_at", postgresql_where=text("status IN ('queued', 'running')")),
    )
