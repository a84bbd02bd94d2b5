"""Requests to addresses that users choose (webhooks): where they may go, and sending them there and nowhere else.

A name is resolved once, every address it has is checked, and the connection goes to one of these addresses: a name
that leads elsewhere a moment later (DNS rebinding) changes nothing. Redirects are not followed, proxies of the
environment not used, answers not read. See OWASP's cheat sheet on server side request forgery.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

import httpx

from sightline.core.config import NotificationSettings
from sightline.core.errors import AddressRefused, DeliveryFailed, DeliveryRefused

IpAddress = IPv4Address | IPv6Address
IpNetwork = IPv4Network | IPv6Network
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""(host, port) to its addresses as text; raises OSError."""

LONGEST_URL = 2000
FINAL = frozenset({400, 405, 410, 411, 413, 414, 415, 422, 431})
"""Statuses about the request itself, or for ever: the same request will not do better. A wrong key or address (401,
403, 404) is put right by people, within the day that a delivery is tried."""
LONGEST_WAIT = 3600.0
"""Seconds: the most that a receiver's Retry-After is believed."""
NEVER: tuple[IpNetwork, ...] = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "169.254.0.0/16",  # link-local: metadata of Amazon, Google, Microsoft and others at 169.254.169.254
        "224.0.0.0/3",  # multicast, reserved, broadcast
        "100.100.100.200/32",  # metadata of Alibaba
        "192.0.0.192/32",  # metadata of Oracle
        "168.63.129.16/32",  # Microsoft's host agent, a public address that is none
        "::/128",
        "fe80::/10",
        "fec0::/10",  # site-local, deprecated; Python takes it for public
        "ff00::/8",
        "fd00:ec2::/32",  # metadata of Amazon over IPv6
    )
)
TRANSLATED = (ip_network("64:ff9b::/96"), ip_network("::/96"))
"""IPv6 addresses whose last 32 bits are an IPv4 address (RFC 6052; RFC 4291, 2.5.5.1)."""
_HINT = "Give the address of a server that is meant to be reached: https://example.org/hook."


@dataclass(frozen=True, slots=True)
class OutboundPolicy:
    """Where requests may go: anywhere public, and private networks only where they are named. timeout: seconds."""

    allowed: tuple[IpNetwork, ...] = ()
    timeout: float = 10.0

    @classmethod
    def from_settings(cls, settings: NotificationSettings) -> "OutboundPolicy":
        """Of the environment."""
        parts = (part.strip() for part in settings.allowed_networks.split(","))
        return cls(tuple(ip_network(part) for part in parts if part), settings.timeout)

    def permits(self, address: IpAddress) -> bool:
        """Whether a connection to this address is allowed."""
        meant = _meant(address)
        if any(meant in network for network in NEVER):
            return False
        return meant.is_global or any(meant in network for network in self.allowed)


@dataclass(frozen=True, slots=True)
class OutboundRequest:
    """A POST. url may hold a secret in its path: it is not shown."""

    url: str = field(repr=False)
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


def parse(url: str) -> SplitResult:
    """An address of the right form, wherever it leads. Raises AddressRefused, which does not repeat it."""
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise AddressRefused("the address holds characters that no address has, or too many", hint=_HINT)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise AddressRefused("the address cannot be read", hint=_HINT) from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        raise AddressRefused("the address must begin with https:// or http:// and name a host", hint=_HINT)
    if parts.username is not None or parts.password is not None:
        raise AddressRefused("the address holds a user or password", hint="Use the channel's secret instead.")
    return parts


async def resolved(parts: SplitResult, policy: OutboundPolicy, resolve: Resolve | None = None) -> str:
    """One address of the host, after all of them were checked. Raises AddressRefused, DeliveryFailed."""
    return await pinned(
        parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80), policy, resolve=resolve
    )


async def pinned(host: str, port: int, policy: OutboundPolicy, *, resolve: Resolve | None = None) -> str:
    """One address of a host, after all of them were checked: connect to it, and to no other.

    Raises AddressRefused, DeliveryFailed.
    """
    try:
        found = [ip_address(text.partition("%")[0]) for text in await (resolve or _system_resolve)(host, port)]
    except (OSError, ValueError, UnicodeError) as error:
        raise DeliveryFailed("the name of the server is not known", hint="Check the host in the address.") from error
    if not found:
        raise DeliveryFailed("the name of the server has no address", hint="Check the host in the address.")
    if not all(policy.permits(address) for address in found):
        raise AddressRefused(
            "the address leads into a network that requests must not go to",
            hint="Private ranges are named in SIGHTLINE_NOTIFICATIONS__ALLOWED_NETWORKS.",
        )
    return str(found[0])


async def post(
    request: OutboundRequest,
    policy: OutboundPolicy,
    *,
    resolve: Resolve | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> int:
    """Send it; the status of the answer, 2xx.

    Raises AddressRefused, DeliveryFailed (any other answer, or none), DeliveryRefused (an answer that will stay).
    """
    parts = parse(request.url)
    try:
        async with asyncio.timeout(policy.timeout):
            address = await resolved(parts, policy, resolve)
            status, wait = await _sent(request, parts, address, transport)
    except (TimeoutError, httpx.TimeoutException) as error:
        raise DeliveryFailed(
            f"the server did not answer within {policy.timeout:g} s", hint="Check that it runs and can be reached."
        ) from error
    except httpx.HTTPError as error:
        raise DeliveryFailed(
            f"the connection to the server failed ({type(error).__name__})",
            hint="Check host, port and certificate.",
        ) from error
    if not httpx.codes.is_success(status):
        raise _answered(status, wait)
    return status


def _answered(status: int, wait: float | None) -> DeliveryFailed:
    said = f"the server answered {status}"
    if httpx.codes.is_redirect(status):
        return DeliveryRefused(said, hint="Redirects are not followed: give the final address.", answer=status)
    if status in FINAL:
        return DeliveryRefused(said, hint="It does not take this; check what it expects.", answer=status)
    return DeliveryFailed(said, hint="Check the address and the server's log.", retry_after=wait, answer=status)


def wait_asked_for(header: str | None, *, now: datetime) -> float | None:
    """Seconds of a Retry-After, which is a number or a date (RFC 9110, 10.2.3); None for none, or nonsense."""
    if header is None:
        return None
    if header.isascii() and header.isdigit():
        return min(float(header[:10]), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max((aware - now).total_seconds(), 0.0), LONGEST_WAIT)


async def _sent(
    request: OutboundRequest, parts: SplitResult, address: str, transport: httpx.AsyncBaseTransport | None
) -> tuple[int, float | None]:
    """To this very address; name and certificate are those of the host. Its status, and how long it asks to wait."""
    host = parts.hostname or ""
    url = httpx.URL(request.url).copy_with(host=address)
    headers = {**request.headers, "Host": parts.netloc}
    async with (
        httpx.AsyncClient(transport=transport, trust_env=False, follow_redirects=False, timeout=None) as client,  # noqa: S113 - post() limits the whole
        client.stream("POST", url, content=request.body, headers=headers, extensions={"sni_hostname": host}) as answer,
    ):
        wait = None
        if answer.status_code in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
            wait = wait_asked_for(answer.headers.get("Retry-After"), now=datetime.now(UTC))
        return answer.status_code, wait


def _meant(address: IpAddress) -> IpAddress:
    """The IPv4 address inside of an IPv6 one that stands for it."""
    if isinstance(address, IPv4Address):
        return address
    if int(address) > 1 and any(address in network for network in TRANSLATED):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None) or address


async def _system_resolve(host: str, port: int) -> Sequence[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]
