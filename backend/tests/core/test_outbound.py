"""Requests go where they may, to the address that was checked, and tell nothing of what they met."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sightline.core import outbound
from sightline.core.config import NotificationSettings
from sightline.core.errors import AddressRefused, DeliveryFailed
from sightline.core.outbound import OutboundPolicy, OutboundRequest

PUBLIC = "93.184.215.14"
HOUSE = OutboundPolicy((ip_network("10.0.0.0/8"), ip_network("169.254.0.0/16"), ip_network("fd12::/16")))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "192.168.1.1", "172.16.0.1", "100.64.0.1", "0.0.0.0", "169.254.169.254", "224.0.0.1",
        "255.255.255.255", "240.0.0.1", "168.63.129.16", "::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1",
        "::127.0.0.1", "::a9fe:a9fe", "fec0::1", "2002:7f00:1::", "2002:a9fe:a9fe::",
    ],
)  # fmt: skip
def test_no_request_goes_into_networks_that_nobody_named(address: str) -> None:
    assert not OutboundPolicy().permits(ip_address(address))


@pytest.mark.parametrize("address", [PUBLIC, "2606:2800:21f:cb07::1", "8.8.8.8"])
def test_public_addresses_are_open(address: str) -> None:
    assert OutboundPolicy().permits(ip_address(address))


@pytest.mark.parametrize(
    ("address", "expected"),
    [("10.1.2.3", True), ("::ffff:10.1.2.3", True), ("fd12::1", True), ("192.168.1.1", False), ("127.0.0.1", False),
     ("169.254.169.254", False)],
)  # fmt: skip
def test_named_networks_are_open_but_never_those_of_metadata(address: str, expected: bool) -> None:
    assert HOUSE.permits(ip_address(address)) is expected


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/x", "file:///etc/passwd", "gopher://example.org/", "//example.org/x", "example.org", "",
        "https://", "https://user:word@example.org/", "https://user@example.org/", "https://example.org:0/",
        "https://example.org:99999/", "https://[::1", "https://exa mple.org/", "https://example.org/\n", "https://ex\0.org",
        "https://example.org\\@127.0.0.1/", "https://exämple.org/", "https://example.org/" + "x" * 2000,
    ],
)  # fmt: skip
def test_addresses_of_another_form_are_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(AddressRefused) as caught:
        outbound.parse(url)
    assert len(url) < 12 or url not in caught.value.message + caught.value.hint


@given(st.text(max_size=60))
def test_whatever_is_given_it_is_an_address_or_refused(text: str) -> None:
    try:
        parts = outbound.parse("https://" + text)
    except AddressRefused:
        return
    assert parts.hostname


class Names:
    """A name server that gives one answer after the other."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def __call__(self, _host: str, _port: int) -> Sequence[str]:
        self.asked += 1
        return self.answers.pop(0)


class Net(httpx.AsyncBaseTransport):
    """Answers every request and keeps it."""

    def __init__(self, status: int = 204, error: Exception | None = None) -> None:
        self.status, self.error = status, error
        self.requests: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.error:
            raise self.error
        return httpx.Response(self.status, headers={"Location": "http://127.0.0.1/"}, content=b"x" * 1_000_000)


HOOK = OutboundRequest("https://hooks.example.org:8443/in?token=s3cret", b"{}", {"Content-Type": "application/json"})


@pytest.mark.asyncio
async def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    names, net = Names([PUBLIC], ["127.0.0.1"]), Net()
    assert await outbound.post(HOOK, OutboundPolicy(), resolve=names, transport=net) == 204
    (request,) = net.requests
    assert (request.url.host, request.url.port) == (PUBLIC, 8443)
    assert request.headers["host"] == "hooks.example.org:8443"
    assert request.extensions["sni_hostname"] == "hooks.example.org"
    assert names.asked == 1
    with pytest.raises(AddressRefused):  # the name leads elsewhere now
        await outbound.post(HOOK, OutboundPolicy(), resolve=names, transport=net)
    assert len(net.requests) == 1


