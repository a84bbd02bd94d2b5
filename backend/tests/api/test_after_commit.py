"""Events are told after the commit, once each, and not at all where the request failed."""

import logging

import httpx
import pytest
from fastapi import FastAPI
from redis.asyncio import Redis
from sqlalchemy import text

from sightline.api.after_commit import AfterCommitDep
from sightline.api.deps import SessionDep, resources, transaction
from sightline.core.config import RedisSettings
from sightline.core.database import SYSTEM
from sightline.core.errors import Conflict
from sightline.core.redis import open_redis
from sightline.services import events
from sightline.services.events import Event, EventKind
from tests.api.conftest import BASE, World


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, app: FastAPI) -> list[tuple[tuple[Event, ...], bool]]:
    """What was published, and whether the change was visible to others by then."""
    seen: list[tuple[tuple[Event, ...], bool]] = []

    async def publish(_redis: Redis, *published: Event) -> None:
        async with app.state.resources.database.session(SYSTEM) as session:
            place = await session.scalar(text("SELECT location FROM cameras WHERE name = 'Lobby'"))
        seen.append((published, place == "moved"))

    monkeypatch.setattr(events, "publish", publish)
    return seen


@pytest.fixture
def app(own_app: FastAPI) -> FastAPI:
    """It gets a route that is there for these tests only."""
    return own_app


@pytest.fixture
def browser(app: FastAPI, world: World) -> httpx.AsyncClient:
    """Two routes more, acting as the machine itself."""

    async def move(session: SessionDep, after: AfterCommitDep, fail: bool = False) -> None:
        await session.execute(text("UPDATE cameras SET location = 'moved' WHERE name = 'Lobby'"))
        event = Event(EventKind.CAMERA, world.lobby.id)
        after.publish(event, event)
        if fail:
            raise Conflict("on second thoughts", hint="Do not.")

    async def as_system() -> object:
        async with app.state.resources.database.session(SYSTEM) as session:
            yield session

    app.add_api_route("/move", move, methods=["POST"])
    app.dependency_overrides[transaction] = as_system
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE, headers={"Origin": BASE})


@pytest.mark.asyncio
async def test_an_event_is_told_once_and_when_others_can_see_the_change(
    browser: httpx.AsyncClient, world: World, told: list[tuple[tuple[Event, ...], bool]]
) -> None:
    assert (await browser.post("/move")).status_code == 200
    assert told == [((Event(EventKind.CAMERA, world.lobby.id),), True)]


@pytest.mark.asyncio
async def test_a_request_that_fails_tells_nothing(
    browser: httpx.AsyncClient, told: list[tuple[tuple[Event, ...], bool]]
) -> None:
    assert (await browser.post("/move", params={"fail": True})).status_code == 409
    assert told == []


@pytest.mark.asyncio
async def test_the_change_stands_while_redis_is_down(
    app: FastAPI, browser: httpx.AsyncClient, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    nowhere = open_redis(RedisSettings(url="redis://127.0.0.1:1/0"))
    opened = app.state.resources
    app.dependency_overrides[resources] = lambda: type(opened)(**{**vars(opened), "redis": nowhere})
    with caplog.at_level(logging.WARNING, logger="sightline.api"):
        assert (await browser.post("/move")).status_code == 200
    assert "1 events were not told" in caplog.text
    await nowhere.aclose()
    async with opened.database.session(SYSTEM) as session:
        assert await session.scalar(text("SELECT location FROM cameras WHERE name = 'Lobby'")) == "moved"
