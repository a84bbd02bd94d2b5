"""What happens while nobody acknowledges an alert."""

from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, SmallInteger, func, text
from sqlalchemy.orm import Mapped, mapped_column

from sightline.models.base import Base, Created, Instant, NewId


class EscalationPolicy(Base):
    """Who is told next, and when. steps: as schemas.escalations.Step; is_default: the house's, exactly one."""

    __tablename__ = "escalation_policies"

    id: Mapped[NewId]
    name: Mapped[str]
    steps: Mapped[list[object]] = mapped_column(JSON, server_default=text("'[]'"))
    is_default: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[Created]
    updated_at: Mapped[Created]

    __table_args__ = (
        Index("uq_escalation_policies_name", func.lower(text("name")), unique=True),
        Index("uq_escalation_policies_default", "is_default", unique=True, postgresql_where=text("is_default")),
    )


class AlertEscalation(Base):
    """A timer of an alert (done_at None), or a step that was taken. Triggers on alerts write it."""

    __tablename__ = "alert_escalations"

    alert_id: Mapped[UUID] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True)
    step: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    due_at: Mapped[Instant]
    done_at: Mapped[Instant | None]

    __table_args__ = (
        Index("uq_alert_escalations_timer", "alert_id", unique=True, postgresql_where=text("done_at IS NULL")),
        Index("ix_alert_escalations_due_at", "due_at", postgresql_where=text("done_at IS NULL")),
    )
