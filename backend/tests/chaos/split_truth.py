"""What the records of a system in split mode should say after the rounds, and what they say."""

import json
import re
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

from tests.chaos.replay import DETECTIONS, Replay
from tests.chaos.split_system import Mail
from tests.support.machine import Machine

PROMISE = 15.0
"""Seconds within which everything works again."""
GUEST = "Grace Hopper"
STEPS = 2
"""Of the chain of escalation; each is told once, as is the alert itself."""
OVERLAP = timedelta(seconds=0.5)
"""One guest is before a camera at a time. Two workers that both think a camera is theirs see everything twice."""
MOVES = ("ingestion", "detection", "valkey")
"""Hits that may move a camera to another worker, who sees up to a batch of frames again, in a new track: 1.6 s."""
LOGGED = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),\d{3} (ERROR|CRITICAL) (.*)$")


@dataclass(frozen=True, slots=True)
class Round:
    """One round. seconds None: it had not recovered in time to wait for."""

    hits: tuple[str, ...]
    seconds: float | None


@dataclass(slots=True)
class Summary:
    """What the rounds showed.

    acknowledged: sightings and alerts that were read at any time, lost: those that are gone; tracks: of the replay,
    untrue: those whose record differs from what was sent; wrong_names: sightings that bear another name than the
    guest's; doubled: rows beside the first one of a track; overlapping: sightings of one camera at one time, beside one
    for each hit that moves cameras; alerts_doubled, alerts_missed: beside one for each named sighting; steps: of
    escalation that were taken, twice or not at all; notices_doubled, notices_missed: beside one for each alert and
    step; mails: deliveries that the mail server took, unsent: that it never got, repeated: that came more than once
    under the same id; set_aside: messages and sightings that were given up; errors: lines of logs after the last
    recovery.
    """

    rounds: list[Round] = field(default_factory=list)
    acknowledged: int = 0
    lost: int = 0
    tracks: int = 0
    untrue: list[str] = field(default_factory=list)
    sightings: int = 0
    wrong_names: int = 0
    doubled: int = 0
    overlapping: int = 0
    alerts: int = 0
    alerts_doubled: int = 0
    alerts_missed: int = 0
    steps: int = 0
    steps_twice: int = 0
    steps_missed: int = 0
    notices_doubled: int = 0
    notices_missed: int = 0
    mails: int = 0
    unsent: int = 0
    repeated: int = 0
    set_aside: int = 0
    errors: list[str] = field(default_factory=list)

    @property
    def slowest(self) -> float | None:
        """Seconds, None where one never recovered."""
        times = [one.seconds for one in self.rounds]
        return None if None in times else max((one for one in times if one is not None), default=0.0)

    @property
    def faults(self) -> dict[str, object]:
        """What must be nothing, and is not."""
        wrong = {
            name: getattr(self, name)
            for name in (
                "lost", "untrue", "wrong_names", "doubled", "overlapping", "alerts_doubled", "alerts_missed",
                "steps_twice", "steps_missed", "notices_doubled", "notices_missed", "unsent", "set_aside", "errors",
            )
        }  # fmt: skip
        nothing_seen = {name: 0 for name in ("acknowledged", "tracks", "sightings", "mails") if not getattr(self, name)}
        return {name: value for name, value in wrong.items() if value} | nothing_seen

    @property
    def held(self) -> bool:
        """Whether every promise was."""
        return not self.faults and self.slowest is not None and self.slowest <= PROMISE

    def as_json(self) -> str:
        """For docs/evaluation.md."""
        times = [one.seconds for one in self.rounds if one.seconds is not None]
        middle = round(median(times), 2) if times else None
        more = {"slowest": self.slowest, "median": middle, "faults": self.faults, "held": self.held}
        return json.dumps({**asdict(self), **more}, indent=2)


