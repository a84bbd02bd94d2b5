"""`sightline bench alerts`: how many sightings a second an alert engine takes, against how many rules."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

import typer
from sqlalchemy import text
from uuid_utils.compat import uuid7

from sightline.commands.bench_alert_rules import CURVE, Cast, make_rules
from sightline.commands.bench_db import application, scratch_server
from sightline.commands.support import print_json
from sightline.core.database import SYSTEM, WORKER, Database
from sightline.core.errors import InvalidInput
from sightline.domain.gallery import Candidate, Match
from sightline.domain.operating_points import OperatingCurve
from sightline.services.alert_rule_evaluation import fires
from sightline.services.alert_rule_facts import of_past
from sightline.services.alert_rule_queue import size
from sightline.services.alert_rule_records import rules_in_force
from sightline.services.sightings import TrackRecord, record_tracks
from sightline.workers.rule_runner import RuleRunner

BATCH = 32
"""Tracks per transaction, about what a few dozen cameras finish in a second."""
APART = timedelta(milliseconds=100)
"""Time between two sightings as the cameras tell it: ten a second, so that pauses and counts mean something."""
KNOWN = 0.5
"""Share of sightings that somebody of the gallery is recognised in."""
LOOK_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class AlertFigures:
    """sightings_per_second: from the first one written to the last one evaluated, writing included; engine_alone: with
    all of them waiting already. as_recounted: whether every rule raised as many alerts as the pure functions say."""

    sightings: int
    rules: int
    engines: int
    alerts: int
    sightings_per_second: float
    engine_alone: float
    as_recounted: bool


@dataclass(slots=True)
class _Untold:
    """In place of Redis."""

    alerts: list[UUID] = field(default_factory=list)

    async def publish_alerts(self, alert_ids: Sequence[UUID]) -> None:
        """Only count."""
        self.alerts += alert_ids


@dataclass(frozen=True, slots=True)
class _Rates:
    curve: OperatingCurve = CURVE


async def measure_alerts(database: Database, *, sightings: int, rules: int, engines: int) -> AlertFigures:
    """Write and evaluate at the same time, then evaluate as many that wait already, then count again.

    With several engines the order of evaluation is theirs, and with it which of two sightings within a pause raises
    the alert: then as_recounted may be False, and says nothing.
    """
    cast = await make_rules(database, rules=rules)
    begin = datetime.now(UTC) - 3 * sightings * APART
    first, second = (_tracks(cast, sightings, begin + n * sightings * APART, seed=n) for n in (0, 1))
    runners = [RuleRunner(database, _Untold(), rates=_Rates()) for _ in range(engines)]
    together = await _timed(database, runners, first, at_once=True)
    await _write(database, second)
    alone = await _timed(database, runners, (), at_once=False)
    raised, expected = await _raised(database), await _recounted(database, begin)
    alerts = sum(raised.values())
    return AlertFigures(
        2 * sightings, rules, engines, alerts, sightings / together, sightings / alone, raised == expected
    )


async def _timed(
    database: Database, runners: Sequence[RuleRunner], tracks: Sequence[TrackRecord], *, at_once: bool
) -> float:
    """Seconds until everything is written and evaluated."""
    stop = asyncio.Event()
    began = time.perf_counter()
    working = [asyncio.create_task(runner.run(stop)) for runner in runners]
    try:
        if at_once:
            await _write(database, tracks)
        while await _waiting(database):
            await asyncio.sleep(LOOK_SECONDS)
        return time.perf_counter() - began
    finally:
        stop.set()
        await asyncio.gather(*working)


async def _write(database: Database, tracks: Sequence[TrackRecord]) -> None:
    for start in range(0, len(tracks), BATCH):
        async with database.session(WORKER) as session:
            await record_tracks(session, tracks=tracks[start : start + BATCH])


async def _waiting(database: Database) -> int:
    async with database.session(WORKER) as session:
        found = await size(session)
    if found.set_aside:
        raise InvalidInput("sightings were set aside", hint="See the log of this command.")
    return found.waiting


async def _raised(database: Database) -> Counter[UUID]:
    statement = text("SELECT rule_id, count(*) FROM alerts WHERE rule_id IS NOT NULL GROUP BY rule_id")
    async with database.session(SYSTEM) as session:
        rows = (await session.execute(statement)).all()
    return Counter({row.rule_id: row.count for row in rows})


async def _recounted(database: Database, since: datetime) -> Counter[UUID]:
    """How many alerts each rule should have, by the pure functions over all that was recorded."""
    counted: Counter[UUID] = Counter()
    async with database.session(SYSTEM) as session:
        for rule in (await rules_in_force(session, curve=CURVE)).rules:
            facts, is_complete = await of_past(session, rule=rule, since=since, until=datetime.now(UTC))
            if not is_complete:
                raise InvalidInput("there are too many sightings to count again", hint="Take fewer.")
            if rule.id is not None and (count := len(fires(rule, facts))):
                counted[rule.id] = count
    return counted


def _tracks(cast: Cast, count: int, begin: datetime, *, seed: int) -> list[TrackRecord]:
    chance = random.Random(seed)  # noqa: S311 - a scene, no secret
    return [_track(cast, begin + number * APART, chance) for number in range(count)]


def _track(cast: Cast, at: datetime, chance: random.Random) -> TrackRecord:
    match = Match()
    if chance.random() < KNOWN:
        candidate = Candidate(str(chance.choice(cast.subjects)), 0.45 + 0.4 * chance.random())
        match = Match((candidate,), candidate.subject, candidate.similarity)
    return TrackRecord(
        track_id=uuid7(),
        camera_id=chance.choice(cast.cameras),
        first_seen=at,
        last_seen=at + timedelta(seconds=chance.randrange(8)),
        detections=12,
        box=(1100 * chance.random(), 600 * chance.random(), 80.0, 90.0),
        frame_width=1280,
        frame_height=720,
        match=match,
        quality=0.7,
        closed=True,
    )


def alerts(
    sightings: Annotated[int, typer.Option(help="Sightings to write and evaluate, each way.", min=100)] = 10_000,
    rules: Annotated[int, typer.Option(help="Active rules, of every kind.", min=1, max=500)] = 100,
    engines: Annotated[int, typer.Option(help="Engines at once, in this process.", min=1, max=8)] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Sightings per second through an alert engine, writing them included, and whether each alert was the right one."""

    async def run(dsn: str) -> AlertFigures:
        async with application(dsn) as database:
            return await measure_alerts(database, sightings=sightings, rules=rules, engines=engines)

    with scratch_server() as dsn:
        figures = asyncio.run(run(dsn))
    if engines == 1 and not figures.as_recounted:
        raise InvalidInput("the engine raised other alerts than a recount says", hint="This is a defect; report it.")
    if as_json:
        print_json(asdict(figures))
        return
    typer.echo(
        f"{figures.sightings_per_second:.0f} sightings/s with writing, {figures.engine_alone:.0f} evaluated alone,"
        f" against {figures.rules} rules; {figures.alerts} alerts of {figures.sightings} sightings, as recounted"
    )
