"""Kills or freezes parts of a running system in split mode, one per round, and looks at what became of the records.

    python -m tests.chaos.split_rounds --rounds 50 --seed 7

Two cameras play over RTSP, every kind of worker has two replicas, and a replay of tracks of which everything is known
runs through `faces:detected`. A part that is frozen (SIGSTOP) goes on after a while (SIGCONT), a worker later than its
lease lasts. Prints a JSON summary. The system has recovered when every camera has given frames that were analysed,
counted and committed after the hit, and a track that was sent after it is on record with its alert and, where mail is
up, its mail: at most 15 s after the hit, or after a server was let go on.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil

from sightline.core.config import Settings
from sightline.core.database import SYSTEM, Database
from sightline.core.sealing import open_sealer
from sightline.schemas.alert_rules import RuleIn
from sightline.schemas.channels import ChannelKind, EmailChannelIn
from sightline.schemas.escalations import EscalationPolicyIn, EscalationStep
from sightline.services import alert_rules, cameras, escalation_policies, notifications
from sightline.services.alert_rule_checks import House
from sightline.services.match_rates import MatchRates
from sightline.vision.model_packs.store import PackStore
from tests.chaos.replay import DETECTIONS, Replay
from tests.chaos.rounds import AWAY
from tests.support.guests import record_guest
from tests.support.machine import BACKEND, Machine, machine
from tests.support.ports import free_port

PROMISE = 15.0
"""Seconds within which everything works again."""
GIVE_UP = 90.0
CALM = (2.0, 6.0)
WORKER_FROZEN = (12.0, 16.0)
"""Seconds; a lease lasts ten."""
SERVER_FROZEN = (2.0, 5.0)
DRAIN_SECONDS = 240.0
"""What waited for a mail server is tried again after pauses that grow."""
STEP_SECONDS = 5

WORKERS = {
    "ingestion": "worker ingestion",
    "detection": "worker detection",
    "recognition": "worker recognition",
    "alert-engine": "worker alert-engine",
    "maintenance": "worker maintenance",
}
SERVERS = {"postgres": "bin/postgres", "valkey": "valkey-server"}
PARTS = (*WORKERS, *SERVERS, "mail")
REPLICAS = 2
LOGGED = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),\d{3} (ERROR|CRITICAL) (.*)$")


@dataclass(frozen=True, slots=True)
class Round:
    """One hit. seconds None: it had not recovered after GIVE_UP seconds."""

    part: str
    how: str
    seconds: float | None


@dataclass(slots=True)
class Summary:
    """What the rounds showed.

    acknowledged: sightings and alerts that were read at any time, lost: those that are gone; untrue: tracks of the
    replay whose record differs from what was sent; wrong_names: tracks of the cameras that bear another name than the
    guest's; doubled: rows beside the first one of a track; steps: of escalation that were taken, twice or not at all;
    mails: deliveries that the mail server took, unsent: that it never got; errors: lines of logs after the last
    recovery; repeated: mails that came more than once under the same id.
    """

    rounds: list[Round] = field(default_factory=list)
    acknowledged: int = 0
    lost: int = 0
    tracks: int = 0
    untrue: list[str] = field(default_factory=list)
    wrong_names: int = 0
    doubled: int = 0
    steps: int = 0
    steps_twice: int = 0
    steps_missed: int = 0
    mails: int = 0
    unsent: int = 0
    repeated: int = 0
    errors: list[str] = field(default_factory=list)

    @property
    def slowest(self) -> float | None:
        """Seconds, None where one never recovered."""
        times = [one.seconds for one in self.rounds]
        return None if None in times else max((one for one in times if one is not None), default=0.0)

    @property
    def kept(self) -> bool:
        """Whether nothing was lost, doubled or untrue."""
        wrong = (self.lost, self.untrue, self.wrong_names, self.doubled, self.steps_twice, self.steps_missed)
        return not any((*wrong, self.unsent, self.errors)) and min(self.acknowledged, self.tracks, self.mails) > 0

    @property
    def held(self) -> bool:
        """Whether every promise was."""
        return self.kept and self.slowest is not None and self.slowest <= PROMISE

    def as_json(self) -> str:
        """For docs/evaluation.md."""
        return json.dumps({**asdict(self), "slowest": self.slowest, "held": self.held}, indent=2)


class Mail:
    """The mail server's process."""

    def __init__(self, port: int, notes: Path) -> None:
        self.port, self._notes = port, notes
        self.process = self.start()

    def start(self) -> "subprocess.Popen[bytes]":
        """Start, and wait until it listens."""
        words = [sys.executable, "-m", "tests.chaos.mail_server", str(self.port), str(self._notes)]
        self.process = subprocess.Popen(words, cwd=BACKEND, stdin=subprocess.DEVNULL)
        return self.process

    def deliveries(self) -> Counter[str]:
        """Ids of what it took, and how often."""
        return Counter(self._notes.read_text().split()) if self._notes.exists() else Counter()


