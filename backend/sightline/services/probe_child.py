"""Opens one address and tells what answers: `python -m sightline.services.probe_child`, a request on standard input.

A process of its own, because the video is a stranger's: what it does to the decoder stays in here, and its time limit
holds whatever the decoder does. It gets no database and no key.
"""

import os
import sys
import threading
import time
from base64 import b64encode

from sightline.core.errors import AppError
from sightline.domain.frames import Frame
from sightline.media.capture import CaptureOptions, first_picture
from sightline.media.sources import parse_source
from sightline.services.stream_probe import REPORT, ProbeReport, ProbeRequest

PICTURE_PX = 640
"""Longer side: to see that it is the right camera and hangs well, some 50 kB."""
PICTURE_QUALITY = 80
OUT_OF_TIME = 3
"""Exit code when the time was over."""


def main() -> None:
    """Read a ProbeRequest, write a ProbeReport."""
    wanted = ProbeRequest.model_validate_json(sys.stdin.read())
    limit = threading.Timer(wanted.seconds, os._exit, (OUT_OF_TIME,))
    limit.daemon = True
    limit.start()
    sys.stdout.write(REPORT.dump_json(_tried(wanted)).decode())


def _tried(wanted: ProbeRequest) -> ProbeReport:
    options = CaptureOptions(
        transport=wanted.transport,
        open_timeout=wanted.seconds,
        stall_timeout=wanted.seconds,
        guard=wanted.policy,
    )
    source = parse_source(wanted.url)
    began = time.monotonic()
    try:
        info, frame = first_picture(source, options)
    except AppError as error:
        return ProbeReport(source.redacted, reachable=False, code=error.code, detail=error.message, hint=error.hint)
    return ProbeReport(
        source.redacted,
        reachable=True,
        codec=info.codec,
        width=info.width,
        height=info.height,
        fps=info.fps,
        has_audio=info.has_audio,
        live=info.live,
        took_ms=round((time.monotonic() - began) * 1000),
        picture=_jpeg(frame) if wanted.picture else None,
    )


def _jpeg(frame: Frame) -> str:
    from sightline.vision.crops import encode_jpeg  # noqa: PLC0415 - loads OpenCV
    from sightline.vision.images import reduced  # noqa: PLC0415

    small, _ = reduced(frame.pixels.bgr(), PICTURE_PX)
    return b64encode(encode_jpeg(small, quality=PICTURE_QUALITY)).decode()


if __name__ == "__main__":
    main()
