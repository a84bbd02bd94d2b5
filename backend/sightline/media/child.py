"""Sources that PyAV's libav cannot open: the bundled ffmpeg program receives them and hands on MPEG-TS."""

import os
import select
import subprocess
import sys

import imageio_ffmpeg

from sightline.core.errors import MediaError
from sightline.media import failures
from sightline.media.sources import Source, SourceKind

DIE_WITH_PARENT = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
if os.getppid() == int(sys.argv[1]):
    os.execv(sys.argv[2], sys.argv[2:])
"""


class ChildStream:
    """A readable file that a child program fills. Ends the child on close and when this process dies.

    The address goes to the child over its input, never on its command line, where every user of the machine
    could read a pass-phrase.
    """

    def __init__(self, source: Source, open_timeout: float, stall_timeout: float) -> None:
        self._source = source
        self._timeout = open_timeout
        self._stall_timeout = stall_timeout
        self._started = False
        self.failure: MediaError | None = None
        self._child = _start(source)

    def read(self, size: int) -> bytes:
        """Up to size bytes; empty at the end, which failure then explains: PyAV prints what a file raises."""
        if self.failure is not None:
            return b""
        out = self._pipe()
        readable, _, _ = select.select([out], [], [], self._timeout)
        if not readable:
            self.failure = self._silent()
            return b""
        data = os.read(out, size)
        if data:
            self._started, self._timeout = True, self._stall_timeout
        elif not self._started:
            self.failure = failures.closed_at_once(self._source)
        return data

    def close(self) -> None:
        """End the child and wait until it is gone."""
        if self._child.poll() is None:
            self._child.kill()
        self._child.wait()
        if self._child.stdout is not None:
            self._child.stdout.close()

    def _pipe(self) -> int:
        if self._child.stdout is None:
            raise RuntimeError("the child has no output")
        return self._child.stdout.fileno()

    def _silent(self) -> MediaError:
        if self._started:
            return failures.stalled(self._source, self._stall_timeout)
        return failures.silent(self._source, self._timeout)


WEBCAM_PICTURES = ["-an", "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "30"]
"""Webcams give raw pictures or JPEGs; between two processes H.264 is a hundredth of that."""


def _start(source: Source) -> subprocess.Popen[bytes]:
    program = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "quiet"]
    if source.kind is SourceKind.WEBCAM:
        return _spawn([*program, *webcam_input(source), *WEBCAM_PICTURES, "-f", "mpegts", "pipe:1"])
    quoted = source.url.replace("'", "'\\''")
    command = [*program, "-f", "concat", "-safe", "0"]
    command += ["-protocol_whitelist", "pipe,fd,srt,udp", "-i", "pipe:0"]
    command += ["-map", "0:v", "-c", "copy", "-flush_packets", "1", "-f", "mpegts", "pipe:1"]
    return _spawn(command, told=f"ffconcat version 1.0\nfile '{quoted}'\n")


def webcam_input(source: Source) -> list[str]:
    """The program's words that open a webcam."""
    return ["-f", "v4l2", "-i", source.redacted]


def _spawn(command: list[str], *, told: str = "") -> subprocess.Popen[bytes]:
    """Start the program; told goes to its input, which is then closed."""
    child = subprocess.Popen(
        [*_die_with_parent(), *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
    )
    if child.stdin is not None:
        child.stdin.write(told.encode())
        child.stdin.close()
    return child


def _die_with_parent() -> list[str]:
    """The beginning of a command line whose program the kernel kills when this thread is gone (Linux).

    A short Python start asks for it and becomes the program; a fork that runs our own code may hang in a
    process with threads.
    """
    if sys.platform != "linux":
        return []
    return [sys.executable, "-I", "-S", "-c", DIE_WITH_PARENT, str(os.getpid())]
