"""Watchlists, the subjects on them and their reference images."""

from datetime import date
from uuid import UUID

import numpy as np
from pgvector.sqlalchemy import VECTOR
from sqlalchemy import ARRAY, REAL, ForeignKey, Identity, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from sightline.domain.arrays import TEMPLATE_DIMENSIONS
from sightline.models.base import Base, Created, Instant, Json, NewId


class Watchlist(Base):
    """A list of subjects with a legal basis, an approver and an end. priority 1 to 5, 5 is the most urgent."""

    __tablename__ = "watchlists"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    name: Mapped[str]
    description: Mapped[str] = mapped_column(server_default=text("''"))
    color: Mapped[str] = mapped_column(server_default=text("'#d97706'"))
    priority: Mapped[int] = mapped_column(SmallInteger, server_default=text("3"))
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    legal_basis: Mapped[str]
    approver: Mapped[str]
    review_date: Mapped[date | None]
    expires_at: Mapped[Instant]
    created_at: Mapped[Created]
    updated_at: Mapped[Created]

    __table_args__ = (Index("uq_watchlists_name", text("lower(name)"), unique=True),)


class Subject(Base):
    """A person who is enrolled. status: active or inactive."""

    __tablename__ = "subjects"

    id: Mapped[NewId]
    name: Mapped[str]
    external_id: Mapped[str | None] = mapped_column(unique=True)
    watchlist_id: Mapped[int | None] = mapped_column(ForeignKey("watchlists.id", ondelete="RESTRICT"), index=True)
    status: Mapped[str] = mapped_column(server_default=text("'active'"))
    alert_on_match: Mapped[bool] = mapped_column(server_default=text("true"))
    portrait_path: Mapped[str | None]
    metadata_: Mapped[Json] = mapped_column("metadata", server_default=text("'{}'"))
    last_seen_at: Mapped[Instant | None]
    created_at: Mapped[Created]
    updated_at: Mapped[Created]

    watchlist: Mapped[Watchlist | None] = relationship(lazy="raise")

    __table_args__ = (
        Index("ix_subjects_name_trgm", "name", postgresql_using="gin", postgresql_ops={"name": "gin_trgm_ops"}),
        Index(
            "ix_subjects_external_id_trgm",
            "external_id",
            postgresql_using="gin",
            postgresql_ops={"external_id": "gin_trgm_ops"},
        ),
        Index(
            "ix_subjects_metadata",
            "metadata",
            postgresql_using="gin",
            postgresql_ops={"metadata": "jsonb_path_ops"},
        ),
    )


class Image(Base):
    """A reference image of a subject and the template made of it, which names its model."""

    __tablename__ = "images"

    id: Mapped[NewId]
    subject_id: Mapped[UUID] = mapped_column(ForeignKey("subjects.id", ondelete="CASCADE"), index=True)
    image_path: Mapped[str | None]
    embedding: Mapped[np.ndarray | None] = mapped_column(VECTOR(TEMPLATE_DIMENSIONS), deferred=True)
    model_version: Mapped[str | None] = mapped_column(index=True)
    quality_score: Mapped[float | None] = mapped_column(REAL)
    face_count: Mapped[int] = mapped_column(server_default=text("1"))
    landmarks: Mapped[list[float] | None] = mapped_column(ARRAY(REAL))
    created_at: Mapped[Created]
    updated_at: Mapped[Created]

    subject: Mapped[Subject] = relationship(lazy="raise")

    __table_args__ = (
        Index(
            "ix_images_embedding",
            "embedding",
            postgresql_using="hnsw",
            postgresql_with={"m": 16, "ef_construction": 64},
            postgresql_ops={"embedding": "vector_cosine_ops"},
        ),
    )
