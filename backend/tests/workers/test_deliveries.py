"""Notifications arrive: at least once, under one id, in time, whoever is killed meanwhile."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiomqtt
import pytest
from sqlalchemy import text

from sightline.core.config import Settings
from sightline.core.database import SYSTEM, WORKER, Database
from sightline.core.errors import StorageError
from sightline.core.storage import ObjectStorage
from sightline.services import deliveries, notifications
from sightline.services.sightings import record_tracks
from sightline.workers.deliveries import DeliveryWorker
from tests.support.database import DatabaseAddress, add_camera, add_subject, add_watchlist, connected, track_record
from tests.support.deliveries import (  # noqa: F401 - fixtures
    add_channel,
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
from tests.support.receivers import WebReceiver, mqtt_broker

JPEG = b"\xff\xd8 a picture of somebody"


@pytest.mark.asyncio
async def test_an_alert_is_told_with_links_and_without_a_name_or_picture(
    database: Database, settings: Settings, storage: ObjectStorage, receiver: WebReceiver
) -> None:
    channel = await add_hook(database, receiver)
    async with working(database, settings, storage):
        alert_id = await raise_alert(database, channel, name="Gate 2")
        (row,) = await settled(database, "delivered")
    event = json.loads(receiver.bodies[0])
    assert (event["type"], event["id"]) == ("alert.raised", str(row.id))
    assert receiver.header("sightline-delivery") == str(row.id)
    assert event["link"] == f"http://localhost:8000/alerts/{alert_id}"
    assert event["acknowledge_link"].startswith("http://localhost:8000/v1/alerts/acknowledge-link?token=")
    assert (event["data"]["camera"], event["data"]["alert_id"]) == ("Gate 2", str(alert_id))
    assert "picture" not in event
    async with database.session(SYSTEM) as session:
        names = list(await session.scalars(text("SELECT name FROM subjects")))
        (attempt,) = (await session.execute(text("SELECT * FROM delivery_attempts"))).all()
    assert names
    assert not any(name in receiver.bodies[0].decode() for name in names)
    assert (attempt.outcome, attempt.attempt, attempt.detail) == ("delivered", 1, "the server answered 204")


@pytest.mark.asyncio
async def test_a_picture_leaves_only_where_it_may_and_on_record(
    database: Database, settings: Settings, storage: ObjectStorage, receiver: WebReceiver
) -> None:
    channel = await add_hook(database, receiver, include_pictures=True)
    async with database.session(SYSTEM) as session:
        subject = await add_subject(session, await add_watchlist(session))
        track = track_record(await add_camera(session), subject)
    await storage.upload(str(track.image_path), JPEG)
    async with database.session(WORKER) as session:
        (alert,) = (await record_tracks(session, tracks=[track])).alerts
        await notifications.send_notifications(session, alert_id=alert.id, channel_ids=[channel])
    async with working(database, settings, storage):
        (row,) = await settled(database, "delivered")
    assert json.loads(receiver.bodies[0])["picture"]["content_type"] == "image/jpeg"
    async with database.session(SYSTEM) as session:
        statement = text("SELECT new_values FROM audit_entries WHERE action = 'EXPORT' AND actor = 'worker'")
        (details,) = await session.scalars(statement)
    assert details == {"picture": "crop", "channel_id": str(channel), "delivery_id": str(row.id)}


@pytest.mark.asyncio
async def test_an_alert_waits_for_no_picture_store(
    database: Database,
    settings: Settings,
    storage: ObjectStorage,
    receiver: WebReceiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def away(_key: str) -> None:
        raise StorageError("the store does not answer")

    monkeypatch.setattr(storage, "download", away)
    channel = await add_hook(database, receiver, include_pictures=True)
    async with working(database, settings, storage):
        await raise_alert(database, channel)
        await settled(database, "delivered")
    assert "picture" not in json.loads(receiver.bodies[0])


@pytest.mark.asyncio
async def test_a_rate_holds_over_workers(
    database: Database, settings: Settings, storage: ObjectStorage, receiver: WebReceiver
) -> None:
    channel = await add_hook(database, receiver, rate_per_minute=600)
    for _ in range(deliveries.BURST + 5):
        await raise_alert(database, channel)
    async with working(database, settings, storage, count=2):
        rows = await settled(database, "delivered")
    async with database.session(SYSTEM) as session:
        times = list(await session.scalars(text("SELECT started_at FROM delivery_attempts ORDER BY started_at")))
    assert len(rows) == len(times) == deliveries.BURST + 5
    assert times[-1] - times[0] >= timedelta(seconds=0.4)  # five beyond the burst, a tenth of a second each


@pytest.mark.asyncio
async def test_two_workers_deliver_each_once(
    database: Database, settings: Settings, storage: ObjectStorage, receiver: WebReceiver
) -> None:
    channels = [await add_hook(database, receiver, f"/{number}", rate_per_minute=6000) for number in range(6)]
    patient = settings.notifications.model_copy(update={"timeout": 30.0})  # a busy machine is no second attempt
    async with working(database, settings.model_copy(update={"notifications": patient}), storage, count=2):
        for _ in range(6):
            await raise_alert(database, *channels)
        rows = await settled(database, "delivered")
    ids = [json.loads(body)["id"] for body in receiver.bodies]
    assert sorted(ids) == sorted(str(row.id) for row in rows)
    assert {row.attempts for row in rows} == {1}
    assert len(ids) == 36


@pytest.mark.asyncio
async def test_what_a_killed_worker_had_in_hand_is_sent_again_under_the_same_id(
    own_database: DatabaseAddress, database: Database, settings: Settings, storage: ObjectStorage,
    receiver: WebReceiver, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    channel = await add_hook(database, receiver)
    await raise_alert(database, channel)
    real = deliveries.keep_attempt

    async def dies(*_: Any, **__: Any) -> str:
        await asyncio.sleep(3600)
        return ""

    monkeypatch.setattr(deliveries, "keep_attempt", dies)
    async with connected(own_database) as other:
        killed = asyncio.create_task(DeliveryWorker(other, settings, storage).run(asyncio.Event()))
        await until(lambda: len(receiver.bodies) == 1)
        killed.cancel()
        await asyncio.wait({killed})
    monkeypatch.setattr(deliveries, "keep_attempt", real)
    (row,) = await outbox(database)
    assert (row.status, row.attempts, row.claimed_until > datetime.now(UTC)) == ("pending", 1, True)
    async with database.session(SYSTEM) as session:
        await session.execute(text("UPDATE notification_outbox SET claimed_until = now()"))
    async with working(database, settings, storage):
        (row,) = await settled(database, "delivered")
    assert [json.loads(body)["id"] for body in receiver.bodies] == [str(row.id)] * 2


@pytest.mark.asyncio
async def test_a_pause_keeps_and_the_end_of_a_day_ends(
    database: Database, settings: Settings, storage: ObjectStorage, receiver: WebReceiver
) -> None:
    channel = await add_hook(database, receiver)
    async with database.session(SYSTEM) as session:
        await notifications.pause_channel(session, channel_id=channel, paused=True)
    async with working(database, settings, storage):
        await raise_alert(database, channel)
        late = await raise_alert(database, channel)
        async with database.session(SYSTEM) as session:
            await session.execute(
                text("UPDATE notification_outbox SET give_up_at = now() WHERE alert_id = :a"), {"a": late}
            )
            await session.execute(text("SELECT pg_notify('sightline_deliveries', '')"))
        async with asyncio.timeout(15):
            while [row.status for row in await outbox(database)] != ["pending", "failed"]:
                await asyncio.sleep(0.03)
        assert receiver.bodies == []
        async with database.session(SYSTEM) as session:
            await notifications.pause_channel(session, channel_id=channel, paused=False)
        rows = await settled(database, "delivered", "failed")
    assert (rows[1].last_error, len(receiver.bodies)) == ("given up: its channel was paused or off", 1)


@pytest.mark.asyncio
async def test_quiet_hours_are_waited_for_and_an_escalation_of_what_was_acknowledged_is_not_told(
    database: Database, settings: Settings, storage: ObjectStorage, receiver: WebReceiver
) -> None:
    channel = await add_hook(database, receiver)
    soon = datetime.now(UTC) + timedelta(seconds=1)
    async with working(database, settings, storage):
        alert_id = await raise_alert(database, channel, not_before=soon)
        async with database.session(SYSTEM) as session:
            await session.execute(text("UPDATE alerts SET status = 'acknowledged', acknowledged_at = now()"))
            await notifications.send_notifications(session, alert_id=alert_id, channel_ids=[channel], level=1)
        first, second = await settled(database, "delivered", "cancelled")
    assert (first.status, second.status, second.level) == ("delivered", "cancelled", 1)
    assert first.delivered_at >= soon
    assert json.loads(receiver.bodies[0])["acknowledge_link"] is None


@pytest.mark.asyncio
async def test_a_broker_hears_whether_somebody_watches(
    database: Database, settings: Settings, storage: ObjectStorage, tmp_path: Path
) -> None:
    async with mqtt_broker(tmp_path) as port, aiomqtt.Client("127.0.0.1", port) as ear:
        await ear.subscribe("sightline/#")
        heard: list[tuple[str, bytes]] = []

        async def listen() -> None:
            async for message in ear.messages:
                heard.append((str(message.topic), bytes(message.payload)))  # noqa: PERF401 - heard is read meanwhile

        listening = asyncio.create_task(listen())
        status = [("sightline/status", b"online"), ("sightline/status", b"offline")]
        channel = await add_channel(database, kind="mqtt", host="localhost", port=port, tls=False)
        async with working(database, settings, storage):
            await until(lambda: heard[-1:] == status[:1])
            await ear.publish("sightline/status", "offline", qos=1, retain=True)  # as the will of another worker
            await until(lambda: heard[-2:] == status[::-1])
            await raise_alert(database, channel)
            (row,) = await settled(database, "delivered")
        await until(lambda: heard[-1:] == status[1:])
        listening.cancel()
        await asyncio.wait({listening})
    (event,) = [json.loads(payload) for topic, payload in heard if topic == "sightline/event"]
    assert event["id"] == str(row.id)
