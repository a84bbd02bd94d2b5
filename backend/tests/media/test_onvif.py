"""Moving cameras: what they can do, commands as they take them, and answers of cameras that are odd or hostile."""

import asyncio
import gzip
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sightline.core.errors import ControlRefused, SourceDenied, SourceStalled, SourceUnreachable
from sightline.media import onvif
from sightline.media.onvif import LONGEST_ANSWER, PATH, ControlPoint, Device, Motion, Preset
from tests.support.onvif_camera import LOGIN, Oddities, OnvifCamera, onvif_camera
from tests.support.ports import free_port
from tests.support.senders import tls_door


@pytest.fixture
def camera() -> Iterator[OnvifCamera]:
    with onvif_camera() as running:
        yield running


def point(camera: OnvifCamera, password: str = LOGIN[1]) -> ControlPoint:
    """The camera has a name that only its address makes reachable."""
    return ControlPoint(f"http://camera.example:{camera.port}{PATH}", "127.0.0.1", LOGIN[0], password)


async def connected(camera: OnvifCamera) -> Device:
    return await onvif.connect(point(camera))


@pytest.mark.asyncio
async def test_a_camera_is_moved_and_stopped(camera: OnvifCamera) -> None:
    device = await connected(camera)
    assert (device.profile, device.pan_tilt, device.zoom, device.home) == ("main", True, True, True)
    await onvif.move(device, Motion(pan=0.5, tilt=-0.25, zoom=1.0), seconds=5)
    assert camera.speed == (0.5, -0.25, 1.0)
    await onvif.stop(device)
    assert not camera.is_moving()
    pan, tilt, zoom = camera.looks()
    assert pan > 0 > tilt
    assert zoom == pytest.approx(2 * pan)
    assert camera.orders == ["ContinuousMove", "Stop"]


@pytest.mark.asyncio
async def test_a_camera_shows_its_presets_and_its_home(camera: OnvifCamera) -> None:
    device = await connected(camera)
    assert await onvif.presets(device) == (Preset("1", "Gate"), Preset("2", "2"))
    await onvif.go_to(device, "1")
    assert camera.looks() == (0.5, -0.25, 1.0)
    await onvif.go_home(device)
    assert camera.looks() == (0.0, 0.0, 0.0)
    with pytest.raises(ControlRefused, match="the camera refused: The requested preset token does not exist"):
        await onvif.go_to(device, "<3>&")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "odd",
    [
        Oddities(clock=timedelta(days=-3650)),
        Oddities(clock=timedelta(hours=2)),
        Oddities(http_digest=True),
        Oddities(before_get_services=True),
        Oddities(without_zoom=True),
    ],
    ids=["clock of 2016", "clock ahead", "HTTP digest", "before GetServices", "no zoom"],
)
async def test_cameras_that_are_not_of_the_book_are_moved_too(odd: Oddities) -> None:
    with onvif_camera(odd) as camera:
        device = await connected(camera)
        await onvif.move(device, Motion(pan=-1), seconds=5)
        assert camera.is_moving()
        assert device.zoom is not odd.without_zoom


@pytest.mark.asyncio
async def test_a_fixed_camera_says_so() -> None:
    with onvif_camera(Oddities(without_ptz=True)) as camera, pytest.raises(ControlRefused, match="cannot be moved"):
        await connected(camera)


@pytest.mark.asyncio
@pytest.mark.parametrize("http_digest", [False, True])
async def test_a_wrong_password_is_told_and_not_repeated(http_digest: bool) -> None:
    with onvif_camera(Oddities(http_digest=http_digest)) as camera, pytest.raises(SourceDenied) as caught:
        await onvif.connect(point(camera, "wrong-password"))
    assert "wrong-password" not in f"{caught.value!r} {caught.value.hint}"


def test_logins_are_not_shown(camera: OnvifCamera) -> None:
    assert LOGIN[1] not in repr(point(camera))


@pytest.mark.asyncio
async def test_commands_are_obeyed_also_where_the_answer_is_no_xml(camera: OnvifCamera) -> None:
    """As IPyCam 1.3 answers: with a prefix that nothing declares."""
    device = await connected(camera)
    envelope = '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>{}</s:Body></s:Envelope>'
    for command, name in ((onvif.stop(device), "Stop"), (onvif.go_home(device), "GotoHomePosition")):
        camera.odd.answers.append((200, envelope.format(f"<ptz:{name}Response/>").encode()))
        await command
    camera.odd.answers.append((200, envelope.format("<ptz:GetPresetsResponse/>").encode()))
    assert await onvif.presets(device) == ()


