"""`sightline bench search`: search by face in history and in the gallery, its recall and its time."""

import asyncio
import heapq
import os
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated
from uuid import UUID

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from sightline.commands.bench_api import AsJson, Keep, Reuse, Sightings, Templates, opened_world, running_api, sized
from sightline.commands.bench_load import Callers, many_connections
from sightline.commands.bench_world import PER_SUBJECT, Servers, World, clustered, passersby, superuser
from sightline.commands.support import print_json
from sightline.core.database import Database, Principal, Role
from sightline.core.errors import InvalidInput
from sightline.domain.arrays import FloatArray
from sightline.services import face_search, history_search, templates
from sightline.services.face_search import SearchOptions
from sightline.services.history_search import HistoryQuery
from sightline.services.probes import Probe

WANTED = 10
WARM_UP = 5
"""Searches before the measured ones: they load models, open connections, read pages."""
PICTURES = 40
"""How often the picture is searched each way."""


LEAST = 0.348
"""The default pack's similarity at a false-match rate of 1e-2: what lies below is nobody whom a search shows."""
Ranked = list[tuple[float, UUID]]
"""Similarity and sighting, the closest first."""


@dataclass(frozen=True, slots=True)
class SearchFigures:
    """ms per search. recall: share of the exact search's ten that was found, of those that are LEAST similar or more;
    recall_of_all: of all ten, strangers too, who fill up the ranks behind a person's own sightings. None: not asked.
    """

    name: str
    searches: int
    recall: float | None
    recall_of_all: float | None
    p50_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class HistoryFigures:
    """load: of the machine (one minute) before and after."""

    templates: int
    gallery: int
    load_before: float
    load_after: float
    searches: tuple[SearchFigures, ...]


@dataclass(frozen=True, slots=True)
class _Case:
    """One filter, asked by somebody who sees these cameras."""

    name: str
    who: Principal
    visible: frozenset[UUID]
    query: HistoryQuery

    def allows(self, camera: UUID, at: datetime) -> bool:
        query = self.query
        return (
            camera in self.visible
            and (query.camera_ids is None or camera in query.camera_ids)
            and (query.since is None or at >= query.since)
            and (query.until is None or at < query.until)
        )


def _cases(world: World) -> list[_Case]:
    every = [UUID(one) for one in world.cameras]
    groups = len(world.groups)
    admin = (world.principal(Role.ADMIN), frozenset(every))
    operator = (world.principal(Role.OPERATOR), frozenset(every[0::groups] + every[1::groups]))
    seen = every[0::groups]
    month, half = timedelta(days=30), timedelta(days=182)
    everything = HistoryQuery(-1.0, WANTED)
    return [
        _Case("everything, as admin", *admin, everything),
        _Case("everything they may see, as operator", *operator, everything),
        _Case("one camera, as operator", *operator, HistoryQuery(-1.0, WANTED, camera_ids=(seen[0],))),
        _Case("eight cameras, as operator", *operator, HistoryQuery(-1.0, WANTED, camera_ids=tuple(seen[:8]))),
        _Case("a month, as admin", *admin, HistoryQuery(-1.0, WANTED, since=world.now - month)),
        _Case(
            "half a year of last year, as operator",
            *operator,
            HistoryQuery(-1.0, WANTED, since=world.now - 3 * half, until=world.now - 2 * half),
        ),
        _Case(
            "three cameras in a month, as operator",
            *operator,
            HistoryQuery(
                -1.0, WANTED, camera_ids=tuple(seen[:3]), since=world.now - 4 * month, until=world.now - 3 * month
            ),
        ),
    ]


async def _exact(admin_dsn: str, probes: FloatArray, cases: Sequence[_Case]) -> list[list[Ranked]]:
    """Per case and probe the closest WANTED with their similarities, by comparing every template that is stored."""
    best: list[list[Ranked]] = [[[] for _ in probes] for _ in cases]
    async with superuser(admin_dsn) as connection, connection.transaction():
        rows = connection.cursor(
            "SELECT id, camera_id, detected_at, vector_send(embedding) AS template FROM sightings"
            " WHERE embedding IS NOT NULL",
            prefetch=5_000,
        )
        batch = []
        async for row in rows:
            batch.append(
                (UUID(bytes=row["id"].bytes), UUID(bytes=row["camera_id"].bytes), row["detected_at"], row["template"])
            )
            if len(batch) == 5_000:
                _keep_best(best, batch, probes, cases)
                batch = []
        if batch:
            _keep_best(best, batch, probes, cases)
    return best


def _keep_best(
    best: list[list[Ranked]],
    batch: Sequence[tuple[UUID, UUID, datetime, bytes]],
    probes: FloatArray,
    cases: Sequence[_Case],
) -> None:
    similar = probes @ templates.from_binary([row[3] for row in batch]).T
    for case, of_case in zip(cases, best, strict=True):
        places = np.flatnonzero([case.allows(row[1], row[2]) for row in batch])
        if not len(places):
            continue
        for number, own in enumerate(of_case):
            values = similar[number, places]
            for place in np.argsort(-values)[:WANTED]:
                own.append((float(values[place]), batch[int(places[place])][0]))
            of_case[number] = heapq.nlargest(WANTED, own)


