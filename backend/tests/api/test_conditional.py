"""ETag and If-Match: a version goes out and comes back the same, or is refused."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline.api.conditional import etag, version_of
from sightline.core.errors import InvalidInput, PreconditionRequired

MOMENTS = st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(9999, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(MOMENTS)
def test_a_version_comes_back_as_it_went_out(version: datetime) -> None:
    assert version_of(etag(version)) == version
    assert version_of(f"W/{etag(version)}") == version  # a proxy that compresses weakens it


def test_two_microseconds_have_two_tags() -> None:
    one = datetime(2026, 11, 22, 12, 0, 0, 1, tzinfo=UTC)
    assert etag(one) != etag(one.replace(microsecond=2))


def test_a_star_accepts_any_version() -> None:
    assert version_of("*") is None


def test_a_change_without_a_version_is_refused() -> None:
    with pytest.raises(PreconditionRequired):
        version_of(None)


@pytest.mark.parametrize("text", ["", '"', '"xyz"', '"ffffffffffffffffffff"', '"1", "2"', '"-ffffffffffffffffff"'])
def test_a_tag_that_is_none_of_ours_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        version_of(text)
