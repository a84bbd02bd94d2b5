"""Addresses of video: what a person types, understood once, and shown again without its secrets."""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from sightline.core.errors import SourceInvalid


class SourceKind(StrEnum):
    """How a source is spoken to."""

    FILE = "file"
    RTSP = "rtsp"
    RTSPS = "rtsps"
    HLS = "hls"
    HTTP = "http_ts"
    UDP = "udp"
    RTP = "rtp"
    RTMP = "rtmp"
    SRT = "srt"
    WEBCAM = "webcam"


class Transport(StrEnum):
    """What carries the media of an RTSP session. TCP loses nothing; UDP is what some cameras insist on."""

    TCP = "tcp"
    UDP = "udp"


SCHEMES = {
    "rtsp": SourceKind.RTSP,
    "rtsps": SourceKind.RTSPS,
    "http": SourceKind.HTTP,
    "https": SourceKind.HTTP,
    "udp": SourceKind.UDP,
    "rtp": SourceKind.RTP,
    "rtmp": SourceKind.RTMP,
    "rtmps": SourceKind.RTMP,
    "srt": SourceKind.SRT,
}
WEBCAM_DEVICE = re.compile(r"/dev/video\d+")
"""A camera of this machine, as Linux names it."""

PLAYLISTS = (".m3u8", ".m3u")
SECRET_VALUE = re.compile(r"(?i)((?:user|login|account|pass|pwd|token|key|auth|sig|secret)[a-z_]*=)[^&/;]*")
"""Cameras put credentials into paths too: /user=admin&password=1234&channel=1."""

EXAMPLES = (
    "Give a video file or an address such as rtsp://camera.local/stream, https://…/live.m3u8 or udp://239.0.0.1:1234."
)


@dataclass(frozen=True, slots=True)
class Source:
    """Where video comes from.

    url is what libav opens and may hold secrets, so it stays out of repr; redacted is for eyes and logs.
    live is what the address promises: False only for files. Whether an HTTP or HLS source ends is known
    once it is open (StreamInfo.live). path is the local file of kinds FILE and RTP (.sdp), else None.
    host: what the server is called where url names it by its IP address. admitted: a guard looked at it, redirects
    included, so that libav shall follow none by itself.
    """

    kind: SourceKind
    url: str = field(repr=False)
    redacted: str
    live: bool
    path: Path | None = None
    host: str | None = None
    admitted: bool = False

    @property
    def address(self) -> str:
        """What parse_source() understands again from any folder, to be kept; it holds the login."""
        return self.path.resolve().as_uri() if self.path else self.url

    @property
    def needs_child(self) -> bool:
        """Whether PyAV's libav cannot open it and the bundled ffmpeg program must."""
        return self.kind in (SourceKind.SRT, SourceKind.WEBCAM)


class SourceGuard(Protocol):
    """Decides before every connection what is opened."""

    def admit(self, source: Source) -> Source:
        """What to open in place of source. May block. Raises AppError where nothing may be opened."""
        ...


def parse_source(text: str) -> Source:
    """Understand an address or a path; whether something is there is found out on opening.

    Raises SourceInvalid for empty text, unknown schemes, missing hosts and impossible ports.
    """
    text = text.strip()
    if not text or any(ord(character) < 32 for character in text):
        raise SourceInvalid("The source is empty or holds control characters.", hint=EXAMPLES)
    if WEBCAM_DEVICE.fullmatch(text.removeprefix("webcam://")):
        device = text.removeprefix("webcam://")
        return Source(SourceKind.WEBCAM, f"webcam://{device}", device, live=True)
    if "://" not in text:
        return _file_source(Path(text))
    parts = _split(text)
    if parts.scheme == "file":
        return _file_source(Path(unquote(parts.path)))
    kind = SCHEMES.get(parts.scheme)
    if kind is None:
        known = ", ".join(sorted([*SCHEMES, "file"]))
        raise SourceInvalid(
            f"Sources of type “{parts.scheme}” are not supported.", hint=f"Supported are {known}, and plain paths."
        )
    if kind is SourceKind.HTTP and parts.path.lower().endswith(PLAYLISTS):
        kind = SourceKind.HLS
    _check_network_address(kind, parts)
    return Source(kind=kind, url=text, redacted=redact(text), live=True)


def redact(url: str) -> str:
    """An address that may be shown: no user, no password, no value of a query, no middle of a long HTTP path.

    IPTV addresses carry user and password as folders (http://host/live/USER/PASSWORD/7.ts), so of an HTTP path
    with three parts or more only the last is shown.
    """
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    path = SECRET_VALUE.sub(r"\1***", parts.path)
    folders = [folder for folder in path.split("/") if folder]
    if parts.scheme in ("http", "https") and len(folders) > 2:
        path = f"/…/{folders[-1]}"
    query = "&".join(f"{pair.partition('=')[0]}=***" for pair in parts.query.split("&") if pair)
    return f"{parts.scheme}://{host}{path}" + (f"?{query}" if query else "")


def _file_source(path: Path) -> Source:
    path = path.expanduser()
    if path.suffix.lower() == ".sdp":
        return Source(SourceKind.RTP, f"file:{path.absolute()}", str(path), live=True, path=path)
    # The protocol prefix keeps a file name with a colon from being read as a protocol.
    return Source(SourceKind.FILE, f"file:{path.absolute()}", str(path), live=False, path=path)


def _split(text: str) -> SplitResult:
    parts: SplitResult | None
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        parts = None
    if parts is None:  # outside of the handler: Python's error quotes parts of the password
        raise SourceInvalid(
            "The source's address is malformed: its host or port cannot be read.",
            hint="Write it as scheme://user:password@host:port/path; encode special characters of the password "
            "(@ as %40, / as %2F, # as %23).",
        )
    return parts


def _check_network_address(kind: SourceKind, parts: SplitResult) -> None:
    listens = kind in (SourceKind.UDP, SourceKind.RTP, SourceKind.SRT)
    if not parts.hostname and not (listens and parts.port):
        raise SourceInvalid(f"The {parts.scheme} address names no host.", hint=EXAMPLES)
    if listens and not parts.port:
        raise SourceInvalid(
            f"The {parts.scheme} address names no port.", hint=f"Write {parts.scheme}://host:port, for example :1234."
        )
