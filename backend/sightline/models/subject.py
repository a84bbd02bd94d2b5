"""Watchlists, the subjects on them and their reference images."""

from datetime import date
from uuid import UUID

import numpy as np
from pgvector.sqlalchemy import VECTOR
from sqlalchemy import ARRAY, REAL, ForeignKey, Identity, Index, LargeBinary, SmallInteger, UniqueConstraint, text
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
    """A person who is enrolled. status: active or inactive; expires_at: when the entry ends, before its list does."""

    __tablename__ = "subjects"

    id: Mapped[NewId]
    name: Mapped[str]
    external_id: Mapped[str | None] = mapped_column(unique=True)
    watchlist_id: Mapped[int | None] = mapped_column(ForeignKey("watchlists.id", ondelete="RESTRICT"), index=True)
    status: Mapped[str] = mapped_column(server_default=text("'active'"))
    alert_on_match: Mapped[bool] = mapped_column(server_default=text("true"))
    expires_at: Mapped[Instant | None]
    portrait_path: Mapped[str | None]
    metadata_: Mapped[Json] = mapped_column("metadata", server_default=text("'{}'"))
    last_seen_at: Mapped[Instant | None]
    created_at: Mapped[Created]
    updated_at: Mapped[Created]

    watchlist: Mapped[Watchlist | None] = relationship(lazy="raise")

    __table_args__ = (
        Index("ix_subjects_name", text("lower(name)"), "id"),
        Index("ix_subjects_created_at", "created_at", "id"),
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
    """A reference image of a subject and the template made of it, which names its model.

    width, height, bounding_box (x, y, width, height), landmarks: px of the kept picture; eye_distance: px of the
    picture as it came. Null where the picture was enrolled before these were kept.
    """

    __tablename__ = "images"

    id: Mapped[NewId]
    subject_id: Mapped[UUID] = mapped_column(ForeignKey("subjects.id", ondelete="CASCADE"), index=True)
    image_path: Mapped[str | None]
    embedding: Mapped[np.ndarray | None] = mapped_column(VECTOR(TEMPLATE_DIMENSIONS), deferred=True)
    model_version: Mapped[str | None]
    quality_score: Mapped[float | None] = mapped_column(REAL)
    face_count: Mapped[int] = mapped_column(server_default=text("1"))
    landmarks: Mapped[list[float] | None] = mapped_column(ARRAY(REAL))
    width: Mapped[int | None]
    height: Mapped[int | None]
    bounding_box: Mapped[list[float] | None] = mapped_column(ARRAY(REAL))
    eye_distance: Mapped[float | None] = mapped_column(REAL)
    sharpness: Mapped[float | None] = mapped_column(REAL)
    frontality: Mapped[float | None] = mapped_column(REAL)
    exposure: Mapped[float | None] = mapped_column(REAL)
    pixels_digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[Created]
    updated_at: Mapped[Created]

    subject: Mapped[Subject] = relationship(lazy="raise")

    __table_args__ = (
        UniqueConstraint("subject_id", "pixels_digest", name="uq_images_subject_pixels"),
        Index("ix_images_model_version", "model_version", "subject_id", postgresql_where=text("embedding IS NOT NULL")),
        Index(
            "ix_images_embedding",
            "embedding",
            postgresql_using="hnsw",
            postgresql_with={"m": 16, "ef_construction": 64},
            postgresql_ops={"embedding": "vector_cosine_ops"},
        ),
    )


class ImageTemplate(Base):
    """A template of an image by another model than the one in use, while a gallery moves; or why that model refused it.

    expires_at: when a template of a former model goes; null: not by itself.
    """

    __tablename__ = "image_templates"

    image_id: Mapped[UUID] = mapped_column(ForeignKey("images.id", ondelete="CASCADE"), primary_key=True)
    model_version: Mapped[str] = mapped_column(primary_key=True)
    embedding: Mapped[np.ndarray | None] = mapped_column(VECTOR(TEMPLATE_DIMENSIONS), deferred=True)
    refusal: Mapped[str | None]
    quality_score: Mapped[float | None] = mapped_column(REAL)
    landmarks: Mapped[list[float] | None] = mapped_column(ARRAY(REAL))
    bounding_box: Mapped[list[float] | None] = mapped_column(ARRAY(REAL))
    expires_at: Mapped[Instant | None]
    created_at: Mapped[Created]

    __table_args__ = (
        Index("ix_image_templates_model_version", "model_version", "image_id"),
        Index("ix_image_templates_expires_at", "expires_at", postgresql_where=text("expires_at IS NOT NULL")),
        Index(
            "ix_image_templates_embedding",
            "embedding",
            postgresql_using="hnsw",
            postgresql_with={"m": 16, "ef_construction": 64},
            postgresql_ops={"embedding": "vector_cosine_ops"},
        ),
    )


class SubjectMerge(Base):
    """That a subject went into another one; the audit log still knows it by its own id."""

    __tablename__ = "subject_merges"

    emptied_id: Mapped[UUID] = mapped_column(primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(ForeignKey("subjects.id", ondelete="CASCADE"), index=True)
    merged_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    merged_at: Mapped[Created]
