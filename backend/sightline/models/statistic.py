"""Counts per quarter of an hour, kept beside the records by triggers (migrations/sql/0016)."""

from datetime import date
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, ForeignKey, Identity, Integer
from sqlalchemy.orm import Mapped, mapped_column

from sightline.models.base import Base, Instant


class StatisticDay(Base):
    """One measure of one camera on one day (UTC). counts: 96 running totals, one per quarter of an hour."""

    __tablename__ = "statistic_days"

    measure: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    camera_id: Mapped[UUID] = mapped_column(ForeignKey("cameras.id", ondelete="CASCADE"), primary_key=True, index=True)
    counts: Mapped[list[int]] = mapped_column(ARRAY(Integer))


class StatisticChange(Base):
    """What was counted and is not in the days yet. quarter: its beginning; amount may be negative."""

    __tablename__ = "statistic_changes"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    measure: Mapped[str]
    camera_id: Mapped[UUID]
    quarter: Mapped[Instant]
    amount: Mapped[int]
