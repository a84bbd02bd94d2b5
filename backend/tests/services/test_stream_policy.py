"""Which addresses of cameras are opened: as they are written, as names stand for them, and where redirects lead."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from typing import Any

import pytest

from sightline.core.config import CaptureSettings
from sightline.core.errors import AddressNotAllowed, SourceInvalid, SourceUnreachable
from sightline.media.sources import parse_source
from sightline.services.stream_policy import StreamPolicy

POLICY = StreamPolicy()
AT_HOME = StreamPolicy(allow_loopback=True)


@pytest.mark.parametrize(
    "url",
    [
        "rtsp://192.168.1.64:554/1",
        "rtsps://10.0.0.7/1",
        "rtsp://172.16.3.4/",
        "rtsp://[fd12:3456::7]:554/1",
        "rtsp://[2001:db8::7]/1",
        "https://camera.example/live.m3u8",
        "http://cam-1_a.local./video",
        "udp://239.1.2.3:5000",
        "udp://@239.1.2.3:5000",
        "rtp://239.1.2.3:5000",
        "srt://192.168.1.9:9000?passphrase=0123456789",
        "rtmp://203.0.113.9/live/1",
        "rtsp://u:p%40%2F@192.168.1.64/1",
    ],
)
def test_where_cameras_live_is_allowed(url: str) -> None:
    assert POLICY.parse(url).url == url


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data",
        "rtsp://169.254.0.1/",
        "http://[fe80::1]/",
        "http://[fe80::1%25eth0]/",
        "http://[fd00:ec2::254]/",
        "http://[fd20:ce::254]/",
        "http://100.100.100.200/",
        "http://192.0.0.192/",
        "http://0.0.0.0/",
        "http://0.1.2.3/",
        "http://255.255.255.255/",
        "http://[::]/",
        "http://127.0.0.1/",
        "http://127.8.9.1/",
        "http://[::1]/",
        "http://localhost/",
        "http://LOCALHOST./",
        "http://camera.localhost/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:169.254.169.254]/",
        "http://[::127.0.0.1]/",
        "http://[64:ff9b::169.254.169.254]/",
        "http://[2002:7f00:1::]/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://0xa9.0xfe.0xa9.0xfe/",
        "http://169.254.169.254./",
        "http://good.example@169.254.169.254/",
        "http://good.example%40@127.0.0.1:80/",
        "rtsp://239.1.2.3/1",
        "http://224.0.0.1/",
        "http://%31%32%37.0.0.1/",
        "http://１２７.0.0.1/",
        "http://bücher.example/",
        "http://a..b/",
        "http://-/",
        "udp://:5000",
        "srt://:9000?mode=listener",
        "srt://192.168.1.9:9000?mode=listener",
        "file:///etc/passwd",
        "webcam:///dev/video0",
        "rtp.sdp",
        "gopher://192.168.1.1/",
        "concat:rtsp://a|rtsp://b",
        "http://good.example\\@169.254.169.254/",
        "http://good.example/\r\nHost: evil",
        "http://good.example/a b",
        "rtsp://h/\0",
        "",
        "rtsp://",
        "rtsp://h:99999/",
        "rtsp://h/" + "a" * 2100,
    ],
)
def test_what_only_the_server_can_reach_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(SourceInvalid) as caught:
        POLICY.parse(url)
    assert "169.254" not in caught.value.message + caught.value.hint
    assert "good.example" not in caught.value.message + caught.value.hint


def test_settings_open_and_close_more() -> None:
    assert AT_HOME.parse("http://127.0.0.1:8080/x").url.endswith("/x")
    strict = StreamPolicy.of(CaptureSettings(refused_networks="10.0.0.0/8, 192.168.7.0/24", allowed_schemes="rtsp"))
    strict.parse("rtsp://192.168.1.1/")
    for url in ("rtsp://10.1.1.1/", "rtsp://[::ffff:10.1.1.1]/", "rtsp://192.168.7.9/", "http://192.168.1.1/"):
        with pytest.raises(AddressNotAllowed):
            strict.parse(url)
    assert strict == StreamPolicy(False, frozenset({"rtsp"}), (ip_network("10.0.0.0/8"), ip_network("192.168.7.0/24")))


Names = dict[str, list[str]]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    """What names stand for; tests fill it."""
    known: Names = {}
    really = socket.getaddrinfo

    def looked_up(host: str, port: int | None, *rest: Any, **named: Any) -> Any:
        if host == "127.0.0.1":
            return really(host, port, *rest, **named)
        if host not in known:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in known[host]]

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    return known


def test_a_name_is_opened_by_the_address_that_was_checked(names: Names) -> None:
    names["cam.example"] = ["192.168.1.64", "192.168.1.65"]
    admitted = POLICY.admit(parse_source("rtsp://u:p%40@cam.example:8554/1?x=2"))
    assert admitted.url == "rtsp://u:p%40@192.168.1.64:8554/1?x=2"
    assert (admitted.redacted, admitted.admitted) == ("rtsp://cam.example:8554/1?x=***", True)
    names["six.example"] = ["2001:db8::7"]
    assert POLICY.admit(parse_source("rtmp://six.example/live")).url == "rtmp://[2001:db8::7]/live"
    assert POLICY.admit(parse_source("rtsps://cam.example/1")).url == "rtsps://cam.example/1", "TLS needs the name"


def test_a_name_that_stands_for_a_forbidden_address_is_refused_whatever_else_it_stands_for(names: Names) -> None:
    names["rebind.example"] = ["192.168.1.64", "169.254.169.254"]
    names["home.example"] = ["127.0.0.1"]
    for url in ("rtsp://rebind.example/1", "rtsps://rebind.example/1", "udp://home.example:5000"):
        with pytest.raises(AddressNotAllowed):
            POLICY.admit(parse_source(url))
    with pytest.raises(SourceUnreachable):
        POLICY.admit(parse_source("rtsp://nobody.example/1"))


def test_a_name_is_asked_for_at_every_connection(names: Names) -> None:
    names["cam.example"] = ["192.168.1.64"]
    source = parse_source("rtsp://cam.example/1")
    POLICY.admit(source)
    names["cam.example"] = ["169.254.169.254"]
    with pytest.raises(AddressNotAllowed):
        POLICY.admit(source)


class _Redirecting(BaseHTTPRequestHandler):
    """Sends /N to /N-1, /to?URL to URL, and answers everything else."""

    seen: list[tuple[str, str | None]] = []  # noqa: RUF012 - of one test, in one thread

    def do_GET(self) -> None:
        self.seen.append((f"{self.headers['Host']}{self.path}", self.headers["Authorization"]))
        step = self.path.strip("/")
        location = self.path.partition("?")[2] if self.path.startswith("/to?") else None
        if step.isdigit() and int(step) > 0:
            location = f"/{int(step) - 1}"
        self.send_response(302 if location else 200)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    _Redirecting.seen.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), _Redirecting) as listening:
        thread = threading.Thread(target=listening.serve_forever, args=(0.02,))
        thread.start()
        yield f"127.0.0.1:{listening.server_port}"
        listening.shutdown()
        thread.join()


def test_redirects_are_followed_by_ourselves_three_at_most(server: str) -> None:
    assert AT_HOME.admit(parse_source(f"http://{server}/3")).url == f"http://{server}/0"
    with pytest.raises(AddressNotAllowed):
        AT_HOME.admit(parse_source(f"http://{server}/4"))


@pytest.mark.parametrize(
    "target",
    ["http://169.254.169.254/x", "//169.254.169.254/x", "http://[::ffff:169.254.169.254]/", "file:///etc/passwd",
     "rtsp://192.168.1.1/", "http://0/", "gopher://192.168.1.1/", "http://[bad/"],
)  # fmt: skip
def test_no_redirect_leads_where_nothing_may_be_opened(server: str, target: str) -> None:
    with pytest.raises(SourceInvalid):
        AT_HOME.admit(parse_source(f"http://{server}/to?{target}"))
    assert len(_Redirecting.seen) == 1


def test_the_login_is_not_told_while_redirects_are_looked_for(server: str) -> None:
    admitted = AT_HOME.admit(parse_source(f"http://u:p@{server}/1"))
    assert {login for _, login in _Redirecting.seen} == {None}
    assert "u:p@" not in admitted.url, "another place gets no login"
    assert AT_HOME.admit(parse_source(f"http://u:p@{server}/0")).url == f"http://u:p@{server}/0"


def test_a_server_knows_by_which_name_it_was_called(server: str, names: Names) -> None:
    port = server.rpartition(":")[2]
    names["cam.example"] = ["127.0.0.1"]
    admitted = AT_HOME.admit(parse_source(f"http://cam.example:{port}/0"))
    assert (admitted.url, admitted.host) == (f"http://127.0.0.1:{port}/0", f"cam.example:{port}")
    assert _Redirecting.seen[0][0] == f"cam.example:{port}/0"
