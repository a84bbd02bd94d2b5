"""Each endpoint that the specification lists does what it is for: its status, and an answer as it is described.

The order of the calls is a story: what one makes the next ones read, change and remove.
"""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest
from fastapi import FastAPI

from sightline.api.openapi_examples import OWN
from sightline.core.database import Role
from tests.api.conftest import PASSWORD, SignIn, World, client_of
from tests.api.test_conventions import LINE, SPECIFIED
from tests.api.test_subject_images import models, pack  # noqa: F401 - fixtures

pytestmark = pytest.mark.media
ANYHOW = {"If-Match": "*", "Sightline-Purpose": "Case 2026-117"}
NEW_PASSWORD = "another-long-passphrase"


@dataclass
class Story:
    """Calls as one user, each compared with the description; told: the endpoints that were called."""

    client: httpx.AsyncClient
    document: dict[str, Any]
    told: set[str] = field(default_factory=set)

    async def call(self, endpoint: str, status: int, path: str = "", **asked: Any) -> Any:
        """endpoint: as the specification lists it; path: with ids in it. The JSON of the answer, else its bytes."""
        method, template = endpoint.split(" ")
        answer = await self.client.request(method, path or template, headers=ANYHOW, **asked)
        assert answer.status_code == status, f"{endpoint}: {answer.status_code} {answer.text[:500]}"
        self.told.add(endpoint)
        return self._described(answer, method.lower(), template)

    def _described(self, answer: httpx.Response, method: str, template: str) -> Any:
        operation = next(
            methods[method]
            for described, methods in self.document["paths"].items()
            if method in methods and _same(described, template)
        )
        content = operation["responses"][str(answer.status_code)].get("content", {})
        kind = answer.headers.get("content-type", "").partition(";")[0]
        if not answer.content:
            assert content == {}, f"{method} {template} answered nothing"
            return b""
        assert kind in content, f"{method} {template} answered {kind}"
        if kind != "application/json":
            return answer.content
        schema = {**content[kind]["schema"], "$defs": self.document["components"]["schemas"]}
        jsonschema_rs.validate(schema, answer.json())
        return answer.json()


def _same(described: str, listed: str) -> bool:
    """/v1/cameras/{camera_id} is /v1/cameras/{id}."""
    ours, theirs = described.split("/"), listed.split("/")
    return len(ours) == len(theirs) and all(
        one == other or (one.startswith("{") and other.startswith("{")) for one, other in zip(ours, theirs, strict=True)
    )


@pytest.fixture
def story_of(app: FastAPI) -> Any:
    text = json.dumps(app.openapi()).replace("#/components/schemas/", "#/$defs/")
    return lambda client: Story(client, json.loads(text))


@pytest.mark.asyncio
async def test_all_endpoints_of_the_specification_answer_as_they_are_described(
    sign_in: SignIn, world: World, app: FastAPI, media_dir: Path, story_of: Any
) -> None:
    story: Story = story_of(await sign_in(Role.ADMIN))
    await _cameras(story, world)
    await _subjects(story, media_dir / "people")
    await _sightings(story, world)
    await _alerts(story)
    await _analytics(story, world)
    await _users(story)
    async with client_of(app) as browser:
        login = story_of(browser)
        await _login(login)
    listed = {f"{method} {path}" for method, path in LINE.findall(SPECIFIED.read_text(encoding="utf-8"))}
    assert listed - story.told - login.told == {"WS /v1/ws"}, "which tests/api/test_ws.py tells of"


async def _cameras(story: Story, world: World) -> None:
    body = {"name": "Gate", "stream_url": "rtsp://camera.example/1", "username": "u", "password": "secret-of-gate"}
    made = await story.call("POST /v1/cameras", 201, json=body)
    assert "secret-of-gate" not in json.dumps(made)
    own = f"/v1/cameras/{made['id']}"
    everything = await story.call("GET /v1/cameras", 200)
    assert {one["name"] for one in everything["items"]} == {"Gate", "Lobby", "Vault"}
    assert await story.call("GET /v1/cameras/{id}", 200, own) == made
    renamed = await story.call("PUT /v1/cameras/{id}", 200, own, json={**body, "name": "Back gate"})
    assert renamed["name"] == "Back gate"
    disabled = await story.call("POST /v1/cameras/{id}/disable", 200, f"{own}/disable")
    enabled = await story.call("POST /v1/cameras/{id}/enable", 200, f"{own}/enable")
    assert (disabled["detection_enabled"], enabled["detection_enabled"]) == (False, True)
    stream = await story.call("GET /v1/cameras/{id}/stream", 200, f"{own}/stream")
    assert "secret-of-gate" not in json.dumps(stream)
    lobby = f"/v1/cameras/{world.lobby.id}/stats"
    assert await story.call("GET /v1/cameras/{id}/stats", 200, lobby)
    assert await story.call("DELETE /v1/cameras/{id}", 204, own) == b""


