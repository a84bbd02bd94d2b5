"""Opens one address and tells what answers: `python -m sightline.services.probe_child`, a request on standard input.

A process of its own, because the video is a stranger's: what it does to the decoder stays in here, and its time limit
holds whatever the decoder does. It gets no database and no key.
"""

import os
import sys
import threading
import time

from sightline.core.errors import AppError
from sightline.media.capture import CaptureOptions, probe
from sightline.media.sources import parse_source
from sightline.services.stream_probe import REPORT, ProbeReport, ProbeRequest

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
        info = probe(source, options)
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
    )


if __name__ == "__main__":
    main()
