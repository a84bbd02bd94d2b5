"""Windows, days and holidays by the clock on the wall: the same as looking at a calendar minute by minute."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sightline.schemas.schedules import QuietHours, Schedule, Weekday, Window
from sightline.services.schedules import Times, compiled

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo"]
CHANGES = ["2026-03-29T00:30", "2026-10-25T00:00", "2026-03-08T06:30", "2026-11-01T05:00", "2026-04-04T14:30"]
"""Just before clocks change, in UTC."""
DAYS = list(Weekday)


def times(*windows: tuple[str, str, str], zone: str | None = "UTC", **holidays: Any) -> Times:
    made = [Window.model_validate({"days": days.split(), "from": begins, "to": ends}) for days, begins, ends in windows]
    return compiled(Schedule(time_zone=zone, windows=tuple(made), **holidays))


def minute_of(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def oracle(schedule: Schedule, at: datetime, zone: str) -> bool:
    """As a person with a calendar would say: what does the clock show, and does a window of today or yesterday hold?"""
    if not schedule.windows:
        return True
    local = at.astimezone(ZoneInfo(schedule.time_zone or zone))
    clock = local.hour * 60 + local.minute
    for window in schedule.windows:
        begins, ends = minute_of(window.begins), minute_of(window.ends)
        length = (ends - begins) % 1440 or 1440
        for days_ago in (0, 1):
            day = local.date() - timedelta(days=days_ago)
            since = clock + days_ago * 1440 - begins
            is_free = day in schedule.holidays.dates
            fits = {"any": True, "not_on": not is_free, "only": is_free}[window.holidays.value]
            if DAYS[day.weekday()] in window.days and fits and 0 <= since < length:
                return True
    return False


clocks = st.builds(lambda h, m: f"{h:02}:{m:02}", st.integers(0, 23), st.sampled_from([0, 1, 29, 30, 59]))
made_windows = st.builds(
    lambda days, begins, ends, use: {"days": days, "from": begins, "to": ends, "holidays": use},
    st.lists(st.sampled_from(DAYS), min_size=1, max_size=7, unique=True),
    clocks,
    clocks | st.just("24:00"),
    st.sampled_from(["any", "not_on", "only"]),
).filter(lambda window: window["from"] != window["to"])
schedules = st.builds(
    lambda zone, windows, dates: Schedule.model_validate(
        {"time_zone": zone, "windows": windows, "holidays": {"dates": dates}}
    ),
    st.sampled_from([None, *ZONES]),
    st.lists(made_windows, max_size=3),
    st.lists(st.dates(date(2026, 3, 1), date(2026, 11, 30)), max_size=5),
)
moments = st.sampled_from(CHANGES).map(lambda text: datetime.fromisoformat(text).replace(tzinfo=UTC)) | st.datetimes(
    datetime(2026, 3, 1),  # noqa: DTZ001 - the zone is added
    datetime(2026, 11, 30),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@settings(max_examples=60)
@given(schedules, moments, st.sampled_from(ZONES))
def test_the_same_as_minute_by_minute(schedule: Schedule, begin: datetime, zone: str) -> None:
    chosen = compiled(schedule)
    begin = begin.replace(second=20, microsecond=0)
    every = [begin.replace(second=0) + timedelta(minutes=n) for n in range(240)]
    held = [oracle(schedule, at, zone) for at in every]
    assert [chosen.holds(at, zone) for at in every] == held
    expected = begin if held[0] else next((at for at, holds in zip(every, held, strict=True) if holds), None)
    assert chosen.first(begin, every[-1], zone) == expected
    ends = next((at for at, holds in zip(every, held, strict=True) if not holds), None)
    if schedule.windows and held[0] and ends is not None:
        assert chosen.end(begin, zone) == ends
    if not held[0] or not schedule.windows:
        assert chosen.end(begin, zone) is None


@settings(max_examples=40)
@given(schedules, moments)
def test_what_never_holds_holds_at_no_time(schedule: Schedule, begin: datetime) -> None:
    chosen = compiled(schedule)
    hours = [begin + timedelta(minutes=30 * n) for n in range(100)]
    if not chosen.ever_holds(begin.date() - timedelta(days=2)):
        assert not any(chosen.holds(at, "UTC") for at in hours)
    if chosen.always_holds():
        assert all(chosen.holds(at, "UTC") for at in hours)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-20T21:59:00+00:00", False),
        ("2026-11-20T22:00:00+00:00", True),  # Friday night
        ("2026-11-21T05:59:00+00:00", True),
        ("2026-11-21T06:00:00+00:00", False),
        ("2026-11-21T23:00:00+00:00", False),  # Saturday night is not named
        ("2026-11-19T23:00:00+00:00", False),
    ],
)
def test_a_window_over_midnight_ends_the_next_day(moment: str, expected: bool) -> None:
    assert times(("fri", "22:00", "06:00")).holds(datetime.fromisoformat(moment)) is expected


def test_windows_follow_the_clock_on_the_wall_through_summer_time() -> None:
    night = times(("sat sun", "22:00", "06:00"), zone="Europe/Berlin")
    assert night.holds(datetime(2026, 7, 5, 3, 59, tzinfo=UTC))  # 05:59 in summer
    assert not night.holds(datetime(2026, 7, 5, 4, 0, tzinfo=UTC))
    assert night.holds(datetime(2026, 12, 6, 4, 59, tzinfo=UTC))  # 05:59 in winter
    assert not night.holds(datetime(2026, 12, 6, 5, 0, tzinfo=UTC))


def test_without_a_zone_it_is_the_cameras_own() -> None:
    office = times(("mon", "09:00", "10:00"), zone=None)
    at = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
    assert office.holds(at, "Asia/Tokyo")
    assert not office.holds(at, "UTC")


def test_holidays_of_a_country_a_part_of_it_and_the_house() -> None:
    night = {"from": "22:00", "to": "06:00"}
    epiphany = datetime(2026, 1, 6, 23, 0, tzinfo=UTC)  # a holiday in Bavaria, not in all of Germany

    def holds(at: datetime, use: str, **holidays: Any) -> bool:
        chosen = Schedule.model_validate({"windows": [{**night, "holidays": use}], "holidays": holidays})
        return compiled(chosen).holds(at)

    assert holds(epiphany, "only", country="DE", subdivision="BY")
    assert not holds(epiphany, "only", country="DE")
    assert holds(epiphany, "not_on", country="DE")
    assert not holds(epiphany, "not_on", country="DE", subdivision="BY")
    assert holds(epiphany, "only", dates=["2026-01-06"])
    morning_after = epiphany + timedelta(hours=4)
    assert holds(morning_after, "only", dates=["2026-01-06"])  # the night began on the holiday
    assert not holds(morning_after, "only", dates=["2026-01-07"])


def test_quiet_hours_that_never_end_end_after_a_week() -> None:
    every = QuietHours.model_validate({"windows": [{"from": "00:00", "to": "24:00"}]})
    at = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    assert compiled(every).end(at, "UTC") == at + timedelta(days=7)
