"""Days as people have them: clocks change, midnights are skipped, and zones are off by a quarter of an hour."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from sightline.core.errors import InvalidInput
from sightline.services import time_buckets
from sightline.services.time_buckets import Interval

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def hours(zone: str, day: str, interval: Interval = Interval.DAY) -> list[float]:
    """Widths in hours of the buckets around a local day."""
    tz = time_buckets.zone(zone)
    noon = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=tz).astimezone(UTC)
    edges = time_buckets.edges(noon - timedelta(days=1), noon + timedelta(days=1), interval=interval, tz=tz)
    assert all(edge.tzinfo is UTC and edge.minute % 15 == 0 for edge in edges)
    return [(after - before) / timedelta(hours=1) for before, after in pairwise(edges)]


@pytest.mark.parametrize(
    ("zone", "day", "widths"),
    [
        ("UTC", "2026-03-29", [24, 24, 24]),
        ("Europe/Berlin", "2026-03-29", [24, 23, 24]),
        ("Europe/Berlin", "2026-10-25", [24, 25, 24]),
        ("Asia/Kathmandu", "2026-03-29", [24, 24, 24]),
        ("Australia/Lord_Howe", "2026-04-05", [24, 24.5, 24]),
        ("Asia/Beirut", "2024-03-31", [24, 23, 24]),  # its midnight does not exist
        ("Pacific/Apia", "2011-12-30", [24, 24, 24]),  # a whole day that was left out
    ],
)
def test_days_are_those_of_the_wall_clock(zone: str, day: str, widths: list[float]) -> None:
    assert hours(zone, day) == widths


def test_hours_go_on_through_a_change_of_clocks() -> None:
    assert set(hours("Europe/Berlin", "2026-10-25", Interval.HOUR)) == {1.0}
    assert set(hours("Australia/Lord_Howe", "2026-04-05", Interval.HOUR)) == {1.0}


def test_weeks_begin_on_monday_and_months_on_their_first() -> None:
    tz = time_buckets.zone("Asia/Kolkata")
    weeks = time_buckets.edges(NOW - timedelta(days=10), NOW, interval=Interval.WEEK, tz=tz)
    assert [edge.astimezone(tz).isoweekday() for edge in weeks] == [1] * len(weeks)
    months = time_buckets.edges(NOW - timedelta(days=400), NOW, interval=Interval.MONTH, tz=tz)
    assert {edge.astimezone(tz).day for edge in months} == {1}
    assert months[0] <= NOW - timedelta(days=400)
    assert months[-2] < NOW <= months[-1]


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (NOW, NOW),
        (NOW + timedelta(days=1), NOW),
        (NOW - timedelta(days=733), NOW),
        (None, NOW + timedelta(days=2)),
        (datetime(1999, 12, 31, tzinfo=UTC), datetime(2000, 2, 1, tzinfo=UTC)),
        (datetime(1, 1, 1, tzinfo=UTC), datetime(1, 1, 2, tzinfo=UTC)),
        (None, datetime(1, 1, 2, tzinfo=UTC)),
        (None, datetime.max.replace(tzinfo=UTC)),
    ],
)
def test_spans_that_cannot_be_counted_are_refused(since: datetime | None, until: datetime) -> None:
    with pytest.raises(InvalidInput):
        time_buckets.span(since, until, now=NOW)


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../etc/passwd", "/etc/localtime", "a\0b", "x" * 5000, "Europe"])
def test_a_zone_is_a_name_of_the_database(name: str) -> None:
    with pytest.raises(InvalidInput):
        time_buckets.zone(name)
