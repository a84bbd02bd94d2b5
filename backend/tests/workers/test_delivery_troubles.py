"""Receivers that fail, stall, lie and bounce: told in the end or given up with a reason, they hold up nobody."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from sightline.core.config import Settings
from sightline.core.database import SYSTEM, Database
from sightline.core.storage import ObjectStorage
from sightline.services import deliveries, notification_senders, notifications
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
from tests.support.receivers import WebReceiver, hangs_up, mail_server, never_ends, stalls, web_receiver


@pytest.mark.asyncio
async def test_a_receiver_that_fails_stalls_and_lies_has_it_in_the_end_under_one_id(
    database: Database, settings: Settings, storage: ObjectStorage, receiver: WebReceiver
) -> None:
    receiver.answers = ["500 Broken", hangs_up, stalls, "404 Not yet"]
    channel = await add_hook(database, receiver)
    async with working(database, settings, storage):
        await raise_alert(database, channel)
        (row,) = await settled(database, "delivered")
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
    channel = await add_hook(database, receiver)
    async with working(database, settings, storage):
        await raise_alert(database, channel)
        await settled(database, "delivered")


@pytest.mark.asyncio
@pytest.mark.parametrize("answer", ["410 Gone", "422 No", "302 Found\r\nLocation: http://169.254.169.254/latest"])
async def test_what_will_never_be_taken_fails_at_once_with_its_reason(
    database: Database, settings: Settings, storage: ObjectStorage, receiver: WebReceiver, answer: str
) -> None:
    receiver.answers = [answer]
    channel = await add_hook(database, receiver)
    async with working(database, settings, storage):
        await raise_alert(database, channel)
        (row,) = await settled(database, "failed")
    assert (row.attempts, answer[:3] in row.last_error, len(receiver.bodies)) == (1, True, 1)


@pytest.mark.asyncio
async def test_a_name_that_leads_elsewhere_when_it_is_sent_to_is_refused(
    database: Database,
    settings: Settings,
    storage: ObjectStorage,
    receiver: WebReceiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    channel = await add_hook(database, receiver)
    loop = asyncio.get_running_loop()
    real, asked = loop.getaddrinfo, 0

    async def changing(host: Any, port: Any, **options: Any) -> Any:
        nonlocal asked
        if host != "localhost":
            return await real(host, port, **options)
        asked += 1
        return await real("127.0.0.1" if asked == 1 else "169.254.169.254", port, **options)

    monkeypatch.setattr(loop, "getaddrinfo", changing)
    async with working(database, settings, storage):
        await raise_alert(database, channel)
        await settled(database, "delivered")  # one look, and the connection goes to what was looked at
        await raise_alert(database, channel)
        rows = await settled(database, "delivered", "failed")
    assert ("must not go to" in rows[1].last_error, len(receiver.bodies), asked) == (True, 1, 2)


@pytest.mark.asyncio
async def test_a_receiver_that_asks_for_time_gets_it(
    database: Database, settings: Settings, storage: ObjectStorage, receiver: WebReceiver
) -> None:
    receiver.answers = ["429 Slow\r\nRetry-After: 2"]
    channel = await add_hook(database, receiver)
    async with working(database, settings, storage):
        await raise_alert(database, channel)
        await until(lambda: len(receiver.bodies) == 1)
        (row,) = await settled(database, "delivered")
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
        ill, well = await add_hook(database, bad), await add_hook(database, receiver)
        async with working(database, settings, storage):
            await raise_alert(database, ill)
            await until(lambda: len(bad.bodies) == deliveries.FAILURES_TO_OPEN)
            await raise_alert(database, ill, well)
            await until(lambda: len(receiver.bodies) == 1)
            async with database.session(SYSTEM) as session:
                health = (await notifications.get_channel(session, channel_id=ill)).health
            assert (health.circuit, len(bad.bodies)) == ("open", deliveries.FAILURES_TO_OPEN)
            await settled(database, "delivered")  # the probe fails once, then it is well, and both arrive
        async with database.session(SYSTEM) as session:
            health = (await notifications.get_channel(session, channel_id=ill)).health
    assert (health.circuit, health.failures, health.waiting) == ("closed", 0, 0)


@pytest.mark.asyncio
async def test_what_nobody_foresaw_ends_no_worker(
    database: Database, settings: Settings, storage: ObjectStorage, receiver: WebReceiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    channel, real = await add_hook(database, receiver), notification_senders.send
    calls = 0

    async def surprising(*given: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        return 1 / 0 if calls == 1 else await real(*given, **options)

    monkeypatch.setattr(notification_senders, "send", surprising)
    async with working(database, settings, storage):
        await raise_alert(database, channel)
        (row,) = await settled(database, "delivered")
    assert row.attempts == 2


@pytest.mark.asyncio
async def test_mails_that_bounce_for_some_are_not_sent_to_the_others_again(
    database: Database, settings: Settings, storage: ObjectStorage
) -> None:
    people = ["guard@example.org", "gone@example.org", "busy@example.org"]
    channel = await add_channel(database, kind="email", name="mails", recipients=people, language="de")
    async with mail_server() as server:
        server.refusals = {"gone@example.org": "550 no such user", "busy@example.org": "451 later"}
        smtp = settings.smtp.model_copy(update={"host": "127.0.0.1", "port": server.port, "security": "none"})
        async with working(database, settings.model_copy(update={"smtp": smtp}), storage):
            await raise_alert(database, channel, name="Tor <2>")
            await until(lambda: len(server.mails) == 1)
            server.refusals.clear()
            (row,) = await settled(database, "delivered")
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
    channel = await add_channel(database, kind="email", name="mails", recipients=["guard@example.org"])
    async with mail_server() as server:
        server.delay = 5
        smtp = settings.smtp.model_copy(update={"host": "127.0.0.1", "port": server.port, "security": "none"})
        async with working(database, settings.model_copy(update={"smtp": smtp}), storage):
            await raise_alert(database, channel)
            async with asyncio.timeout(15):
                while not (await outbox(database))[0].last_error:
                    await asyncio.sleep(0.05)
            server.delay = 0
            await settled(database, "delivered")
