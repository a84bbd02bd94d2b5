"""The WebSocket over a real server: told what one may see, resumed after a break, closed when the login ends."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
import uvicorn
from fastapi import FastAPI
from redis.asyncio import Redis
from sqlalchemy import update
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from sightline.api import audience, hub
from sightline.api import socket as socket_module
from sightline.core.database import SYSTEM, Database, Role
from sightline.models import User
from sightline.services.events import Event, EventKind, publish
from tests.api.conftest import SignIn, World
from tests.api.test_events import listening
from tests.api.test_key_scopes import key_of

pytestmark = pytest.mark.asyncio


@dataclass(frozen=True)
class Server:
    """A running server, and the credentials of each role."""

    port: int
    sign_in: SignIn

    async def connect(self, role: Role | None, query: str = "", **headers: str) -> ClientConnection:
        """A connection with the cookie of a role, or with none."""
        if role is not None:
            client = await self.sign_in(role)
            headers["Cookie"] = "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.cookies.jar)
        address = f"ws://127.0.0.1:{self.port}/v1/ws{query}"
        return await connect(address, additional_headers=headers, compression=None)


@pytest_asyncio.fixture
async def server(app: FastAPI, sign_in: SignIn) -> AsyncIterator[Server]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            app, lifespan="off", log_config=None, ws="websockets-sansio", timeout_graceful_shutdown=1
        )
        running = uvicorn.Server(config)
        task = asyncio.create_task(running.serve(sockets=[listener]))
        while not running.started:
            await asyncio.sleep(0.01)
        await listening(app)
        yield Server(listener.getsockname()[1], sign_in)
        running.should_exit = True
        await task


async def said(connection: ClientConnection, *kinds: str) -> dict[str, Any]:
    """The next message of one of these kinds; greetings and heartbeats pass."""
    async with asyncio.timeout(10):
        while True:
            message: dict[str, Any] = json.loads(await connection.recv())
            if message["type"] in kinds:
                return message
            assert message["type"] in {"heartbeat", "welcome", "subscribed"}, message


async def say(connection: ClientConnection, **message: Any) -> None:
    await connection.send(json.dumps(message))


async def _drained(connection: ClientConnection) -> None:
    async with asyncio.timeout(10):
        while True:
            await connection.recv()


async def closed(connection: ClientConnection) -> tuple[int, str]:
    """Code and reason of the end."""
    with pytest.raises(ConnectionClosed) as ended:
        await _drained(connection)
    assert ended.value.rcvd is not None
    return ended.value.rcvd.code, ended.value.rcvd.reason


async def test_an_operator_hears_of_what_they_may_see_on_the_topics_they_chose(
    server: Server, world: World, redis: Redis
) -> None:
    async with await server.connect(Role.OPERATOR) as connection:
        welcome = await said(connection, "welcome")
        assert (welcome["username"], set(welcome["topics"])) == (
            "operator",
            {"detections", "recognitions", "alerts", "cameras", "jobs"},
        )
        await say(connection, type="subscribe", topics=["recognitions", "cameras"])
        assert (await said(connection, "subscribed"))["topics"] == ["recognitions", "cameras"]
        secret = [Event(EventKind.SIGHTING, world.in_vault), Event(EventKind.CAMERA, world.vault.id)]
        unknown = Event(EventKind.SIGHTING, world.unknown)
        await publish(redis, *secret, unknown, Event(EventKind.SIGHTING, world.known))
        told = await said(connection, "event")
        assert (told["topic"], told["data"]["id"]) == ("recognitions", str(world.known))
        assert told["data"]["subject_name"] == world.guest.name
        await say(connection, type="unsubscribe", topics=["recognitions"])
        assert (await said(connection, "subscribed"))["topics"] == ["cameras"]


async def test_an_unknown_person_is_a_detection_and_a_camera_filter_holds(
    server: Server, world: World, redis: Redis
) -> None:
    async with await server.connect(Role.ADMIN, f"?topics=detections&cameras={world.vault.id}") as connection:
        await said(connection, "subscribed")
        await publish(redis, Event(EventKind.SIGHTING, world.unknown), Event(EventKind.SIGHTING, world.in_vault))
        told = await said(connection, "event")
        assert (told["topic"], told["data"]["id"]) == ("detections", str(world.in_vault))


async def test_two_connections_of_one_user_hear_the_same(server: Server, world: World, redis: Redis) -> None:
    async with (
        await server.connect(Role.VIEWER, "?topics=detections") as one,
        await server.connect(Role.VIEWER, "?topics=detections,recognitions") as other,
    ):
        await said(one, "subscribed")
        await said(other, "subscribed")
        await publish(redis, Event(EventKind.SIGHTING, world.known))
        assert (await said(one, "event"))["topic"] == "detections"
        assert [(await said(other, "event"))["topic"] for _ in range(2)] == ["detections", "recognitions"]


async def test_who_was_away_goes_on_from_the_last_event(server: Server, world: World, redis: Redis) -> None:
    async with await server.connect(Role.OPERATOR, "?topics=detections") as connection:
        await said(connection, "subscribed")
        await publish(redis, Event(EventKind.SIGHTING, world.known))
        last = (await said(connection, "event"))["id"]
    await publish(redis, Event(EventKind.SIGHTING, world.unknown), Event(EventKind.SIGHTING, world.in_vault))
    async with await server.connect(Role.OPERATOR, f"?topics=detections&last_event_id={last}") as connection:
        missed = await said(connection, "event")
        assert missed["data"]["id"] == str(world.unknown)
        assert missed["id"] != last


async def test_who_was_away_for_too_long_is_told_of_a_gap(server: Server, world: World, redis: Redis) -> None:
    await publish(redis, Event(EventKind.SIGHTING, world.known))
    async with await server.connect(Role.OPERATOR, "?topics=detections&last_event_id=1-0") as connection:
        assert await said(connection, "gap", "event") == {"type": "gap"}


async def test_auditors_hear_of_cameras_and_no_people(server: Server, world: World, redis: Redis) -> None:
    async with await server.connect(Role.AUDITOR) as connection:
        assert (await said(connection, "welcome"))["topics"] == ["cameras", "jobs"]
        await say(connection, type="subscribe", topics=["alerts"])
        refusal = await said(connection, "error", "subscribed")
        assert "alerts" in refusal["detail"]
        await say(connection, type="ping")
        await said(connection, "pong")


async def test_a_program_says_who_it_is_in_its_first_message(
    server: Server, world: World, client: httpx.AsyncClient
) -> None:
    login = {"username": "operator", "password": "a-long-enough-passphrase"}
    token = (await client.post("/v1/auth/login", json=login)).json()["access_token"]
    async with await server.connect(None) as connection:
        await say(connection, type="authenticate", token=token)
        assert (await said(connection, "welcome"))["username"] == "operator"
    async with await server.connect(None, Authorization=f"Bearer {token}") as connection:
        assert (await said(connection, "welcome"))["username"] == "operator"


@pytest.mark.parametrize(
    "first",
    ['{"type": "authenticate", "token": "eyJhbGciOiJub25lIn0.e30."}', '{"type": "ping"}', "nonsense", "[" * 9000],
)
async def test_strangers_are_let_go(server: Server, first: str) -> None:
    async with await server.connect(None) as connection:
        await connection.send(first)
        code, reason = await closed(connection)
        assert code in {4400, 4401}
        assert "eyJ" not in reason


async def test_who_says_nothing_is_let_go(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket_module, "GREETING_SECONDS", 0.05)
    async with await server.connect(None) as connection:
        assert (await closed(connection))[0] == 4401


async def test_a_page_of_another_site_is_refused_with_the_users_cookie(server: Server) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await server.connect(Role.ADMIN, Origin="https://evil.example")
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("query", ["?topics=faces", "?topics=alerts&cameras=x", "?last_event_id=newest"])
async def test_an_address_that_asks_for_nonsense_is_told_so(server: Server, query: str) -> None:
    async with await server.connect(Role.ADMIN, query) as connection:
        assert (await closed(connection))[0] == 4400


async def test_messages_that_are_none_are_answered_then_we_hang_up(server: Server) -> None:
    async with await server.connect(Role.ADMIN) as connection:
        await said(connection, "welcome")
        for text in ('{"type": "subscribe"}', '{"type": "subscribe", "topics": ["faces"]}', "{}", '"\\ud800"'):
            await connection.send(text)
            assert (await said(connection, "error"))["code"] == "invalid_input"
        await connection.send(b"binary")
        await said(connection, "error")
        for _ in range(socket_module.MOST_REFUSALS):
            await connection.send("again")
        assert (await closed(connection))[0] == 4400


async def test_a_logout_ends_the_connection(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket_module, "HEARTBEAT_SECONDS", 0.05)
    client = await server.sign_in(Role.OPERATOR)
    cookie = "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.cookies.jar)
    async with await server.connect(None, Cookie=cookie) as connection:
        await said(connection, "heartbeat")
        assert (await client.post("/v1/auth/logout")).status_code == 204
        assert (await closed(connection))[0] == 4401


async def test_an_access_token_that_ends_ends_the_connection_unless_a_newer_one_came(
    server: Server, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await server.sign_in(Role.OPERATOR)
    me = (await client.get("/v1/auth/me")).json()
    tokens = app.state.resources.tokens
    session_id = UUID((await client.get("/v1/auth/sessions")).json()["items"][0]["id"])
    newer = tokens.issue(user_id=UUID(me["user_id"]), session_id=session_id).text
    monkeypatch.setattr(tokens, "life", timedelta(seconds=4))  # time enough to be renewed on a busy machine
    short = tokens.issue(user_id=UUID(me["user_id"]), session_id=session_id).text
    async with (
        await server.connect(None, Authorization=f"Bearer {short}") as renewed,
        await server.connect(None, Authorization=f"Bearer {short}") as forgotten,
    ):
        await said(renewed, "welcome")
        await say(renewed, type="authenticate", token=newer)
        await said(renewed, "welcome")
        assert await closed(forgotten) == (4401, "the access token has expired: connect with a newer one")
        await say(renewed, type="ping")
        await said(renewed, "pong")


async def test_another_role_ends_the_connection(
    server: Server, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket_module, "HEARTBEAT_SECONDS", 0.05)
    async with await server.connect(Role.OPERATOR) as connection:
        await said(connection, "heartbeat")
        async with database.session(SYSTEM) as session:
            await session.execute(update(User).where(User.username == "operator").values(role="viewer"))
        assert (await closed(connection))[0] == 4401


async def test_who_takes_nothing_is_let_go(
    server: Server, world: World, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audience, "LIMIT", 0)
    monkeypatch.setattr(hub, "GATHER_SECONDS", 0)
    async with await server.connect(Role.OPERATOR, "?topics=detections") as connection:
        await said(connection, "subscribed")
        await publish(redis, Event(EventKind.SIGHTING, world.known))
        assert (await closed(connection))[0] == 4408


async def test_one_account_takes_its_share_of_connections_and_no_more(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audience, "MOST_PER_USER", 1)
    async with await server.connect(Role.OPERATOR) as first:
        await said(first, "welcome")
        async with await server.connect(Role.OPERATOR) as second, await server.connect(Role.VIEWER) as other:
            assert (await closed(second))[0] == 4429
            await said(other, "welcome")


async def test_an_audience_ends_with_its_last_connection(server: Server, app: FastAPI) -> None:
    async with await server.connect(Role.OPERATOR) as one, await server.connect(Role.OPERATOR) as other:
        await said(one, "welcome")
        await said(other, "welcome")
        assert app.state.audiences.connections == 2
    async with asyncio.timeout(10):
        while app.state.audiences.connections:
            await asyncio.sleep(0.01)
    assert app.state.audiences._known == {}


async def test_who_needs_a_new_password_hears_nothing_before(
    server: Server, world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket_module, "HEARTBEAT_SECONDS", 0.2)
    async with await server.connect(Role.VIEWER, "?topics=alerts") as connection:
        await said(connection, "subscribed")
        async with database.session(SYSTEM) as session:
            await session.execute(update(User).where(User.username == "viewer").values(must_change_password=True))
        assert (await closed(connection))[0] == 4401
    async with await server.connect(Role.VIEWER, "?topics=alerts") as connection:
        assert (await closed(connection))[0] == 4403


async def test_a_key_follows_events_by_its_scope_only(server: Server, world: World, sign_in: SignIn) -> None:
    operator = await sign_in(Role.OPERATOR)
    deaf, hearing = await key_of(operator, "read_alerts"), await key_of(operator, "read_alerts", "follow_events")
    async with await server.connect(None, **{"X-API-Key": deaf}) as connection:
        assert (await closed(connection))[0] == 4403
    async with await server.connect(Role.OPERATOR, "?topics=alerts,detections") as connection:
        await said(connection, "subscribed")
        await say(connection, type="authenticate", token=hearing)
        assert (await said(connection, "welcome"))["topics"] == ["alerts"]
        await say(connection, type="subscribe", topics=["alerts"])
        assert (await said(connection, "subscribed"))["topics"] == ["alerts"]


async def test_pictures_are_linked_for_those_who_may_see_them_only(
    server: Server, world: World, redis: Redis, client: httpx.AsyncClient
) -> None:
    operator = await server.sign_in(Role.OPERATOR)
    body = {"name": "wall display", "scopes": ["follow_events", "read_sightings"], "expires_at": "2027-06-01T00:00:00Z"}
    key = (await operator.post("/v1/api-keys", json=body)).json()["key"]
    async with (
        await server.connect(Role.OPERATOR, "?topics=detections") as person,
        await server.connect(None, "?topics=detections", **{"X-API-Key": key}) as display,
    ):
        await said(person, "subscribed")
        await said(display, "subscribed")
        await publish(redis, Event(EventKind.SIGHTING, world.known))
        link = (await said(person, "event"))["data"]["image_url"]
        assert (await said(display, "event"))["data"]["image_url"] is None
    assert (await client.get(link)).status_code == 200
