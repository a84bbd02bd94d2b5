"""The WebSocket's description: made from the messages themselves, whole, and open to everybody."""

import json
from typing import Any

import httpx
import jsonschema_rs
import pytest

from sightline.api import asyncapi
from sightline.schemas.ws import CLIENT_MESSAGE, Topic


def _references(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return own + [name for value in part.values() for name in _references(value)]
    return [name for value in part for name in _references(value)] if isinstance(part, list) else []


def test_every_reference_leads_somewhere() -> None:
    document = asyncapi.build()
    for reference in _references(document):
        place: Any = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
        assert place, reference


def test_what_clients_may_say_is_understood_as_described() -> None:
    document = asyncapi.build()
    for model in asyncapi.FROM_CLIENT:
        message = document["components"]["messages"][model.__name__]
        example = message["examples"][0]["payload"]
        jsonschema_rs.validate({**message["payload"], "components": document["components"]}, example)
        assert CLIENT_MESSAGE.validate_python(example).type == message["name"]


def test_topics_and_close_codes_are_explained() -> None:
    description = asyncapi.build()["info"]["description"]
    assert all(f"`{topic.value}`" in description for topic in Topic)
    assert all(str(code) in description for code in (1012, 4400, 4401, 4403, 4408, 4429, 4503))


@pytest.mark.asyncio
async def test_it_is_served_to_everybody(client: httpx.AsyncClient) -> None:
    answer = await client.get("/asyncapi.json")
    assert answer.status_code == 200
    assert answer.json() == json.loads(json.dumps(asyncapi.build()))
