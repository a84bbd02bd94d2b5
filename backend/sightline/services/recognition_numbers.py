"""How good recognition is over a span: exact to the microsecond, and read without the sightings of the span.

Whole days come from statistic_bins, whole hours beside them from its cells, what is left of an hour at either end from
the sightings, and what is not folded in yet from statistic_bin_changes (migrations/sql/0017). One statement, so one
moment: a change that is folded in meanwhile is counted once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.services import time_buckets
from sightline.services.statistics import Interval as Confidence
from sightline.services.statistics import binomial_interval

WIDTH: Final = 0.05
"""Of a bin of similarities and qualities."""
BINS: Final = 67
CONFIRMED, REJECTED, ASSIGNED, NO_SIMILARITY, NO_QUALITY = 1, 2, 3, 4, 46
"""Numbers of bins: those of sighting_bins() in SQL."""
SIMILARITIES: Final = range(5, 46)
"""Bins of subjects' sightings by similarity, from FIRST_SIMILARITY on."""
QUALITIES: Final = range(47, 68)
"""Bins by quality, from 0 on."""
FIRST_SIMILARITY: Final = -20
"""Of the first bin, in widths: -1."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Bin:
    """How many values lie from lower to lower + 0.05."""

    lower: float
    count: int


@dataclass(frozen=True, slots=True)
class RecognitionNumbers:
    """How recognition does over a span, at cameras that the principal may see.

    confirmed, rejected, assigned: sightings by what a person said of the match; judged_wrong: share of rejected among
    confirmed and rejected with its 95 % interval, None where nobody judged. It tells of judged matches only, which
    are not drawn at random.
    """

    since: datetime
    until: datetime
    sightings: int
    known: int
    confirmed: int
    rejected: int
    assigned: int
    judged_wrong: float | None
    judged_wrong_interval: Confidence | None
    similarities: tuple[Bin, ...]
    qualities: tuple[Bin, ...]


async def get_recognition_stats(
    session: AsyncSession, *, since: datetime | None, until: datetime | None
) -> RecognitionNumbers:
    """Over 31 days at most, the last week without since. Raises InvalidInput."""
    begin, end = time_buckets.span(since, until, longest=time_buckets.LONGEST_IN_HOURS)
    counts = await counts_by_bin(session, since=begin, until=end)
    confirmed, rejected = counts.get(CONFIRMED, 0), counts.get(REJECTED, 0)
    judged = confirmed + rejected
    return RecognitionNumbers(
        since=begin,
        until=end,
        sightings=_sum(counts, (NO_QUALITY, *QUALITIES)),  # each is in one of these
        known=_sum(counts, (NO_SIMILARITY, *SIMILARITIES)),
        confirmed=confirmed,
        rejected=rejected,
        assigned=counts.get(ASSIGNED, 0),
        judged_wrong=rejected / judged if judged else None,
        judged_wrong_interval=binomial_interval(rejected, judged) if judged else None,
        similarities=_bins(counts, SIMILARITIES, FIRST_SIMILARITY),
        qualities=_bins(counts, QUALITIES, 0),
    )


_DAY_SUMS = ", ".join(f"sum(totals[{number}])" for number in range(1, BINS + 1))
_RAW = """
    SELECT bin, count(*) AS amount
    FROM sightings, unnest(sighting_bins(subject_id, confidence, quality_score, verdict)) AS bin
    WHERE detected_at >= {since} AND detected_at < {until} GROUP BY 1
"""
_COUNTS = text(
    f"""
    SELECT bin, sum(amount)::bigint AS total FROM (
        SELECT u.bin::int, u.amount FROM (
            SELECT ARRAY[{_DAY_SUMS}] AS sums FROM statistic_bins WHERE day >= :first_day AND day < :last_day
        ) AS days, unnest(days.sums) WITH ORDINALITY AS u(amount, bin)
        UNION ALL
        SELECT u.cell % {BINS} + 1, sum(u.amount)
        FROM unnest(cast(:days AS date[]), cast(:from_cells AS int[]), cast(:to_cells AS int[])) AS p(day, first, last)
        JOIN statistic_bins b ON b.day = p.day, unnest(b.cells, b.amounts) AS u(cell, amount)
        WHERE u.cell >= p.first AND u.cell < p.last GROUP BY 1
        UNION ALL ({_RAW.format(since=":since", until=":first_hour")})
        UNION ALL ({_RAW.format(since=":last_hour", until=":until")})
        UNION ALL
        SELECT bin, sum(amount) FROM statistic_bin_changes WHERE hour >= :first_hour AND hour < :last_hour GROUP BY 1
    ) AS counted GROUP BY bin HAVING sum(amount) <> 0
    """  # noqa: S608 - constants
)


async def counts_by_bin(session: AsyncSession, *, since: datetime, until: datetime) -> dict[int, int]:
    """How many sightings from since to until fell into each bin, both in UTC; bins without any are left out."""
    return {row.bin: row.total for row in await session.execute(_COUNTS, _parts(since, until))}


def _parts(since: datetime, until: datetime) -> dict[str, object]:
    """A span as whole days, whole hours of one or two days beside them, and two rests of less than an hour."""
    first, last = time_buckets.ceil(since, HOUR), time_buckets.floor(until, HOUR)
    if first >= last:
        first = last = until
    first_day, last_day = time_buckets.ceil(first, DAY), time_buckets.floor(last, DAY)
    if first == last:
        hours = []
    elif first_day <= last_day:
        hours = [_cells(first, first_day), _cells(last_day, last)]
    else:
        hours = [_cells(first, last)]
    days, from_cells, to_cells = zip(*hours, strict=True) if hours else ((), (), ())
    return {
        "since": since,
        "first_hour": first,
        "first_day": first_day.date(),
        "last_day": last_day.date(),
        "last_hour": last,
        "until": until,
        "days": list(days),
        "from_cells": list(from_cells),
        "to_cells": list(to_cells),
    }


def _cells(since: datetime, until: datetime) -> tuple[date, int, int]:
    """Whole hours within one day: the day, and its first and last cell (excluded)."""
    begins = since.hour * BINS
    return since.date(), begins, begins + (until - since) // HOUR * BINS


def _bins(counts: Mapping[int, int], numbers: range, first: int) -> tuple[Bin, ...]:
    found = [(first + place, counts.get(number, 0)) for place, number in enumerate(numbers)]
    return tuple(Bin(round(place * WIDTH, 2), count) for place, count in found if count)


def _sum(counts: Mapping[int, int], numbers: Sequence[int]) -> int:
    return sum(counts.get(number, 0) for number in numbers)
