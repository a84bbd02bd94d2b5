"""Which addresses of cameras may be opened: we must not become a door to what only we can reach (SSRF, CWE-918).

Checked when somebody enters an address (as it is written), and again whenever a worker or a probe connects (what the
name stands for now, and where the server redirects to). Cameras that the machine's own command line put in are trusted.
"""

import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, parse_qs, urlsplit, urlunsplit

from sightline.core.config import CaptureSettings
from sightline.core.errors import AddressNotAllowed, SourceInvalid, SourceUnreachable
from sightline.media.sources import Source, SourceKind, parse_source
from sightline.services import stream_redirects

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LONGEST_URL = 2048
"""Characters; longer ones are cut by cameras and proxies."""
LABEL = "[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
HOST_NAME = re.compile(rf"(?=.{{1,253}}\.?$)({LABEL}\.)*{LABEL}\.?")
WRONG_CHARACTERS = re.compile(r"[\x00-\x20\x7f-\x9f\\<>\"^`{|}]")
"""RFC 3986 has none of them in an address; parsers disagree on some."""
FORBIDDEN = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",  # this host, RFC 1122
        "169.254.0.0/16",  # link-local; 169.254.169.254 hands out a cloud machine's credentials
        "192.0.0.0/24",  # protocol assignments; 192.0.0.192 is Oracle's metadata
        "100.100.100.200/32",  # Alibaba's metadata
        "240.0.0.0/4",  # reserved, and the broadcast address
        "::/128",
        "fe80::/10",
        "fec0::/10",  # site-local, deprecated
        "fd00:ec2::/32",  # Amazon's metadata and its kin
        "fd20:ce::254/128",  # Google's metadata
    )
)
TRANSLATED = tuple(ip_network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "::/96"))
"""IPv6 addresses whose last 32 bits are an IPv4 address (RFC 6052, RFC 8215, RFC 4291 2.5.5.1)."""
PLAIN_SCHEMES = frozenset({"rtsp", "http", "rtmp", "srt", "udp", "rtp"})
"""What can be opened by the address that was checked; TLS needs the name (see docs/adr/0023)."""
HINT = "Give the camera's own address. What else shall be watched is added on the machine: sightline camera add."


