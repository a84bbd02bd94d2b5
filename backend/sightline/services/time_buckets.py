"""Hours, days, weeks and months as people in a time zone have them, as moments in UTC.

A day in which clocks change has 23 or 25 hours here, and a day that begins at 01:00 because its midnight is skipped
begins there.
"""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sightline.core.errors import InvalidInput

LONGEST = timedelta(days=732)
"""Two years, one of them with a leap day."""
LONGEST_IN_HOURS = timedelta(days=31)
GRACE = timedelta(hours=1)
"""Who asks for the last 31 days took the time a moment ago."""
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""Nothing was recorded before, and since then every zone's offset is a multiple of a quarter of an hour."""
DEFAULT_SPAN = timedelta(days=7)
QUARTER = timedelta(minutes=15)


class Interval(StrEnum):
    """Width of a bucket; weeks begin on Monday (ISO 8601)."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


def zone(name: str) -> ZoneInfo:
    """A time zone of the IANA database. Raises InvalidInput."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInput(
            "no time zone has that name", hint="Use a name of the IANA database, such as Europe/Berlin."
        ) from error


def span(
    since: datetime | None, until: datetime | None, *, longest: timedelta = LONGEST, now: datetime | None = None
) -> tuple[datetime, datetime]:
    """A span in UTC; without since a week, without until up to now. Raises InvalidInput."""
    present = now or datetime.now(UTC)
    end = until or present
    if not EARLIEST < end <= present + timedelta(days=1):
        raise InvalidInput("the span ends in the future, or before 2000", hint="Let until be now, or leave it out.")
    begin = since or end - DEFAULT_SPAN
    if begin >= end or begin < EARLIEST:
        raise InvalidInput("the span has no length, or began before 2000", hint="Let since lie before until.")
    if end - begin > longest + GRACE:
        raise InvalidInput(
            f"the span is longer than {longest.days} days", hint="Ask for a shorter one, or a wider interval."
        )
    return begin, end


def edges(since: datetime, until: datetime, *, interval: Interval, tz: ZoneInfo) -> tuple[datetime, ...]:
    """Begins of the whole buckets that cover the span, and the end of the last one; rising, in UTC.

    Raises InvalidInput for hours over more than a month.
    """
    if interval is Interval.HOUR:
        if until - since > LONGEST_IN_HOURS + GRACE:
            raise InvalidInput("hours are counted over 31 days at most", hint="Ask for days, or a shorter span.")
        return hours(since, until, tz)
    day = _begin(since.astimezone(tz).date(), interval)
    found = [midnight(day, tz)]
    while found[-1] < until:
        day = _after(day, interval)
        begins = midnight(day, tz)
        if begins > found[-1]:  # Samoa left out a whole day in 2011
            found.append(begins)
    return tuple(found)


def hours(since: datetime, until: datetime, tz: ZoneInfo) -> tuple[datetime, ...]:
    """Begins of the hours of the wall clock that cover the span, and the end of the last one."""
    first = floor_hour(since, tz)
    count = -((first - until) // timedelta(hours=1))
    return tuple(first + timedelta(hours=number) for number in range(count + 1))


def midnight(day: date, tz: ZoneInfo) -> datetime:
    """When a day begins there, in UTC."""
    return datetime.combine(day, time(), tz).astimezone(UTC)


def floor_hour(moment: datetime, tz: ZoneInfo) -> datetime:
    """When the hour of the wall clock began, in UTC; zones may be off by half an hour."""
    local = moment.astimezone(tz)
    return (moment - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)).astimezone(
        UTC
    )


def floor(moment: datetime, width: timedelta) -> datetime:
    """When the quarter of an hour, hour or day (UTC) of a moment began. width: whole minutes, a day at most."""
    day = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day + (moment - day) // width * width


def ceil(moment: datetime, width: timedelta) -> datetime:
    """When it ends, or the moment itself where it is such an end."""
    begins = floor(moment, width)
    return begins if begins == moment else begins + width


def floor_quarter(moment: datetime) -> datetime:
    """When the quarter of an hour began."""
    return floor(moment, QUARTER)


def ceil_quarter(moment: datetime) -> datetime:
    """When the quarter of an hour ends, or the moment itself where it is such an end."""
    return ceil(moment, QUARTER)


def _begin(day: date, interval: Interval) -> date:
    if interval is Interval.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if interval is Interval.MONTH else day


def _after(day: date, interval: Interval) -> date:
    if interval is Interval.MONTH:
        return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return day + timedelta(days=7 if interval is Interval.WEEK else 1)
