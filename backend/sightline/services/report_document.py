"""A report as data: what stands in it, whatever kind of file it becomes."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

Value = str | int | float | datetime | None


class Kind(StrEnum):
    """What a column holds. share: 0 to 1, shown in percent; number: with three decimals; moment: aware."""

    TEXT = "text"
    COUNT = "count"
    SHARE = "share"
    NUMBER = "number"
    MOMENT = "moment"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    name: str
    kind: Kind = Kind.COUNT


@dataclass(frozen=True, slots=True)
class Table:
    """A section with one table. chart: draw the first number column over the first column."""

    heading: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    note: str = ""
    chart: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """A report. facts: what stands under the title, by name; times are shown in time_zone."""

    title: str
    time_zone: ZoneInfo
    facts: tuple[tuple[str, str], ...]
    tables: tuple[Table, ...] = field(default=())


def shown(value: Value, kind: Kind, tz: ZoneInfo) -> str:
    """A cell as text."""
    if value is None:
        return "–"
    if isinstance(value, datetime):
        local = value.astimezone(tz)
        return f"{local:%Y-%m-%d}" if kind is Kind.DAY else f"{local:%Y-%m-%d %H:%M}"
    if kind is Kind.SHARE and isinstance(value, int | float):
        return f"{value:.1%}"
    if isinstance(value, int):
        return f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    return f"{value:.3f}" if isinstance(value, float) else value
