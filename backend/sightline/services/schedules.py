"""Whether a schedule holds, by the clock on the wall. Nothing here reads a clock.

Moments are turned into local time one by one, so that summer time needs no rule of its own: an hour that a zone skips
is in no window, one that comes twice is in its window twice.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from sightline.schemas.schedules import Holidays, HolidayUse, Schedule, Weekday

DAYS = tuple(Weekday)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
LONGEST_VIEW = 24 * 60
"""Minutes of a sighting that are looked at: nobody stands before a camera for longer."""
LONGEST_QUIET = 7 * 24 * 60
"""Minutes after which quiet hours end, whatever they say: a notification of last week tells nothing."""
NO_HOLIDAYS = Holidays()
LOOKS_AHEAD = 2 * 366
"""Days in which a schedule that ever holds does so once: a holiday of every year, in a leap year too."""


@dataclass(frozen=True, slots=True)
class Span:
    """A window. begins, ends: minutes of the day; one that ends earlier than it begins ends the next day."""

    days: frozenset[int]
    begins: int
    ends: int
    holidays: HolidayUse


@dataclass(frozen=True, slots=True)
class Times:
    """A schedule as it is evaluated. zone None: that of whoever asks; without spans it always holds."""

    zone: str | None = None
    spans: tuple[Span, ...] = ()
    holidays: Holidays = NO_HOLIDAYS

    def holds(self, at: datetime, zone: str = "UTC") -> bool:
        """Whether a moment lies in one of the windows. zone: counts where the schedule names none."""
        if not self.spans:
            return True
        local = self.local(at, zone)
        today, minute = local.date(), local.hour * 60 + local.minute
        return any(self._holds(span, minute, today) for span in self.spans)

    def first(self, begin: datetime, end: datetime, zone: str) -> datetime | None:
        """The first moment from begin to end that lies in a window: begin itself, or a full minute after it."""
        if self.holds(begin, zone):
            return begin
        at = begin.replace(second=0, microsecond=0)
        for _ in range(LONGEST_VIEW):
            at += MINUTE
            if at > end:
                return None
            if self.holds(at, zone):
                return at
        return None

    def end(self, at: datetime, zone: str) -> datetime | None:
        """The first full minute after a moment that lies in no window; None where the moment lies in none itself."""
        if not (self.spans and self.holds(at, zone)):
            return None
        after = at.replace(second=0, microsecond=0)
        for _ in range(LONGEST_QUIET):
            after += MINUTE
            if not self.holds(after, zone):
                break
        return after

    def local(self, at: datetime, zone: str) -> datetime:
        """A moment by the clock on the wall there."""
        return at.astimezone(ZoneInfo(self.zone or zone))

    def ever_holds(self, today: date) -> bool:
        """Whether a window begins on any day from today on."""
        days = [today + n * DAY for n in range(LOOKS_AHEAD)]
        return not self.spans or any(self._begins(span, day) for span in self.spans for day in days)

    def always_holds(self) -> bool:
        """Whether every minute of every week lies in a window, holidays aside."""
        if not self.spans:
            return True
        plain = tuple(span for span in self.spans if span.holidays is HolidayUse.ANY)
        covered = [False] * (7 * 24 * 60)
        for span in plain:
            length = (span.ends - span.begins) % (24 * 60) or 24 * 60
            for day in span.days:
                start = day * 24 * 60 + span.begins
                for minute in range(start, start + length):
                    covered[minute % len(covered)] = True
        return all(covered)

    def _holds(self, span: Span, minute: int, today: date) -> bool:
        if span.begins < span.ends:
            return span.begins <= minute < span.ends and self._begins(span, today)
        if minute >= span.begins:
            return self._begins(span, today)
        return minute < span.ends and self._begins(span, today - DAY)

    def _begins(self, span: Span, day: date) -> bool:
        if day.weekday() not in span.days:
            return False
        if span.holidays is HolidayUse.ANY:
            return True
        return is_holiday(self.holidays, day) is (span.holidays is HolidayUse.ONLY)


ALWAYS = Times()


def compiled(schedule: Schedule) -> Times:
    """A schedule as it is evaluated."""
    spans = tuple(
        Span(frozenset(DAYS.index(day) for day in one.days), _minutes(one.begins), _minutes(one.ends), one.holidays)
        for one in schedule.windows
    )
    return Times(schedule.time_zone, spans, schedule.holidays)


def is_holiday(holidays: Holidays, day: date) -> bool:
    """Whether the law of the country, or the house, says so."""
    if day in holidays.dates:
        return True
    return holidays.country is not None and day in _by_law(holidays.country, holidays.subdivision, day.year)


@lru_cache(maxsize=256)
def _by_law(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    import holidays  # noqa: PLC0415 - most houses ask for no country, and it is large

    return frozenset(holidays.country_holidays(country, subdiv=subdivision, years=year))


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)