async def measure_history(servers: Servers, world: World, *, probes: int) -> list[SearchFigures]:
    """Each filter with every probe, one after the other, by the service that the endpoint calls."""
    asked, cases = passersby(world.size, probes), _cases(world)
    expected = await _exact(servers.admin_dsn, asked, cases)
    database = Database(servers.app_dsn(world.app_password))
    found = []
    try:
        for case, truth in zip(cases, expected, strict=True):
            await _searched(database, case, world, asked[:WARM_UP])
            hits, seconds = await _searched(database, case, world, asked)
            found.append(
                _figures(f"history: {case.name}", seconds, _recall(hits, truth, LEAST), _recall(hits, truth, -1))
            )
    finally:
        await database.dispose()
    return found


async def _searched(
    database: Database, case: _Case, world: World, probes: FloatArray
) -> tuple[list[set[UUID]], list[float]]:
    hits, seconds = [], []
    for template in probes:
        async with database.session(case.who) as session:
            begin = time.perf_counter()
            rows = await history_search.find_similar(
                session, probe=Probe(template, world.model_version), query=case.query
            )
            seconds.append(time.perf_counter() - begin)
        hits.append({match.view.id for match in rows})
    return hits, seconds


async def measure_gallery(servers: Servers, world: World, *, probes: int) -> SearchFigures:
    """The database's part of a search for a subject: candidates, lists, size of the gallery, and the record of it."""
    asked = np.concatenate([block[:, 0] for block in clustered(world.size.subjects, PER_SUBJECT, seed=11)])[:probes]
    noisy = asked + 0.03 * np.random.default_rng(2).standard_normal(asked.shape, np.float32)
    database, seconds = Database(servers.app_dsn(world.app_password)), []
    try:
        for template in noisy:
            probe = face_search.Probe(template / np.linalg.norm(template), world.model_version, 0, (), ())
            async with database.session(world.principal(Role.OPERATOR)) as session:
                begin = time.perf_counter()
                await face_search.search(session, probe=probe, options=SearchOptions(0.3))
                seconds.append(time.perf_counter() - begin)
    finally:
        await database.dispose()
    return _figures("gallery: the database alone", seconds[WARM_UP:] or seconds)


async def measure_pictures(url: str, world: World, picture: Path) -> list[SearchFigures]:
    """A picture's way over HTTP to the ranked answer, in the gallery and in history, as operator."""
    data, found = picture.read_bytes(), []
    ways = (("gallery", "/v1/subjects/search"), ("history", "/v1/sightings/search"))
    async with many_connections(url) as client:
        callers = await Callers.log_in(client, world)
        for name, path in ways:
            seconds = []
            for _ in range(WARM_UP + PICTURES):
                begin = time.perf_counter()
                answer = await callers.post(path, {"file": (picture.name, data)}, Role.OPERATOR)
                seconds.append(time.perf_counter() - begin)
                if not answer.is_success:
                    raise InvalidInput(f"{path} answered {answer.status_code}", hint=answer.text[:300])
            found.append(_figures(f"{name}: POST {path} with a picture", seconds[WARM_UP:]))
    return found


def _recall(hits: Sequence[set[UUID]], truth: Sequence[Ranked], least: float) -> float | None:
    """Share of the true ones of at least this similarity that were found."""
    wanted = [{one for similarity, one in ranked if similarity >= least} for ranked in truth]
    count = sum(len(one) for one in wanted)
    return sum(len(own & right) for own, right in zip(hits, wanted, strict=True)) / count if count else None


def _figures(
    name: str, seconds: Sequence[float], recall: float | None = None, recall_of_all: float | None = None
) -> SearchFigures:
    p50, p95 = (round(float(one) * 1000, 1) for one in np.percentile(seconds, [50, 95]))
    return SearchFigures(name, len(seconds), _rounded(recall), _rounded(recall_of_all), p50, p95)


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


def search(
    sightings: Sightings = 5_000_000,
    stored: Templates = 500_000,
    probes: Annotated[int, typer.Option(help="Faces to search, none of which is stored.", min=1)] = 100,
    face: Annotated[Path | None, typer.Option(help="A picture of one face, to be searched over HTTP too.")] = None,
    keep: Keep = None,
    reuse: Reuse = None,
    as_json: AsJson = False,
) -> None:
    """Recall at ten and time of searches in history with their filters, and of searches for a subject."""
    with opened_world(sized(sightings, stored), keep=keep, reuse=reuse) as (servers, world):
        before = os.getloadavg()[0]
        found = asyncio.run(measure_history(servers, world, probes=probes))
        found.append(asyncio.run(measure_gallery(servers, world, probes=probes)))
        if face is not None:
            with running_api(servers, world) as (url, _):
                found += asyncio.run(measure_pictures(url, world, face))
        gallery = world.size.subjects * PER_SUBJECT
        figures = HistoryFigures(
            world.size.templates, gallery, round(before, 1), round(os.getloadavg()[0], 1), tuple(found)
        )
    if as_json:
        print_json(asdict(figures))
        return
    table = Table("search", "n", "recall@10", "of all ranks", "p50 ms", "p95 ms", box=None)
    for one in figures.searches:
        recalls = ["" if share is None else f"{share:.4f}" for share in (one.recall, one.recall_of_all)]
        table.add_row(one.name, str(one.searches), *recalls, str(one.p50_ms), str(one.p95_ms))
    console = Console(highlight=False)
    console.print(table)
    console.print(
        f"{figures.templates:,} templates in history, {figures.gallery:,} in the gallery;"
        f" load {figures.load_before} to {figures.load_after}"
    )
