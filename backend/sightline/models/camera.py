"""Cameras, their groups and logins."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import REAL, BigInteger, DateTime, ForeignKey, Index, LargeBinary, func, literal_column, text
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from sightline.models.base import Base, Created, Instant, Json, NewId

NEVER = "'1970-01-01 00:00:00+00'::timestamptz"
"""Stands for the time of what has not happened, where an order needs one."""


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
    """A source of pictures. status: active, inactive, error. time_zone: where it hangs (IANA).

    stream_url holds no secret; the address as it is opened is sealed (see CameraCredentials) where it has any.
    address_trusted: the machine's own command line put it in. sort_name, sort_seen: what lists are ordered by.
    sample_rate_now: frames per second that are analysed, where a worker says; lease_token: of who wrote the status.
    """

    __tablename__ = "cameras"

    id: Mapped[NewId]
    name: Mapped[str] = mapped_column()
    location: Mapped[str] = mapped_column(server_default=text("''"))
    stream_url: Mapped[str]
    status: Mapped[str] = mapped_column(server_default=text("'inactive'"))
    status_message: Mapped[str] = mapped_column(server_default=text("''"))
    fps: Mapped[float | None] = mapped_column(REAL)
    resolution: Mapped[str | None]
    detection_enabled: Mapped[bool] = mapped_column(server_default=text("true"))
    recognition_enabled: Mapped[bool] = mapped_column(server_default=text("true"))
    config: Mapped[Json] = mapped_column(server_default=text("'{}'"))
    time_zone: Mapped[str] = mapped_column(server_default=text("'UTC'"))
    has_credentials: Mapped[bool] = mapped_column(server_default=text("false"))
    address_trusted: Mapped[bool] = mapped_column(server_default=text("false"))
    group_id: Mapped[UUID | None] = mapped_column(ForeignKey("camera_groups.id", ondelete="RESTRICT"), index=True)
    last_seen_at: Mapped[Instant | None] = mapped_column()
    sample_rate_now: Mapped[float | None] = mapped_column(REAL)
    lease_token: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    removed_at: Mapped[Instant | None]
    created_at: Mapped[Created]
    updated_at: Mapped[Created]

    sort_name: Mapped[str] = column_property(func.lower(name))
    sort_seen: Mapped[datetime] = column_property(
        func.coalesce(last_seen_at, literal_column(NEVER, DateTime(timezone=True)))
    )

    @property
    def is_movable(self) -> bool:
        """Whether it is set up to be moved, and has no privacy masks, which would not move with its picture."""
        return self.config.get("control") is not None and not self.config.get("privacy")

    group: Mapped[CameraGroup | None] = relationship(lazy="raise")
    credentials: Mapped["CameraCredentials | None"] = relationship(lazy="raise", passive_deletes="all")

    __table_args__ = (
        Index("uq_cameras_name", text("lower(name)"), unique=True, postgresql_where=text("removed_at IS NULL")),
        Index("ix_cameras_name_trgm", "name", postgresql_using="gin", postgresql_ops={"name": "gin_trgm_ops"}),
        Index("ix_cameras_last_seen_at", text(f"coalesce(last_seen_at, {NEVER})"), "id"),
        Index("ix_cameras_created_at", "created_at", "id"),
        Index("ix_cameras_config", "config", postgresql_using="gin", postgresql_ops={"config": "jsonb_path_ops"}),
    )


class CameraCredentials(Base):
    """The address of a camera with its login and other secrets, readable by recognition and admins only.

    sealed: see services/camera_secrets.py. username, password: plain, from before there was sealing.
    """

    __tablename__ = "camera_credentials"

    camera_id: Mapped[UUID] = mapped_column(ForeignKey("cameras.id", ondelete="CASCADE"), primary_key=True)
    username: Mapped[str | None]
    password: Mapped[str | None]
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    updated_at: Mapped[Created]
