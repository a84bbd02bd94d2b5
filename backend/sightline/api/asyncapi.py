"""The AsyncAPI 3.0 document of the WebSocket /v1/ws, made from the message models themselves."""

from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from sightline import __version__
from sightline.api.records import NEEDED
from sightline.api.socket import GREETING_SECONDS, HEARTBEAT_SECONDS, CloseCode
from sightline.schemas.ws import (
    Authenticate,
    EventOut,
    Gap,
    Heartbeat,
    Ping,
    Pong,
    Refusal,
    Subscribe,
    Subscribed,
    Unsubscribe,
    Welcome,
)

Json = dict[str, Any]
"""A part of the document, which is JSON by nature and leaves this module as such only."""

FROM_CLIENT: Final[tuple[type[BaseModel], ...]] = (Authenticate, Subscribe, Unsubscribe, Ping)
FROM_SERVER: Final[tuple[type[BaseModel], ...]] = (Welcome, Subscribed, EventOut, Gap, Heartbeat, Pong, Refusal)
CLOSING: Final = {
    CloseCode.RESTART: "the server stops; come back",
    CloseCode.BAD_MESSAGE: "a message or the address was not understood; correct the client",
    CloseCode.UNAUTHENTICATED: "no login, or it has ended; get a new access token and connect again",
    CloseCode.FORBIDDEN: "events are not for this login: a new password is needed first, or a scope of the key",
    CloseCode.TOO_SLOW: "messages were not taken in time; connect again with last_event_id",
    CloseCode.TOO_MANY: "one account has too many connections; close some",
    CloseCode.UNAVAILABLE: "the server cannot ask its database; come back later",
}
EXAMPLES: Final[dict[type[BaseModel], Json]] = {
    Authenticate: {"type": "authenticate", "token": "eyJhbGciOi..."},
    Subscribe: {"type": "subscribe", "topics": ["alerts", "recognitions"]},
    Unsubscribe: {"type": "unsubscribe", "topics": ["recognitions"]},
    Ping: {"type": "ping"},
    Gap: {"type": "gap"},
    Pong: {"type": "pong"},
}


def build() -> Json:
    """The document."""
    models: list[type[BaseModel]] = [*FROM_CLIENT, *FROM_SERVER]
    _, found = models_json_schema(
        [(model, "serialization") for model in models], ref_template="#/components/schemas/{model}"
    )
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Sightline events",
            "version": __version__,
            "description": _description(),
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {
            "events": {
                "address": "/v1/ws",
                "description": "Query: topics and cameras (comma lists) subscribe at once; last_event_id goes on from"
                " the last event that was received.",
                "messages": {model.__name__: {"$ref": f"#/components/messages/{model.__name__}"} for model in models},
                "bindings": {"ws": {"method": "GET", "query": _query(), "bindingVersion": "0.1.0"}},
            }
        },
        "operations": {
            "tell": _operation("send", "What the server says.", FROM_SERVER),
            "listen": _operation("receive", "What the server understands.", FROM_CLIENT),
        },
        "components": {
            "messages": {model.__name__: _message(model) for model in models},
            "schemas": found.get("$defs", {}),
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _description() -> str:
    topics = "\n".join(f"- `{topic.value}`: whoever may {permission.value}" for topic, permission in NEEDED.items())
    codes = "\n".join(f"- {code.value}: {text}" for code, text in CLOSING.items())
    return (
        "Records that are new or changed, as their endpoints show them, under the rights of whoever is connected."
        f"\n\nCredentials: the cookie or Authorization header of the request, or a first message `authenticate` within"
        f" {GREETING_SECONDS:.0f} s. They are checked again every {HEARTBEAT_SECONDS:.0f} s and when the token ends;"
        " send a newer one before."
        f"\n\nTopics:\n{topics}"
        "\n\nDelivery: at least once while connected, in the order of the events; the newest state of a record, not"
        " every state between. After a reconnect `last_event_id` brings what was missed, or `gap` where that is no"
        f" longer kept.\n\nClose codes:\n{codes}"
    )


def _query() -> Json:
    text = {"type": "string"}
    return {"type": "object", "properties": {"topics": text, "cameras": text, "last_event_id": text}}


def _operation(action: str, summary: str, models: tuple[type[BaseModel], ...]) -> Json:
    return {
        "action": action,
        "summary": summary,
        "channel": {"$ref": "#/channels/events"},
        "messages": [{"$ref": f"#/channels/events/messages/{model.__name__}"} for model in models],
    }


def _message(model: type[BaseModel]) -> Json:
    message: Json = {
        "name": str(model.model_json_schema()["properties"]["type"]["const"]),
        "summary": (model.__doc__ or "").splitlines()[0],
        "payload": {"$ref": f"#/components/schemas/{model.__name__}"},
    }
    if model in EXAMPLES:
        message["examples"] = [{"payload": EXAMPLES[model]}]
    return message
