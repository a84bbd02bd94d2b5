"""Cursors: opaque, the same after a round trip, and refused where somebody wrote them by hand."""

import base64
import json
from contextlib import suppress
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline.api import paging
from sightline.core.errors import InvalidInput
from sightline.services.keyset import Order, PageRequest, Position

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
KEYS = TEXTS | st.integers(-(2**63) + 1, 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
MOMENTS = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
IDS = st.uuids() | st.integers(-(2**31) + 1, 2**31 - 1)


@given(name=st.from_regex(r"[a-z_]{1,20}", fullmatch=True), falling=st.booleans(), key=KEYS | MOMENTS, row_id=IDS)
def test_a_cursor_comes_back_as_it_was(
    name: str, falling: bool, key: str | float | datetime, row_id: UUID | int
) -> None:
    position = Position(Order(name, falling), key, row_id)
    text = paging.encode(position)
    assert paging.decode(text) == position
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def _forged(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


SOME_ID = "0193e5a2-7c1e-7b3c-9d55-1b0a4f6f2c11"
HOSTILE = {
    "nothing": "",
    "no base64": "%%%",
    "not ASCII": "é",
    "no JSON": base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    "a number": _forged(7),
    "too few parts": _forged(["name", "v", "x"]),
    "an order that is no text": _forged([7, "v", "x", SOME_ID]),
    "another kind": _forged(["name", "x", "x", SOME_ID]),
    "a key that is null": _forged(["name", "v", None, SOME_ID]),
    "a key that is a truth value": _forged(["name", "v", True, SOME_ID]),
    "a key that is a list": _forged(["name", "v", [1], SOME_ID]),
    "a key with NUL": _forged(["name", "v", "a\0b", SOME_ID]),
    "a key larger than 64 bits": _forged(["name", "v", 2**63, SOME_ID]),
    "a moment that is none": _forged(["at", "t", "yesterday", SOME_ID]),
    "a moment before the calendar": _forged(["at", "t", "0001-01-01T00:00:00+14:00", SOME_ID]),
    "an id that is none": _forged(["name", "v", "x", "../../etc/passwd"]),
    "an id larger than 32 bits": _forged(["name", "v", "x", 2**31]),
    "brackets without end": base64.urlsafe_b64encode(b"[" * 1400).decode(),
    "a lone surrogate": base64.urlsafe_b64encode(b'["name","v","\\ud800","%s"]' % SOME_ID.encode()).decode(),
    "not a number": base64.urlsafe_b64encode(b'["name","v",NaN,"%s"]' % SOME_ID.encode()).decode(),
}


@pytest.mark.parametrize("cursor", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_cursor_that_is_none_of_ours_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidInput):
        paging.decode(cursor)


@given(st.text(max_size=200) | st.binary(max_size=100).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_whatever_comes_is_a_position_or_refused(cursor: str) -> None:
    with suppress(InvalidInput):
        assert isinstance(paging.decode(cursor), Position)


def test_the_first_page_needs_no_cursor() -> None:
    assert paging.page_request(sort="-name", limit=10, cursor=None) == PageRequest(Order("name", descending=True), 10)
