"""Health that tells the truth, and a log without secrets."""

import json
import logging
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from sightline.api.app import create_app
from sightline.core.config import Settings
from sightline.core.errors import ServiceUnavailable
from sightline.middleware.request_log import JsonLines
from sightline.services import cameras
from tests.api.conftest import World, client_of, log_in


@pytest.mark.asyncio
async def test_ready_when_everything_answers(client: httpx.AsyncClient) -> None:
    assert (await client.get("/healthz")).json() == {"status": "alive"}
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (200, True)
    report = answer.json()
    assert report["checks"] == {"database": "ok", "redis": "ok", "storage": "ok", "pack": "pack_not_installed"}
    assert report["state"] == "degraded"  # the tests' folder holds no pack
    assert [part["name"] for part in report["parts"] if not part["is_required"]] == ["pack"]


@pytest.mark.asyncio
async def test_what_is_missing_is_named_and_nothing_is_told_about_it(settings: Settings, tmp_path: Path) -> None:
    gone = {
        "database": settings.database.model_copy(
            update={"url": SecretStr("postgresql://app:hunter2@/x?host=/nowhere")}
        ),
        "redis": settings.redis.model_copy(update={"url": SecretStr("unix://:hunter2@/nowhere/valkey.sock")}),
    }
    app = create_app(settings.model_copy(update=gone))
    async with app.router.lifespan_context(app), client_of(app) as client:
        answer = await client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["checks"] == {
            "database": "database_unreachable",
            "redis": "service_unavailable",
            "storage": "ok",
            "pack": "pack_not_installed",
        }
        assert answer.json()["state"] == "unavailable"
        assert (await client.get("/healthz")).status_code == 200
        refused = await log_in(client, "operator")
        assert (refused.status_code, refused.json()["code"]) == (503, "service_unavailable")
        assert "hunter2" not in answer.text + refused.text


@pytest.mark.asyncio
async def test_the_log_has_one_line_per_request_and_no_secret(
    client: httpx.AsyncClient, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "sightline.api"):
        answer = await log_in(client, "operator")
        await client.get("/v1/sightings?cursor=hunter2", headers={"X-Request-ID": "from-the-proxy"})
        await client.get("/enter?token=hunter2", headers={"X-Request-ID": "forged\tline"})
    lines = [json.loads(JsonLines().format(record)) for record in caplog.records]
    assert [line["status"] for line in lines] == [200, 422, 303]
    assert (lines[1]["request_id"], lines[1]["path"]) == ("from-the-proxy", "/v1/sightings")
    assert lines[1]["user_id"]
    assert lines[2]["request_id"] != "forged\tline"
    token = answer.cookies["sightline_session"]
    assert not any(secret in json.dumps(lines) for secret in ("hunter2", token, "a-long-enough-passphrase"))


@pytest.mark.asyncio
async def test_an_error_of_ours_is_500_with_its_id_and_stands_in_the_log_only(
    client: httpx.AsyncClient, world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(_session: object, **_given: object) -> None:
        raise ZeroDivisionError("inner workings")

    await log_in(client, "viewer")
    monkeypatch.setattr(cameras, "page_of_cameras", broken)
    answer = await client.get("/v1/cameras")
    assert (answer.status_code, answer.json()["code"]) == (500, "error")
    assert "inner workings" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    logged = next(record for record in caplog.records if record.exc_info)
    assert json.loads(JsonLines().format(logged))["request_id"] == answer.json()["request_id"]


@pytest.mark.asyncio
async def test_without_addresses_the_application_does_not_start() -> None:
    app = create_app(Settings())
    with pytest.raises(ServiceUnavailable, match="no address of a database"):
        async with app.router.lifespan_context(app):
            pytest.fail("it started")
