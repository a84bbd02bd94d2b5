"""Exact counts of any span from statistic_days and statistic_changes (migrations/sql/0016 says how they are kept).

Spans begin and end on a quarter of an hour (UTC), as every day and hour does in every time zone. Each answer is one
statement: days and changes are of the same moment, so that what is folded in meanwhile is counted once.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from itertools import accumulate, pairwise
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

QUARTERS = 96
"""Of a day in UTC."""


class Measure(StrEnum):
    """What is counted. known: sightings of subjects; tracks, recognitions: as cameras counted them; minutes: those
    in which a camera gave frames."""

    SIGHTINGS = "sightings"
    KNOWN = "known"
    ALERTS = "alerts"
    FRAMES = "frames"
    DETECTIONS = "detections"
    TRACKS = "tracks"
    RECOGNITIONS = "recognitions"
    MINUTES = "minutes"


@dataclass(frozen=True, slots=True)
class Cameras:
    """Which cameras count, of those that the principal may see. None: all of them."""

    ids: tuple[UUID, ...] | None = None
    group_id: UUID | None = None


ALL = Cameras()


@lru_cache(maxsize=256)
def _sums(slots: tuple[int, ...], per: str, chosen: str) -> TextClause:
    """What is in the days, by measure, day or pattern, and the changes beside it: one statement, so one moment.

    sums: what was counted before the end of each of these quarters of the day. Numbers are taken out of the arrays
    before anything is sorted (OFFSET 0 keeps the planner from turning that around): with the arrays, two years of 50
    cameras went through a file of 14 MB.
    """
    values = ", ".join(f"counts[{slot}] AS at_{slot}" for slot in slots)
    sums = ", ".join(f"sum(at_{slot})" for slot in slots)
    return text(_SUMS[per].format(values=values, sums=sums, chosen=chosen))


_SUMS = {
    "day": """
        SELECT measure, day, NULL::timestamptz AS quarter, ARRAY[{sums}]::bigint[] AS sums FROM (
            SELECT measure, day, {values} FROM statistic_days
            WHERE measure = ANY(:measures) AND day >= :first AND day <= :last {chosen} OFFSET 0) AS of_days
        GROUP BY measure, day
        UNION ALL
        SELECT measure, NULL, quarter, ARRAY[sum(amount)]::bigint[] FROM statistic_changes
        WHERE measure = ANY(:measures) AND quarter >= :since AND quarter < :until {chosen} GROUP BY measure, quarter
    """,
    "pattern": """
        SELECT camera_id, pattern, NULL::timestamptz AS quarter, ARRAY[{sums}]::bigint[] AS sums FROM (
            SELECT d.camera_id, p.pattern, {values}
            FROM unnest(cast(:days AS date[]), cast(:patterns AS int[])) AS p(day, pattern)
            JOIN statistic_days d ON d.day = p.day
            WHERE d.measure = ANY(:measures) AND d.day >= :first AND d.day <= :last {chosen} OFFSET 0) AS of_days
        GROUP BY camera_id, pattern
        UNION ALL
        SELECT camera_id, NULL, quarter, ARRAY[sum(amount)]::bigint[] FROM statistic_changes
        WHERE measure = ANY(:measures) AND quarter >= :since AND quarter < :until {chosen} GROUP BY camera_id, quarter
    """,
}


def _chosen(cameras: Cameras) -> str:
    """The condition on cameras, where there is one: PostgreSQL then chooses an index by it."""
    ids = "" if cameras.ids is None else "AND camera_id = ANY(:ids)"
    group = "" if cameras.group_id is None else "AND camera_id IN (SELECT id FROM cameras WHERE group_id = :group_id)"
    return f"{ids} {group}"


async def series(
    session: AsyncSession, *, measure: Measure, edges: Sequence[datetime], cameras: Cameras = ALL
) -> tuple[int, ...]:
    """What was counted between each two neighbours of edges (n + 1 rising moments in UTC on quarters -> n counts)."""
    return (await several(session, measures=(measure,), edges=edges, cameras=cameras))[measure]


async def several(
    session: AsyncSession, *, measures: Sequence[Measure], edges: Sequence[datetime], cameras: Cameras = ALL
) -> dict[Measure, tuple[int, ...]]:
    """As series(), of several measures at once."""
    if len(edges) < 2:
        return dict.fromkeys(measures, ())
    slots = tuple(sorted({slot for edge in edges if (slot := _slot(edge))} | {QUARTERS}))
    days: dict[Measure, dict[date, Sequence[int]]] = {measure: {} for measure in measures}
    changes: dict[Measure, list[tuple[datetime, int]]] = {measure: [] for measure in measures}
    statement = _sums(slots, "day", _chosen(cameras))
    for measure, day, quarter, sums in await session.execute(statement, _given(measures, edges, cameras)):
        if quarter is None:
            days[measure][day] = sums
        else:
            changes[measure].append((quarter, sums[0]))
    return {measure: _between(edges, slots, days[measure], changes[measure]) for measure in measures}


def _given(measures: Sequence[Measure], edges: Sequence[datetime], cameras: Cameras) -> dict[str, object]:
    given: dict[str, object] = {
        "measures": [measure.value for measure in measures],
        "first": edges[0].date(),
        "last": edges[-1].date(),
        "since": edges[0],
        "until": edges[-1],
    }
    if cameras.ids is not None:
        given["ids"] = list(cameras.ids)
    if cameras.group_id is not None:
        given["group_id"] = cameras.group_id
    return given


def _slot(moment: datetime) -> int:
    """How many quarters of its day lie before it: 0 to 95."""
    return moment.hour * 4 + moment.minute // 15


def _between(
    edges: Sequence[datetime],
    slots: Sequence[int],
    days: Mapping[date, Sequence[int]],
    changes: Sequence[tuple[datetime, int]],
) -> tuple[int, ...]:
    """Counts between edges. days: sums at slots, of which the last is the whole day's; changes: quarter and amount."""
    place = {slot: number for number, slot in enumerate(slots)}
    ordered = sorted(days)
    before = [0, *accumulate(days[day][-1] for day in ordered)]
    totals, at = [], 0
    for edge in edges:
        day, slot = edge.date(), _slot(edge)
        while at < len(ordered) and ordered[at] < day:
            at += 1
        inside = days[day][place[slot]] if slot and day in days else 0
        totals.append(before[at] + inside)
    counts = [after - earlier for earlier, after in pairwise(totals)]
    for quarter, amount in changes:
        counts[bisect_right(edges, quarter) - 1] += amount
    return tuple(counts)


