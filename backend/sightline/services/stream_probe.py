"""Trying a camera's address: what answers there, or why nothing does, within a time limit."""

import asyncio
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from pydantic import BaseModel, Field, TypeAdapter

from sightline.core.errors import AddressNotAllowed, SourceUnreachable, TooManyAttempts
from sightline.media.sources import Transport
from sightline.services.camera_secrets import CameraAddress
from sightline.services.stream_policy import StreamPolicy

AT_ONCE = 2
"""Probes of one process: each takes most of a core while it decodes."""
START_SECONDS = 15.0
"""That the child may take beside the time limit, to load libav on a busy machine."""


class ProbeRequest(BaseModel):
    """What the child is asked for. policy None: the address is trusted."""

    url: str = Field(repr=False)
    transport: Transport
    seconds: float
    policy: StreamPolicy | None
    picture: bool


_slots = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """What was found. stream_url: without secrets; code, detail, hint: why it failed; sizes px, fps 1/s.

    picture: the first one, a JPEG as base64, where it was asked for.
    """

    stream_url: str
    reachable: bool
    codec: str | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    has_audio: bool | None = None
    live: bool | None = None
    took_ms: int | None = None
    picture: str | None = field(default=None, repr=False)
    code: str | None = None
    detail: str | None = None
    hint: str | None = None


REPORT = TypeAdapter(ProbeReport)


async def probe(
    address: CameraAddress,
    *,
    policy: StreamPolicy | None,
    seconds: float,
    transport: Transport = Transport.TCP,
    picture: bool = False,
) -> ProbeReport:
    """Open an address, decode one picture, hang up. policy None: the address is trusted. seconds: the limit.
    picture: tell it, too.

    Raises AddressNotAllowed (also where its name or a redirect leads), SourceInvalid, TooManyAttempts (others are
    being tried at this moment). Any other failure is part of the report.
    """
    if policy is not None:
        policy.parse(address.opened)
    request = ProbeRequest(url=address.opened, transport=transport, seconds=seconds, policy=policy, picture=picture)
    with _slot():
        said = await _asked(request)
    if said is None:
        late = SourceUnreachable(f"no picture came within {seconds:g} s", hint="Check host and port, and try again.")
        return ProbeReport(address.shown, reachable=False, code=late.code, detail=late.message, hint=late.hint)
    if said.code == AddressNotAllowed.code:
        raise AddressNotAllowed(said.detail or "", hint=said.hint or "")
    return replace(said, stream_url=address.shown)


async def _asked(request: ProbeRequest) -> ProbeReport | None:
    """What the child says; None where it did not in time. The address goes over its input, which nobody else sees."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "sightline.services.probe_child",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={name: value for name, value in os.environ.items() if not name.startswith("SIGHTLINE_")},
    )
    try:
        async with asyncio.timeout(request.seconds + START_SECONDS):
            out, _ = await child.communicate(request.model_dump_json().encode())
    except TimeoutError:
        return None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    return REPORT.validate_json(out) if out else None


@contextmanager
def _slot() -> Iterator[None]:
    if not _slots.acquire(blocking=False):
        raise TooManyAttempts("other cameras are being tried at this moment", hint="Try again soon.", retry_after=2)
    try:
        yield
    finally:
        _slots.release()
