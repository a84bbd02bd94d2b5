"""Runs the real `python -m sightline watch --json` and listens to what it prints."""

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import psutil

BACKEND = Path(__file__).resolve().parents[2]
PATIENCE = 60.0
"""Seconds in which something must happen on a busy machine."""

Line = dict[str, Any]


class Watching:
    """A running watch. lines: the objects it has printed so far, as they come."""

    def __init__(self, *arguments: str | Path) -> None:
        command = [sys.executable, "-m", "sightline", "watch", *map(str, arguments), "--json"]
        self._process = subprocess.Popen(
            command, cwd=BACKEND, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self._children: list[psutil.Process] = []
        self._output: list[tuple[float, bytes]] = []
        self._complaints = b""
        self._readers = [threading.Thread(target=read, daemon=True) for read in (self._read, self._read_complaints)]
        for reader in self._readers:
            reader.start()

    @property
    def lines(self) -> list[Line]:
        return [json.loads(line) for _, line in self._output]

    @property
    def complaints(self) -> str:
        """Standard error; complete once it has ended."""
        return self._complaints.decode()

    def named_after(self, moment: float) -> set[str]:
        """Names of tracks that were told from their beginning after this moment of the monotonic clock."""
        told = [json.loads(line) for at, line in tuple(self._output) if at > moment]
        fresh = {line["track_id"] for line in told if line.get("event") == "track"}
        return {line["name"] for line in told if line.get("event") == "match" and line["track_id"] in fresh}

    def wait_for(self, true: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
        """Wait until it is true; fails after seconds, or when the watch has ended."""
        deadline = time.monotonic() + seconds
        while not true():
            assert self._process.poll() is None, f"the watch ended while waiting for {what}: {self.complaints}"
            assert time.monotonic() < deadline, f"waited {seconds:g} s in vain for {what}"
            time.sleep(0.05)

    def interrupt(self, number: signal.Signals) -> None:
        self._children = psutil.Process(self._process.pid).children(recursive=True)
        self._process.send_signal(number)

    def end(self) -> int:
        """Wait for its end; the exit code."""
        code = self._process.wait(PATIENCE)
        for reader in self._readers:
            reader.join()
        assert not psutil.wait_procs(self._children, timeout=5)[1], "processes were left behind"
        return code

    def kill(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for reader in self._readers:
            reader.join()
        for pipe in (self._process.stdout, self._process.stderr):
            assert pipe is not None
            pipe.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._output.append((time.monotonic(), line))

    def _read_complaints(self) -> None:
        assert self._process.stderr is not None
        self._complaints = self._process.stderr.read()


@contextmanager
def watching(*arguments: str | Path) -> Iterator[Watching]:
    """Watch a source; nothing of it outlives the block."""
    watch = Watching(*arguments)
    try:
        yield watch
    finally:
        watch.kill()


def tracks_by_name(lines: Sequence[Line]) -> dict[str, set[str]]:
    """The tracks that were given each name."""
    named: dict[str, set[str]] = {}
    for line in lines:
        if line.get("name") is not None:
            named.setdefault(line["name"], set()).add(line["track_id"])
    return named


def cut(clip: Path, target: Path, *, start: float, end: float, width: int, height: int) -> Path:
    """Seconds start to end of a clip, scaled to width × height px, as H.264 with a key frame per second."""
    with av.open(str(clip)) as source, av.open(str(target), "w") as container:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.gop_size = 30
        stream.options = {"preset": "veryfast", "crf": "20", "bf": "0"}
        wanted = (frame for frame in source.decode(video=0) if start <= (frame.time or 0.0) < end)
        for index, frame in enumerate(wanted):
            scaled = frame.reformat(width, height, format="yuv420p")
            scaled.pts, scaled.time_base = index, Fraction(1, 30)
            container.mux(stream.encode(scaled))
        container.mux(stream.encode())
    return target