@pytest.mark.asyncio
async def test_one_forbidden_address_among_several_is_enough() -> None:
    net = Net()
    with pytest.raises(AddressRefused) as caught:
        await outbound.post(HOOK, OutboundPolicy(), resolve=Names([PUBLIC, "::1"]), transport=net)
    assert net.requests == []
    assert "s3cret" not in caught.value.message + caught.value.hint


@pytest.mark.asyncio
@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 500])
async def test_redirects_are_not_followed_and_other_answers_are_failures(status: int) -> None:
    net = Net(status)
    with pytest.raises(DeliveryFailed, match=str(status)):
        await outbound.post(HOOK, OutboundPolicy(), resolve=Names([PUBLIC]), transport=net)
    assert len(net.requests) == 1


@pytest.mark.asyncio
async def test_what_failed_is_said_without_the_address() -> None:
    for error in (httpx.ConnectError("https://hooks.example.org/in?token=s3cret"), httpx.ReadTimeout("s3cret")):
        with pytest.raises(DeliveryFailed) as caught:
            await outbound.post(HOOK, OutboundPolicy(), resolve=Names([PUBLIC]), transport=Net(error=error))
        assert "s3cret" not in caught.value.message + caught.value.hint


@pytest.mark.asyncio
async def test_a_name_server_or_server_that_stays_silent_is_given_up() -> None:
    async def silent(_host: str, _port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        return ()

    with pytest.raises(DeliveryFailed, match=r"within 0\.01 s"):
        await outbound.post(HOOK, OutboundPolicy(timeout=0.01), resolve=silent)


@pytest.mark.asyncio
@pytest.mark.parametrize("answer", [OSError("no such name"), UnicodeError()])
async def test_unknown_names_are_said_to_be_unknown(answer: Exception) -> None:
    async def failing(_host: str, _port: int) -> Sequence[str]:
        raise answer

    with pytest.raises(DeliveryFailed, match="not known"):
        await outbound.post(HOOK, OutboundPolicy(), resolve=failing)
    with pytest.raises(DeliveryFailed, match="no address"):
        await outbound.post(HOOK, OutboundPolicy(), resolve=Names([]))


@pytest.mark.asyncio
@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost", "2130706433", "0x7f.1", "[::ffff:7f00:1]"])
async def test_loopback_is_found_behind_every_way_of_writing_it(host: str) -> None:
    with pytest.raises((AddressRefused, DeliveryFailed)):
        await outbound.post(OutboundRequest(f"http://{host}:9/", b""), OutboundPolicy())


@pytest.mark.asyncio
async def test_a_real_server_gets_the_body() -> None:
    received: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        received.append(head + await reader.readexactly(4))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nxx")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1")
    port = server.sockets[0].getsockname()[1]
    policy = OutboundPolicy.from_settings(NotificationSettings(allowed_networks="127.0.0.0/8, ::1/128", timeout=5))
    assert await outbound.post(OutboundRequest(f"http://localhost:{port}/hook", b"body"), policy) == 200
    server.close()
    assert received[0].startswith(b"POST /hook HTTP/1.1\r\n")
    assert received[0].endswith(b"body")
    assert f"Host: localhost:{port}".encode() in received[0]


def test_networks_that_are_none_are_refused_at_start() -> None:
    with pytest.raises(ValueError, match="allowed_networks"):
        NotificationSettings(allowed_networks="10.0.0.0/33")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None), ("", None), ("soon", None), ("-5", None), ("7", 7.0), ("999999999999999", 3600.0),
        ("Sun, 22 Nov 2026 12:00:30 GMT", 30.0), ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0), ("\u0663", None),
        ("Sun, 22 Nov 9999 12:00:30 GMT", 3600.0), ("1e9", None),
    ],
)  # fmt: skip
def test_how_long_a_receiver_asks_to_wait(header: str | None, seconds: float | None) -> None:
    assert outbound.wait_asked_for(header, now=datetime(2026, 11, 22, 12, tzinfo=UTC)) == seconds
