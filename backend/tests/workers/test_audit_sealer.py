"""The sealer: what is written becomes part of the chain by itself."""

import asyncio

import pytest

from sightline.core.database import SYSTEM, Database
from sightline.services import audit
from sightline.workers.audit_sealer import AuditSealer
from tests.support.database import add_camera

pytestmark = pytest.mark.asyncio


async def test_events_become_part_of_the_chain_by_themselves(database: Database) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(AuditSealer(database).run(stop))
    async with database.session(SYSTEM) as session:
        await add_camera(session)
    async with asyncio.timeout(20):
        while True:
            async with database.session(SYSTEM) as session:
                report = await audit.verify_chain(session)
            if report.events == 2:
                break
            await asyncio.sleep(0.05)
    stop.set()
    await running
    assert (report.pending, report.is_whole) == (0, True)


async def test_more_than_one_batch_is_sealed_in_a_round(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "BATCH", 2)
    for _ in range(3):
        async with database.session(SYSTEM) as session:
            await add_camera(session)
    sealer = AuditSealer(database)
    assert [await sealer.round(), await sealer.round()] == [6, 0]
