"""What all tables share. The migrations are the schema; the models describe it to SQLAlchemy, and a test compares."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from sqlalchemy import DateTime, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

Json = dict[str, object]
"""Fields that an operator defines; the program reads them through a typed schema only."""

Instant = Annotated[datetime, mapped_column(DateTime(timezone=True))]
"""A moment in UTC."""
Created = Annotated[datetime, mapped_column(DateTime(timezone=True), server_default=text("now()"))]
"""Set by the database's clock."""
NewId = Annotated[UUID, mapped_column(Uuid, primary_key=True, server_default=text("uuidv7()"))]
"""A UUIDv7 made by the database."""


class Base(DeclarativeBase):
    """Root of the models."""

    type_annotation_map = {str: Text(), UUID: Uuid(), dict[str, object]: JSONB()}  # noqa: RUF012 - read by SQLAlchemy
