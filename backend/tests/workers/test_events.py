"""What the recording worker publishes is what browsers' hubs understand, and a lost Redis holds nobody up."""

from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from sightline.core.config import RedisSettings
from sightline.core.redis import open_redis
from sightline.services import events
from sightline.services.sightings import RaisedAlert, Recorded
from sightline.workers.embedded.valkey import EmbeddedValkey, ValkeyAddress
from sightline.workers.events import EventPublisher

pytestmark = pytest.mark.asyncio
CAMERA, NEW, OLD = uuid4(), uuid4(), uuid4()
ALERT = RaisedAlert(uuid4(), NEW, CAMERA, uuid4(), 1, "high", 'Match on watchlist "x" at camera "y"')
RECORDED = Recorded((NEW,), (OLD,), (ALERT,))


def _client(url: str) -> Redis:
    return open_redis(RedisSettings(url=SecretStr(url)))


async def _publish(url: str) -> None:
    async with _client(url) as client:
        publisher = EventPublisher(client)
        await publisher.publish(RECORDED)
        await publisher.publish(Recorded())
        await publisher.publish_camera(CAMERA)


async def test_every_event_names_a_record_and_no_person(redis_server: ValkeyAddress) -> None:
    async with _client(redis_server.url) as client:
        await client.flushdb()
        await _publish(redis_server.url)
        told = events.rows(await client.xrange(events.STREAM))
    good, wrong = events.entries(told)
    expected = [("sighting", NEW), ("sighting", OLD), ("alert", ALERT.id), ("camera", CAMERA)]
    assert [(entry.event.kind.value, entry.event.id) for entry in good] == expected
    assert wrong == []
    assert str(ALERT.subject_id) not in str(told)


async def test_without_redis_nothing_is_raised(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    await _publish(f"unix://:hunter2@{tmp_path}/nobody")
    await _publish("redis://:hunter2@127.0.0.1:9/0")
    assert caplog.text.count("events could not be published") == 4
    assert "hunter2" not in caplog.text


async def test_the_news_goes_on_when_redis_is_back(tmp_path: Path) -> None:
    """Killed and started again under a publisher that lives on."""
    server = EmbeddedValkey(tmp_path)
    url = server.start().url
    own = _client(url)
    publisher = EventPublisher(own)
    await publisher.publish_camera(CAMERA)
    assert server.process is not None
    server.process.kill()
    server.process.wait()
    await publisher.publish_camera(CAMERA)
    server.start()
    await publisher.publish_camera(CAMERA)
    async with _client(url) as client:
        entries, _ = events.entries(events.rows(await client.xrange(events.STREAM)))
    await own.aclose()
    server.stop()
    assert entries[-1].event == events.Event(events.EventKind.CAMERA, CAMERA)
