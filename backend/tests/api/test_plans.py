"""How PostgreSQL reads the lists when there are two years of sightings: never through all of them.

The lists, their filters and figures are those of `sightline bench api`. Each statement that an answer takes is
explained at the moment it runs, so with the policies and planner settings that hold then.
"""

import json
import random
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy import event

from sightline.commands.bench_load import PURPOSE, Callers, Endpoint, deep_pages, figures, lists
from sightline.commands.bench_world import Size, World, fill
from sightline.core.database import Database, Role
from tests.api.conftest import BASE
from tests.support.database import SEALER, DatabaseAddress

SIZE = Size(sightings=30_000, templates=200, subjects=100, alerts=2_000, cameras=5, minute_days=1)
PARTITION = "sightings_20"

Plan = Mapping[str, Any]


@dataclass(frozen=True)
class Running:
    """The API on a filled database, and callers of it."""

    app: FastAPI
    world: World
    callers: Callers


@pytest_asyncio.fixture
async def running(own_database: DatabaseAddress, database: Database, app: FastAPI) -> AsyncIterator[Running]:
    world = await fill(own_database.admin_dsn, database, SIZE, sealer=SEALER, model_version="of-tests/1")
    transport = httpx.ASGITransport(app, client=("192.0.2.10", 40000))
    async with httpx.AsyncClient(transport=transport, base_url=BASE, headers=PURPOSE) as client:
        yield Running(app, world, await Callers.log_in(client, world))


@contextmanager
def explained(app: FastAPI) -> Iterator[list[tuple[str, Plan]]]:
    """Statements on sightings that run meanwhile, each with its plan and what it really read."""
    engine = app.state.resources.database.engine.sync_engine
    found: list[tuple[str, Plan]] = []

    def explain(connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        if "sightings" not in statement or statement.lstrip()[:6].upper() not in {"SELECT", "WITH"}:
            return
        own = connection.connection.cursor()
        own.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters)
        answer = own.fetchone()[0]
        found.append((statement, (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]))
        own.close()

    event.listen(engine, "before_cursor_execute", explain)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", explain)


def nodes(plan: Plan) -> Iterator[Plan]:
    """Every step that was executed."""
    if plan.get("Actual Loops"):
        yield plan
        for part in plan.get("Plans", ()):
            yield from nodes(part)


def read_whole(plan: Plan) -> set[str]:
    """Partitions that were read from end to end and are not empty (those of the coming months are)."""
    return {
        step["Relation Name"]
        for step in nodes(plan)
        if step["Node Type"] == "Seq Scan"
        and step["Relation Name"].startswith(PARTITION)
        and step["Actual Rows"] + step.get("Rows Removed by Filter", 0) > 0
    }


async def _mix(running: Running) -> list[Endpoint]:
    deep = await deep_pages(running.callers, pages=5)
    return [*lists(running.world), *figures(running.world), *deep]


@pytest.mark.asyncio
async def test_no_list_reads_more_than_one_partition_from_end_to_end(running: Running) -> None:
    rng, bad, seen = random.Random(1), {}, 0
    for endpoint in await _mix(running):
        for role in endpoint.roles:
            with explained(running.app) as statements:
                answer = await running.callers.get(*endpoint.ask(rng), role)
            assert answer.status_code == 200, (endpoint.name, answer.text)
            seen += len(statements)
            for statement, plan in statements:
                if len(whole := read_whole(plan)) > 1:
                    bad[endpoint.name, role.value] = (sorted(whole), statement)
    assert not bad
    assert seen > 50  # the listener is where it should be


@pytest.mark.asyncio
async def test_a_page_reads_as_many_sightings_as_it_shows_and_one_more_of_each_month(running: Running) -> None:
    """The default partition keeps PostgreSQL from reading month after month: it takes the first of each and merges."""
    with explained(running.app) as statements:
        answer = await running.callers.get("/v1/sightings", {"limit": 50}, Role.OPERATOR)
    assert len(answer.json()["items"]) == 50
    read = sum(
        (step["Actual Rows"] + step.get("Rows Removed by Filter", 0)) * step["Actual Loops"]
        for _, plan in statements
        for step in nodes(plan)
        if step.get("Relation Name", "").startswith(PARTITION)
    )
    # Twice 51, once for the page and once for its names, a month's first of 26, and those of other groups' cameras.
    assert read < 2 * 51 + 26 + 5 * 51