@pytest.mark.asyncio
async def test_over_tls_the_certificate_must_be_trusted_and_bear_the_name(
    camera: OnvifCamera, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def at(host: str, port: int) -> ControlPoint:
        return ControlPoint(f"https://{host}:{port}{PATH}", "127.0.0.1", *LOGIN)

    with tls_door(camera.port, tmp_path) as port:
        with pytest.raises(SourceUnreachable):
            await onvif.connect(at("camera.example", port))
        trusting = ssl.create_default_context(cafile=tmp_path / "certificate.pem")
        monkeypatch.setattr(onvif, "_trust", lambda: trusting)
        assert (await onvif.connect(at("camera.example", port))).profile == "main"
        with pytest.raises(SourceUnreachable):
            await onvif.connect(at("other.example", port))


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>&b;</s:Body></s:Envelope>'
)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("status", "answer", "said"),
    [
        (200, b"", "does not speak ONVIF"),
        (200, b"<html>Welcome</html>", "does not speak ONVIF"),
        (200, b"\xff\xfe\x00", "does not speak ONVIF"),
        (200, b'<?xml version="1.0" encoding="none-such"?><a/>', "does not speak ONVIF"),
        (200, b"<StopRequest/>", "does not speak ONVIF"),
        (200, LAUGHS.encode(), "does not speak ONVIF"),
        (200, b"<a>" * 20_000, "does not speak ONVIF"),
        (200, b"x" * (LONGEST_ANSWER + 1), "has no end"),
        (302, b"", "elsewhere"),
        (307, b"", "elsewhere"),
        (404, b"not here", "does not speak ONVIF"),
    ],
    ids=["empty", "HTML", "bytes", "encoding", "echo", "entities", "depth", "endless", "302", "307", "404"],
)
async def test_what_a_hostile_server_answers_does_no_harm(
    camera: OnvifCamera, status: int, answer: bytes, said: str
) -> None:
    device = await connected(camera)
    camera.odd.answers.append((status, answer))
    with pytest.raises(ControlRefused, match=said) as caught:
        await onvif.stop(device)
    assert len(str(caught.value)) < 300
    await onvif.stop(device)  # the next answer is a right one


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "challenge",
    ["Digest foo", 'Digest realm="a", nonce="b", algorithm=MD4', 'Digest realm="a", nonce="b", qop="auth-int"'],
)
async def test_what_asks_for_a_login_is_read_with_the_same_care(challenge: str) -> None:
    packed = gzip.compress(bytes(50 * LONGEST_ANSWER))
    for body, more, said in (
        (b"x" * (LONGEST_ANSWER + 1), "", "has no end"),
        (packed, "Content-Encoding: gzip\r\n", "login of a kind"),
    ):
        head = f"HTTP/1.1 401 No\r\nWWW-Authenticate: {challenge}\r\nContent-Length: {len(body)}\r\n{more}\r\n"

        async def answer(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter, whole: bytes = head.encode() + body
        ) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(whole)
            with suppress(ConnectionError):
                await writer.drain()
            writer.close()

        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            with pytest.raises(ControlRefused, match=said):
                await onvif.connect(ControlPoint(f"http://127.0.0.1:{port}{PATH}", "127.0.0.1", *LOGIN))


@pytest.mark.asyncio
async def test_a_clock_that_is_none_is_passed_over(camera: OnvifCamera) -> None:
    camera.odd.answers.append(
        (200, b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body/></s:Envelope>')
    )
    assert (await connected(camera)).clock == timedelta()


@pytest.mark.asyncio
@pytest.mark.parametrize("year", [1, 1970, 9999, 10_000, 10**11, "MMXXVI"])
async def test_a_clock_that_lost_its_time(camera: OnvifCamera, year: object) -> None:
    said = (
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:tt="http://www.onvif.org/ver10/schema">'
        "<s:Body><tt:UTCDateTime><tt:Time><tt:Hour>23</tt:Hour><tt:Minute>59</tt:Minute><tt:Second>59</tt:Second>"
        f"</tt:Time><tt:Date><tt:Year>{year}</tt:Year><tt:Month>12</tt:Month><tt:Day>31</tt:Day></tt:Date>"
        "</tt:UTCDateTime></s:Body></s:Envelope>"
    )
    camera.odd.answers.append((200, said.encode()))
    if year == 1970:
        camera.odd.clock = datetime(1970, 12, 31, 23, 59, 59, tzinfo=UTC) - datetime.now(UTC)
    assert (await connected(camera)).profile == "main"


@pytest.mark.asyncio
async def test_an_answer_that_trickles_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onvif, "TIMEOUT", 0.5)

    async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        with suppress(ConnectionError):
            while not reader.at_eof():
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.05)
        writer.close()
        gone.set()

    gone = asyncio.Event()
    server = await asyncio.start_server(trickle, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(SourceStalled):
            await onvif.connect(ControlPoint(f"http://127.0.0.1:{port}{PATH}", "127.0.0.1"))
        await asyncio.wait_for(gone.wait(), 5)


@pytest.mark.asyncio
async def test_nobody_at_the_port() -> None:
    nobody = ControlPoint(f"http://127.0.0.1:{free_port()}{PATH}", "127.0.0.1")
    with pytest.raises(SourceUnreachable):
        await onvif.connect(nobody)


@pytest.mark.asyncio
async def test_a_server_that_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onvif, "TIMEOUT", 0.2)

    with socket.create_server(("127.0.0.1", 0)) as silent:  # connections wait in its queue
        port = silent.getsockname()[1]
        with pytest.raises(SourceStalled):
            await onvif.connect(ControlPoint(f"http://127.0.0.1:{port}{PATH}", "127.0.0.1"))
