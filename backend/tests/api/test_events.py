"""Events: told to those who may see the record, re-read under their rights; slow watchers let go."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from uuid import uuid4

import pytest
from fastapi import FastAPI
from redis.asyncio import Redis

from sightline.api import hub as hub_module
from sightline.api import live
from sightline.api.hub import LIMIT, Hub
from sightline.api.resources import Resources
from sightline.core.database import SYSTEM, Database, Principal, Role
from sightline.core.errors import InvalidInput
from sightline.services import sessions, users
from sightline.services.events import CHANNEL, Event, EventKind, decode, encode, publish
from tests.api.conftest import World


async def _watch(opened: Resources, database: Database, name: str) -> tuple[AsyncIterator[str], str]:
    """The stream of a user who is logged in, after its greeting."""
    async with database.session(SYSTEM) as session:
        user = await users.get(session, username=name)
        link = await sessions.create_login_link(session, user_id=user.id)
    at = Principal(Role.AUTH)
    async with database.session(at) as session:
        new = await sessions.enter(session, token=link, at=at)
    stream = live._told(opened, Principal(Role(user.role), user.id), new.token)
    assert "event: hello" in await anext(stream)
    return stream, new.token


async def _subscribed(redis: Redis) -> None:
    while dict(await redis.pubsub_numsub(CHANNEL))[CHANNEL.encode()] < 1:
        await asyncio.sleep(0.02)


@pytest.mark.asyncio
async def test_a_user_is_told_of_what_they_may_see_and_of_nothing_else(
    app: FastAPI, world: World, database: Database, redis: Redis
) -> None:
    opened = app.state.resources
    await _subscribed(redis)
    stream, _ = await _watch(opened, database, "operator")
    async with aclosing(stream) as frames:  # type: ignore[type-var]
        secret = [Event(EventKind.SIGHTING, world.in_vault), Event(EventKind.CAMERA, world.vault.id)]
        await publish(redis, *secret, Event(EventKind.SIGHTING, world.known), Event(EventKind.CAMERA, world.lobby.id))
        told = [await anext(frames), await anext(frames)]
    names = [frame.splitlines()[0] for frame in told]
    records = [json.loads(frame.splitlines()[1].removeprefix("data: ")) for frame in told]
    assert names == ["event: camera", "event: sighting"]
    assert [record["id"] for record in records] == [str(world.lobby.id), str(world.known)]
    assert records[1]["subject_name"] == world.guest.name


@pytest.mark.asyncio
async def test_an_auditor_hears_of_cameras_only(app: FastAPI, world: World, database: Database, redis: Redis) -> None:
    await _subscribed(redis)
    stream, _ = await _watch(app.state.resources, database, "auditor")
    async with aclosing(stream) as frames:  # type: ignore[type-var]
        await publish(redis, Event(EventKind.SIGHTING, world.known), Event(EventKind.CAMERA, world.lobby.id))
        assert (await anext(frames)).startswith("event: camera")


@pytest.mark.asyncio
async def test_the_stream_stays_open_in_quiet_and_ends_with_the_login(
    app: FastAPI, world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.05)
    stream, token = await _watch(app.state.resources, database, "viewer")
    async with aclosing(stream) as frames:  # type: ignore[type-var]
        assert await anext(frames) == ": still here\n\n"
        async with database.session(Principal(Role.AUTH)) as session:
            await sessions.logout(session, token=token)
        assert [frame async for frame in frames] in ([], [": still here\n\n"])


@pytest.mark.asyncio
async def test_who_is_too_slow_is_let_go_and_costs_no_memory(redis: Redis) -> None:
    hub = Hub(redis)
    with hub.watch() as slow:
        for _ in range(LIMIT):
            slow.offer(Event(EventKind.SIGHTING, uuid4()))
        before = slow.ended
        slow.offer(Event(EventKind.SIGHTING, uuid4()))
        assert (before, slow.ended) == (False, True)
        assert slow._waiting == {}


@pytest.mark.asyncio
async def test_the_same_record_waits_once(redis: Redis) -> None:
    hub = Hub(redis)
    event = Event(EventKind.ALERT, uuid4())
    with hub.watch() as watcher:
        for _ in range(1000):
            watcher.offer(event)
        assert (await watcher.next(1)).events == (event,)


@pytest.mark.asyncio
async def test_noise_on_the_channel_does_not_end_the_hub(app: FastAPI, redis: Redis) -> None:
    await _subscribed(redis)
    with app.state.resources.hub.watch() as watcher:
        for noise in ("", "[]", '{"type": "face", "id": "x"}', "{" * 1000):
            await redis.publish(CHANNEL, noise)
        event = Event(EventKind.CAMERA, uuid4())
        await publish(redis, event)
        assert (await watcher.next(5)).events == (event,)


@pytest.mark.asyncio
async def test_after_a_lost_connection_watchers_look_again(
    app: FastAPI, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "SHORTEST_PAUSE", 0.01)
    app.state.resources.hub._pause = 0.01
    await _subscribed(redis)
    with app.state.resources.hub.watch() as watcher:
        await redis.client_kill_filter(_type="pubsub")
        while not (await watcher.next(5)).look_again:
            pass


def test_an_event_survives_its_encoding_and_nothing_else_is_one() -> None:
    event = Event(EventKind.SIGHTING, uuid4())
    assert decode(encode(event)) == event
    with pytest.raises(InvalidInput):
        decode('{"type": "sighting"}')
