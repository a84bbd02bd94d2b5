"""The process behind rtsp_server.serve(): an RTSP server on GStreamer. Runs on Debian's own Python, which has `gi`.

Reads one JSON object from its input: port, paths {name: recording}, loop, shared, user, password. A recording is a
folder made by rtsp_server.pack_clip. Writes "ready" when it listens. Dies with its parent.
"""

import ctypes
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

NANOSECONDS = 1_000_000_000
DIGEST = 2  # GST_RTSP_AUTH_DIGEST
AHEAD = 0.02  # seconds that a frame may be pushed before its time


def die_with_parent() -> None:
    """Ask the kernel for SIGKILL when the parent is gone."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    if os.getppid() == 1:
        sys.exit(1)


class Recording:
    """Access units of a clip: codec "264" or "265", and per unit offset, size, pts, dts in ns from 0."""

    def __init__(self, folder: Path) -> None:
        index = json.loads((folder / "index.json").read_text())
        self.codec: str = index["codec"]
        self.duration: int = index["duration"]
        self.units: list[tuple[int, int, int, int]] = [tuple(unit) for unit in index["units"]]
        self.data = (folder / "data").read_bytes()


class ClipFactory(GstRtspServer.RTSPMediaFactory):  # type: ignore[misc]
    """Plays one recording, in real time, once or for ever."""

    def __init__(self, recording: Recording, *, loop: bool, shared: bool) -> None:
        super().__init__()
        self.recording = recording
        self.loop = loop
        self.set_shared(shared)
        codec = recording.codec
        self.set_launch(
            "( appsrc name=source is-live=true format=time block=true max-bytes=8000000 "
            f"caps=video/x-h{codec},stream-format=byte-stream,alignment=au "
            f"! h{codec}parse ! rtph{codec}pay name=pay0 pt=96 )"
        )
        self.connect("media-configure", self.configure)

    def configure(self, _factory: Any, media: Any) -> None:
        """Start feeding a new media; stop when nobody watches it any more."""
        source = media.get_element().get_child_by_name("source")
        stop = threading.Event()
        media.connect("unprepared", lambda *_: stop.set())
        threading.Thread(target=self.feed, args=(source, stop), daemon=True).start()

    def feed(self, source: Any, stop: threading.Event) -> None:
        """Push the units at their times."""
        started = time.monotonic()
        base = 0
        while not stop.is_set():
            for offset, size, pts, dts in self.recording.units:
                stop.wait(max(started + (base + dts) / NANOSECONDS - AHEAD - time.monotonic(), 0))
                unit = Gst.Buffer.new_wrapped(self.recording.data[offset : offset + size])
                unit.pts, unit.dts = base + pts, base + dts
                if stop.is_set() or source.emit("push-buffer", unit) != Gst.FlowReturn.OK:
                    return
            if not self.loop:
                source.emit("end-of-stream")
                return
            base += self.recording.duration


def protect(server: Any, user: str, password: str) -> Any:
    """Ask for user and password by digest; the permissions that factories then need."""
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "user")
    auth.add_digest(user, password, token)
    auth.set_supported_methods(DIGEST)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions()
    for right in ("media.factory.access", "media.factory.construct"):
        permissions.add_permission_for_role("user", right, True)
    return permissions


def main() -> None:
    """Read the wishes, listen, say so, and run until killed."""
    die_with_parent()
    wishes = json.loads(sys.stdin.readline())
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(wishes["port"]))
    permissions = protect(server, wishes["user"], wishes["password"]) if wishes["user"] else None
    for name, folder in wishes["paths"].items():
        factory = ClipFactory(Recording(Path(folder)), loop=wishes["loop"], shared=wishes["shared"])
        if permissions is not None:
            factory.set_permissions(permissions)
        server.get_mount_points().add_factory(f"/{name}", factory)
    if not server.attach(None):
        sys.exit("the port is taken")
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
