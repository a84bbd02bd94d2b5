"""When something holds: days and hours by the clock on the wall, and what public holidays change."""

from datetime import date
from enum import StrEnum
from functools import cache
from typing import Annotated, Self
from zoneinfo import available_timezones

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from sightline.schemas.base import In


class Weekday(StrEnum):
    """In the order of ISO 8601."""

    MONDAY = "mon"
    TUESDAY = "tue"
    WEDNESDAY = "wed"
    THURSDAY = "thu"
    FRIDAY = "fri"
    SATURDAY = "sat"
    SUNDAY = "sun"


class HolidayUse(StrEnum):
    """What holidays change about a window. ANY: nothing; NOT_ON: it does not begin on one; ONLY: on nothing else."""

    ANY = "any"
    NOT_ON = "not_on"
    ONLY = "only"


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _is_zone(name: str) -> str:
    if name not in _zones():
        raise ValueError("no time zone of the IANA database, such as Europe/Berlin")
    return name


TimeZone = Annotated[str, Field(max_length=64, examples=["Europe/Berlin"]), AfterValidator(_is_zone)]
Beginning = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["22:00"])]
End = Annotated[str, Field(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", examples=["06:00"])]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$", description="ISO 3166-1, two letters.", examples=["DE"])]
Subdivision = Annotated[
    str, Field(pattern=r"^[A-Z0-9]{1,6}$", description="ISO 3166-2 without its country.", examples=["BY"])
]


class Window(In):
    """From one time of day to another, on days of the week. One that ends earlier than it begins ends the next day."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, populate_by_name=True)

    days: Annotated[tuple[Weekday, ...], Field(min_length=1, max_length=7, description="Days on which it begins.")] = (
        tuple(Weekday)
    )
    begins: Beginning = Field(alias="from")
    ends: End = Field(alias="to", description="Not part of the window; 24:00 is the end of the day.")
    holidays: HolidayUse = Field(
        HolidayUse.ANY, description="not_on: it does not begin on a holiday; only: it begins on holidays alone."
    )

    @model_validator(mode="after")
    def _has_length(self) -> Self:
        if self.begins == self.ends:
            raise ValueError("a window that ends when it begins is none; a whole day is 00:00 to 24:00")
        if len(set(self.days)) != len(self.days):
            raise ValueError("a day is named twice")
        return self


class Holidays(In):
    """Which days are holidays: those of a country or a part of it by law, and the house's own."""

    country: Country | None = None
    subdivision: Subdivision | None = Field(None, description="Only with country.")
    dates: Annotated[tuple[date, ...], Field(max_length=366, description="Days of the house's own.")] = ()

    @model_validator(mode="after")
    def _is_known(self) -> Self:
        if self.subdivision is not None and self.country is None:
            raise ValueError("a subdivision needs its country")
        if self.country is not None:
            parts = _supported().get(self.country)
            if parts is None:
                raise ValueError("the holidays of this country are not known; name the days in dates")
            if self.subdivision is not None and self.subdivision not in parts:
                raise ValueError("this country has no subdivision of that code")
        return self

    @property
    def is_empty(self) -> bool:
        """Whether no day is one."""
        return self.country is None and not self.dates


class Schedule(In):
    """When a rule holds; without windows always."""

    time_zone: TimeZone | None = Field(None, description="Null: the camera's own.")
    windows: Annotated[tuple[Window, ...], Field(max_length=21)] = ()
    holidays: Holidays = Holidays()


class QuietHours(Schedule):
    """When nobody is told: alerts are raised, and their notifications wait until the quiet hours end."""

    windows: Annotated[tuple[Window, ...], Field(min_length=1, max_length=21)]
    spares_critical: bool = Field(default=True, description="Critical alerts are told at once.")


@cache
def _supported() -> dict[str, list[str]]:
    import holidays  # noqa: PLC0415 - a list of 250 countries that most processes never ask for

    return dict(holidays.list_supported_countries(include_aliases=False))
