"""Opening a source: the options each protocol needs, and the one video stream that is read."""

import time
from dataclasses import dataclass, field
from pathlib import Path

import av
from av import error as av_error
from av.container import InputContainer
from av.stream import Discard, Disposition
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from sightline.core.errors import MediaError, NotAVideo
from sightline.media import failures
from sightline.media.child import ChildStream
from sightline.media.sources import Source, SourceKind, Transport

MICROSECONDS = 1_000_000

ANALYSE_LIVE = 1 * MICROSECONDS
"""Time that libav may watch a live stream before it hands out packets. Its default of 5 s would, together with the
longest pause between attempts (8 s), break the promise that frames flow again within 10 s."""

SOCKET_BUFFER = 4 * 1024 * 1024
"""Bytes the kernel may keep of a UDP stream: a second at 32 Mbit/s, so that a busy machine loses no packets."""

TEXT_FORMATS = frozenset({"tty", "bin", "xbin", "adf", "idf", "sub", "srt", "webvtt", "ass"})
"""Demuxers that take any text for a picture or a subtitle: whoever gives a text file made a mistake."""

RTSP_KINDS = (SourceKind.RTSP, SourceKind.RTSPS)

SANE_FPS = (0.1, 480.0)
"""Frame rates outside are artefacts of time bases (a stream that states 90,000 frames per second)."""


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """What an open source turned out to be.

    width, height in px as coded, 0 when not known before the first picture; fps (1/s) and duration (s) are None when
    not stated; live when it has no end; has_audio None where only video was asked for.
    """

    codec: str
    width: int
    height: int
    fps: float | None
    duration: float | None
    live: bool
    has_audio: bool | None = field(default=None, compare=False)


class Connection:
    """An open source: its container, its video stream and, for SRT, the child program that receives it."""

    def __init__(self, source: Source, *, transport: Transport, open_timeout: float, stall_timeout: float) -> None:
        """Connect. Raises SourceNotFound, SourceUnreachable, SourceDenied, NotAVideo, NoVideoStream or
        CodecUnavailable."""
        if source.kind is SourceKind.FILE:
            _check_file(source)
        if source.kind is SourceKind.WEBCAM and not Path(source.redacted).exists():
            raise failures.not_found(source)
        self._child = ChildStream(source, open_timeout, stall_timeout) if source.needs_child else None
        self._container: InputContainer | None = None
        try:
            self._container = self._open(source, transport, open_timeout, stall_timeout)
            if self._container.format.name in TEXT_FORMATS:
                raise failures.not_a_video(source)
            self.stream = _video_stream(self._container, source)
            self.info = _describe(source, self._container, self.stream)
        except BaseException:
            self.close()
            raise

    @property
    def container(self) -> InputContainer:
        """The open container; RuntimeError once closed."""
        if self._container is None:
            raise RuntimeError("the connection is closed")
        return self._container

    @property
    def failure(self) -> MediaError | None:
        """Why the child that receives the source gave up, if there is one and it did."""
        return self._child.failure if self._child is not None else None

    def close(self) -> None:
        """Hang up, and end the child; safe to call again."""
        if self._container is not None:
            self._container.close()
            self._container = None
        if self._child is not None:
            self._child.close()

    def _open(self, source: Source, transport: Transport, open_timeout: float, stall_timeout: float) -> InputContainer:
        started = time.monotonic()
        try:
            return av.open(
                self._child or source.url,
                mode="r",
                format=_format(source),
                options=libav_options(source, transport, stall_timeout),
                timeout=(open_timeout, stall_timeout),
                metadata_errors="replace",
            )
        except (av_error.FFmpegError, OSError) as error:
            took = time.monotonic() - started
            failure = failures.opening_failed(error, source, open_timeout, took)
        raise self.failure or failure  # outside of the handler: libav's error names the address with its password


