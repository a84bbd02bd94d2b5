"""A running product for the web interface's tests in a browser: `python -m tests.support.interface_house` in backend/.

It has an account per role, a camera over RTSP that plays by itself, a person on a watchlist who comes before it, and
something that takes the commands of a camera that moves (tests/support/onvif_camera.py).
One line of JSON says where everything is; it runs until its standard input closes or it is told to end. A line
"kill api" (or another part's name) there ends that process, as a crash would; the supervisor starts it anew.
"""

import argparse
import json
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sightline.core.config import Settings
from sightline.workers import demo
from tests.factories import PASSWORD
from tests.integration.served import ADMIN, Client, move_in
from tests.support.guests import PORTRAIT, record_guest
from tests.support.machine import Machine, machine
from tests.support.onvif_camera import onvif_camera
from tests.support.rtsp_server import serve

ROLES = ("operator", "viewer", "auditor")
LOGIN = ("viewer", "of-the-camera")
LIMITS = ("ADDRESS", "READS", "WRITES", "LOGIN", "SEARCH", "HISTORY", "UPLOADS", "EXPORTS", "PICTURES", "PROBE")
PLENTY = "100000"
"""Requests a minute: dozens of tests share one address and few accounts."""
GUEST_SECONDS = 12.0
PRESENT_SECONDS = 6.0
"""The guest stands before the camera for half of the clip, which begins anew: a sighting about every 12 s."""


def main() -> None:
    """Start it, say where it is, wait for the end of standard input."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, help="where the product listens; a free port otherwise")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--first-run", action="store_true", help="as after installing: nobody has logged in yet")
    what.add_argument("--empty", action="store_true", help="accounts, and nothing else")
    what.add_argument("--demo-data", action="store_true", help="the demo's cameras and its two guests")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # everything that was started ends with it
    with tempfile.TemporaryDirectory(prefix="sightline-house-") as folder:
        clips = _demo_clips(Path(folder)) if options.demo_data else _guest_clip(Path(folder))
        for system, told in house(
            Path(folder), clips, port=options.port, first_run=options.first_run, furnished=not options.empty
        ):
            print(json.dumps(told), flush=True)  # noqa: T201 - what whoever started it reads
            for line in sys.stdin:
                _obey(system, line.split())


def _obey(system: Machine, words: list[str]) -> None:
    """kill PART. Raises ValueError for anything else, ProcessLookupError where the part does not run."""
    match words:
        case ["kill", part]:
            if (pid := system.pid(part)) is None:
                raise ProcessLookupError(part)
            os.kill(pid, signal.SIGKILL)
        case _:
            raise ValueError(f"unknown: {' '.join(words)}")


def house(
    folder: Path, clips: dict[str, Path], *, port: int | None, first_run: bool, furnished: bool
) -> Iterator[tuple[Machine, dict[str, Any]]]:
    """The product and what the line says, while everything runs. clips: by the names of the cameras that play them."""
    with ExitStack() as running:
        stream = running.enter_context(serve({name.lower(): clip for name, clip in clips.items()}, login=LOGIN))
        movable = running.enter_context(onvif_camera(login=LOGIN))
        system = running.enter_context(_product(folder / "data", port))
        url = f"http://127.0.0.1:{system.port}"
        told: dict[str, Any] = {
            "url": url,
            "portrait": str(PORTRAIT),
            "stream": {"url": stream.url(next(iter(clips)).lower()), "username": LOGIN[0], "password": LOGIN[1]},
            "data_dir": str(system.data_dir),
            "control": {"port": movable.port},
        }
        if first_run:
            said = next(line for line in system.said.splitlines() if "password  " in line)
            yield system, {**told, "initial": {"username": ADMIN, "password": said.split()[-1]}}
            return
        admin = running.enter_context(move_in(url, system.said))
        told["accounts"] = {"admin": {"username": ADMIN, "password": PASSWORD}} | {
            role: _account(admin, role) for role in ROLES
        }
        if furnished:
            _furnish(admin, {name: stream.url(name.lower()) for name in clips})
        yield system, told


def _guest_clip(folder: Path) -> dict[str, Path]:
    return {"Hall": record_guest(folder / "hall.mp4", seconds=GUEST_SECONDS, present=PRESENT_SECONDS)}


def _demo_clips(folder: Path) -> dict[str, Path]:
    """Both guests pass; one of them is enrolled, the other stays unknown."""
    played = demo.prepare_media(folder, Settings().cache_dir)
    return {camera.name: played / camera.file for camera in demo.CAMERAS}


@contextmanager
def _product(data: Path, port: int | None) -> Iterator[Machine]:
    env = {"SIGHTLINE_CAPTURE__ALLOW_LOOPBACK": "true"}
    env |= {f"SIGHTLINE_API__RATE_LIMITS__{name}": PLENTY for name in LIMITS}
    with machine(data, Settings().packs_dir / "lite", env=env, port=port) as system:
        yield system


def _account(admin: Client, role: str) -> dict[str, str]:
    body = {"username": role, "email": f"{role}@example.org", "role": role, "password": PASSWORD}
    admin.make("/v1/users", body)
    return {"username": role, "password": PASSWORD}


def _furnish(admin: Client, addresses: dict[str, str]) -> None:
    """A person on a watchlist, and cameras (name -> address)."""
    expires_at = f"{datetime.now(UTC) + timedelta(days=90):%Y-%m-%dT%H:%M:%SZ}"
    watchlist = admin.make(
        "/v1/watchlists",
        {"name": "Guests", "legal_basis": "consent", "approver": "A. Turing", "expires_at": expires_at},
    )
    subject = admin.make("/v1/subjects", {"name": "Grace Hopper", "watchlist_id": watchlist["id"]})
    admin.enrol(subject["id"], PORTRAIT)
    for name, address in addresses.items():
        camera = {"name": name, "stream_url": address, "username": LOGIN[0], "password": LOGIN[1]}
        admin.make("/v1/cameras", camera)


if __name__ == "__main__":
    main()
