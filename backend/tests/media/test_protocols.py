"""Every protocol of the README, each from a sender that is not ours, over this machine's own network."""

import subprocess
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import imageio_ffmpeg
import psutil
import pytest

from sightline.core.errors import (
    MediaError,
    NoVideoStream,
    SourceDenied,
    SourceEnded,
    SourceNotFound,
    SourceStalled,
    SourceUnreachable,
)
from sightline.domain.frames import Frame
from sightline.media.capture import CameraSession, CaptureOptions, StreamInfo, probe
from sightline.media.sources import Transport, parse_source
from tests.support.clips import Clip, brightness_of, record
from tests.support.ports import free_port
from tests.support.rtsp_server import serve
from tests.support.senders import sending, tls_door, wait_listening, wait_until, web_server

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record(tmp_path_factory.mktemp("clips") / "clip.ts", Clip(seconds=10, gop=10, with_sound=True))


def take(address: str, count: int, options: CaptureOptions | None = None) -> tuple[list[Frame], StreamInfo]:
    """The first frames of a live source."""
    session = CameraSession(parse_source(address), options)
    with session:
        info = session.open()
        frames = session.frames()
        return [next(frames) for _ in range(count)], info


def failure_of(address: str, options: CaptureOptions) -> MediaError:
    """How a source ends once it plays."""
    with pytest.raises(MediaError) as failed:
        for _ in CameraSession(parse_source(address), options).frames():
            pass
    return failed.value


def assert_plays(frames: list[Frame], info: StreamInfo) -> None:
    assert info.live
    assert (frames[0].width, frames[0].height) == (320, 192)
    assert all(0.1 < after.media_time - before.media_time < 0.35 for before, after in pairwise(frames))
    assert len({int(frame.pixels.bgr()[:, 20:140].mean()) for frame in frames}) == len(frames)


@pytest.mark.parametrize("transport", list(Transport))
@pytest.mark.parametrize("codec", ["libx264", "libx265"])
def test_rtsp_plays_from_its_first_picture(tmp_path: Path, transport: Transport, codec: str) -> None:
    recorded = record(tmp_path / "clip.mp4", Clip(codec=codec, seconds=4))
    with serve({"cam": recorded}, shared=False) as server:
        frames, info = take(server.url("cam"), 5, CaptureOptions(transport=transport))
    assert_plays(frames, info)
    assert info.codec == {"libx264": "h264", "libx265": "hevc"}[codec]
    assert int(frames[0].pixels.bgr()[:, 20:140].mean()) == pytest.approx(brightness_of(0), abs=5)


def test_rtsp_behind_tls(tmp_path: Path) -> None:
    recorded = record(tmp_path / "clip.mp4", Clip(seconds=4))
    with serve({"cam": recorded}) as server, tls_door(server.port, tmp_path) as port:
        assert_plays(*take(f"rtsps://127.0.0.1:{port}/cam", 3))


def test_rtsp_asks_for_the_password_and_knows_its_streams(tmp_path: Path) -> None:
    recorded = record(tmp_path / "clip.mp4", Clip(seconds=2))
    with serve({"cam": recorded}, login=("admin", "s3cret")) as server:
        assert probe(parse_source(server.url("cam", "admin", "s3cret"))).codec == "h264"
        for user, password in (("admin", "wr0ng"), ("", "")):
            with pytest.raises(SourceDenied, match="refused the user or password") as denied:
                probe(parse_source(server.url("cam", user, password)))
            assert "wr0ng" not in f"{denied.value} {denied.value.hint} {denied.value.__context__}"
        with pytest.raises(SourceNotFound, match="knows no stream"):
            probe(parse_source(server.url("garden", "admin", "s3cret")))


def test_a_camera_that_says_goodbye_has_ended(tmp_path: Path) -> None:
    recorded = record(tmp_path / "clip.mp4", Clip(seconds=1))
    with serve({"cam": recorded}, loop=False) as server:
        assert isinstance(failure_of(server.url("cam"), CaptureOptions()), SourceEnded)


def test_a_size_that_changes_while_an_rtsp_stream_plays_marks_a_break(tmp_path: Path) -> None:
    small = record(tmp_path / "small.mp4", Clip(seconds=1))
    large = record(tmp_path / "large.mp4", Clip(width=640, height=384, seconds=1))
    with serve({"cam": [small, large]}) as server:
        frames, _ = take(server.url("cam"), 9)
    changes = [frame for frame in frames if frame.discontinuity]
    assert changes
    assert {(frame.width, frame.height) for frame in frames} == {(320, 192), (640, 384)}
    assert changes[0].pixels.bgr().shape[:2] == (changes[0].height, changes[0].width)


@pytest.mark.parametrize("transport", list(Transport))
def test_a_frozen_camera_is_noticed(tmp_path: Path, transport: Transport) -> None:
    recorded = record(tmp_path / "clip.mp4", Clip(seconds=4))
    with serve({"cam": recorded}) as server:
        session = CameraSession(parse_source(server.url("cam")), CaptureOptions(stall_timeout=1.5, transport=transport))
        frames = session.frames()
        next(frames)
        server.freeze()
        with pytest.raises(SourceStalled, match=r"sent no picture for 1\.5 s"):
            list(frames)


