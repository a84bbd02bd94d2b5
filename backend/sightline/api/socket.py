"""The WebSocket /v1/ws: who connects is known, hears of what they may see, and is let go when the login ends.

Messages are those of schemas/ws.py. A connection has two tasks, one that listens and one that speaks; either ends both.
"""

import asyncio
import logging
from datetime import UTC, datetime
from enum import IntEnum
from typing import Final

from pydantic import BaseModel, ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from sightline.api import callers
from sightline.api.audience import Audience, Audiences, Outbox
from sightline.api.deps import principal_of, visitor_of
from sightline.api.permissions import Permission, Requires, allowed, allows
from sightline.api.records import NEEDED
from sightline.api.resources import Resources
from sightline.core.errors import AppError, Forbidden, InvalidInput, ServiceUnavailable, Unauthenticated
from sightline.middleware.same_origin import is_ours, public_host
from sightline.schemas.ws import (
    CLIENT_MESSAGE,
    Authenticate,
    Heartbeat,
    Pong,
    Refusal,
    Subscribe,
    Subscribed,
    Topic,
    Unsubscribe,
    Welcome,
)
from sightline.services.events import EventId, event_id
from sightline.services.sessions import ActiveSession

GREETING_SECONDS: Final = 10.0
"""Time for the first message of a client that sent no credentials with its request."""
HEARTBEAT_SECONDS: Final = 15.0
"""Proxies close a silent connection after 30 to 60 s; the login is checked as often."""
SEND_SECONDS: Final = 10.0
"""Who does not take a message within this time is let go."""
LONGEST_MESSAGE: Final = 64 * 1024
"""Characters: a subscription to a thousand cameras has 40,000."""
MOST_REFUSALS: Final = 20
"""Messages of one connection that we do not understand, before we hang up."""

FOLLOWS: Final = Requires(Permission.FOLLOW_EVENTS)
"""As of GET /v1/events: nobody whose password has to be changed first, and no key without the scope."""

log = logging.getLogger("sightline.api.socket")


class CloseCode(IntEnum):
    """Why we hang up (RFC 6455, 7.4.2: 4000 and up are the application's)."""

    RESTART = 1012
    BAD_MESSAGE = 4400
    UNAUTHENTICATED = 4401
    FORBIDDEN = 4403
    TOO_SLOW = 4408
    TOO_MANY = 4429
    UNAVAILABLE = 4503


