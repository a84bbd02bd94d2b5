"""Cameras, their groups and logins."""

from uuid import UUID

from sqlalchemy import REAL, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from sightline.models.base import Base, Created, Instant, Json, NewId


class CameraGroup(Base):
    """Cameras that some users see together."""

    __tablename__ = "camera_groups"

    id: Mapped[NewId]
    name: Mapped[str] = mapped_column(unique=True)
    description: Mapped[str] = mapped_column(server_default=text("''"))
    created_at: Mapped[Created]
    updated_at: Mapped[Created]


class UserCameraGroup(Base):
    """That a user sees a group's cameras."""

    __tablename__ = "user_camera_groups"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    group_id: Mapped[UUID] = mapped_column(
        ForeignKey("camera_groups.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    created_at: Mapped[Created]


class Camera(Base):
    """A source of pictures. stream_url holds no login (see CameraCredentials). status: active, inactive, error."""

    __tablename__ = "cameras"

    id: Mapped[NewId]
    name: Mapped[str]
    location: Mapped[str] = mapped_column(server_default=text("''"))
    stream_url: Mapped[str]
    status: Mapped[str] = mapped_column(server_default=text("'inactive'"))
    status_message: Mapped[str] = mapped_column(server_default=text("''"))
    fps: Mapped[float | None] = mapped_column(REAL)
    resolution: Mapped[str | None]
    detection_enabled: Mapped[bool] = mapped_column(server_default=text("true"))
    recognition_enabled: Mapped[bool] = mapped_column(server_default=text("true"))
    config: Mapped[Json] = mapped_column(server_default=text("'{}'"))
    group_id: Mapped[UUID | None] = mapped_column(ForeignKey("camera_groups.id", ondelete="RESTRICT"), index=True)
    last_seen_at: Mapped[Instant | None]
    removed_at: Mapped[Instant | None]
    created_at: Mapped[Created]
    updated_at: Mapped[Created]

    group: Mapped[CameraGroup | None] = relationship(lazy="raise")
    credentials: Mapped["CameraCredentials | None"] = relationship(lazy="raise", passive_deletes="all")

    __table_args__ = (
        Index("uq_cameras_name", text("lower(name)"), unique=True, postgresql_where=text("removed_at IS NULL")),
        Index("ix_cameras_name_trgm", "name", postgresql_using="gin", postgresql_ops={"name": "gin_trgm_ops"}),
        Index("ix_cameras_config", "config", postgresql_using="gin", postgresql_ops={"config": "jsonb_path_ops"}),
    )


class CameraCredentials(Base):
    """User and password of a camera, readable by recognition and admins only."""

    __tablename__ = "camera_credentials"

    camera_id: Mapped[UUID] = mapped_column(ForeignKey("cameras.id", ondelete="CASCADE"), primary_key=True)
    username: Mapped[str]
    password: Mapped[str]
    updated_at: Mapped[Created]
