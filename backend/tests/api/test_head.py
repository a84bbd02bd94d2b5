"""HEAD is answered wherever GET is: the same status and headers, no body."""

import asyncio
import logging

import httpx
import pytest
from fastapi import FastAPI

from sightline.core.database import Role
from tests.api.conftest import SignIn, World

COUNTED = 'sightline_http_requests_total{method="HEAD",route="/v1/cameras",status="200"} '
SAME = ("content-type", "content-length", "cache-control", "etag", "ratelimit-policy", "content-security-policy")
PATHS = (
    "/healthz",
    "/docs",
    "/openapi.json",
    "/v1/cameras",
    "/v1/cameras/{camera}",
    "/v1/sightings/{sighting}/image",
    "/v1/cameras/0193e5a2-7c1e-7b3c-9d55-1b0a4f6f2c11",
    "/v1/cameras/no-id",
    "/v1/nothing",
)


def _but_id(answer: httpx.Response) -> dict[str, str]:
    return {name: answer.headers[name] for name in SAME if name in answer.headers}


@pytest.mark.asyncio
async def test_the_same_as_get_without_its_body(sign_in: SignIn, world: World) -> None:
    admin = await sign_in(Role.ADMIN)
    for template in PATHS:
        path = template.format(camera=world.lobby.id, sighting=world.known)
        asked, got = await admin.head(path), await admin.get(path)
        assert (asked.status_code, _but_id(asked)) == (got.status_code, _but_id(got)), path
        assert asked.content == b"", path
        assert got.content, path


@pytest.mark.asyncio
async def test_who_may_not_get_may_not_head(client: httpx.AsyncClient, sign_in: SignIn, world: World) -> None:
    assert (await client.head("/v1/cameras")).status_code == 401
    auditor = await sign_in(Role.AUDITOR)
    assert (await auditor.head(f"/v1/sightings/{world.known}/image")).status_code == 403


@pytest.mark.asyncio
async def test_a_stream_without_an_end_is_left_after_its_headers(sign_in: SignIn) -> None:
    viewer = await sign_in(Role.VIEWER)
    async with asyncio.timeout(30):
        answer = await viewer.head("/v1/events")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"].startswith("text/event-stream")


@pytest.mark.asyncio
async def test_where_nothing_is_to_get_the_refusal_names_what_is(sign_in: SignIn) -> None:
    admin = await sign_in(Role.ADMIN)
    refused = await admin.head("/v1/auth/login")
    assert (refused.status_code, refused.headers["Allow"]) == (405, "POST")
    named = (await admin.delete("/v1/cameras")).headers["Allow"]
    assert {method.strip() for method in named.split(",")} >= {"GET", "HEAD"}


@pytest.mark.asyncio
async def test_it_is_logged_and_counted_as_what_it_was(
    app: FastAPI, sign_in: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    admin = await sign_in(Role.ADMIN)
    before = _amount((await admin.get("/metrics")).text)
    with caplog.at_level(logging.INFO, "sightline.api"):
        caplog.clear()
        await admin.head("/v1/cameras")
    (line,) = [record for record in caplog.records if record.message == "request"]
    assert vars(line)["method"] == "HEAD"
    assert _amount((await admin.get("/metrics")).text) == before + 1


def _amount(metrics: str) -> float:
    """What COUNTED stands at."""
    return sum(float(line.removeprefix(COUNTED)) for line in metrics.splitlines() if line.startswith(COUNTED))
