"""A real RTSP server that is not ours, for tests: GStreamer's, in a child process that can be killed and frozen.

    with serve({"stage": clip}) as server:
        url = server.url("stage")

Needs the packages of scripts/install-test-packages.sh; where they are missing tests skip, and fail in CI.
"""

import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import pytest
from av.bitstream import BitStreamFilterContext

from tests.support.ports import free_port

SYSTEM_PYTHON = "/usr/bin/python3"
CHILD = Path(__file__).with_name("gst_rtsp_child.py")
CODECS = {"h264": ("264", "h264_mp4toannexb"), "hevc": ("265", "hevc_mp4toannexb")}
NANOSECONDS = 1_000_000_000
Clips = Mapping[str, Path | Sequence[Path]]


class RtspServer:
    """The running server. All its methods wait until they have taken effect."""

    def __init__(self, folder: Path, clips: Clips, *, loop: bool, shared: bool, login: tuple[str, str] | None) -> None:
        self.port = free_port()
        self._folder = folder
        self._loop = loop
        self._shared = shared
        self._login = login
        self._packed = 0
        self._paths = self._pack(clips)
        self._child: subprocess.Popen[bytes] | None = None

    def url(self, name: str, user: str = "", password: str = "") -> str:
        """Address of a clip, with user and password when given."""
        login = f"{user}:{password}@" if user else ""
        return f"rtsp://{login}127.0.0.1:{self.port}/{name}"

    def start(self) -> None:
        """Start and wait until it listens."""
        user, password = self._login or ("", "")
        wishes = {"port": self.port, "paths": self._paths, "loop": self._loop, "shared": self._shared}
        wishes |= {"user": user, "password": password}
        self._child = subprocess.Popen(
            [SYSTEM_PYTHON, str(CHILD)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_clean_environment()
        )
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.write(json.dumps(wishes).encode() + b"\n")
        self._child.stdin.flush()
        assert self._child.stdout.readline() == b"ready\n", "the RTSP server did not start"

    def kill(self) -> None:
        """kill -9."""
        if self._child is None:
            return
        self._child.kill()
        self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                pipe.close()
        self._child = None

    def freeze(self) -> None:
        """SIGSTOP: connections stay open and silent."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        self._signal(signal.SIGCONT)

    def restart(self, clips: Clips | None = None) -> None:
        """Kill and start again on the same port, with other clips when given."""
        self.kill()
        if clips is not None:
            self._paths = self._pack(clips)
        self.start()

    def _signal(self, number: int) -> None:
        assert self._child is not None, "the server does not run"
        self._child.send_signal(number)

    def _pack(self, clips: Clips) -> dict[str, str]:
        paths = {}
        for name, clip in clips.items():
            self._packed += 1
            target = self._folder / str(self._packed)
            pack_clip([clip] if isinstance(clip, Path) else clip, target)
            paths[name] = str(target)
        return paths


@contextmanager
def serve(
    clips: Clips, *, loop: bool = True, shared: bool = True, login: tuple[str, str] | None = None
) -> Iterator[RtspServer]:
    """Serve clips by name (several files under one name play one after the other, sizes may differ).

    loop: play for ever, else say goodbye at the end; shared: all clients see one play, else each its own from the
    beginning; login: user and password, asked for by digest.
    """
    require_gstreamer()
    with tempfile.TemporaryDirectory(prefix="rtsp-clips-") as folder:
        server = RtspServer(Path(folder), clips, loop=loop, shared=shared, login=login)
        try:
            server.start()
            yield server
        finally:
            server.kill()


def require_gstreamer() -> None:
    """Skip where GStreamer's RTSP server is missing; fail in CI."""
    if gstreamer_is_here():
        return
    message = "GStreamer's RTSP server is missing: run scripts/install-test-packages.sh"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


@cache
def gstreamer_is_here() -> bool:
    """Whether the system's Python can load GStreamer's RTSP server."""
    check = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer"
    command = [SYSTEM_PYTHON, "-c", check]
    environment = _clean_environment()
    return (
        Path(SYSTEM_PYTHON).exists()
        and not subprocess.run(command, capture_output=True, env=environment, check=False).returncode
    )


def pack_clip(clips: Sequence[Path], target: Path) -> None:
    """Write the access units of H.264 or H.265 clips, one after the other, and their times from 0 in ns."""
    target.mkdir()
    units: list[tuple[int, int, int, int]] = []
    base = 0
    codec = ""
    with (target / "data").open("wb") as data:
        for clip in clips:
            codec, played = _units(clip)
            for pts, dts, _, payload in played:
                units.append((data.tell(), len(payload), base + pts, base + dts))
                data.write(payload)
            base += max(dts + duration for _, dts, duration, _ in played)
    index = {"codec": codec, "duration": base, "units": units}
    (target / "index.json").write_text(json.dumps(index))


def _units(clip: Path) -> tuple[str, list[tuple[int, int, int, bytes]]]:
    """Codec ("264", "265") and pts, dts, duration in ns from 0 with the bytes of each access unit (Annex B)."""
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        codec, filter_name = CODECS[stream.codec_context.name]
        to_annexb = BitStreamFilterContext(filter_name, stream)
        raw = [
            (unit.pts, unit.dts, unit.duration or 0, bytes(unit))
            for packet in container.demux(stream)
            for unit in to_annexb.filter(packet if packet.size else None)
            if unit.dts is not None and unit.pts is not None
        ]
        scale = (stream.time_base or Fraction(1)) * NANOSECONDS
    first = min(dts for _, dts, _, _ in raw)
    step = max((raw[-1][1] - first) // max(len(raw) - 1, 1), 1)
    return codec, [
        (int((pts - first) * scale), int((dts - first) * scale), int((duration or step) * scale), payload)
        for pts, dts, duration, payload in raw
    ]


def _clean_environment() -> dict[str, str]:
    """The system's Python must not see the packages of the virtual environment."""
    return {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
