"""A running product for the web interface's tests in a browser: `python -m tests.support.interface_house` in backend/.

It has an account per role, a camera over RTSP that plays by itself, and a person on a watchlist who comes before it.
One line of JSON says where everything is; it runs until its standard input closes.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sightline.core.config import Settings
from tests.factories import PASSWORD
from tests.integration.served import ADMIN, Client, move_in
from tests.support.guests import PORTRAIT, record_guest
from tests.support.machine import Machine, machine
from tests.support.rtsp_server import RtspServer, serve

ROLES = ("operator", "viewer", "auditor")
LOGIN = ("viewer", "of-the-camera")
LIMITS = ("READS", "WRITES", "LOGIN", "SEARCH", "HISTORY", "UPLOADS", "EXPORTS", "PICTURES", "PROBE")
PLENTY = "100000"
"""Requests a minute: dozens of tests share one address and few accounts."""
GUEST_SECONDS = 12.0
PRESENT_SECONDS = 6.0
"""The guest stands before the camera for half of the clip, which begins anew: a sighting about every 12 s."""


def main() -> None:
    """Start it, say where it is, wait for the end of standard input."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, help="where the product listens; a free port otherwise")
    parser.add_argument("--first-run", action="store_true", help="as after installing: nobody has logged in yet")
    parser.add_argument("--empty", action="store_true", help="accounts, and nothing else")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sightline-house-") as folder:
        for told in house(Path(folder), port=options.port, first_run=options.first_run, empty=options.empty):
            print(json.dumps(told), flush=True)  # noqa: T201 - what whoever started it reads
            sys.stdin.read()


def house(folder: Path, *, port: int | None, first_run: bool, empty: bool) -> Iterator[dict[str, Any]]:
    """What the line says, while everything runs."""
    with ExitStack() as running:
        clip = record_guest(folder / "hall.mp4", seconds=GUEST_SECONDS, present=PRESENT_SECONDS)
        stream = running.enter_context(serve({"hall": clip}, login=LOGIN))
        system = running.enter_context(_product(folder / "data", port))
        url = f"http://127.0.0.1:{system.port}"
        told: dict[str, Any] = {
            "url": url,
            "portrait": str(PORTRAIT),
            "stream": {"url": stream.url("hall"), "username": LOGIN[0], "password": LOGIN[1]},
            "data_dir": str(system.data_dir),
        }
        if first_run:
            said = next(line for line in system.said.splitlines() if "password  " in line)
            yield {**told, "initial": {"username": ADMIN, "password": said.split()[-1]}}
            return
        admin = running.enter_context(move_in(url, system.said))
        told["accounts"] = {"admin": {"username": ADMIN, "password": PASSWORD}} | {
            role: _account(admin, role) for role in ROLES
        }
        if not empty:
            _furnish(admin, stream)
        yield told


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


def _furnish(admin: Client, stream: RtspServer) -> None:
    expires_at = f"{datetime.now(UTC) + timedelta(days=90):%Y-%m-%dT%H:%M:%SZ}"
    watchlist = admin.make(
        "/v1/watchlists",
        {"name": "Guests", "legal_basis": "consent", "approver": "A. Turing", "expires_at": expires_at},
    )
    subject = admin.make("/v1/subjects", {"name": "Grace Hopper", "watchlist_id": watchlist["id"]})
    admin.enrol(subject["id"], PORTRAIT)
    camera = {"name": "Hall", "stream_url": stream.url("hall"), "username": LOGIN[0], "password": LOGIN[1]}
    admin.make("/v1/cameras", camera)


if __name__ == "__main__":
    main()
