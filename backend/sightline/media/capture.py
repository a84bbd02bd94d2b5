"""One connection to one source: reads it, decodes what is needed and gives sampled frames."""

import logging
import threading
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace
from types import TracebackType

import av
from av import error as av_error

from sightline.core.errors import MediaError
from sightline.domain.frames import Frame
from sightline.domain.regions import Regions
from sightline.media import failures
from sightline.media.masks import PrivacyMasks
from sightline.media.opening import Connection, StreamInfo
from sightline.media.pixels import DecodedPixels, to_luma, upright_size
from sightline.media.skipping import DecodeSaver, VideoPacket
from sightline.media.sources import Source, SourceGuard, SourceKind, Transport
from sightline.media.timeline import Instant, Sampler, Timeline

log = logging.getLogger(__name__)

HOPELESS_PACKETS = 250
"""Packets in a row that fail to decode before the connection is given up: ten seconds at 25 frames per second."""

TRUNCATED_SECONDS = 1.0
"""A file that ends this much before its stated duration was cut off; less is rounding of the container."""

HLS_PATIENCE = 25.0
"""Seconds added to the stall timeout of HLS: segments of 6 to 10 s arrive in one piece, and a live playlist may
name the next one late by as much again."""

__all__ = ["CameraSession", "CaptureCounts", "CaptureOptions", "StreamInfo", "probe"]


@dataclass(frozen=True, slots=True)
class CaptureOptions:
    """How a source is read.

    sample_rate: frames per second to give; stall_timeout, open_timeout: seconds; transport: for RTSP;
    regions: privacy masks are blackened here; threads: decoder threads (one per camera, since cameras share
    the cores); realtime: play files at their own speed; decode_all: never leave out decoding work;
    guard: asked before every connection what may be opened.
    """

    sample_rate: float = 5.0
    stall_timeout: float = 5.0
    open_timeout: float = 10.0
    transport: Transport = Transport.TCP
    regions: Regions = field(default_factory=Regions)
    threads: int = 1
    realtime: bool = False
    decode_all: bool = False
    guard: SourceGuard | None = None


@dataclass(slots=True)
class CaptureCounts:
    """What happened on a connection; truncated when a file ended before its stated duration."""

    packets: int = 0
    decoded: int = 0
    sampled: int = 0
    corrupt_packets: int = 0
    discontinuities: int = 0
    truncated: bool = False


