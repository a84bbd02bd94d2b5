"""Notifications arrive: at least once, under one id, in time, and one bad receiver holds up nobody else."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import aiomqtt
import pytest
import pytest_asyncio
from pydantic import SecretStr, TypeAdapter
from sqlalchemy import text

from sightline.core.config import Settings
from sightline.core.database import SYSTEM, WORKER, Database
from sightline.core.storage import LocalStorage, ObjectStorage, UrlSigner
from sightline.schemas.channels import ChannelIn
from sightline.services import deliveries, notification_senders, notifications
from sightline.services.sightings import record_tracks
from sightline.workers.deliveries import DeliveryWorker
from tests.support.database import (
    SEALER,
    SEALING_KEY,
    DatabaseAddress,
    add_camera,
    add_subject,
    add_watchlist,
    connected,
    track_record,
)
from tests.support.receivers import WebReceiver, hangs_up, mail_server, mqtt_broker, never_ends, stalls, web_receiver

SECRET = "whsec_of_a_test_only"
JPEG = b"\xff\xd8 a picture of somebody"


@pytest.fixture
def settings(own_database: DatabaseAddress, tmp_path: Path) -> Settings:
    base = Settings(data_dir=tmp_path)
    return base.model_copy(
        update={
            "database": base.database.model_copy(update={"url": SecretStr(own_database.app_dsn)}),
            "sealing": base.sealing.model_copy(update={"keys": SecretStr(base64.b64encode(SEALING_KEY).decode())}),
            "notifications": base.notifications.model_copy(
                update={"allowed_networks": "127.0.0.0/8, ::1/128", "timeout": 1.0}
            ),
        }
    )


@pytest.fixture
def storage(tmp_path: Path) -> ObjectStorage:
    return LocalStorage(tmp_path / "objects", UrlSigner("x" * 32))


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[WebReceiver]:
    async with web_receiver() as opened:
        yield opened


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "FIRST_RETRY", 0.05)


async def _channel(database: Database, **given: Any) -> UUID:
    channel = TypeAdapter(ChannelIn).validate_python({"name": f"channel {len(given)} {given.get('url')}", **given})
    async with database.session(SYSTEM) as session:
        return (await notifications.create_channel(session, given=channel, sealer=SEALER)).id


async def _hook(database: Database, receiver: WebReceiver, path: str = "/", **given: Any) -> UUID:
    return await _channel(database, kind="webhook", url=receiver.url + path, secret=SECRET, **given)


async def _alert(database: Database, *channels: UUID, name: str | None = None, **options: Any) -> UUID:
    """An alert that is queued in the same transaction."""
    async with database.session(SYSTEM) as session:
        subject = await add_subject(session, await add_watchlist(session))
        track = track_record(await add_camera(session, name), subject)
    async with database.session(WORKER) as session:
        (alert,) = (await record_tracks(session, tracks=[track])).alerts
        await notifications.send_notifications(session, alert_id=alert.id, channel_ids=channels, **options)
    return alert.id


@asynccontextmanager
async def _working(
    database: Database, settings: Settings, storage: ObjectStorage, count: int = 1
) -> AsyncIterator[None]:
    stop = asyncio.Event()
    workers = [DeliveryWorker(database, settings, storage) for _ in range(count)]
    tasks = [asyncio.create_task(worker.run(stop)) for worker in workers]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*tasks)


async def _rows(database: Database) -> list[Any]:
    async with database.session(SYSTEM) as session:
        statement = text("SELECT o.*, c.kind FROM notification_outbox o JOIN notification_channels c"
            " ON c.id = o.channel_id ORDER BY o.id")  # fmt: skip
        return list((await session.execute(statement)).all())


async def _until(true: Callable[[], bool], seconds: float = 15.0) -> None:
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.02)


async def _settled(database: Database, *statuses: str, seconds: float = 15.0) -> list[Any]:
    """Once every delivery has one of these statuses."""
    async with asyncio.timeout(seconds):
        while True:
            rows = await _rows(database)
            if rows and all(row.status in statuses for row in rows):
                return rows
            await asyncio.sleep(0.03)


@pytest.mark.asyncio
async def test_an_alert_is_told_with_links_and_without_a_name_or_picture(
    database: Database, settings: Settings, storage: ObjectStorage, receiver: WebReceiver
) -> None:
    channel = await _hook(database, receiver)
    async with _working(database, settings, storage):
        alert_id = await _alert(database, channel, name="Gate 2")
        (row,) = await _settled(database, "delivered")
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
    channel = await _hook(database, receiver, include_pictures=True)
    async with database.session(SYSTEM) as session:
        subject = await add_subject(session, await add_watchlist(session))
        track = track_record(await add_camera(session), subject)
    await storage.upload(str(track.image_path), JPEG)
    async with database.session(WORKER) as session:
        (alert,) = (await record_tracks(session, tracks=[track])).alerts
        await notifications.send_notifications(session, alert_id=alert.id, channel_ids=[channel])
    async with _working(database, settings, storage):
        (row,) = await _settled(database, "delivered")
    assert json.loads(receiver.bodies[0])["picture"]["content_type"] == "image/jpeg"
    async with database.session(SYSTEM) as session:
        statement = text("SELECT new_values FROM audit_entries WHERE action = 'EXPORT' AND actor = 'worker'")
        (details,) = await session.scalars(statement)
    assert details == {"picture": "crop", "channel_id": str(channel), "delivery_id": str(row.id)}


@pytest.mark.asyncio
async def test_a_receiver_that_fails_stalls_and_lies_has_it_in_the_end_under_one_id(
    database: Database, settings: Settings, storage: ObjectStorage, receiver: WebReceiver
) -> None:
    receiver.answers = ["500 Broken", hangs_up, stalls, "404 Not yet"]
    channel = await _hook(database, receiver)
    async with _working(database, settings, storage):
        await _alert(database, channel)
        (row,) = await _settled(database, "delivered")
    assert {json.loads(body)["id"] for body in receiver.bodies} == {str(row.id)}
    assert (len(receiver.bodies), row.attempts) == (5, 5)
    async with database.session(SYSTEM) as session:
        log = (await session.execute(text("SELECT outcome, detail FROM delivery_attempts ORDER BY id"))).all()
    assert [one.outcome for one in log] == ["failed"] * 4 + ["delivered"]
    for one, said in zip(log, ("answered 500", "connection", "did not answer", "answered 404"), strict=False):
        assert said in one.detail


@pytest.mark.asyncio
async def test_an_answer_without_end_is_not_read(
    database: Database, settings: Settings, storage: ObjectStorage, receiver: WebReceiver
) -> None:
    receiver.answers = [never_ends]
    channel = await _hook(database, receiver)
    async with _working(database, settings, storage):
        await _alert(database, channel)
        await _settled(database, "delivered")


@pytest.mark.asyncio
@pytest.mark.parametrize("answer", ["410 Gone", "422 No", "302 Found\r\nLocation: http://169.254.169.254/latest"])
async def test_what_will_never_be_taken_fails_at_once_with_its_reason(
    database: Database, settings: Settings, storage: ObjectStorage, receiver: WebReceiver, answer: str
) -> None:
    receiver.answers = [answer]
    channel = await _hook(database, receiver)
    async with _working(database, settings, storage):
        await _alert(database, channel)
        (row,) = await _settled(database, "failed")
    assert (row.attempts, answer[:3] in row.last_error, len(receiver.bodies)) == (1, True, 1)


@pytest.mark.asyncio
async def test_a_name_that_leads_elsewhere_when_it_is_sent_to_is_refused(
    database: Database,
    settings: Settings,
    storage: ObjectStorage,
    receiver: WebReceiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    channel = await _hook(database, receiver)
    loop = asyncio.get_running_loop()
    real, asked = loop.getaddrinfo, 0

    async def changing(host: Any, port: Any, **options: Any) -> Any:
        nonlocal asked
        if host != "localhost":
            return await real(host, port, **options)
        asked += 1
        return await real("127.0.0.1" if asked == 1 else "169.254.169.254", port, **options)

    monkeypatch.setattr(loop, "getaddrinfo", changing)
    async with _working(database, settings, storage):
        await _alert(database, channel)
        await _settled(database, "delivered")  # one look, and the connection goes to what was looked at
        await _alert(database, channel)
        rows = await _settled(database, "delivered", "failed")
    assert ("must not go to" in rows[1].last_error, len(receiver.bodies), asked) == (True, 1, 2)


@pytest.mark.asyncio
async def test_a_receiver_that_asks_for_time_gets_it(
    database: Database, settings: Settings, storage: ObjectStorage, receiver: WebReceiver
) -> None:
    receiver.answers = ["429 Slow\r\nRetry-After: 2"]
    channel = await _hook(database, receiver)
    async with _working(database, settings, storage):
        await _alert(database, channel)
        await _until(lambda: len(receiver.bodies) == 1)
        (row,) = await _settled(database, "delivered")
        async with database.session(SYSTEM) as session:
            first, second = await session.scalars(text("SELECT started_at FROM delivery_attempts ORDER BY id"))
    assert row.attempts == 2
    assert second - first >= timedelta(seconds=1.9)


@pytest.mark.asyncio
async def test_a_channel_that_fails_again_and_again_is_left_alone_and_others_are_not(
    database: Database, settings: Settings, storage: ObjectStorage, receiver: WebReceiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(deliveries, "FIRST_OPENING", 1.0)
    async with web_receiver() as bad:
        bad.answers = ["500 Broken"] * (deliveries.FAILURES_TO_OPEN + 1)
        ill, well = await _hook(database, bad), await _hook(database, receiver)
        async with _working(database, settings, storage):
            await _alert(database, ill)
            await _until(lambda: len(bad.bodies) == deliveries.FAILURES_TO_OPEN)
            await _alert(database, ill, well)
            await _until(lambda: len(receiver.bodies) == 1)
            async with database.session(SYSTEM) as session:
                health = (await notifications.get_channel(session, channel_id=ill)).health
            assert (health.circuit, len(bad.bodies)) == ("open", deliveries.FAILURES_TO_OPEN)
            await _settled(database, "delivered")  # the probe fails once, then it is well, and both arrive
        async with database.session(SYSTEM) as session:
            health = (await notifications.get_channel(session, channel_id=ill)).health
    assert (health.circuit, health.failures, health.waiting) == ("closed", 0, 0)


@pytest.mark.asyncio
async def test_what_nobody_foresaw_ends_no_worker(
    database: Database, settings: Settings, storage: ObjectStorage, receiver: WebReceiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    channel, real = await _hook(database, receiver), notification_senders.send
    calls = 0

    async def surprising(*given: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        return 1 / 0 if calls == 1 else await real(*given, **options)

    monkeypatch.setattr(notification_senders, "send", surprising)
    async with _working(database, settings, storage):
        await _alert(database, channel)
        (row,) = await _settled(database, "delivered")
    assert row.attempts == 2


@pytest.mark.asyncio
async def test_a_rate_holds_over_workers(
    database: Database, settings: Settings, storage: ObjectStorage, receiver: WebReceiver
) -> None:
    channel = await _hook(database, receiver, rate_per_minute=600)
    for _ in range(deliveries.BURST + 5):
        await _alert(database, channel)
    async with _working(database, settings, storage, count=2):
        rows = await _settled(database, "delivered")
    async with database.session(SYSTEM) as session:
        times = list(await session.scalars(text("SELECT started_at FROM delivery_attempts ORDER BY started_at")))
    assert len(rows) == len(times) == deliveries.BURST + 5
    assert times[-1] - times[0] >= timedelta(seconds=0.4)  # five beyond the burst, a tenth of a second each


@pytest.mark.asyncio
async def test_two_workers_deliver_each_once(
    database: Database, settings: Settings, storage: ObjectStorage, receiver: WebReceiver
) -> None:
    channels = [await _hook(database, receiver, f"/{number}", rate_per_minute=6000) for number in range(6)]
    patient = settings.notifications.model_copy(update={"timeout": 30.0})  # a busy machine is no second attempt
    async with _working(database, settings.model_copy(update={"notifications": patient}), storage, count=2):
        for _ in range(6):
            await _alert(database, *channels)
        rows = await _settled(database, "delivered")
    ids = [json.loads(body)["id"] for body in receiver.bodies]
    assert sorted(ids) == sorted(str(row.id) for row in rows)
    assert {row.attempts for row in rows} == {1}
    assert len(ids) == 36


@pytest.mark.asyncio
async def test_what_a_killed_worker_had_in_hand_is_sent_again_under_the_same_id(
    own_database: DatabaseAddress, database: Database, settings: Settings, storage: ObjectStorage,
    receiver: WebReceiver, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    channel = await _hook(database, receiver)
    await _alert(database, channel)
    real = deliveries.keep_attempt

    async def dies(*_: Any, **__: Any) -> str:
        await asyncio.sleep(3600)
        return ""

    monkeypatch.setattr(deliveries, "keep_attempt", dies)
    async with connected(own_database) as other:
        killed = asyncio.create_task(DeliveryWorker(other, settings, storage).run(asyncio.Event()))
        await _until(lambda: len(receiver.bodies) == 1)
        killed.cancel()
        await asyncio.wait({killed})
    monkeypatch.setattr(deliveries, "keep_attempt", real)
    (row,) = await _rows(database)
    assert (row.status, row.attempts, row.claimed_until > datetime.now(UTC)) == ("pending", 1, True)
    async with database.session(SYSTEM) as session:
        await session.execute(text("UPDATE notification_outbox SET claimed_until = now()"))
    async with _working(database, settings, storage):
        (row,) = await _settled(database, "delivered")
    assert [json.loads(body)["id"] for body in receiver.bodies] == [str(row.id)] * 2


@pytest.mark.asyncio
async def test_a_pause_keeps_and_the_end_of_a_day_ends(
    database: Database, settings: Settings, storage: ObjectStorage, receiver: WebReceiver
) -> None:
    channel = await _hook(database, receiver)
    async with database.session(SYSTEM) as session:
        await notifications.pause_channel(session, channel_id=channel, paused=True)
    async with _working(database, settings, storage):
        await _alert(database, channel)
        late = await _alert(database, channel)
        async with database.session(SYSTEM) as session:
            await session.execute(
                text("UPDATE notification_outbox SET give_up_at = now() WHERE alert_id = :a"), {"a": late}
            )
            await session.execute(text("SELECT pg_notify('sightline_deliveries', '')"))
        async with asyncio.timeout(15):
            while [row.status for row in await _rows(database)] != ["pending", "failed"]:
                await asyncio.sleep(0.03)
        assert receiver.bodies == []
        async with database.session(SYSTEM) as session:
            await notifications.pause_channel(session, channel_id=channel, paused=False)
        rows = await _settled(database, "delivered", "failed")
    assert (rows[1].last_error, len(receiver.bodies)) == ("given up: its channel was paused or off", 1)


@pytest.mark.asyncio
async def test_quiet_hours_are_waited_for_and_an_escalation_of_what_was_acknowledged_is_not_told(
    database: Database, settings: Settings, storage: ObjectStorage, receiver: WebReceiver
) -> None:
    channel = await _hook(database, receiver)
    soon = datetime.now(UTC) + timedelta(seconds=1)
    async with _working(database, settings, storage):
        alert_id = await _alert(database, channel, not_before=soon)
        async with database.session(SYSTEM) as session:
            await session.execute(text("UPDATE alerts SET status = 'acknowledged', acknowledged_at = now()"))
            await notifications.send_notifications(session, alert_id=alert_id, channel_ids=[channel], level=1)
        first, second = await _settled(database, "delivered", "cancelled")
    assert (first.status, second.status, second.level) == ("delivered", "cancelled", 1)
    assert first.delivered_at >= soon
    assert json.loads(receiver.bodies[0])["acknowledge_link"] is None


@pytest.mark.asyncio
async def test_mails_that_bounce_for_some_are_not_sent_to_the_others_again(
    database: Database, settings: Settings, storage: ObjectStorage
) -> None:
    people = ["guard@example.org", "gone@example.org", "busy@example.org"]
    channel = await _channel(database, kind="email", name="mails", recipients=people, language="de")
    async with mail_server() as server:
        server.refusals = {"gone@example.org": "550 no such user", "busy@example.org": "451 later"}
        smtp = settings.smtp.model_copy(update={"host": "127.0.0.1", "port": server.port, "security": "none"})
        async with _working(database, settings.model_copy(update={"smtp": smtp}), storage):
            await _alert(database, channel, name="Tor <2>")
            await _until(lambda: len(server.mails) == 1)
            server.refusals.clear()
            (row,) = await _settled(database, "delivered")
    assert server.recipients == [["guard@example.org"], ["busy@example.org"]]
    mail = server.mails[0]
    assert mail["Message-ID"] == f"<{row.id}@localhost>" == server.mails[1]["Message-ID"]
    plain, html = (part.get_payload(decode=True).decode() for part in mail.get_payload())  # type: ignore[union-attr]
    assert "Kamera: Tor <2>" in plain
    assert "acknowledge-link?token=" in plain
    assert "Tor &lt;2&gt;" in html
    assert "src=" not in html


@pytest.mark.asyncio
async def test_a_mail_server_that_stalls_is_tried_again(
    database: Database, settings: Settings, storage: ObjectStorage
) -> None:
    channel = await _channel(database, kind="email", name="mails", recipients=["guard@example.org"])
    async with mail_server() as server:
        server.delay = 5
        smtp = settings.smtp.model_copy(update={"host": "127.0.0.1", "port": server.port, "security": "none"})
        async with _working(database, settings.model_copy(update={"smtp": smtp}), storage):
            await _alert(database, channel)
            async with asyncio.timeout(15):
                while not (await _rows(database))[0].last_error:
                    await asyncio.sleep(0.05)
            server.delay = 0
            await _settled(database, "delivered")


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
        channel = await _channel(database, kind="mqtt", host="localhost", port=port, tls=False)
        async with _working(database, settings, storage):
            await _until(lambda: heard[-1:] == status[:1])
            await ear.publish("sightline/status", "offline", qos=1, retain=True)  # as the will of another worker
            await _until(lambda: heard[-2:] == status[::-1])
            await _alert(database, channel)
            (row,) = await _settled(database, "delivered")
        await _until(lambda: heard[-1:] == status[1:])
        listening.cancel()
        await asyncio.wait({listening})
    (event,) = [json.loads(payload) for topic, payload in heard if topic == "sightline/event"]
    assert event["id"] == str(row.id)
