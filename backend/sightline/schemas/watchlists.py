"""Watchlists."""

from datetime import date, timedelta
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from sightline.schemas.base import In, Out, Text, UtcDatetime

ListName = Annotated[Text, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Reason = Annotated[Text, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class WatchlistIn(In):
    """A list of subjects, and why it may exist."""

    name: ListName = Field(examples=["Banned from the shop"])
    description: Text = Field("", max_length=2000)
    color: str = Field("#d97706", pattern=r"^#[0-9a-fA-F]{6}$", description="For interfaces.")
    priority: int = Field(3, ge=1, le=5, description="5 raises critical alerts, 4 high, 3 medium, less low ones.")
    is_active: bool = Field(default=True, description="Subjects of a list that is switched off are not recognised.")
    legal_basis: Reason = Field(examples=["House rules §4; GDPR Art. 6(1)(f), assessment 2026-03"])
    approver: Reason = Field(description="Who answers for it.", examples=["Dana Approver, security"])
    review_date: date | None = Field(None, description="When somebody looks whether the list is still needed.")
    expires_at: UtcDatetime = Field(
        description="The end: from then on nobody on the list is recognised. At most 366 days from now."
    )

    @model_validator(mode="after")
    def _reviewed_while_in_force(self) -> "WatchlistIn":
        if self.review_date is not None and self.review_date > self.expires_at.date() + timedelta(days=1):
            raise ValueError("review_date lies after expires_at")
        return self


class WatchlistOut(Out):
    """A list as it is now."""

    id: int
    name: str
    description: str
    color: str
    priority: int
    is_active: bool
    legal_basis: str
    approver: str
    review_date: date | None
    expires_at: UtcDatetime
    in_force: bool = Field(description="Switched on and not expired: its subjects are recognised.")
    review_due: bool = Field(description="Its review date has come.")
    subjects: int = Field(description="How many subjects are on it, whether they are recognised or not.")
    created_at: UtcDatetime
    updated_at: UtcDatetime