async def _subjects(story: Story, people: Path) -> None:
    made = await story.call("POST /v1/subjects", 201, json={"name": "Barack Obama"})
    own = f"/v1/subjects/{made['id']}"
    assert await story.call("GET /v1/subjects/{id}", 200, own) == made
    changed = await story.call("PUT /v1/subjects/{id}", 200, own, json={"name": "B. Obama", "external_id": "44"})
    assert (changed["name"], changed["external_id"]) == ("B. Obama", "44")
    assert made["id"] in {one["id"] for one in (await story.call("GET /v1/subjects", 200))["items"]}
    files = {"file": ("face.jpg", (people / "barack-obama-1.jpg").read_bytes(), "image/jpeg")}
    image = await story.call("POST /v1/subjects/{id}/images", 201, f"{own}/images", files=files)
    assert [one["id"] for one in (await story.call("GET /v1/subjects/{id}/images", 200, f"{own}/images"))["items"]] == [
        image["id"]
    ]
    probe = {"file": ("face.jpg", (people / "barack-obama-3.jpg").read_bytes(), "image/jpeg")}
    found = await story.call("POST /v1/subjects/search", 200, files=probe)
    assert [one["subject_id"] for one in found["candidates"]] == [made["id"]]
    one_image = f"{own}/images/{image['id']}"
    await story.call("DELETE /v1/subjects/{id}/images/{image_id}", 204, one_image)
    erased = await story.call("DELETE /v1/subjects/{id}", 200, own)
    assert erased["content"]["clean"] is True


async def _sightings(story: Story, world: World) -> None:
    seen = await story.call("GET /v1/sightings", 200)
    assert {one["id"] for one in seen["items"]} == {str(world.known), str(world.unknown), str(world.in_vault)}
    own = f"/v1/sightings/{world.known}"
    assert (await story.call("GET /v1/sightings/{id}", 200, own))["subject_name"] == world.guest.name
    for picture in ("image", "context"):
        shown = await story.call(f"GET /v1/sightings/{{id}}/{picture}", 200, f"{own}/{picture}")
        assert shown.startswith(b"\xff\xd8")
    exported = await story.call("POST /v1/sightings/export", 200, json={"format": "csv"})
    assert exported.count(b"\n") == 4, "three sightings below their header"


async def _alerts(story: Story) -> None:
    (alert,) = (await story.call("GET /v1/alerts", 200))["items"]
    own = f"/v1/alerts/{alert['id']}"
    assert (await story.call("GET /v1/alerts/{id}", 200, own))["status"] == "new"
    taken = await story.call("POST /v1/alerts/{id}/acknowledge", 200, f"{own}/acknowledge")
    assert (taken["status"], taken["acknowledged_by_name"]) == ("acknowledged", "admin")
    verdict = {"verdict": "true_match"}
    assert (await story.call("POST /v1/alerts/{id}/resolve", 200, f"{own}/resolve", json=verdict))[
        "status"
    ] == "resolved"
    rule = await story.call("POST /v1/alerts/rules", 201, json={"name": "At night", "severity": "high"})
    address = f"/v1/alerts/rules/{rule['id']}"
    assert "At night" in {one["name"] for one in (await story.call("GET /v1/alerts/rules", 200))["items"]}
    renamed = await story.call("PUT /v1/alerts/rules/{id}", 200, address, json={"name": "By day"})
    assert renamed["name"] == "By day"
    await story.call("DELETE /v1/alerts/rules/{id}", 204, address)


async def _analytics(story: Story, world: World) -> None:
    assert await story.call("GET /v1/analytics/dashboard", 200)
    now = datetime.now(UTC)
    span = {"since": (now - timedelta(days=1)).isoformat(), "until": now.isoformat()}
    assert await story.call("GET /v1/analytics/trends", 200, params={**span, "metric": "sightings"})
    assert await story.call("GET /v1/analytics/cameras", 200, params=span)
    guest = f"/v1/analytics/subjects/{world.guest.id}"
    assert await story.call("GET /v1/analytics/subjects/{id}", 200, guest, params=span)
    job = await story.call("POST /v1/analytics/reports", 202, json=OWN["create_report"])
    assert job["status"] == "queued"


async def _users(story: Story) -> None:
    made = await story.call("POST /v1/users", 201, json={"username": "vera", "role": "viewer", "password": PASSWORD})
    own = f"/v1/users/{made['id']}"
    assert "vera" in {one["username"] for one in (await story.call("GET /v1/users", 200))["items"]}
    assert (await story.call("GET /v1/users/{id}", 200, own))["role"] == "viewer"
    promoted = await story.call("PUT /v1/users/{id}", 200, own, json={"role": "operator"})
    assert promoted["role"] == "operator"
    change = {"new_password": NEW_PASSWORD}
    await story.call("POST /v1/users/{id}/change-password", 204, f"{own}/change-password", json=change)
    await story.call("DELETE /v1/users/{id}", 204, own)
    assert (await story.call("GET /v1/users/me", 200))["username"] == "admin"


async def _login(story: Story) -> None:
    body = {"username": "viewer", "password": PASSWORD}
    tokens = await story.call("POST /v1/auth/login", 200, json=body)
    story.client.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    assert (await story.call("GET /v1/auth/me", 200))["username"] == "viewer"
    spent = {"refresh_token": tokens["refresh_token"]}
    renewed = await story.call("POST /v1/auth/refresh", 200, json=spent)
    story.client.headers["Authorization"] = f"Bearer {renewed['access_token']}"
    await story.call("POST /v1/auth/logout", 204, json={"refresh_token": renewed["refresh_token"]})
    assert (await story.client.get("/v1/auth/me")).status_code == 401
