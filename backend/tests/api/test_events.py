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
from sightline.services.events import (
    KEPT,
    STREAM,
    Entry,
    Event,
    EventId,
    EventKind,
    decode,
    encode,
    event_id,
    publish,
    rows,
)
from sightline.services.sessions import ActiveSession
from tests.api.conftest import World


async def _watch(opened: Resources, database: Database, name: str) -> tuple[AsyncIterator[str], ActiveSession]:
    """The stream of a user who is logged in, after its greeting."""
    async with database.session(SYSTEM) as session:
        user = await users.get(session, username=name)
        link = await sessions.create_login_link(session, user_id=user.id)
    at = Principal(Role.AUTH)
    async with database.session(at) as session:
        new = await sessions.enter(session, token=link, at=at)
        current = await sessions.find(session, session_id=new.session_id, user_id=user.id)
    assert current is not None
    stream = live._told(opened, Principal(Role(user.role), user.id), current)
    assert "event: hello" in await anext(stream)
    return stream, current


async def listening(app: FastAPI) -> Hub:
    hub: Hub = app.state.resources.hub
    while hub.position is None:
        await asyncio.sleep(0.02)
    return hub


def _entry(event: Event, number: int = 1) -> Entry:
    return Entry(EventId(f"1-{number}"), event)


@pytest.mark.asyncio
async def test_a_user_is_told_of_what_they_may_see_and_of_nothing_else(
    app: FastAPI, world: World, database: Database, redis: Redis
) -> None:
    opened = app.state.resources
    await listening(app)
    stream, _ = await _watch(opened, database, "operator")
    async with aclosing(stream) as frames:  # type: ignore[type-var]
        secret = [Event(EventKind.SIGHTING, world.in_vault), Event(EventKind.CAMERA, world.vault.id)]
        await publish(redis, *secret, Event(EventKind.SIGHTING, world.known), Event(EventKind.CAMERA, world.lobby.id))
        told = [await anext(frames), await anext(frames)]
    names = [frame.splitlines()[0] for frame in told]
    records = [json.loads(frame.splitlines()[1].removeprefix("data: ")) for frame in told]
    assert names == ["event: sighting", "event: camera"]
    assert [record["id"] for record in records] == [str(world.known), str(world.lobby.id)]
    assert records[0]["subject_name"] == world.guest.name


@pytest.mark.asyncio
async def test_an_auditor_hears_of_cameras_only(app: FastAPI, world: World, database: Database, redis: Redis) -> None:
    await listening(app)
    stream, _ = await _watch(app.state.resources, database, "auditor")
    async with aclosing(stream) as frames:  # type: ignore[type-var]
        await publish(redis, Event(EventKind.SIGHTING, world.known), Event(EventKind.CAMERA, world.lobby.id))
        assert (await anext(frames)).startswith("event: camera")


@pytest.mark.asyncio
async def test_the_stream_stays_open_in_quiet_and_ends_with_the_login(
    app: FastAPI, world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.05)
    stream, current = await _watch(app.state.resources, database, "viewer")
    async with aclosing(stream) as frames:  # type: ignore[type-var]
        assert await anext(frames) == ": still here\n\n"
        async with database.session(Principal(Role.AUTH)) as session:
            await sessions.logout(session, session_id=current.session_id)
        assert [frame async for frame in frames] in ([], [": still here\n\n"])


@pytest.mark.asyncio
async def test_who_is_too_slow_is_let_go_and_costs_no_memory(redis: Redis) -> None:
    hub = Hub(redis)
    with hub.watch() as slow:
        for _ in range(LIMIT):
            slow.offer(_entry(Event(EventKind.SIGHTING, uuid4())))
        before = slow.ended
        slow.offer(_entry(Event(EventKind.SIGHTING, uuid4())))
        assert (before, slow.ended) == (False, True)
        assert slow._waiting == {}


@pytest.mark.asyncio
async def test_the_same_record_waits_once_at_its_newest_place(redis: Redis) -> None:
    hub = Hub(redis)
    event, other = Event(EventKind.ALERT, uuid4()), Event(EventKind.CAMERA, uuid4())
    with hub.watch() as watcher:
        for number in range(1000):
            watcher.offer(_entry(event, number))
            if number == 500:
                watcher.offer(_entry(other, number))
        assert (await watcher.next(1)).entries == (_entry(other, 500), _entry(event, 999))


