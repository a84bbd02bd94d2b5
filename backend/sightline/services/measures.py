"""Exact counts of any span from statistic_days and statistic_changes (migrations/sql/0016 says how they are kept).

Spans begin and end on a quarter of an hour (UTC), as every day and hour does in every time zone.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import accumulate, pairwise
from uuid import UUID

from sqlalchemy import text
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
_CHOSEN = """
    (cast(:ids AS uuid[]) IS NULL OR camera_id = ANY(:ids))
    AND (cast(:group_id AS uuid) IS NULL OR camera_id IN (SELECT id FROM cameras WHERE group_id = :group_id))
"""
_DAYS = text(
    f"""
    SELECT day, sum(counts[96])::bigint AS total FROM statistic_days
    WHERE measure = :measure AND day >= :first AND day < :last AND {_CHOSEN} GROUP BY day
    """  # noqa: S608 - a constant
)
_EDGES = text(
    f"""
    SELECT e.n, sum(d.counts[e.slot])::bigint AS total
    FROM unnest(cast(:days AS date[]), cast(:slots AS int[])) WITH ORDINALITY AS e(day, slot, n)
    JOIN statistic_days d ON d.day = e.day
    WHERE d.measure = :measure AND d.day >= :first AND d.day <= :last AND {_CHOSEN} GROUP BY e.n
    """  # noqa: S608 - a constant
)
_CHANGES = text(
    f"""
    SELECT quarter, sum(amount)::bigint AS total FROM statistic_changes
    WHERE measure = :measure AND quarter >= :since AND quarter < :until AND {_CHOSEN} GROUP BY quarter
    """  # noqa: S608 - a constant
)


async def series(
    session: AsyncSession, *, measure: Measure, edges: Sequence[datetime], cameras: Cameras = ALL
) -> tuple[int, ...]:
    """What was counted between each two neighbours of edges (n + 1 rising moments in UTC on quarters -> n counts)."""
    if len(edges) < 2:
        return ()
    given = _given(measure, edges, cameras)
    days = {row.day: row.total for row in await session.execute(_DAYS, given)}
    inside = [(number, edge.date(), _slot(edge)) for number, edge in enumerate(edges) if _slot(edge)]
    parts: dict[int, int] = {}
    if inside:
        asked = {"days": [day for _, day, _ in inside], "slots": [slot for _, _, slot in inside]}
        rows = await session.execute(_EDGES, {**given, **asked})
        parts = {inside[row.n - 1][0]: row.total for row in rows}
    until_edge = _until_days(days, edges)
    totals = [until_edge[number] + parts.get(number, 0) for number in range(len(edges))]
    counts = [after - before for before, after in pairwise(totals)]
    fresh = await session.execute(_CHANGES, {**given, "since": edges[0], "until": edges[-1]})
    for row in fresh:
        counts[bisect_right(edges, row.quarter) - 1] += row.total
    return tuple(counts)


def _given(measure: Measure, edges: Sequence[datetime], cameras: Cameras) -> dict[str, object]:
    ids = None if cameras.ids is None else list(cameras.ids)
    days = {"first": edges[0].date(), "last": edges[-1].date()}
    return {"measure": measure.value, "ids": ids, "group_id": cameras.group_id, **days}


def _slot(moment: datetime) -> int:
    """How many quarters of its day lie before it: 0 to 95."""
    return moment.hour * 4 + moment.minute // 15


def _until_days(days: Mapping[date, int], edges: Sequence[datetime]) -> list[int]:
    """Per edge what was counted on the whole days from the first edge's on and before the edge's own."""
    ordered = sorted(days)
    running = [0, *accumulate(days[day] for day in ordered)]
    at, found = 0, []
    for edge in edges:
        while at < len(ordered) and ordered[at] < edge.date():
            at += 1
        found.append(running[at])
    return found


_PER_CAMERA = text(
    """
    SELECT measure, camera_id, sum(counts[96])::bigint AS total FROM statistic_days
    WHERE measure = ANY(:measures) AND day >= :first AND day < :last GROUP BY 1, 2
    UNION ALL
    SELECT measure, camera_id, counts[:last_slot]::bigint FROM statistic_days
    WHERE measure = ANY(:measures) AND day = :last AND :last_slot > 0
    UNION ALL
    SELECT measure, camera_id, -counts[:first_slot]::bigint FROM statistic_days
    WHERE measure = ANY(:measures) AND day = :first AND :first_slot > 0
    """
)
_CHANGES_PER_CAMERA = text(
    """
    SELECT measure, camera_id, sum(amount)::bigint AS total FROM statistic_changes
    WHERE measure = ANY(:measures) AND quarter >= :since AND quarter < :until GROUP BY 1, 2
    """
)


async def per_camera(
    session: AsyncSession, *, measures: Sequence[Measure], since: datetime, until: datetime
) -> dict[UUID, dict[Measure, int]]:
    """What each camera counted from since to until, both on quarters; cameras that counted nothing are left out."""
    given = {
        "measures": [measure.value for measure in measures],
        "since": since,
        "until": until,
        "first": since.date(),
        "first_slot": _slot(since),
        "last": until.date(),
        "last_slot": _slot(until),
    }
    found: dict[UUID, dict[Measure, int]] = defaultdict(lambda: dict.fromkeys(measures, 0))
    for statement in (_PER_CAMERA, _CHANGES_PER_CAMERA):
        for row in await session.execute(statement, given):
            found[row.camera_id][Measure(row.measure)] += row.total
    return dict(found)


_BINS = text(
    f"""
    SELECT camera_id, array_agg(bin) AS bins, array_agg(total) AS totals FROM (
        SELECT d.camera_id, b.bin, sum(d.counts[b.ends] - coalesce(d.counts[b.begins], 0))::bigint AS total
        FROM unnest(cast(:days AS date[]), cast(:begins AS int[]), cast(:ends AS int[]), cast(:bins AS int[]))
            AS b(day, begins, ends, bin)
        JOIN statistic_days d ON d.day = b.day
        WHERE d.measure = :measure AND d.day >= :first AND d.day <= :last AND {_CHOSEN} GROUP BY 1, 2) AS counted
    GROUP BY 1
    """  # noqa: S608 - a constant
)
"""One row per camera: 50 of them with a week of hours each as rows of their own took 100 ms to read."""
_CHANGES_BY_QUARTER = text(
    f"""
    SELECT camera_id, quarter, sum(amount)::bigint AS total FROM statistic_changes
    WHERE measure = :measure AND quarter >= :since AND quarter < :until AND {_CHOSEN} GROUP BY 1, 2
    """  # noqa: S608 - a constant
)


async def by_bin(
    session: AsyncSession,
    *,
    measure: Measure,
    edges: Sequence[datetime],
    bins: Sequence[int],
    cameras: Cameras = ALL,
) -> dict[tuple[UUID, int], int]:
    """What each camera counted, summed over the spans between neighbours of edges that have the same bin."""
    asked: dict[str, list[object]] = {"days": [], "begins": [], "ends": [], "bins": []}
    for (since, until), bin_ in zip(pairwise(edges), bins, strict=True):
        for day, begins, ends in _within_days(since, until):
            for name, value in zip(asked, (day, begins, ends, bin_), strict=True):
                asked[name].append(value)
    given = _given(measure, edges, cameras)
    found: dict[tuple[UUID, int], int] = defaultdict(int)
    for row in await session.execute(_BINS, {**given, **asked}):
        for bin_, total in zip(row.bins, row.totals, strict=True):
            found[row.camera_id, bin_] += total
    fresh = await session.execute(_CHANGES_BY_QUARTER, {**given, "since": edges[0], "until": edges[-1]})
    for row in fresh:
        found[row.camera_id, bins[bisect_right(edges, row.quarter) - 1]] += row.total
    return dict(found)


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