class Truth:
    """Compares the records with what is known of them, into a summary."""

    def __init__(self, system: Machine, replay: Replay, mail: Mail, summary: Summary) -> None:
        self._system = system
        self._replay = replay
        self._mail = mail
        self._summary = summary

    async def compare(self, read: dict[str, set[UUID]]) -> None:
        """Everything. read: ids that somebody read, per table."""
        await self._compare_read(read)
        await self._compare_replay()
        await self._compare_cameras()
        await self._compare_alerts()
        await self._compare_steps()
        await self._compare_mails()

    async def _compare_read(self, read: dict[str, set[UUID]]) -> None:
        summary = self._summary
        summary.acknowledged = sum(len(ids) for ids in read.values())
        for table, known in read.items():
            rows = await self._query(f"SELECT id, count(*) AS n FROM {table} GROUP BY 1")  # noqa: S608 - ours
            summary.lost += len(known - {row["id"] for row in rows})
            summary.doubled += sum(row["n"] - 1 for row in rows)

    async def _compare_replay(self) -> None:
        rows = await self._query(
            "SELECT s.*, p.name FROM sightings s LEFT JOIN subjects p ON p.id = s.subject_id WHERE camera_id = $1",
            self._replay.camera_id,
        )
        found, sent = {row["id"]: row for row in rows}, self._replay.tracks
        untrue = [f"{one}: never sent" for one in sorted(found.keys() - sent.keys(), key=str)]
        for track_id, track in sent.items():
            row = found.get(track_id)
            wanted = (GUEST, track.first_seen, track.last_seen, DETECTIONS, True)
            got = row and (
                row["name"], row["detected_at"], row["last_seen_at"], row["detections"], row["closed_at"] is not None
            )  # fmt: skip
            if got is None or not _same(got, wanted):
                untrue.append(f"{track_id}: {got} instead of {wanted}")
        self._summary.tracks, self._summary.untrue = len(sent), untrue

    async def _compare_cameras(self) -> None:
        (row,) = await self._query(
            "SELECT count(*) AS n, count(*) FILTER (WHERE p.name <> $1) AS wrong,"
            " (SELECT count(*) FROM sightings a JOIN sightings b ON a.camera_id = b.camera_id AND a.id < b.id"
            " AND least(a.last_seen_at, b.last_seen_at) - greatest(a.detected_at, b.detected_at) > $2"
            " WHERE a.camera_id <> $3) AS overlapping FROM sightings s LEFT JOIN subjects p ON p.id = s.subject_id",
            GUEST,
            OVERLAP,
            self._replay.camera_id,
        )
        summary = self._summary
        moves = sum(hit.startswith(MOVES) for one in summary.rounds for hit in one.hits)
        summary.sightings, summary.wrong_names = row["n"], row["wrong"]
        summary.overlapping = max(0, row["overlapping"] - moves)

    async def _compare_alerts(self) -> None:
        (row,) = await self._query(
            "SELECT count(*) AS n, count(*) - count(DISTINCT sighting_id) AS doubled, (SELECT count(*) FROM sightings s"
            " WHERE subject_id IS NOT NULL AND NOT EXISTS (SELECT FROM alerts WHERE sighting_id = s.id)) AS missed"
            " FROM alerts"
        )
        summary = self._summary
        summary.alerts, summary.alerts_doubled, summary.alerts_missed = row["n"], row["doubled"], row["missed"]

    async def _compare_steps(self) -> None:
        rows = await self._query(
            "SELECT (SELECT count(*) FROM alert_events e WHERE e.alert_id = a.id AND e.kind = 'escalated') AS steps,"
            " (SELECT count(*) FROM notification_outbox o WHERE o.alert_id = a.id) AS notices,"
            " (SELECT count(DISTINCT o.level) FROM notification_outbox o WHERE o.alert_id = a.id) AS levels"
            " FROM alerts a WHERE a.status = 'new'"
        )
        summary = self._summary
        summary.steps = sum(row["steps"] for row in rows)
        summary.steps_twice = sum(max(0, row["steps"] - STEPS) for row in rows)
        summary.steps_missed = sum(max(0, STEPS - row["steps"]) for row in rows)
        summary.notices_doubled = sum(row["notices"] - row["levels"] for row in rows)
        summary.notices_missed = sum(max(0, 1 + STEPS - row["levels"]) for row in rows)

    async def _compare_mails(self) -> None:
        rows = await self._query("SELECT id, status FROM notification_outbox")
        took = self._mail.deliveries()
        self._summary.mails = len(took)
        self._summary.repeated = sum(number - 1 for number in took.values())
        self._summary.unsent = sum(str(row["id"]) not in took or row["status"] != "delivered" for row in rows)
        (row,) = await self._query("SELECT count(*) AS n FROM rule_queue WHERE set_aside_at IS NOT NULL")
        self._summary.set_aside += row["n"]

    async def _query(self, sql: str, *values: object) -> list[Any]:
        return await self._system.query(sql, *values)


def errors_since(folder: Path, moment: datetime) -> list[str]:
    """Errors in the logs of workers and API after this moment."""
    found = []
    for log in sorted(folder.glob("*.log")):
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
