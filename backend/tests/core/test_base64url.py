"""Bytes as text for addresses: there and back, and one text only for each value."""

import base64
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline.core.base64url import decode, encode


@given(st.binary(max_size=70))
def test_bytes_come_back(data: bytes) -> None:
    assert decode(encode(data)) == data
    assert base64.urlsafe_b64decode(encode(data) + "==") == data


@given(st.binary(min_size=1, max_size=70), st.data())
def test_one_letter_changed_is_another_value_or_none(data: bytes, draw: st.DataObject) -> None:
    text = encode(data)
    place = draw.draw(st.integers(0, len(text) - 1))
    other = draw.draw(st.sampled_from("ABCDEFGH0189-_+/=. \n\x00é").filter(lambda letter: letter != text[place]))
    with contextlib.suppress(ValueError):
        assert decode(text[:place] + other + text[place + 1 :]) != data


@pytest.mark.parametrize("text", ["A", "AB", "AAAAB", "AA==", "AA=", "A A", "AA\n", "é", "+/+/"])
def test_other_forms_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"base64url|ascii"):
        decode(text)
