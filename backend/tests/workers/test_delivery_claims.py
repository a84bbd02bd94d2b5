"""Claims of deliveries: kept for as long as their worker lives, and another's soon after it died."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from sightline.core.config import Settings
from sightline.core.database import SYSTEM, Database
from sightline.core.storage import ObjectStorage
from sightline.services import deliveries
from sightline.workers.deliveries import DeliveryWorker
from tests.support.database import DatabaseAddress, connected
from tests.support.deliveries import (  # noqa: F401 - fixtures
    add_hook,
    delivery_receiver,
    delivery_settings,
    delivery_storage,
    outbox,
    quick_retries,
    raise_alert,
    settled,
    until,
    working,
)
from tests.support.receivers import WebReceiver


async def _answers_late(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(3.0)
    writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
    await writer.drain()


def _patient(settings: Settings) -> Settings:
    return settings.model_copy(update={"notifications": settings.notifications.model_copy(update={"timeout": 30.0})})


@pytest.mark.asyncio
async def test_a_slow_receiver_hears_it_once_however_long_it_takes(
    database: Database, settings: Settings, storage: ObjectStorage, receiver: WebReceiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(deliveries, "LEASE", timedelta(seconds=1.5))
    monkeypatch.setattr(deliveries, "RENEW_SECONDS", 0.1)
    receiver.answers = [_answers_late]
    channel = await add_hook(database, receiver)
    async with working(database, _patient(settings), storage, count=2):
        await raise_alert(database, channel)
        (row,) = await settled(database, "delivered")
    assert (len(receiver.bodies), row.attempts) == (1, 1)


@pytest.mark.asyncio
async def test_a_probe_stays_the_only_one_however_long_it_takes(
    database: Database, settings: Settings, storage: ObjectStorage, receiver: WebReceiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(deliveries, "LEASE", timedelta(seconds=1.5))
    monkeypatch.setattr(deliveries, "RENEW_SECONDS", 0.1)
    receiver.answers = [_answers_late]
    channel = await add_hook(database, receiver)
    for _ in range(3):
        await raise_alert(database, channel)
    async with database.session(SYSTEM) as session:
        await session.execute(
            text("INSERT INTO channel_health (channel_id, openings, opened_until) VALUES (:channel, 1, now())"),
            {"channel": channel},
        )
    async with working(database, _patient(settings), storage, count=2):
        await until(lambda: bool(receiver.bodies))
        await asyncio.sleep(2.5)
        assert len(receiver.bodies) == 1
        await settled(database, "delivered")
    assert len(receiver.bodies) == 3


@pytest.mark.asyncio
async def test_another_worker_sends_soon_what_a_killed_one_had_in_hand(
    own_database: DatabaseAddress, database: Database, settings: Settings, storage: ObjectStorage,
    receiver: WebReceiver, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(deliveries, "LEASE", timedelta(seconds=1.0))
    receiver.answers = [_answers_late]
    channel = await add_hook(database, receiver)
    await raise_alert(database, channel)
    async with connected(own_database) as other:
        killed = asyncio.create_task(DeliveryWorker(other, _patient(settings), storage).run(asyncio.Event()))
        await until(lambda: len(receiver.bodies) == 1)
        killed.cancel()
        await asyncio.wait({killed})
    async with working(database, settings, storage):
        (row,) = await settled(database, "delivered")
    assert [json.loads(body)["id"] for body in receiver.bodies] == [str(row.id)] * 2
    assert row.attempts == 2


@pytest.mark.asyncio
async def test_what_fails_together_opens_a_circuit_once(
    database: Database, settings: Settings, storage: ObjectStorage, receiver: WebReceiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Deliveries that were in hand when the circuit opened say nothing new: its pause stays the first one."""
    monkeypatch.setattr(deliveries, "FIRST_RETRY", 600.0)
    channel = await add_hook(database, receiver, rate_per_minute=6000)
    together = asyncio.Event()

    async def fails(writer: asyncio.StreamWriter) -> None:
        if len(receiver.bodies) == 8:
            together.set()
        await together.wait()
        writer.write(b"HTTP/1.1 500 Broken\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()

    receiver.answers = [fails] * 8
    for _ in range(8):
        await raise_alert(database, channel)
    async with working(database, _patient(settings), storage, count=2):
        await until(lambda: len(receiver.bodies) == 8)
        async with asyncio.timeout(15):
            while {row.claimed_until for row in await outbox(database)} != {None}:
                await asyncio.sleep(0.03)
    health = await _health(database)
    assert (health.failures, health.openings) == (8, 1)


async def _health(database: Database) -> Any:
    async with database.session(SYSTEM) as session:
        return (await session.execute(text("SELECT failures, openings FROM channel_health"))).one()
