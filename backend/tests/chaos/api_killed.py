"""Kills the API process with SIGKILL while clients read and write, and looks at what they saw and what became of it.

    python -m tests.chaos.api_killed --rounds 10

prints a JSON summary. Clients do what the guide asks for: they send a creation again, with its Idempotency-Key, until
it is answered. error_seconds: from the kill to the last error that any of them saw; slowest_seconds: the longest that
one request took that was answered. lost: creations that were answered and are not there; doubled: those that are there
twice; torn: times that a move of many cameras was seen done in part; unasked: those that are there and nobody got an
answer for; unaudited: those whose making the audit log has not.
"""

import argparse
import asyncio
import itertools
import json
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psutil

from sightline.core.config import RateLimitSettings, Settings
from tests.factories import CameraBody, CameraGroupBody
from tests.integration.served import WAIT, Client, move_in, until
from tests.support.limits import PLENTY
from tests.support.machine import Machine, machine

PROMISE = 2.0
"""Seconds after the kill in which clients may see errors."""
READERS = 4
WRITERS = 4
MOVED = 20
"""Cameras that are moved between two groups, all at once."""
RETRY = 0.05
"""Seconds until a client asks again."""
MADE = "made under load "
CALM = 1.0
"""Seconds of undisturbed work before a kill."""


@dataclass(frozen=True, slots=True)
class Round:
    """One kill. errors: how many requests failed; see the module for the rest."""

    errors: int
    error_seconds: float
    slowest_seconds: float


@dataclass(slots=True)
class Summary:
    """What all rounds showed. answered: requests that succeeded; created: creations that were answered."""

    rounds: list[Round] = field(default_factory=list)
    answered: int = 0
    created: int = 0
    lost: int = 0
    doubled: int = 0
    torn: int = 0
    unasked: int = 0
    unaudited: int = 0

    @property
    def is_correct(self) -> bool:
        """Whether every write was done once, and whole."""
        return self.created > 0 and not any((self.lost, self.doubled, self.torn, self.unasked, self.unaudited))

    @property
    def held(self) -> bool:
        """Whether that, and errors ended in time."""
        return self.is_correct and all(one.error_seconds <= PROMISE for one in self.rounds)

    def as_json(self) -> str:
        """For docs/evaluation.md."""
        return json.dumps({**asdict(self), "held": self.held}, indent=2)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """One request; times of time.monotonic()."""

    began: float
    ended: float
    failed: bool


class Load:
    """Clients that ask without pause until they are told to stop. groups: between which all cameras are moved."""

    def __init__(self, admin: Client, cameras: Sequence[str], groups: tuple[str, str]) -> None:
        self._admin, self._cameras, self._groups = admin, cameras, groups
        self._stop = threading.Event()
        self._moves = itertools.cycle(groups)
        self.outcomes: list[_Outcome] = []
        self.created: dict[str, str] = {}
        self.refused: list[str] = []
        self.torn = 0

    @contextmanager
    def running(self) -> Iterator[None]:
        """All clients at work; at the end each finishes what it has begun."""
        work = [self._read] * READERS + [self._create] * WRITERS + [self._move]
        with ThreadPoolExecutor(len(work)) as pool:
            ends = [pool.submit(self._loop, one) for one in work]
            try:
                yield
            finally:
                self._stop.set()
        for end in ends:
            end.result()

    def since(self, moment: float) -> list[_Outcome]:
        """Requests that ended after then."""
        return [one for one in list(self.outcomes) if one.ended >= moment]

    def _loop(self, work: Callable[[Client], None]) -> None:
        with Client(str(self._admin.base_url)) as client:
            client.headers["Authorization"] = self._admin.headers["Authorization"]
            while not self._stop.is_set():
                work(client)

    def _read(self, client: Client) -> None:
        params: dict[str, str | int] = {"group_id": self._groups[0], "limit": 50, "total": "true"}
        page = self._insist(lambda: client.get("/v1/cameras", params=params))
        self.torn += page.get("total") not in {0, len(self._cameras)}

    def _create(self, client: Client) -> None:
        body, key = CameraGroupBody.new(name=f"{MADE}{uuid4()}"), {"Idempotency-Key": str(uuid4())}
        answer = self._insist(lambda: client.post("/v1/camera-groups", json=body, headers=key))
        self.created[body["name"]] = answer["id"]

    def _move(self, client: Client) -> None:
        path = f"/v1/camera-groups/{next(self._moves)}/cameras"
        self._insist(lambda: client.put(path, json={"camera_ids": self._cameras}))

    def _insist(self, ask: Callable[[], httpx.Response]) -> dict[str, Any]:
        """Ask until the server answers; an answer other than success is noted as refused."""
        deadline = time.monotonic() + WAIT
        while (answer := self._once(ask)) is None:
            assert time.monotonic() < deadline, "the API does not come back"
            time.sleep(RETRY)
        if not answer.is_success:
            self.refused.append(answer.text)
        body: dict[str, Any] = answer.json()
        return body

    def _once(self, ask: Callable[[], httpx.Response]) -> httpx.Response | None:
        began = time.monotonic()
        try:
            answer: httpx.Response | None = ask()
        except httpx.TransportError:
            answer = None
        failed = answer is None or answer.is_server_error
        self.outcomes.append(_Outcome(began, time.monotonic(), failed))
        return None if failed else answer


