"""ETag and If-Match (RFC 9110, 8.8 and 13.1): an update says which version of a record it is based on."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import Depends, Header, Response

from sightline.core.errors import InvalidInput, PreconditionRequired

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
ANY = "*"


def etag(version: datetime) -> str:
    """A strong validator: microseconds since 1970 of updated_at, in hex and quotes."""
    return f'"{(version - EPOCH) // MICROSECOND:x}"'


def tag(response: Response, version: datetime) -> None:
    """Say in the answer which version it shows."""
    response.headers["ETag"] = etag(version)


def version_of(if_match: str | None) -> datetime | None:
    """The version that a change is based on; None where the caller accepts any.

    Raises PreconditionRequired, InvalidInput.
    """
    if if_match is None:
        raise PreconditionRequired(
            "the change does not say which version it is based on",
            hint="Read the record and send its ETag as If-Match; * overwrites whatever is there.",
        )
    return None if if_match == ANY else _parsed(if_match)


async def expected_version(
    if_match: Annotated[
        str | None,
        Header(description='The ETag of the record that the change is based on, or "*" for any.', max_length=64),
    ] = None,
) -> datetime | None:
    """As version_of(), of the request's header."""
    return version_of(if_match)


IfMatch = Annotated[datetime | None, Depends(expected_version)]


def _parsed(text: str) -> datetime:
    try:
        return EPOCH + int(text.removeprefix("W/").strip('"'), 16) * MICROSECOND
    except (ValueError, OverflowError) as error:
        raise InvalidInput("If-Match holds no ETag of ours", hint="Send the ETag exactly as you got it.") from error
