"""Counts per quarter of an hour, kept beside the records by triggers (migrations/sql/0016, 0017)."""

from datetime import date
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, ForeignKey, Identity, Index, Integer, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from sightline.models.base import Base, Instant


class StatisticDay(Base):
    """One measure of one camera on one day (UTC). counts: 96 running totals, one per quarter of an hour."""

    __tablename__ = "statistic_days"
    __table_args__ = (Index("ix_statistic_days_camera", "camera_id", "measure", "day"),)

    measure: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    camera_id: Mapped[UUID] = mapped_column(ForeignKey("cameras.id", ondelete="CASCADE"), primary_key=True)
    counts: Mapped[list[int]] = mapped_column(ARRAY(Integer))


class StatisticChange(Base):
    """What was counted and is not in the days yet. quarter: its beginning; amount may be negative."""

    __tablename__ = "statistic_changes"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    measure: Mapped[str]
    camera_id: Mapped[UUID]
    quarter: Mapped[Instant]
    amount: Mapped[int]


class StatisticBins(Base):
    """Sightings of one camera on one day (UTC) by similarity, quality and verdict.

    totals: 67 counts, one per bin (sighting_bins() in SQL says which is which); cells, amounts: those that are not zero
    by hour, cell = 67 * hour + bin - 1.
    """

    __tablename__ = "statistic_bins"

    day: Mapped[date] = mapped_column(primary_key=True)
    camera_id: Mapped[UUID] = mapped_column(ForeignKey("cameras.id", ondelete="CASCADE"), primary_key=True, index=True)
    totals: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    cells: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))
    amounts: Mapped[list[int]] = mapped_column(ARRAY(Integer))


class StatisticBinChange(Base):
    """What fell into a bin and is not in the days yet. hour: its beginning; amount may be negative."""

    __tablename__ = "statistic_bin_changes"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    camera_id: Mapped[UUID]
    hour: Mapped[Instant]
    bin: Mapped[int] = mapped_column(SmallInteger)
    amount: Mapped[int]
