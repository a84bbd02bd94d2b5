"""A worker that delivers, the outbox it empties, and alerts to tell of."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from pydantic import SecretStr, TypeAdapter
from sqlalchemy import text

from sightline.core.config import Settings
from sightline.core.database import SYSTEM, WORKER, Database
from sightline.core.storage import LocalStorage, ObjectStorage, UrlSigner
from sightline.schemas.channels import ChannelIn
from sightline.services import deliveries, notifications
from sightline.services.sightings import record_tracks
from sightline.workers.deliveries import DeliveryWorker
from tests.support.database import (
    SEALER,
    SEALING_KEY,
    DatabaseAddress,
    add_camera,
    add_subject,
    add_watchlist,
    track_record,
)
from tests.support.receivers import WebReceiver, web_receiver

SECRET = "whsec_of_a_test_only"
JPEG = b"\xff\xd8 a picture of somebody"


@pytest.fixture(name="settings")
def delivery_settings(own_database: DatabaseAddress, tmp_path: Path) -> Settings:
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


@pytest.fixture(name="storage")
def delivery_storage(tmp_path: Path) -> ObjectStorage:
    return LocalStorage(tmp_path / "objects", UrlSigner("x" * 32))


@pytest_asyncio.fixture(name="receiver")
async def delivery_receiver() -> AsyncIterator[WebReceiver]:
    async with web_receiver() as opened:
        yield opened


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "FIRST_RETRY", 0.05)


async def add_channel(database: Database, **given: Any) -> UUID:
    channel = TypeAdapter(ChannelIn).validate_python({"name": f"channel {len(given)} {given.get('url')}", **given})
    async with database.session(SYSTEM) as session:
        return (await notifications.create_channel(session, given=channel, sealer=SEALER)).id


async def add_hook(database: Database, receiver: WebReceiver, path: str = "/", **given: Any) -> UUID:
    return await add_channel(database, kind="webhook", url=receiver.url + path, secret=SECRET, **given)


async def raise_alert(database: Database, *channels: UUID, name: str | None = None, **options: Any) -> UUID:
    """An alert that is queued in the same transaction."""
    async with database.session(SYSTEM) as session:
        subject = await add_subject(session, await add_watchlist(session))
        track = track_record(await add_camera(session, name), subject)
    async with database.session(WORKER) as session:
        (alert,) = (await record_tracks(session, tracks=[track])).alerts
        await notifications.send_notifications(session, alert_id=alert.id, channel_ids=channels, **options)
    return alert.id


@asynccontextmanager
async def working(
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


async def outbox(database: Database) -> list[Any]:
    async with database.session(SYSTEM) as session:
        statement = text("SELECT o.*, c.kind FROM notification_outbox o JOIN notification_channels c"
            " ON c.id = o.channel_id ORDER BY o.id")  # fmt: skip
        return list((await session.execute(statement)).all())


async def until(true: Callable[[], bool], seconds: float = 15.0) -> None:
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.02)


async def settled(database: Database, *statuses: str, seconds: float = 15.0) -> list[Any]:
    """Once every delivery has one of these statuses."""
    async with asyncio.timeout(seconds):
        while True:
            rows = await outbox(database)
            if rows and all(row.status in statuses for row in rows):
                return rows
            await asyncio.sleep(0.03)
