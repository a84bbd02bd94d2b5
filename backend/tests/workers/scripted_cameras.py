"""Cameras that follow a script, in place of connections: each gives painted frames, then fails or ends."""

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from sightline.domain.frames import Frame
from sightline.media import supervisor
from sightline.media.capture import CaptureCounts, StreamInfo
from sightline.media.sources import Source, SourceKind

Script = Callable[[threading.Event], Iterator[Frame]]
"""Gives the frames of one connection; the event says that the camera is to stop."""

PATIENCE = 20.0
"""Seconds that a script waits for something which must happen."""


@dataclass
class ScriptedSession:
    """One connection of a scripted camera."""

    script: Script
    stop: threading.Event
    live: bool
    counts: CaptureCounts

    def open(self) -> StreamInfo:
        return StreamInfo("painted", 640, 360, 5.0, None, live=self.live)

    def frames(self) -> Iterator[Frame]:
        for frame in self.script(self.stop):
            self.counts.sampled += 1
            yield frame

    def close(self) -> None:
        """Nothing to hang up."""


def use_scripts(monkeypatch: pytest.MonkeyPatch, scripts: Mapping[str, Script]) -> None:
    """Let cameras connect to scripts, by their id."""

    def connect(source: Source, *_: Any, camera_id: str, stop: threading.Event, **__: Any) -> ScriptedSession:
        return ScriptedSession(scripts[camera_id], stop, source.live, CaptureCounts())

    monkeypatch.setattr(supervisor, "CameraSession", connect)


LIVE = Source(SourceKind.RTSP, "rtsp://painted/", "rtsp://painted/", live=True)
FILE = Source(SourceKind.FILE, "file:painted", "painted", live=False)