_PER_CAMERA = text(
    """
    SELECT measure, camera_id, sum(until - coalesce(since, 0))::bigint AS total FROM (
        SELECT measure, camera_id,
            CASE WHEN day < :last THEN counts[96] ELSE coalesce(counts[:last_slot], 0) END AS until,
            CASE WHEN day = :first THEN counts[:first_slot] END AS since
        FROM statistic_days WHERE measure = ANY(:measures) AND day >= :first AND day <= :last OFFSET 0) AS of_days
    GROUP BY 1, 2
    UNION ALL
    SELECT measure, camera_id, sum(amount)::bigint FROM statistic_changes
    WHERE measure = ANY(:measures) AND quarter >= :since AND quarter < :until GROUP BY 1, 2
    """
)
"""The number before the first quarter is counts[0], which is null."""


async def per_camera(
    session: AsyncSession, *, measures: Sequence[Measure], since: datetime, until: datetime
) -> dict[UUID, dict[Measure, int]]:
    """What each camera counted from since to until, both on quarters; cameras that counted nothing are left out."""
    slots = {"first_slot": _slot(since), "last_slot": _slot(until)}
    found: dict[UUID, dict[Measure, int]] = defaultdict(lambda: dict.fromkeys(measures, 0))
    for row in await session.execute(_PER_CAMERA, _given(measures, (since, until), ALL) | slots):
        found[row.camera_id][Measure(row.measure)] += row.total
    return dict(found)


Piece = tuple[int, int, int]
"""Part of a day: quarters before its begin, quarters before its end, bin."""


async def by_bin(
    session: AsyncSession,
    *,
    measure: Measure,
    edges: Sequence[datetime],
    bins: Sequence[int],
    cameras: Cameras = ALL,
) -> dict[tuple[UUID, int], int]:
    """What each camera counted, summed over the spans between neighbours of edges that have the same bin.

    Days that are cut alike (the Mondays of a month, for example) are summed by PostgreSQL and cut afterwards.
    """
    days, patterns = _patterns(edges, bins)
    slots = tuple(sorted({slot for pattern in patterns for piece in pattern for slot in piece[:2]} - {0}))
    given = _given((measure,), edges, cameras) | {"days": list(days), "patterns": list(days.values())}
    found: dict[tuple[UUID, int], int] = defaultdict(int)
    place = {slot: number for number, slot in enumerate(slots)}
    for camera_id, pattern, quarter, sums in await session.execute(_sums(slots, "pattern", _chosen(cameras)), given):
        if quarter is not None:
            found[camera_id, bins[bisect_right(edges, quarter) - 1]] += sums[0]
            continue
        for begins, ends, bin_ in patterns[pattern]:
            found[camera_id, bin_] += sums[place[ends]] - (sums[place[begins]] if begins else 0)
    return dict(found)


def _patterns(edges: Sequence[datetime], bins: Sequence[int]) -> tuple[dict[date, int], list[tuple[Piece, ...]]]:
    """The number of each day's pattern, and the patterns: in which bins the parts of a day fall."""
    parts: dict[date, list[Piece]] = defaultdict(list)
    for (since, until), bin_ in zip(pairwise(edges), bins, strict=True):
        for day, begins, ends in _within_days(since, until):
            parts[day].append((begins, ends, bin_))
    numbers: dict[tuple[Piece, ...], int] = {}
    days = {day: numbers.setdefault(tuple(pieces), len(numbers)) for day, pieces in parts.items()}
    return days, list(numbers)


def _within_days(since: datetime, until: datetime) -> list[tuple[date, int, int]]:
    """A span of less than a day as one or two pieces: day, quarters before its begin, quarters before its end."""
    if since.date() == until.date():
        return [(since.date(), _slot(since), _slot(until))]
    pieces = [(since.date(), _slot(since), QUARTERS)]
    return [*pieces, (until.date(), 0, _slot(until))] if _slot(until) else pieces


async def fold(session: AsyncSession) -> int:
    """Move what was counted into the days; how many changes there were. For maintenance, every half minute."""
    return int((await session.execute(text("SELECT fold_statistics()"))).scalar_one())


async def recount(session: AsyncSession) -> int:
    """Count sightings and alerts again from their rows, after rows were written past the triggers; writers wait."""
    return int((await session.execute(text("SELECT recount_statistics()"))).scalar_one())