class SplitChaos:
    """The rounds over one machine."""

    def __init__(self, system: Machine, mail: Mail, seed: int) -> None:
        self._system = system
        self._mail = mail
        self._random = random.Random(seed)
        self._read: dict[str, set[UUID]] = {"sightings": set(), "alerts": set()}
        self._replay: Replay
        self._watched: set[UUID] = set()
        self.summary = Summary()

    async def run(self, rounds: int) -> Summary:
        """Every part once in random order, then again, for so many rounds."""
        await self._prepare()
        stop = asyncio.Event()
        sending = asyncio.create_task(self._replay.run(stop))
        try:
            assert await self._recovered() is not None, "the system shows nothing"
            parts: list[str] = []
            for _ in range(rounds):
                parts = parts or self._random.sample(PARTS, len(PARTS))
                await self._round(parts.pop())
            recovered_at = datetime.now().astimezone()
        finally:
            stop.set()
            await sending
        await self._drain()
        await self._look_back()
        self.summary.errors = self._errors_since(recovered_at)
        return self.summary

    async def _prepare(self) -> None:
        """A camera for the replay, a mail channel, a chain of two steps, and a rule that uses them at every match."""
        settings = self._system.settings
        url = settings.database.url
        assert url is not None
        database = Database(url.get_secret_value(), pool_size=1, max_overflow=0)
        sealer = open_sealer(settings)
        try:
            async with database.session(SYSTEM) as session:
                self._watched = {camera.id for camera in await cameras.list_cameras(session)}
                camera = await cameras.create(session, name="Replay", stream_url="rtsp://192.0.2.1/x", sealer=sealer)
                camera.detection_enabled = False
                self._replay = Replay(settings, camera.id)
                given = EmailChannelIn(
                    name="Guards", kind=ChannelKind.EMAIL, recipients=("guards@example.org",), rate_per_minute=6000
                )
                channel = await notifications.create_channel(session, given=given, sealer=sealer)
                step = EscalationStep(after_seconds=STEP_SECONDS, channel_ids=(channel.id,))
                await escalation_policies.update_policy(
                    session,
                    policy_id=(await self._default_policy()),
                    given=EscalationPolicyIn(name="House", steps=(step, step), is_default=True),
                    expected=None,
                )
                rule = RuleIn(name="Every match", cooldown_seconds=0, channel_ids=(channel.id,))
                rates = MatchRates(PackStore.from_settings(settings), settings.recognition.pack)
                house = House(rates.curve, settings)
                await alert_rules.create_alert_rule(session, given=rule, created_by=None, house=house)
        finally:
            await database.dispose()

    async def _default_policy(self) -> UUID:
        (row,) = await self._system.query("SELECT id FROM escalation_policies WHERE is_default")
        return UUID(str(row["id"]))

    async def _round(self, part: str) -> None:
        await asyncio.sleep(self._random.uniform(*CALM))
        await self._acknowledge()
        how = self._random.choice(["SIGKILL", "SIGSTOP"])
        began = time.monotonic()
        if how == "SIGKILL":
            await self._kill(part)
            recovered = await self._recovered()
        else:
            began, recovered = await self._freeze(part)
        seconds = None if recovered is None else round(recovered - began, 2)
        self.summary.rounds.append(Round(part, how, seconds))
        sys.stderr.write(f"{part} {how}: {seconds} s\n")

    async def _kill(self, part: str) -> None:
        self._random.choice(self._processes(part)).kill()
        if part == "mail":
            await asyncio.sleep(self._random.uniform(*SERVER_FROZEN))
            self._mail.start()

    async def _freeze(self, part: str) -> tuple[float, float | None]:
        """Stop a part and let it go on; from when on it had to recover, and when it had."""
        frozen = [self._random.choice(self._processes(part))]
        if part == "postgres":
            frozen += frozen[0].children(recursive=True)
        began = time.monotonic()
        for process in frozen:
            process.suspend()
        if part in WORKERS:
            recovering = asyncio.create_task(self._recovered())
            await asyncio.sleep(self._random.uniform(*WORKER_FROZEN))
            _resume(frozen)
            return began, await recovering
        await asyncio.sleep(self._random.uniform(*SERVER_FROZEN))
        _resume(frozen)
        return time.monotonic(), await self._recovered()

    def _processes(self, part: str) -> list[psutil.Process]:
        if part == "mail":
            return [psutil.Process(self._mail.process.pid)]
        found = [
            child
            for child in psutil.Process(self._system.process.pid).children()
            if child.status() != psutil.STATUS_ZOMBIE and ({**WORKERS, **SERVERS}[part] in " ".join(child.cmdline()))
        ]
        assert found, f"{part} does not run"
        return sorted(found, key=lambda process: process.pid)

    async def _recovered(self) -> float | None:
        """Wait until cameras were analysed and a new track has made its way to its mail; when that was (monotonic)."""
        deadline = time.monotonic() + GIVE_UP
        before = await self._when_answered(self._frames(), deadline)
        after = set(self._replay.tracks)
        left = {"frames", "mail"}
        while left and time.monotonic() < deadline:
            await asyncio.sleep(0.2)
            with contextlib.suppress(*AWAY):
                if "frames" in left and self._moved(before, await self._frames()):
                    left.discard("frames")
                if "mail" in left and await self._told(set(self._replay.tracks) - after):
                    left.discard("mail")
        return None if left else time.monotonic()

    async def _when_answered(self, asking: Any, deadline: float) -> dict[UUID, int]:
        try:
            return dict(await asking)
        except AWAY:
            while time.monotonic() < deadline:
                await asyncio.sleep(0.2)
                with contextlib.suppress(*AWAY):
                    return await self._frames()
            raise

    def _moved(self, before: dict[UUID, int], now: dict[UUID, int]) -> bool:
        return all(now.get(camera, 0) > before.get(camera, 0) for camera in self._watched)

    async def _told(self, tracks: set[UUID]) -> bool:
        """Whether the mail server took the alert of one of these tracks."""
        rows = await self._system.query(
            "SELECT o.id FROM notification_outbox o JOIN alerts a ON a.id = o.alert_id WHERE a.sighting_id = ANY($1)",
            list(tracks),
        )
        return bool({str(row["id"]) for row in rows} & self._mail.deliveries().keys())

    async def _frames(self) -> dict[UUID, int]:
        """Frames that were analysed and counted in the database so far, per camera."""
        rows = await self._system.query(
            "SELECT camera_id, sum(frames)::int AS frames FROM camera_minute_counters GROUP BY 1"
        )
        return {row["camera_id"]: row["frames"] for row in rows}

    async def _acknowledge(self) -> None:
        """Whoever read it now was told; it must stay."""
        for table, known in self._read.items():
            known |= {row["id"] for row in await self._system.query(f"SELECT id FROM {table}")}  # noqa: S608 - ours

    async def _drain(self) -> None:
        """Cameras off; until the replay is on record, timers are done and mails are out."""
        await self._system.query("UPDATE cameras SET detection_enabled = false")
        deadline = time.monotonic() + DRAIN_SECONDS
        while time.monotonic() < deadline:
            missing = set(self._replay.tracks) - await self._closed()
            if not missing and not await self._waiting():
                return
            await self._replay.again(missing)
            await asyncio.sleep(1)

    async def _closed(self) -> set[UUID]:
        rows = await self._system.query("SELECT id FROM sightings WHERE closed_at IS NOT NULL")
        return {row["id"] for row in rows}

    async def _waiting(self) -> int:
        (row,) = await self._system.query(
            "SELECT (SELECT count(*) FROM notification_outbox WHERE status = 'pending')"
            " + (SELECT count(*) FROM alert_escalations e WHERE e.done_at IS NULL) AS n"
        )
        return int(row["n"])

    async def _look_back(self) -> None:
        """Everything that was ever read is there, once and true."""
        summary = self.summary
        summary.acknowledged = sum(len(ids) for ids in self._read.values())
        for table, known in self._read.items():
            rows = await self._system.query(f"SELECT id, count(*) AS n FROM {table} GROUP BY 1")  # noqa: S608 - ours
            summary.lost += len(known - {row["id"] for row in rows})
            summary.doubled += sum(row["n"] - 1 for row in rows)
        await self._compare_replay()
        await self._compare_cameras()
        await self._compare_steps()
        await self._compare_mails()

    async def _compare_replay(self) -> None:
        rows = await self._system.query(
            "SELECT s.*, p.name FROM sightings s LEFT JOIN subjects p ON p.id = s.subject_id WHERE camera_id = $1",
            self._replay.camera_id,
        )
        found = {row["id"]: row for row in rows}
        self.summary.tracks = len(self._replay.tracks)
        self.summary.doubled += len(rows) - len(found)
        strangers = found.keys() - self._replay.tracks.keys()
        self.summary.untrue += [f"{one}: never sent" for one in sorted(strangers, key=str)]
        for track_id, sent in self._replay.tracks.items():
            row = found.get(track_id)
            wanted = ("Grace Hopper", sent.first_seen, sent.last_seen, DETECTIONS, True)
            got = row and (
                row["name"], row["detected_at"], row["last_seen_at"], row["detections"], row["closed_at"] is not None
            )  # fmt: skip
            if got is None or not _same(got, wanted):
                self.summary.untrue.append(f"{track_id}: {got} instead of {wanted}")

    async def _compare_cameras(self) -> None:
        (row,) = await self._system.query(
            "SELECT count(*) AS n FROM sightings s JOIN subjects p ON p.id = s.subject_id WHERE p.name <> $1",
            "Grace Hopper",
        )
        self.summary.wrong_names = row["n"]

    async def _compare_steps(self) -> None:
        events = await self._system.query(
            "SELECT alert_id, count(*) AS n FROM alert_events WHERE kind = 'escalated' GROUP BY 1"
        )
        alerts = await self._system.query("SELECT id FROM alerts WHERE status = 'new'")
        taken = {row["alert_id"]: row["n"] for row in events}
        steps = [taken.get(row["id"], 0) for row in alerts]
        self.summary.steps = sum(steps)
        self.summary.steps_twice = sum(max(0, number - 2) for number in steps)
        self.summary.steps_missed = sum(max(0, 2 - number) for number in steps)

    async def _compare_mails(self) -> None:
        rows = await self._system.query("SELECT id, status FROM notification_outbox")
        took = self._mail.deliveries()
        self.summary.mails = len(took)
        self.summary.repeated = sum(number - 1 for number in took.values())
        self.summary.unsent = sum(str(row["id"]) not in took or row["status"] != "delivered" for row in rows)

    def _errors_since(self, moment: datetime) -> list[str]:
        """Errors in the logs of workers and API after the last recovery."""
        found = []
        for log in sorted((self._system.data_dir / "logs").glob("*.log")):
            for line in log.read_text(errors="replace").splitlines():
                match = LOGGED.match(line)
                if match and datetime.strptime(match[1], "%Y-%m-%d %H:%M:%S").astimezone() > moment:
                    found.append(f"{log.stem}: {match[3]}")
        return found