def measure(system: Machine, rounds: int) -> Summary:
    """Kill the API so many times under load; every client has got an answer before the next kill."""
    summary = Summary()
    with move_in(f"http://127.0.0.1:{system.port}", system.said) as admin:
        cameras = [str(admin.make("/v1/cameras", CameraBody.new())["id"]) for _ in range(MOVED)]
        first, second = (str(admin.make("/v1/camera-groups", CameraGroupBody.new())["id"]) for _ in range(2))
        for camera in cameras:
            admin.post(f"/v1/cameras/{camera}/disable").raise_for_status()
        admin.put(f"/v1/camera-groups/{first}/cameras", json={"camera_ids": cameras}).raise_for_status()
        load = Load(admin, cameras, (first, second))
        with load.running():
            summary.rounds = [_round(system, load) for _ in range(rounds)]
        assert not load.refused, load.refused[:3]
    summary.answered = sum(not one.failed for one in load.outcomes)
    summary.created, summary.torn = len(load.created), load.torn
    rows = asyncio.run(system.query("SELECT id, name FROM camera_groups WHERE name LIKE $1", f"{MADE}%"))
    there = Counter(str(row["name"]) for row in rows)
    ids = {str(row["id"]) for row in rows}
    summary.lost = sum(made not in ids for made in load.created.values())
    summary.doubled = sum(count - 1 for count in there.values())
    summary.unasked = len(there.keys() - load.created.keys())
    summary.unaudited = len(ids) - asyncio.run(_audited(system))
    return summary


async def _audited(system: Machine) -> int:
    """How many of them the audit log saw being made; each once."""
    (row,) = await system.query(
        "SELECT count(*) AS entries FROM audit_logs a JOIN camera_groups g ON g.id::text = a.record_id"
        " WHERE a.table_name = 'camera_groups' AND a.action = 'INSERT' AND g.name LIKE $1",
        f"{MADE}%",
    )
    return int(row["entries"])


def _round(system: Machine, load: Load) -> Round:
    time.sleep(CALM)
    pid = system.pid("api")
    assert pid is not None, "the API does not run"
    killed = time.monotonic()
    psutil.Process(pid).kill()
    until(lambda: _all_answered(load, killed), "an answer to every client")
    seen = load.since(killed)
    errors = [one.ended for one in seen if one.failed]
    slowest = max(one.ended - one.began for one in seen if not one.failed)
    found = Round(len(errors), round(max(errors, default=killed) - killed, 2), round(slowest, 2))
    sys.stderr.write(f"{found}\n")
    return found


def _all_answered(load: Load, killed: float) -> bool:
    """Enough requests that began after the kill were answered for every client to have had one, and no more fail."""
    fine = [one for one in load.since(killed) if one.began > killed and not one.failed]
    return len(fine) > 10 * (READERS + WRITERS + 1)


def main() -> None:
    """Measure and print; exit code 1 where the promise was not held."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=10)
    rounds = int(parser.parse_args().rounds)
    with (
        tempfile.TemporaryDirectory(prefix="sightline-killed-") as folder,
        running_for_load(Path(folder), Settings().packs_dir / "lite") as system,
    ):
        summary = measure(system, rounds)
    sys.stdout.write(summary.as_json() + "\n")
    sys.exit(0 if summary.held else 1)


@contextmanager
def running_for_load(folder: Path, pack: Path) -> Iterator[Machine]:
    """`sightline up` whose quotas nobody uses up."""
    quotas = {f"SIGHTLINE_API__RATE_LIMITS__{name.upper()}": str(PLENTY) for name in RateLimitSettings.model_fields}
    with machine(folder / "data", pack, env=quotas) as system:
        yield system


if __name__ == "__main__":
    main()