@pytest.mark.asyncio
async def test_noise_in_the_stream_does_not_end_the_hub(app: FastAPI, redis: Redis) -> None:
    hub = await listening(app)
    with hub.watch() as watcher:
        for noise in ("", "[]", '{"type": "face", "id": "x"}', "{" * 1000):
            await redis.xadd(STREAM, {"event": noise})
        await redis.xadd(STREAM, {"something": "else"})
        event = Event(EventKind.CAMERA, uuid4())
        await publish(redis, event)
        assert (await watcher.next(5)).events == (event,)


@pytest.mark.asyncio
async def test_a_lost_connection_loses_no_event(app: FastAPI, redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "SHORTEST_PAUSE", 0.2)
    hub = await listening(app)
    hub._pause = 0.2
    wanted = tuple(Event(EventKind.SIGHTING, uuid4()) for _ in range(3))
    with hub.watch() as watcher:
        await publish(redis, wanted[0])
        await redis.client_kill_filter(_type="normal", skipme=True)
        await publish(redis, *wanted[1:])
        told: tuple[Event, ...] = ()
        while len(told) < 3:
            batch = await watcher.next(5)
            assert not batch.look_again
            told += batch.events
    assert told == wanted


@pytest.mark.asyncio
async def test_watchers_look_again_where_redis_lost_its_data(
    app: FastAPI, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "SHORTEST_PAUSE", 0.01)
    await publish(redis, Event(EventKind.ALERT, uuid4()))
    hub = await listening(app)
    hub._pause = 0.01
    with hub.watch() as watcher:
        await redis.flushdb()
        await redis.client_kill_filter(_type="normal", skipme=True)
        while not (await watcher.next(5)).look_again:
            pass
        event = Event(EventKind.ALERT, uuid4())
        await publish(redis, event)
        assert event in (await watcher.next(5)).events


@pytest.mark.asyncio
async def test_who_was_away_is_told_what_happened_since(app: FastAPI, redis: Redis) -> None:
    hub = await listening(app)
    first, second, third = (Event(EventKind.SIGHTING, uuid4()) for _ in range(3))
    with hub.watch() as watcher:
        await publish(redis, first)
        seen = (await watcher.next(5)).entries[-1].id
    await publish(redis, second, third, second)
    past = await hub.past(seen)
    assert (past.events, past.look_again) == ((third, second), False)


@pytest.mark.asyncio
async def test_who_was_away_for_too_long_looks_again(app: FastAPI, redis: Redis) -> None:
    hub = await listening(app)
    await publish(redis, Event(EventKind.ALERT, uuid4()))
    assert (await hub.past(EventId("1-0"))).look_again, "older than what is kept"
    assert (await hub.past(EventId("99999999999999-0"))).look_again, "from before Redis lost its data"
    await publish(redis, *(Event(EventKind.ALERT, uuid4()) for _ in range(LIMIT + 1)))
    oldest = rows(await redis.xrange(STREAM, count=1))[0][0].decode()
    assert (await hub.past(EventId(oldest))).look_again, "more than anybody wants to hear of"


@pytest.mark.asyncio
async def test_the_stream_has_an_end(redis: Redis) -> None:
    for _ in range(KEPT // 500 + 2):
        await publish(redis, *(Event(EventKind.ALERT, uuid4()) for _ in range(500)))
    assert KEPT <= await redis.xlen(STREAM) < KEPT + 500


@pytest.mark.parametrize("text", ["", "x", "1", "1-", "-1", "1-x", "1-2-3", "9" * 40 + "-1", "１-1"])
def test_an_id_that_is_none(text: str) -> None:
    with pytest.raises(InvalidInput):
        event_id(text)


def test_an_event_survives_its_encoding_and_nothing_else_is_one() -> None:
    event = Event(EventKind.SIGHTING, uuid4())
    assert decode(encode(event)) == event
    with pytest.raises(InvalidInput):
        decode('{"type": "sighting"}')