def libav_options(source: Source, transport: Transport, stall_timeout: float) -> dict[str, str]:
    """Options for avformat_open_input. Without them a frozen camera blocks for ever (`stimeout` is ignored by now)."""
    microseconds = str(int(stall_timeout * MICROSECONDS))
    # A sender of MPEG-TS that restarts may number its streams anew: the old stream is then continued.
    options = {"analyzeduration": str(ANALYSE_LIVE), "merge_pmt_versions": "1"} if source.live else {}
    match source.kind:
        case SourceKind.RTSP | SourceKind.RTSPS:
            options |= {"timeout": microseconds, "allowed_media_types": "video", "buffer_size": str(SOCKET_BUFFER)}
            options["rtsp_transport"] = "tcp" if source.kind is SourceKind.RTSPS else transport.value
        case SourceKind.HTTP | SourceKind.HLS | SourceKind.RTMP:
            options["rw_timeout"] = microseconds
            options |= _http_options(source) if source.kind is not SourceKind.RTMP else {}
        case SourceKind.UDP | SourceKind.RTP:
            options |= {"timeout": microseconds, "buffer_size": str(SOCKET_BUFFER), "overrun_nonfatal": "1"}
    if source.kind is SourceKind.RTP:
        options["protocol_whitelist"] = "file,rtp,udp,crypto,data"
    return options


def _http_options(source: Source) -> dict[str, str]:
    """Of a source that a guard admitted: no further redirect, and the name of a host that is opened by its address."""
    options = {"max_redirects": "0"} if source.admitted else {}
    return options | ({"headers": f"Host: {source.host}\r\n"} if source.host else {})


def _format(source: Source) -> str | None:
    if source.needs_child:
        return "mpegts"
    return "sdp" if source.kind is SourceKind.RTP and source.path is not None else None


def _check_file(source: Source) -> None:
    path = source.path
    if path is None or not path.exists():
        raise failures.not_found(source)
    if path.is_dir():
        raise NotAVideo(f"{source.redacted} is a folder.", hint="Give one video file.")
    if path.is_file() and path.stat().st_size == 0:
        raise NotAVideo(f"{source.redacted} is empty (0 bytes).", hint="Record or copy it again.")


def _video_stream(container: InputContainer, source: Source) -> VideoStream:
    """The video to read; everything else is discarded before it is parsed. Cover pictures of music do not count."""
    pictures = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    if not pictures:
        raise failures.no_video(source)
    stream = max(pictures, key=_size)
    for other in container.streams:
        other.discard = Discard.default if other is stream else Discard.all
    if _decoder(stream) is None:
        raise failures.no_codec(source)
    return stream


def _size(stream: VideoStream) -> int:
    context = _decoder(stream)
    return context.width * context.height if context is not None else 0


def _decoder(stream: VideoStream) -> VideoCodecContext | None:
    """The stream's decoder; PyAV gives None, against its type stubs, where libav has none."""
    return stream.codec_context


def _describe(source: Source, container: InputContainer, stream: VideoStream) -> StreamInfo:
    duration: float | None = None
    if stream.duration and stream.time_base:
        duration = float(stream.duration * stream.time_base)
    elif container.duration:
        duration = container.duration / av.time_base
    finite = bool(duration) or (source.kind is SourceKind.HTTP and container.size > 0)
    live = source.live and not (finite and source.kind in (SourceKind.HTTP, SourceKind.HLS))
    context = stream.codec_context
    return StreamInfo(
        codec=context.name,
        width=context.width,
        height=context.height,
        fps=_frame_rate(stream),
        duration=None if live else duration,
        live=live,
        has_audio=None if source.needs_child or source.kind in RTSP_KINDS else bool(container.streams.audio),
    )


def _frame_rate(stream: VideoStream) -> float | None:
    for rate in (stream.average_rate, stream.base_rate):
        if rate and SANE_FPS[0] <= float(rate) <= SANE_FPS[1]:
            return float(rate)
    return None
