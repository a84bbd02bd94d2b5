"""What roles see: cameras, numbers, sightings page by page, alerts, pictures with a record of each look."""

from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from sightline.core.database import SYSTEM, Database
from tests.api.conftest import JPEG, World, client_of, log_in


@pytest.mark.asyncio
async def test_cameras_tell_how_they_are_and_not_where(client: httpx.AsyncClient, world: World) -> None:
    await log_in(client, "admin")
    answer = await client.get("/v1/cameras")
    cameras = {camera["name"]: camera for camera in answer.json()["items"]}
    assert (cameras["Vault"]["status"], cameras["Vault"]["status_message"]) == ("error", "nobody answers")
    assert cameras["Lobby"]["last_seen_at"].endswith("Z")
    assert "rtsp" not in answer.text


@pytest.mark.asyncio
async def test_sightings_come_newest_first_and_page_by_page(client: httpx.AsyncClient, world: World) -> None:
    await log_in(client, "admin")
    seen, cursor = [], None
    for _ in range(3):
        page = (await client.get("/v1/sightings", params={"limit": 1} | ({"cursor": cursor} if cursor else {}))).json()
        seen += [UUID(item["id"]) for item in page["items"]]
        cursor = page["next"]
    assert seen == [world.known, world.unknown, world.in_vault]
    assert cursor is None


@pytest.mark.asyncio
async def test_a_sighting_tells_who_and_how_sure(client: httpx.AsyncClient, world: World) -> None:
    await log_in(client, "operator")
    answer = await client.get("/v1/sightings")
    known, unknown = answer.json()["items"]
    assert (known["subject_name"], known["camera_name"]) == (world.guest.name, "Lobby")
    assert known["similarity"] == pytest.approx(0.62)
    assert (known["false_match_rate"], known["has_image"]) == (None, True)
    assert (unknown["subject_id"], unknown["similarity"]) == (None, None)
    assert "crops/" not in answer.text


@pytest.mark.asyncio
async def test_cameras_of_another_group_are_out_of_sight(client: httpx.AsyncClient, world: World) -> None:
    await log_in(client, "operator")
    assert "Vault" not in (await client.get("/v1/cameras")).text
    assert str(world.in_vault) not in (await client.get("/v1/sightings")).text
    answers = [await client.get(f"/v1/sightings/{one}/image") for one in (world.in_vault, uuid4())]
    assert [answer.json()["code"] for answer in answers] == ["not_found", "not_found"]


@pytest.mark.asyncio
async def test_the_dashboard_counts(client: httpx.AsyncClient, world: World) -> None:
    await log_in(client, "admin")
    numbers = (await client.get("/v1/analytics/dashboard")).json()
    lobby = next(camera for camera in numbers["cameras"] if camera["camera_id"] == str(world.lobby.id))
    assert (numbers["in_view"], lobby["in_view"]) == (3, 2)
    assert numbers["open_alerts"] == 1
    assert len(numbers["minutes"]) == 60
    assert sum(minute["detections"] for minute in numbers["minutes"]) == 40
    assert (await client.get("/v1/analytics/dashboard", params={"since": "2020-01-01T00:00:00Z"})).status_code == 422


@pytest.mark.asyncio
async def test_an_alert_names_its_sighting(client: httpx.AsyncClient, world: World) -> None:
    await log_in(client, "viewer")
    alert = (await client.get("/v1/alerts", params={"status": "new"})).json()["items"][0]
    assert (alert["sighting_id"], alert["severity"]) == (str(world.known), "high")
    assert (await client.get("/v1/alerts", params={"status": "resolved"})).json() == {
        "items": [],
        "next": None,
        "total": None,
    }


@pytest.mark.asyncio
async def test_each_look_at_a_picture_is_on_record(client: httpx.AsyncClient, world: World, database: Database) -> None:
    await log_in(client, "viewer")
    for picture in ("image", "context?overlay=false"):
        answer = await client.get(f"/v1/sightings/{world.known}/{picture}")
        assert (answer.content, answer.headers["content-type"]) == (JPEG, "image/jpeg")
        assert answer.headers["cache-control"] == "private, max-age=60"
    async with database.session(SYSTEM) as session:
        looks = (
            await session.execute(
                text(
                    "SELECT actor, record_id, new_values ->> 'picture', host(ip_address), u.username"
                    " FROM audit_entries e JOIN users u ON u.id = e.user_id WHERE action = 'VIEW' ORDER BY e.id"
                )
            )
        ).all()
    viewer = ("viewer", str(world.known))
    assert looks == [(*viewer, "crop", "192.0.2.10", "viewer"), (*viewer, "frame", "192.0.2.10", "viewer")]


@pytest.mark.asyncio
async def test_a_picture_that_is_gone_is_not_found(app: FastAPI, client: httpx.AsyncClient, world: World) -> None:
    await log_in(client, "viewer")
    storage = app.state.resources.storage
    await storage.delete([entry.key async for entry in storage.list("crops")])
    answer = await client.get(f"/v1/sightings/{world.known}/image")
    assert (answer.status_code, answer.json()["code"]) == (404, "object_not_found")


QUERIES = [
    "cursor=nonsense",
    "cursor=%C3%A4",
    "limit=0",
    "limit=201",
    "camera_id=1",
    "since=yesterday",
    "since=2026-11-22T12:00:00",
    "since=0001-01-01T00:00:00%2B14:00",
    "until=9999-12-31T23:59:59-12:00",
]


@pytest.mark.asyncio
@pytest.mark.parametrize("query", QUERIES)
async def test_queries_that_mean_nothing(client: httpx.AsyncClient, world: World, query: str) -> None:
    await log_in(client, "viewer")
    assert (await client.get(f"/v1/sightings?{query}")).status_code == 422


@pytest.mark.asyncio
async def test_ways_that_lead_nowhere_are_problems_too(app: FastAPI) -> None:
    async with client_of(app) as client:
        for method, path, status in (("GET", "/v1/nothing", 404), ("DELETE", "/v1/cameras", 405)):
            answer = await client.request(method, path)
            assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