class Closing(Exception):
    """Hang up with this code and reason."""

    def __init__(self, code: CloseCode, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


async def serve(websocket: WebSocket, opened: Resources, audiences: Audiences) -> None:
    """One connection from its request to its end."""
    if not is_ours(websocket.headers, public_host(opened.settings.api.public_url)):
        await websocket.close(CloseCode.UNAUTHENTICATED, "another site's page asked for this connection")
        return
    await websocket.accept()
    try:
        await _Conversation(websocket, opened, audiences).run()
    except Closing as closing:
        await _hang_up(websocket, closing)
    except WebSocketDisconnect:
        log.debug("socket: the other side is gone")


async def _hang_up(websocket: WebSocket, closing: Closing) -> None:
    log.info("socket: closed with %d: %s", closing.code, closing.reason)
    if websocket.application_state is WebSocketState.CONNECTED:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await websocket.close(closing.code, closing.reason)
        except (WebSocketDisconnect, RuntimeError, TimeoutError):
            log.debug("socket: the other side was gone already")


class _Conversation:
    """One connection after its handshake."""

    def __init__(self, websocket: WebSocket, opened: Resources, audiences: Audiences) -> None:
        self._socket = websocket
        self._audiences = audiences
        self._opened = opened
        self._outbox = Outbox()
        self._refused = 0

    async def run(self) -> None:
        """Until either side ends it. Raises Closing, WebSocketDisconnect."""
        self._user = await _following(await self._greeted())
        after = self._asked_for()
        acting, sees = principal_of(self._user, self._socket), allows(self._user, Permission.SEE_PICTURES)
        if self._audiences.is_full_for(acting):
            raise Closing(CloseCode.TOO_MANY, "this account has too many connections: close some")
        async with self._audiences.join(acting, self._outbox, sees=sees) as audience:
            await self._say(self._welcome())
            if self._outbox.topics:
                await self._say(Subscribed(topics=self._outbox.topics))
            if after is not None:
                await self._tell_past(audience, after)
            await self._both()

    async def _both(self) -> None:
        """Listen and speak; the first that ends takes the other with it."""
        tasks = {asyncio.create_task(work) for work in (self._listen(), self._speak(), self._watch_over())}
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for task in done:
            task.result()

    async def _greeted(self) -> ActiveSession:
        """Who is there: by the request's own credentials, else by the first message."""
        try:
            return await callers.identify(self._socket, self._opened, visitor_of(self._socket))
        except Unauthenticated:
            log.debug("socket: the request itself says nothing of a user")
        except ServiceUnavailable as error:
            raise Closing(CloseCode.UNAVAILABLE, error.message) from error
        try:
            async with asyncio.timeout(GREETING_SECONDS):
                message = _parsed(await self._socket.receive_text())
        except TimeoutError as error:
            raise Closing(CloseCode.UNAUTHENTICATED, "nobody said who is there") from error
        except (InvalidInput, KeyError) as error:
            raise Closing(CloseCode.BAD_MESSAGE, "the first message must be authenticate") from error
        if not isinstance(message, Authenticate):
            raise Closing(CloseCode.UNAUTHENTICATED, "the first message must be authenticate")
        return await self._known(message.token)

    async def _known(self, token: str) -> ActiveSession:
        """Who has this token. Raises Closing."""
        try:
            return await callers.identify(self._socket, self._opened, visitor_of(self._socket), token=token)
        except Unauthenticated as error:
            raise Closing(CloseCode.UNAUTHENTICATED, error.message) from error
        except ServiceUnavailable as error:
            raise Closing(CloseCode.UNAVAILABLE, error.message) from error

    def _asked_for(self) -> EventId | None:
        """Subscribe to what the address names; where to go on from. Raises Closing."""
        query = self._socket.query_params
        try:
            if names := query.get("topics"):
                wanted = {"type": "subscribe", "topics": names.split(",")}
                cameras = {"cameras": query["cameras"].split(",")} if query.get("cameras") else {}
                message = CLIENT_MESSAGE.validate_python({**wanted, **cameras})
                assert isinstance(message, Subscribe)  # noqa: S101 - the type says so
                self._subscribe(message)
            return event_id(query["last_event_id"]) if query.get("last_event_id") else None
        except (ValidationError, AppError) as error:
            raise Closing(CloseCode.BAD_MESSAGE, "the address asks for something that there is not") from error

    async def _tell_past(self, audience: Audience, after: EventId) -> None:
        try:
            await audience.tell_past(self._outbox, after)
        except ServiceUnavailable:
            self._outbox.gap()

    async def _listen(self) -> None:
        while True:
            try:
                await self._follow(_parsed(await self._socket.receive_text()))
            except (InvalidInput, KeyError) as error:
                self._refuse(error)

    async def _follow(self, message: BaseModel) -> None:
        if isinstance(message, Authenticate):
            user = await _following(await self._known(message.token))
            if user.user_id != self._user.user_id or user.role is not self._user.role:
                raise Closing(CloseCode.UNAUTHENTICATED, "this token is another user's: connect anew")
            self._user = user
            self._outbox.unsubscribe(set(Topic) - set(self._allowed()))
            self._outbox.put(self._welcome().model_dump_json())
        elif isinstance(message, Subscribe):
            self._subscribe(message)
            self._outbox.put(Subscribed(topics=self._outbox.topics).model_dump_json())
        elif isinstance(message, Unsubscribe):
            self._outbox.unsubscribe(message.topics)
            self._outbox.put(Subscribed(topics=self._outbox.topics).model_dump_json())
        else:
            self._outbox.put(Pong().model_dump_json())

    def _subscribe(self, message: Subscribe) -> None:
        forbidden = [topic.value for topic in message.topics if topic not in self._allowed()]
        if forbidden:
            raise InvalidInput(f"you may not hear of {', '.join(forbidden)}", hint="Ask an administrator.")
        self._outbox.subscribe(message.topics, message.cameras)

    def _allowed(self) -> list[Topic]:
        may = allowed(self._user)
        return [topic for topic, permission in NEEDED.items() if permission in may]

    def _refuse(self, error: InvalidInput | KeyError) -> None:
        self._refused += 1
        if self._refused > MOST_REFUSALS:
            raise Closing(CloseCode.BAD_MESSAGE, "too many messages that are none of ours") from error
        known = error if isinstance(error, InvalidInput) else _not_text()
        self._outbox.put(Refusal(code=known.code, detail=known.message).model_dump_json())

    async def _speak(self) -> None:
        while True:
            for text in await self._outbox.take():
                await self._send(text)
            if self._outbox.overflowed:
                raise Closing(CloseCode.TOO_SLOW, "too many events wait for you: connect anew")

    async def _watch_over(self) -> None:
        """Heartbeats; the end of the token, or of the login."""
        while True:
            remaining = (self._ends_at() - datetime.now(UTC)).total_seconds()
            await asyncio.sleep(max(0.0, min(HEARTBEAT_SECONDS, remaining)))
            if datetime.now(UTC) >= self._ends_at():
                raise Closing(CloseCode.UNAUTHENTICATED, "the access token has expired: connect with a newer one")
            await self._still_there()
            beat = Heartbeat(at=datetime.now(UTC), last_event_id=self._opened.hub.position)
            self._outbox.put(beat.model_dump_json())

    def _ends_at(self) -> datetime:
        return self._user.token_ends_at or self._user.expires_at

    async def _still_there(self) -> None:
        """Raises Closing where the login has ended. A database that is away for a moment ends nothing."""
        try:
            if not await callers.still(self._opened, self._user):
                raise Closing(CloseCode.UNAUTHENTICATED, "the login has ended")
        except ServiceUnavailable as error:
            log.warning("socket: a login could not be checked: %s", error.message)

    def _welcome(self) -> Welcome:
        return Welcome(
            username=self._user.username,
            topics=self._allowed(),
            expires_at=self._ends_at(),
            heartbeat_seconds=HEARTBEAT_SECONDS,
            last_event_id=self._opened.hub.position,
        )

    async def _say(self, message: BaseModel) -> None:
        await self._send(message.model_dump_json())

    async def _send(self, text: str) -> None:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._socket.send_text(text)
        except TimeoutError as error:
            raise Closing(CloseCode.TOO_SLOW, "a message was not taken in time") from error


async def _following(user: ActiveSession) -> ActiveSession:
    """The user, who may follow events. Raises Closing."""
    try:
        return await FOLLOWS(user)
    except Forbidden as error:
        raise Closing(CloseCode.FORBIDDEN, error.message) from error


def _parsed(text: str) -> BaseModel:
    """A client's message. Raises InvalidInput, which repeats nothing of it: it may hold a token."""
    if len(text) > LONGEST_MESSAGE:
        raise InvalidInput("this message is too long", hint=f"At most {LONGEST_MESSAGE} characters.")
    try:
        return CLIENT_MESSAGE.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(f"this is no message of ours: {place or 'message'}: {first['msg']}") from error


def _not_text() -> InvalidInput:
    return InvalidInput("messages are text, this one was binary")