@dataclass(frozen=True, slots=True)
class StreamPolicy:
    """Values, so that two of the same settings are equal. schemes: that the API may use; refused: ranges besides."""

    allow_loopback: bool = False
    schemes: frozenset[str] = frozenset({*PLAIN_SCHEMES, "rtsps", "https", "rtmps"})
    refused: tuple[Network, ...] = ()

    @classmethod
    def of(cls, settings: CaptureSettings) -> "StreamPolicy":
        """As the settings say."""
        ranges = tuple(ip_network(part) for part in listed(settings.refused_networks))
        return cls(settings.allow_loopback, frozenset(listed(settings.allowed_schemes)), ranges)

    def parse(self, url: str) -> Source:
        """An address that somebody entered, understood and found allowed as far as it can be seen in it.

        Raises SourceInvalid, AddressNotAllowed; neither repeats the address.
        """
        if len(url) > LONGEST_URL or WRONG_CHARACTERS.search(url):
            raise SourceInvalid(
                f"the address is longer than {LONGEST_URL} characters or holds some that no address has",
                hint="Percent-encode spaces and special characters.",
            )
        if "://" not in url:
            raise SourceInvalid("the address has no scheme", hint="Begin with rtsp:// or https://, for example.")
        source = parse_source(url)
        self.check(source)
        return source

    def check(self, source: Source) -> None:
        """Whether the address may be opened, as it is written; names are not looked up. Raises AddressNotAllowed."""
        parts = urlsplit(source.url)
        if source.path is not None or source.kind is SourceKind.WEBCAM or parts.scheme not in self.schemes:
            raise AddressNotAllowed(
                f"addresses of type {parts.scheme} are not allowed here",
                hint=f"Use {', '.join(sorted(self.schemes))}. {HINT}",
            )
        if source.kind is SourceKind.SRT and parse_qs(parts.query).get("mode", ["caller"]) != ["caller"]:
            raise AddressNotAllowed("SRT is allowed as caller only", hint=HINT)
        host = _host(parts)
        literal = _literal(host)
        if literal is not None:
            self._require(literal, source.kind)
        elif host == "localhost" or host.endswith(".localhost"):
            self._require(IPv4Address("127.0.0.1"), source.kind)

    def admit(self, source: Source) -> Source:
        """What to open in place of source: redirects followed, names looked up, every address checked; blocks.

        Raises AddressNotAllowed, SourceUnreachable (unknown name).
        """
        self.check(source)
        if source.kind in (SourceKind.HTTP, SourceKind.HLS):
            source = stream_redirects.followed(source, self.addresses)
        return self._pinned(source, self.addresses(source))

    def addresses(self, source: Source) -> Sequence[Address]:
        """What the host of source stands for; all of it is allowed. Raises AddressNotAllowed, SourceUnreachable."""
        self.check(source)
        parts = urlsplit(source.url)
        host = _host(parts)
        literal = _literal(host)
        found = [literal] if literal is not None else _looked_up(host, source)
        for address in found:
            self._require(address, source.kind)
        return found

    def _pinned(self, source: Source, addresses: Sequence[Address]) -> Source:
        """source by its checked address, so that the name cannot stand for another one a moment later."""
        parts = urlsplit(source.url)
        if parts.scheme not in PLAIN_SCHEMES or source.kind is SourceKind.HLS or parts.hostname is None:
            return replace(source, admitted=True)
        login, at, place = parts.netloc.rpartition("@")
        port = f":{parts.port}" if parts.port else ""
        netloc = f"{login}{at}{bracketed(addresses[0])}{port}"
        return replace(source, url=urlunsplit(parts._replace(netloc=netloc)), host=place, admitted=True)

    def _require(self, address: Address, kind: SourceKind) -> None:
        inner = _inner(address)
        is_group = inner.is_multicast and kind in (SourceKind.UDP, SourceKind.RTP)
        if inner.is_loopback:
            refused = not self.allow_loopback
        else:
            refused = any(inner in network for network in FORBIDDEN) or (inner.is_multicast and not is_group)
        if refused or any(inner in network for network in self.refused):
            raise AddressNotAllowed("this address lies in a range that cameras are not opened in", hint=HINT)


def listed(text: str) -> list[str]:
    """Parts of a list by comma."""
    return [part.strip() for part in text.split(",") if part.strip()]


def bracketed(address: Address) -> str:
    """As a host in an address."""
    return f"[{address}]" if address.version == 6 else str(address)


def _host(parts: SplitResult) -> str:
    """The host, without a trailing dot. Raises AddressNotAllowed for one that parsers may read in different ways."""
    host = (parts.hostname or "").lower()
    text = parts.netloc.rpartition("@")[2]
    if "[" in text:
        return host
    if not HOST_NAME.fullmatch(host) or (_literal(host) is None and _is_number(host.removesuffix("."))):
        raise AddressNotAllowed(
            "the address names no host that is understood",
            hint="Write a name in ASCII, 192.0.2.7 in decimal or [2001:db8::7].",
        )
    return host.removesuffix(".")


def _is_number(host: str) -> bool:
    """Whether C libraries take it for an IPv4 address, in octal, hexadecimal or as one number (inet_aton(3))."""
    try:
        socket.inet_aton(host)
    except OSError:
        return False
    return True


def _literal(host: str) -> Address | None:
    try:
        address = ip_address(host)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.scope_id is not None:
        raise AddressNotAllowed("addresses of one network interface are not allowed", hint=HINT)
    return address


def _inner(address: Address) -> Address:
    """The IPv4 address that an IPv6 address carries, else itself."""
    if not isinstance(address, IPv6Address):
        return address
    carried = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
    if carried is not None:
        return carried
    if int(address) > 1 and any(address in network for network in TRANSLATED):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _looked_up(host: str, source: Source) -> list[Address]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        found = []
    if not found:
        raise SourceUnreachable(f"{source.redacted}: nobody knows this name.", hint="Check the name and the network.")
    return [ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
