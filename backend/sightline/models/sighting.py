"""Sightings and the counters behind them."""

from collections.abc import Sequence
from uuid import UUID

import numpy as np
from pgvector.sqlalchemy import VECTOR
from sqlalchemy import ARRAY, REAL, BigInteger, DateTime, ForeignKey, Identity, Index, LargeBinary, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from sightline.domain.arrays import TEMPLATE_DIMENSIONS
from sightline.models.base import Base, Created, Instant, Json, NewId


def _newest_first(name: str, condition: str, include: Sequence[str] = ()) -> Index:
    """An index of the rows that a list shows, in the list's order."""
    keys = (text("detected_at DESC"), text("id DESC"))
    return Index(name, *keys, postgresql_where=text(condition), postgresql_include=list(include))


class Sighting(Base):
    """One track: somebody seen by a camera once. id is the track's; detected_at is when it was first seen.

    bounding_box: x, y, width, height in px of the frame, of the best shot; confidence: cosine
    similarity of the match; image_path, frame_path: object keys; closed_at None: still in view;
    verdict: what a person decided, which the machine's later updates leave alone.
    """

    __tablename__ = "sightings"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    detected_at: Mapped[Instant] = mapped_column(DateTime(timezone=True), primary_key=True)
    camera_id: Mapped[UUID] = mapped_column(ForeignKey("cameras.id", ondelete="RESTRICT"))
    subject_id: Mapped[UUID | None] = mapped_column(ForeignKey("subjects.id", ondelete="SET NULL"))
    confidence: Mapped[float | None] = mapped_column(REAL)
    bounding_box: Mapped[list[float]] = mapped_column(ARRAY(REAL))
    frame_width: Mapped[int]
    frame_height: Mapped[int]
    detections: Mapped[int]
    quality_score: Mapped[float | None] = mapped_column(REAL)
    candidates: Mapped[list[object]] = mapped_column(JSONB, server_default=text("'[]'"))
    image_path: Mapped[str | None]
    frame_path: Mapped[str | None]
    embedding: Mapped[np.ndarray | None] = mapped_column(VECTOR(TEMPLATE_DIMENSIONS), deferred=True)
    model_version: Mapped[str | None]
    metadata_: Mapped[Json] = mapped_column("metadata", server_default=text("'{}'"))
    last_seen_at: Mapped[Instant]
    closed_at: Mapped[Instant | None]
    media_expires_at: Mapped[Instant | None]
    anonymised_at: Mapped[Instant | None]
    verdict: Mapped[str | None]
    corrected_at: Mapped[Instant | None]
    created_at: Mapped[Created]
    updated_at: Mapped[Created]

    __table_args__ = (
        Index("ix_sightings_camera_id", "camera_id", text("detected_at DESC")),
        Index("ix_sightings_subject_id", "subject_id", text("detected_at DESC")),
        Index("ix_sightings_detected_at", text("detected_at DESC"), text("id DESC")),
        _newest_first("ix_sightings_open", "closed_at IS NULL"),
        _newest_first("ix_sightings_known", "subject_id IS NOT NULL", include=["camera_id", "confidence"]),
        _newest_first("ix_sightings_verdict", "verdict IS NOT NULL"),
        Index("ix_sightings_with_template", "camera_id", "detected_at", postgresql_where=text("embedding IS NOT NULL")),
        Index(
            "ix_sightings_media_expires_at",
            "media_expires_at",
            postgresql_where=text("media_expires_at IS NOT NULL"),
        ),
        Index(
            "ix_sightings_candidates",
            "candidates",
            postgresql_using="gin",
            postgresql_ops={"candidates": "jsonb_path_ops"},
        ),
        Index(
            "ix_sightings_metadata",
            "metadata",
            postgresql_using="gin",
            postgresql_ops={"metadata": "jsonb_path_ops"},
        ),
        Index(
            "ix_sightings_embedding",
            "embedding",
            postgresql_using="hnsw",
            postgresql_with={"m": 16, "ef_construction": 64},
            postgresql_ops={"embedding": "vector_cosine_ops"},
        ),
        {"postgresql_partition_by": "RANGE (detected_at)"},
    )


class SightingCorrection(Base):
    """A decision about who a sighting shows; the newest one of a sighting counts. Rows are added, never changed.

    subject_id: who it is by this decision, None: unknown; machine_…: what recognition had found before any decision.
    """

    __tablename__ = "sighting_corrections"

    id: Mapped[NewId]
    sighting_id: Mapped[UUID]
    detected_at: Mapped[Instant] = mapped_column(index=True)
    camera_id: Mapped[UUID] = mapped_column(ForeignKey("cameras.id", ondelete="CASCADE"))
    verdict: Mapped[str]
    subject_id: Mapped[UUID | None] = mapped_column(ForeignKey("subjects.id", ondelete="SET NULL"), index=True)
    machine_subject_id: Mapped[UUID | None] = mapped_column(ForeignKey("subjects.id", ondelete="SET NULL"), index=True)
    machine_similarity: Mapped[float | None] = mapped_column(REAL)
    machine_media_expires_at: Mapped[Instant | None]
    note: Mapped[str] = mapped_column(server_default=text("''"))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[Instant] = mapped_column(server_default=text("clock_timestamp()"))

    __table_args__ = (
        Index("ix_sighting_corrections_sighting", "sighting_id", "created_at"),
        Index("ix_sighting_corrections_camera_id", "camera_id", "detected_at"),
    )


class SearchRequest(Base):
    """A search of past sightings that waits for a second person. probe: the sealed template, None once it expired."""

    __tablename__ = "search_requests"

    id: Mapped[NewId]
    requested_by: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str]
    probe: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    model_version: Mapped[str]
    camera_ids: Mapped[list[UUID] | None] = mapped_column(ARRAY(Uuid))
    since: Mapped[Instant | None]
    until: Mapped[Instant | None]
    min_similarity: Mapped[float] = mapped_column(REAL)
    top_k: Mapped[int]
    status: Mapped[str] = mapped_column(server_default=text("'pending'"))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    decided_at: Mapped[Instant | None]
    note: Mapped[str] = mapped_column(server_default=text("''"))
    expires_at: Mapped[Instant]
    created_at: Mapped[Created]
    updated_at: Mapped[Created]

    __table_args__ = (
        Index("ix_search_requests_created_at", text("created_at DESC"), text("id DESC")),
        Index("ix_search_requests_expires_at", "expires_at", postgresql_where=text("probe IS NOT NULL")),
    )


class CameraMinuteCounter(Base):
    """What one camera counted in one minute."""

    __tablename__ = "camera_minute_counters"

    camera_id: Mapped[UUID] = mapped_column(ForeignKey("cameras.id", ondelete="CASCADE"), primary_key=True)
    minute: Mapped[Instant] = mapped_column(DateTime(timezone=True), primary_key=True)
    frames: Mapped[int] = mapped_column(server_default=text("0"))
    detections: Mapped[int] = mapped_column(server_default=text("0"))
    tracks: Mapped[int] = mapped_column(server_default=text("0"))
    recognitions: Mapped[int] = mapped_column(server_default=text("0"))

    __table_args__ = (Index("ix_camera_minute_counters_minute", "minute"),)


class ObjectDeletion(Base):
    """An object whose row is gone and that maintenance has yet to remove from the store."""

    __tablename__ = "object_deletions"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    object_key: Mapped[str]
    reason: Mapped[str]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    last_error: Mapped[str | None]
    queued_at: Mapped[Created] = mapped_column(index=True)