class CameraSession:
    """Lives one connection.

    A live source never ends well: frames() raises. A file's frames() returns at its end. stop is looked at
    between packets; a call into libav ends by its timeouts. timeline, when given, carries media time and
    sequence over several connections.
    """

    def __init__(
        self,
        source: Source,
        options: CaptureOptions | None = None,
        *,
        camera_id: str = "camera",
        timeline: Timeline | None = None,
        stop: threading.Event | None = None,
    ) -> None:
        self.source = source
        self.options = options or CaptureOptions()
        self.counts = CaptureCounts()
        self._camera_id = camera_id
        self._timeline = timeline or Timeline()
        self._stop = stop or threading.Event()
        self._masks = PrivacyMasks(self.options.regions.privacy)
        self._sampler = Sampler(self.options.sample_rate)
        self._connection: Connection | None = None
        self._size: tuple[int, int] | None = None
        self._broken = False
        self._failures_in_row = 0
        self._first_pts: float | None = None
        self._end_pts = 0.0
        self._pace_from: float | None = None

    def open(self) -> StreamInfo:
        """Connect. Raises SourceNotFound, SourceUnreachable, SourceDenied, NotAVideo, NoVideoStream,
        CodecUnavailable, and what the guard raises."""
        options = self.options
        connection = Connection(
            options.guard.admit(self.source) if options.guard else self.source,
            transport=options.transport,
            open_timeout=options.open_timeout,
            stall_timeout=self._patience,
        )
        info = connection.info
        self._connection = connection
        connection.stream.codec_context.thread_count = options.threads
        self._timeline.connect(frame_rate=info.fps, live=info.live, duration=info.duration)
        self._saver = DecodeSaver(
            connection.stream.codec_context,
            fps=None if options.decode_all else info.fps,
            interval=self._sampler.interval,
        )
        return info

    @property
    def info(self) -> StreamInfo:
        """What the source is, once open."""
        if self._connection is None:
            raise RuntimeError("the session is not open")
        return self._connection.info

    def frames(self) -> Generator[Frame, None, None]:
        """Sampled frames until the source ends or fails; opens it when it is not open yet, closes it in the end.

        Raises what open() raises, then SourceStalled, SourceEnded or NotAVideo (nothing could be decoded).
        """
        with self:
            if self._connection is None:
                self.open()
            for packet in self._packets():
                yield from self._decode(packet)
            if not self._stop.is_set():
                self._check_end()

    def close(self) -> None:
        """Hang up; safe to call again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __enter__(self) -> "CameraSession":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def _patience(self) -> float:
        extra = HLS_PATIENCE if self.source.kind is SourceKind.HLS else 0.0
        return self.options.stall_timeout + extra

    def _packets(self) -> Iterator[VideoPacket]:
        """Packets of the video, the empty one that flushes the decoder last."""
        connection = self._open_connection()
        packets = connection.container.demux(connection.stream)
        while not self._stop.is_set():
            failure: MediaError | None = None
            packet: VideoPacket | None = None
            asked = time.monotonic()
            try:
                packet = next(packets, None)
            except IndexError:
                # PyAV stumbles at the end over streams that appeared on the way, as in damaged MPEG-TS.
                log.debug("camera %s: streams appeared while reading", self._camera_id)
            except av_error.FFmpegError as error:
                failure = failures.reading_failed(error, self.source, self._patience)
            if packet is None:
                self._break_off(connection.failure or failure)
                return
            if self.info.live and time.monotonic() - asked >= self._patience:
                # Out of patience, libav first hands out what its parser held, and would then wait as long again.
                raise failures.stalled(self.source, self._patience)
            self.counts.packets += 1
            self._note_position(packet)
            if packet.size == 0 or self._saver.admits(packet):
                yield packet

    def _break_off(self, failure: MediaError | None) -> None:
        """Reading failed: the end of a live connection; of a file what could be read has been given."""
        if failure is not None and self.info.live:
            raise failure
        self.counts.truncated = failure is not None

    def _note_position(self, packet: VideoPacket) -> None:
        if packet.pts is None or packet.time_base is None:
            return
        at = float(packet.pts * packet.time_base)
        if self._first_pts is None:
            self._first_pts = at
        length = float((packet.duration or 0) * packet.time_base)
        self._end_pts = max(self._end_pts, at - self._first_pts + length)

    def _decode(self, packet: VideoPacket) -> Iterator[Frame]:
        try:
            pictures = self._open_connection().stream.codec_context.decode(packet if packet.size else None)
        except av_error.FFmpegError:
            self.counts.corrupt_packets += 1
            self._failures_in_row += 1
            if self._failures_in_row >= HOPELESS_PACKETS:
                raise failures.undecodable(self.source) from None
            return
        self._failures_in_row = 0 if pictures else self._failures_in_row
        for picture in pictures:
            frame = self._sample(picture)
            if frame is not None:
                self._pace(frame.media_time)
                yield frame

    def _sample(self, picture: av.VideoFrame) -> Frame | None:
        """Place a decoded picture in time; a Frame when its turn has come."""
        self.counts.decoded += 1
        now = time.monotonic()
        instant = self._timeline.advance(_seconds(picture), now)
        self._saver.decoded(instant.media_time)
        size = upright_size(picture)
        self._note_break(instant, size)
        if not self._sampler.wants(instant.media_time, self._timeline.frame_duration):
            return None
        self.counts.sampled += 1
        broken, self._broken = self._broken, False
        return Frame(
            camera_id=self._camera_id,
            sequence=self._timeline.next_sequence(),
            media_time=instant.media_time,
            received_at=now,
            width=size[0],
            height=size[1],
            luma=to_luma(picture, self._masks),
            pixels=DecodedPixels(picture, self._masks),
            discontinuity=broken,
        )

    def _note_break(self, instant: Instant, size: tuple[int, int]) -> None:
        """Remember a break until the next sampled frame carries it."""
        if instant.discontinuity or (self._size is not None and size != self._size):
            self._broken = True
            self.counts.discontinuities += 1
        self._size = size

    def _pace(self, media_time: float) -> None:
        """Wait until a frame is due where the source itself does not set the pace."""
        bursts = self.source.kind is SourceKind.HLS and self.info.live
        if not (self.options.realtime or bursts):
            return
        if self._pace_from is None:
            self._pace_from = time.monotonic() - media_time
        self._stop.wait(max(self._pace_from + media_time - time.monotonic(), 0.0))

    def _check_end(self) -> None:
        info = self.info
        if self.counts.decoded == 0:
            raise failures.ended(self.source) if info.live else failures.undecodable(self.source)
        if info.live:
            raise failures.ended(self.source)
        if info.duration is not None and self._end_pts + TRUNCATED_SECONDS < info.duration:
            self.counts.truncated = True

    def _open_connection(self) -> Connection:
        if self._connection is None:
            raise RuntimeError("the session is not open")
        return self._connection


def _seconds(picture: av.VideoFrame) -> float | None:
    stamp = picture.pts if picture.pts is not None else picture.dts
    return None if stamp is None or picture.time_base is None else float(stamp * picture.time_base)


def probe(source: Source, options: CaptureOptions | None = None) -> StreamInfo:
    """What a source is, with the picture's true size: opens it, decodes one picture, closes it. Raises MediaError."""
    return first_picture(source, options)[0]


def first_picture(source: Source, options: CaptureOptions | None = None) -> tuple[StreamInfo, Frame]:
    """As probe(), with the picture that was decoded."""
    session = CameraSession(source, options)
    with session:
        info = session.open()
        for frame in session.frames():
            return replace(info, width=frame.width, height=frame.height), frame
    raise failures.undecodable(source)
