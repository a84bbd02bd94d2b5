"""The page in a real browser on a real server: what a person sees, live, and that nothing comes from outside."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import httpx
import pytest
import pytest_asyncio
import uvicorn
from fastapi import FastAPI
from redis.asyncio import Redis

from sightline.api.pages import ASSETS, FOLDER
from sightline.core.database import SYSTEM, WORKER, Database
from sightline.services import sessions, sightings, users
from sightline.services.events import Event, EventKind, publish
from tests.api.conftest import World
from tests.support.browser import Browser, browser
from tests.support.database import track_record

Value = TypeVar("Value")
LIVE = "document.getElementById('connection').dataset.state === 'live'"
ROWS = "document.querySelectorAll('#sightings > li')"


@pytest_asyncio.fixture
async def address(app: FastAPI) -> AsyncIterator[str]:
    """The running application on a port of its own."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    app.state.resources.hub.close()
    server.should_exit = True
    await serving


async def aside(work: Callable[[], Value]) -> Value:
    """The browser waits in a thread, the server goes on."""
    return await asyncio.to_thread(work)


async def _link(database: Database, name: str) -> str:
    async with database.session(SYSTEM) as session:
        user = await users.get(session, username=name)
        return await sessions.create_login_link(session, user_id=user.id)


@pytest.mark.asyncio
async def test_a_person_sees_it_happen(address: str, world: World, database: Database, redis: Redis) -> None:
    link = await _link(database, "operator")
    with browser() as page:
        await aside(lambda: _enter(page, f"{address}/enter?token={link}"))
        text = await aside(lambda: page.evaluate("document.querySelector('main').innerText"))
        assert world.guest.name in text
        assert "unknown" in text
        assert "alert: high" in text
        assert "Vault" not in text
        new = track_record(world.lobby, first_seen=datetime.now(UTC), last_seen=datetime.now(UTC))
        async with database.session(WORKER) as session:
            await sightings.record_tracks(session, tracks=[new])
        await publish(redis, Event(EventKind.SIGHTING, new.track_id))
        await aside(lambda: page.until(f"{ROWS}.length === 3"))
        assert await aside(lambda: page.evaluate(f"{ROWS}[0].dataset.id")) == str(new.track_id)
        await aside(lambda: _fits(page))
        assert [one for one in page.complaints if "404" not in one and "400" not in one] == []


READY = "document.forms.length && !document.forms[0].querySelector('button').disabled"
"""The form's script has taken over; before that its button does nothing."""


def _enter(page: Browser, url: str) -> None:
    page.look(1280, 800, "light")
    page.open(url)
    page.until(f"{LIVE} && {ROWS}.length === 2")


def _fits(page: Browser) -> None:
    """Nothing sticks out at any width."""
    for width in (320, 390, 768, 1280):
        page.look(width, 800, "dark")
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.asyncio
async def test_a_stranger_is_led_to_the_form_and_back_by_it(address: str, world: World) -> None:
    with browser() as page:
        await aside(lambda: page.open(address))
        await aside(lambda: page.until(READY))
        await aside(lambda: _fill_in(page, "wrong"))
        message = await aside(lambda: page.until("document.getElementById('message')?.textContent"))
        assert message.startswith("Name, password or code is wrong.")
        await aside(lambda: page.until(READY))
        await aside(lambda: _fill_in(page, "a-long-enough-passphrase"))
        assert await aside(lambda: page.until("document.getElementById('who')?.textContent")) == "viewer · viewer"


def _fill_in(page: Browser, password: str) -> None:
    page.evaluate(
        "(() => { const form = document.forms[0]; form.username.value = 'viewer';"
        f" form.password.value = '{password}'; form.querySelector('button').click(); }})()"
    )


@pytest.mark.asyncio
async def test_the_demo_says_who_its_guests_are(app: FastAPI, client: httpx.AsyncClient) -> None:
    page = (await client.get("/")).text
    assert 'data-demo="no"' in page
    for words in ("Grace Hopper", "US Navy, public domain", "Eileen Collins", "NASA, public domain"):
        assert words in page


@pytest.mark.asyncio
async def test_every_answer_is_locked_down(client: httpx.AsyncClient) -> None:
    for path in ("/", "/login", "/assets/app.js", "/v1/cameras", "/nothing"):
        headers = (await client.get(path)).headers
        assert "default-src 'none'" in headers["content-security-policy"], path
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-request-id"]
    assert (await client.get("/v1/cameras")).headers["cache-control"] == "no-store"
    assert (await client.get("/assets/..%2findex.html")).status_code == 404


def test_nothing_comes_from_outside_and_nothing_is_inline() -> None:
    for path in FOLDER.iterdir():
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "://" not in text, path
        assert "innerHTML" not in text, path
    for page in Path(FOLDER).glob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert "style=" not in text
        assert "<script>" not in text
        assert {name for name in ASSETS if f"/assets/{name}" in text} >= {"app.css", "icon.svg"}
