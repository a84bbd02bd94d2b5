"""Trying addresses: what real servers send, why others fail, and that nothing takes longer than it may."""

import asyncio
import socket
import threading
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sightline.core.errors import AddressNotAllowed, TooManyAttempts
from sightline.services import stream_probe
from sightline.services.camera_secrets import CameraAddress, split_credentials
from sightline.services.stream_policy import StreamPolicy
from sightline.vision.images import load_image
from tests.support.clips import Clip, record
from tests.support.rtsp_server import serve
from tests.support.senders import web_server

AT_HOME = StreamPolicy(allow_loopback=True)

pytestmark = pytest.mark.asyncio


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record(tmp_path_factory.mktemp("clips") / "yard.mp4", Clip(seconds=2.0))


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"127.0.0.1:{listening.getsockname()[1]}"


async def test_a_camera_answers_with_what_it_sends(clip: Path) -> None:
    with serve({"yard": clip}, login=("me", "p@ss")) as server:
        right = split_credentials(server.url("yard", "me", "p%40ss"))
        found = await stream_probe.probe(right, policy=AT_HOME, seconds=10)
        assert (found.reachable, found.codec, found.width, found.height, found.live) == (True, "h264", 320, 192, True)
        assert found.code is None
        wrong = CameraAddress(right.url, "me", "not-the-password")
        refused = await stream_probe.probe(wrong, policy=AT_HOME, seconds=10)
        seen = await stream_probe.probe(right, policy=AT_HOME, seconds=10, picture=True)
    assert (found.picture, refused.picture) == (None, None)
    assert seen.picture
    assert load_image(b64decode(seen.picture)).shape == (192, 320, 3)
    assert (refused.reachable, refused.code) == (False, "source_denied")
    assert "not-the-password" not in repr(refused)


async def test_files_over_http_are_read_from_the_checked_address(clip: Path) -> None:
    with web_server(clip.parent) as base:
        found = await stream_probe.probe(CameraAddress(f"{base}/{clip.name}"), policy=AT_HOME, seconds=10)
    assert (found.codec, found.live, found.has_audio) == ("h264", False, False)


async def test_what_is_no_video_or_does_not_answer_says_so(silent: str, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<p>hello</p>")
    with web_server(tmp_path) as base:
        for url, codes in (
            (f"{base}/page.html", {"not_a_video", "no_video_stream"}),
            (f"{base}/missing", {"source_not_found"}),
            (f"rtsp://{silent}/1", {"source_unreachable", "source_stalled"}),
            ("rtsp://127.0.0.1:9/1", {"source_unreachable"}),
            ("rtsp://nobody.invalid/1", {"source_unreachable"}),
        ):
            found = await stream_probe.probe(CameraAddress(url), policy=AT_HOME, seconds=1.5)
            assert found.code in codes, (url, found)


async def test_a_redirect_to_what_is_forbidden_is_refused() -> None:
    answer = b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest\r\nContent-Length: 0\r\n\r\n"
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def once() -> None:
            connection, _ = listening.accept()
            connection.recv(4096)
            connection.sendall(answer)
            connection.close()

        thread = threading.Thread(target=once)
        thread.start()
        address = CameraAddress(f"http://127.0.0.1:{listening.getsockname()[1]}/1")
        with pytest.raises(AddressNotAllowed):
            await stream_probe.probe(address, policy=AT_HOME, seconds=5)
        thread.join()


async def test_more_than_two_at_once_wait_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_probe, "_slots", threading.BoundedSemaphore(1))
    with stream_probe._slots, pytest.raises(TooManyAttempts):
        await stream_probe.probe(CameraAddress("rtsp://192.168.1.1/"), policy=AT_HOME, seconds=1)


async def test_the_child_gets_no_secret_of_ours_and_none_on_its_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGHTLINE_DATABASE__URL", "postgresql://x:k1tchen@h/d")
    seen: list[tuple[tuple[object, ...], dict[str, str]]] = []
    start = asyncio.create_subprocess_exec

    async def watched(*command: Any, env: dict[str, str], **rest: Any) -> object:
        seen.append((command, env))
        return await start(*command, env=env, **rest)

    monkeypatch.setattr(asyncio, "create_subprocess_exec", watched)
    await stream_probe.probe(CameraAddress("rtsp://127.0.0.1:9/", "u", "theirs"), policy=AT_HOME, seconds=1)
    ((command, environment),) = seen
    assert "theirs" not in str(command)
    assert "k1tchen" not in str(environment)
