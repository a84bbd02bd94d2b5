"""Where an HTTP source redirects to: asked for by ourselves, so that every step is checked before it is taken."""

from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import urlsplit, urlunsplit

import httpx

from sightline.core.errors import AddressNotAllowed
from sightline.media.sources import Source, SourceKind, parse_source

MOST = 3
"""Redirects: from http to https, to a host of the region, and one more."""
PATIENCE = 5.0
"""Seconds for each step."""

Addresses = Callable[[Source], Sequence[IPv4Address | IPv6Address]]
"""Gives the checked addresses of a source's host. Raises AddressNotAllowed, SourceUnreachable."""


def followed(source: Source, addresses: Addresses) -> Source:
    """The source that the last redirect leads to; where a step cannot be asked for, libav finds out why. Blocks.

    Raises AddressNotAllowed: a step leads where nothing may be opened, or there are too many.
    """
    with httpx.Client(timeout=PATIENCE, follow_redirects=False, trust_env=False, verify=False) as client:  # noqa: S501 - as libav does: cameras sign their own certificates
        for _ in range(MOST + 1):
            target = _redirect(client, source, addresses)
            if target is None:
                return source
            source = target
    raise AddressNotAllowed(f"{source.redacted} redirects too often", hint=f"At most {MOST} redirects are followed.")


def _redirect(client: httpx.Client, source: Source, addresses: Addresses) -> Source | None:
    """Where the server sends us, None where it does not. The login stays here: it is no business of the next one."""
    parts = urlsplit(source.url)
    place = parts.netloc.rpartition("@")[2]
    address = addresses(source)[0]
    host = f"[{address}]" if address.version == 6 else str(address)
    pinned = urlunsplit(parts._replace(netloc=f"{host}:{parts.port}" if parts.port else host, fragment=""))
    extensions = {"sni_hostname": parts.hostname} if parts.scheme == "https" else {}
    try:
        with client.stream("GET", pinned, headers={"Host": place}, extensions=extensions) as answer:
            location = answer.headers.get("location") if answer.is_redirect else None
    except (httpx.HTTPError, httpx.InvalidURL):
        return None
    if not location:
        return None
    try:
        target = httpx.URL(urlunsplit(parts._replace(netloc=place))).join(location)
    except (httpx.InvalidURL, ValueError) as error:
        raise AddressNotAllowed("a redirect leads to no address", hint="Check the camera's address.") from error
    found = parse_source(str(target))
    if found.kind not in (SourceKind.HTTP, SourceKind.HLS):
        raise AddressNotAllowed("a redirect leads to another protocol", hint="Enter the address that it leads to.")
    return found