def _same(got: tuple[object, ...], wanted: tuple[object, ...]) -> bool:
    """Times to a millisecond: they travel as seconds since the epoch."""
    return all(
        abs(one - other) <= timedelta(milliseconds=1)
        if isinstance(one, datetime) and isinstance(other, datetime)
        else one == other
        for one, other in zip(got, wanted, strict=True)
    )


def _resume(processes: list[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.resume()


@contextmanager
def split_demo(folder: Path, lite_pack: Path) -> Iterator[tuple[Machine, Mail]]:
    """`sightline demo --split` with a mail server; the guest comes and goes at both cameras."""
    clips = folder / "data" / "clips"
    clips.mkdir(parents=True)
    for name in ("entrance.mp4", "corridor.mp4"):
        record_guest(clips / name, seconds=6.0, present=3.0, title=name)
    mail = Mail(free_port(), folder / "mails")
    smtp = {"HOST": "127.0.0.1", "PORT": str(mail.port), "SECURITY": "none"}
    env = {f"SIGHTLINE_SMTP__{name}": value for name, value in smtp.items()}
    options = ("demo", "--split", "--camera-port", str(free_port()))
    try:
        with machine(folder / "data", lite_pack, *options, env=env) as running:
            yield running, mail
    finally:
        mail.process.kill()
        mail.process.wait()


def main() -> None:
    """Run and print the summary; exit code 1 where a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(2)))
    parser.add_argument("--keep", type=Path, help="folder for the data, kept")
    chosen = parser.parse_args()
    sys.stderr.write(f"seed {chosen.seed}, {datetime.now(UTC):%H:%M:%S}\n")
    with ExitStack() as stack:
        folder = chosen.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sightline-chaos-")))
        running, mail = stack.enter_context(split_demo(folder, Settings().packs_dir / "lite"))
        summary = asyncio.run(SplitChaos(running, mail, chosen.seed).run(chosen.rounds))
    sys.stdout.write(summary.as_json() + "\n")
    sys.exit(not summary.held)


if __name__ == "__main__":
    main()
