"""What Prometheus and administrators are told: numbers by route, versions, queues; no id, no secret."""

from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from sightline.core.config import Settings
from sightline.core.database import Role
from tests.api.conftest import SignIn, World, client_of, log_in

pytestmark = pytest.mark.asyncio


@pytest.fixture
def app(own_app: FastAPI) -> FastAPI:
    """Nobody has asked it anything yet."""
    return own_app


async def scraped(client: httpx.AsyncClient) -> dict[tuple[str, ...], float]:
    answer = await client.get("/metrics")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain")
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


async def test_requests_are_counted_by_route_and_never_by_id(sign_in: SignIn, world: World) -> None:
    auditor = await sign_in(Role.AUDITOR)
    for _ in range(3):
        await auditor.get(f"/v1/analytics/subjects/{uuid4()}")
    await auditor.get("/no/such/page")
    await auditor.request("BREW", "/v1/analytics/dashboard")
    found = await scraped(auditor)
    assert found["sightline_http_requests_total", "GET", "/v1/analytics/subjects/{subject_id}", "403"] == 3
    assert found["sightline_http_requests_total", "GET", "unmatched", "404"] == 1
    assert not any("BREW" in label or "such" in label for key in found for label in key)
    assert found["sightline_http_request_duration_seconds_count", "GET", "/v1/analytics/subjects/{subject_id}"] == 3
    assert (found["sightline_redis_up",], found["sightline_database_up",]) == (1, 1)
    assert found["sightline_http_requests_in_flight",] == 1
    assert found["sightline_database_connections_in_use",] >= 0
    assert found["sightline_jobs_queued",] == 0


async def test_refused_logins_are_counted(sign_in: SignIn, client: httpx.AsyncClient) -> None:
    auditor = await sign_in(Role.AUDITOR)
    before = (await scraped(auditor))["sightline_login_failures_total",]
    await log_in(client, "admin", "not the password of anybody")
    assert (await scraped(auditor))["sightline_login_failures_total",] == before + 1


@pytest.mark.parametrize("path", ["/metrics", "/v1/system/information"])
async def test_numbers_of_the_house_are_for_reviewers(sign_in: SignIn, client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 401
    for role, status in {Role.ADMIN: 200, Role.AUDITOR: 200, Role.OPERATOR: 403, Role.VIEWER: 403}.items():
        assert (await (await sign_in(role)).get(path)).status_code == status, role


async def test_system_information_is_whole_and_holds_no_secret(
    sign_in: SignIn, settings: Settings, world: World
) -> None:
    answer = await (await sign_in(Role.ADMIN)).get("/v1/system/information")
    found: dict[str, Any] = answer.json()
    assert found["database"]["version"].startswith("18")
    assert found["database"]["size_bytes"] > 1_000_000
    assert abs(found["database"]["clock_offset_seconds"]) < 60
    assert (found["redis"]["is_up"], found["pack"]) == (True, None)
    assert found["redis"]["used_memory_bytes"] > 0
    assert found["queues"]["jobs_queued"] == 0
    assert found["cameras_by_status"] == {"active": 0, "inactive": 1, "error": 1}
    assert found["machine"]["cores"] >= 1
    assert found["machine"]["load_average"] >= 0
    for secret in (settings.database.url, settings.redis.url):
        assert isinstance(secret, SecretStr)
        assert secret.get_secret_value() not in answer.text
    assert "app-password-of-tests" not in answer.text


async def test_everybody_may_know_the_version(sign_in: SignIn, app: FastAPI) -> None:
    for role in (Role.VIEWER, Role.AUDITOR):
        found = (await (await sign_in(role)).get("/v1/system/version")).json()
        assert found["version"] == app.version
    async with client_of(app) as stranger:
        assert (await stranger.get("/v1/system/version")).status_code == 401