def test_udp(clip: Path) -> None:
    port = free_port()
    with sending(clip, "-f", "mpegts", f"udp://127.0.0.1:{port}?pkt_size=1316") as sender:
        assert_plays(*take(f"udp://127.0.0.1:{port}", 5))
        sender.kill()
    nobody = CaptureOptions(open_timeout=1.0)
    with pytest.raises(SourceUnreachable, match="no answer within 1 s"):
        probe(parse_source(f"udp://127.0.0.1:{port}"), nobody)


def test_udp_multicast(clip: Path) -> None:
    address = f"udp://239.255.77.1:{free_port()}?localaddr=127.0.0.1"
    with sending(clip, "-f", "mpegts", f"{address}&pkt_size=1316&ttl=0"):
        assert_plays(*take(address, 3))


def test_a_udp_sender_that_falls_silent_is_noticed(clip: Path) -> None:
    address = f"udp://127.0.0.1:{free_port()}"
    with sending(clip, "-f", "mpegts", f"{address}?pkt_size=1316") as sender:
        frames = CameraSession(parse_source(address), CaptureOptions(stall_timeout=1.0)).frames()
        next(frames)
        sender.kill()
        with pytest.raises(SourceStalled):
            list(frames)


def test_rtp_by_its_description(clip: Path, tmp_path: Path) -> None:
    description = tmp_path / "camera.sdp"
    target = f"rtp://127.0.0.1:{free_port()}"
    with sending(clip, "-an", "-sdp_file", str(description), "-f", "rtp", target):
        wait_until(lambda: description.exists() and description.stat().st_size > 0, "the description")
        assert_plays(*take(str(description), 3))


def test_rtp_that_carries_mpeg_ts(clip: Path) -> None:
    address = f"rtp://127.0.0.1:{free_port()}"
    with sending(clip, "-f", "rtp_mpegts", address):
        assert_plays(*take(address, 3))


def test_rtmp(clip: Path) -> None:
    port = free_port()
    address = f"rtmp://127.0.0.1:{port}/live/cam"
    with sending(clip, "-f", "flv", "-listen", "1", address):
        wait_listening(port)
        assert_plays(*take(address, 3))


def test_mpeg_ts_over_http_and_its_end(clip: Path) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}/live.ts"
    with sending(clip, "-f", "mpegts", "-listen", "1", address) as sender:
        wait_listening(port)
        frames = CameraSession(parse_source(address)).frames()
        next(frames)
        sender.kill()
        with pytest.raises(SourceEnded):
            list(frames)


def test_srt_through_the_bundled_program_which_leaves_with_us(clip: Path) -> None:
    query = f"srt://127.0.0.1:{free_port()}?passphrase=s3cret-s3cret"
    with sending(clip, "-f", "mpegts", f"{query}&mode=listener"):
        session = CameraSession(parse_source(query))
        frames = session.frames()
        first = [next(frames) for _ in range(3)]
        (receiver,) = _receivers()
        assert "s3cret" not in " ".join(receiver.cmdline())
        frames.close()
        assert not receiver.is_running()
    assert first[0].width == 320


def test_srt_that_nobody_offers() -> None:
    with pytest.raises(SourceUnreachable):
        probe(parse_source(f"srt://127.0.0.1:{free_port()}"), CaptureOptions(open_timeout=2.0))
    assert not _receivers()


def _receivers() -> list[psutil.Process]:
    """Our ffmpeg programs that run; other children of this process may end in this very moment."""
    found = []
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):  # a zombie is one too
            if "concat" in child.cmdline():
                found.append(child)
    return found


def test_hls_live_is_played_at_its_own_pace(clip: Path, tmp_path: Path) -> None:
    playlist = tmp_path / "live.m3u8"
    flags = ["-hls_time", "1", "-hls_list_size", "5", "-hls_flags", "delete_segments"]
    with sending(clip, "-f", "hls", *flags, str(playlist)), web_server(tmp_path) as root:
        wait_until(lambda: playlist.exists() and playlist.read_text().count(".ts") >= 3, "three segments")
        frames, info = take(f"{root}/live.m3u8", 8)
    assert_plays(frames, info)
    assert frames[-1].received_at - frames[0].received_at > 0.5  # a burst of seconds would arrive at once


def test_hls_with_an_end_ends(clip: Path, tmp_path: Path) -> None:
    program = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-loglevel", "error", "-i", str(clip), "-c", "copy"]
    subprocess.run([*program, "-f", "hls", "-hls_list_size", "0", str(tmp_path / "film.m3u8")], check=True)
    with web_server(tmp_path) as root:
        session = CameraSession(parse_source(f"{root}/film.m3u8"))
        assert len(list(session.frames())) == 50
        with pytest.raises(SourceNotFound):
            probe(parse_source(f"{root}/nothing.m3u8"))


def test_a_radio_has_no_picture(tmp_path: Path, clip: Path) -> None:
    address = f"udp://127.0.0.1:{free_port()}"
    with sending(clip, "-vn", "-f", "mpegts", f"{address}?pkt_size=188"), pytest.raises(NoVideoStream):
        probe(parse_source(address))
