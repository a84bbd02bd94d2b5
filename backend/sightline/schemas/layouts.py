"""Saved layouts: how somebody arranged the live view or the dashboard."""

import json
import math
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, JsonValue

from sightline.schemas.base import In, Out, Text, UtcDatetime

MOST_BYTES = 16 * 1024
DEEPEST = 8


class LayoutKind(StrEnum):
    """Which screen."""

    LIVE = "live"
    DASHBOARD = "dashboard"


def _is_keepable(content: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Small and shallow, without what JSON or PostgreSQL cannot hold."""
    level: list[JsonValue] = [content]
    for _ in range(DEEPEST):
        level = [inner for value in level for inner in _inside(value)]
    if level:
        raise ValueError(f"nested deeper than {DEEPEST} levels")
    written = json.dumps(content)
    if len(written) > MOST_BYTES:
        raise ValueError(f"larger than {MOST_BYTES} bytes")
    if "\\u0000" in written:
        raise ValueError("text must not hold the character NUL")
    return content


def _inside(value: JsonValue) -> list[JsonValue]:
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("a number is not finite")
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, list) else []


Content = Annotated[
    dict[str, JsonValue],
    Field(
        description=f"What the page keeps, as it likes; {MOST_BYTES} bytes and {DEEPEST} levels at most.",
        examples=[{"columns": 3, "cameras": ["0199d5a0-7c1e-7000-8000-0a1b2c3d4e5f"]}],
    ),
    AfterValidator(_is_keepable),
]


class LayoutIn(In):
    """A layout."""

    name: Annotated[Text, Field(min_length=1, max_length=100, examples=["Night shift"])]
    kind: LayoutKind
    content: Content
    is_shared: bool = Field(default=False, description="Everybody may use it; only you may change it.")
    is_default: bool = Field(default=False, description="What you see first; takes the place of the one before.")


class LayoutOut(Out):
    """A layout of yours, or one that somebody shares."""

    id: UUID
    name: str
    kind: LayoutKind
    content: dict[str, JsonValue]
    is_shared: bool
    is_default: bool = Field(description="What its owner sees first.")
    is_own: bool
    owner_name: str | None
    created_at: UtcDatetime
    updated_at: UtcDatetime
