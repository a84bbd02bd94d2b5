"""What all bodies share."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Generic, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

Item = TypeVar("Item")


class Out(BaseModel):
    """An answer; made from a service's value by model_validate()."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class In(BaseModel):
    """A request's body; unknown fields are refused, so that a typing error does not go unnoticed."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def to_utc(value: datetime) -> datetime:
    """The same moment in UTC; the first and last day of the calendar may have none."""
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("this moment lies outside of the calendar") from error


UtcDatetime = Annotated[AwareDatetime, AfterValidator(to_utc)]
"""A moment with its zone."""


Text = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]
"""Text that PostgreSQL can hold: every character but NUL. Give each use its own longest and shortest length."""


class Page(Out, Generic[Item]):
    """A part of a list. next: hand it in as cursor for what follows; null at the end."""

    items: Sequence[Item]
    next: str | None = Field(None, description="Cursor of the next page.")
    total: int | None = Field(None, description="How many rows there are in all, where it was asked for.")
