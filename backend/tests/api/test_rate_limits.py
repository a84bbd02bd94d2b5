"""Quotas: told with every answer, kept per person and class, and what holds while nobody can count."""

import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from sightline.api.gate import rate_class
from sightline.api.permissions import Permission
from sightline.core.config import RateLimitSettings, Settings
from sightline.core.database import Role
from sightline.core.errors import ServiceUnavailable
from sightline.core.redis import open_redis
from sightline.services.rate_limits import CLOSED, RateClass, RateLimits
from tests.api.conftest import SignIn, World, client_of, log_in
from tests.api.conftest import settings as usual_settings  # noqa: F401 - a fixture that ours builds on
from tests.support.limits import with_limits

LIST = "/v1/cameras"
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def settings(usual_settings: Settings) -> Settings:  # noqa: F811
    return with_limits(usual_settings, reads=5, login=4, address=40)


@pytest.mark.asyncio
async def test_every_answer_says_what_is_left(sign_in: SignIn) -> None:
    viewer = await sign_in(Role.VIEWER)
    left = []
    for _ in range(3):
        answer = await viewer.get(LIST)
        assert answer.headers["RateLimit-Policy"] == '"reads";q=5;w=60'
        found = re.fullmatch(r'"reads";r=(\d+);t=(\d+)', answer.headers["RateLimit"])
        assert found
        assert 1 <= int(found[2]) <= 60
        left.append(int(found[1]))
    assert left == [4, 3, 2]


@pytest.mark.asyncio
async def test_who_asks_too_often_waits_and_others_do_not(sign_in: SignIn) -> None:
    viewer, operator = await sign_in(Role.VIEWER), await sign_in(Role.OPERATOR)
    answers = [await viewer.get(LIST) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    refused = answers[-1]
    assert refused.json()["code"] == "rate_limited"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["RateLimit"].startswith('"reads";r=0;t=')
    assert refused.headers["content-type"] == "application/problem+json"
    assert (await operator.get(LIST)).status_code == 200


@pytest.mark.asyncio
async def test_two_browsers_of_one_user_share_a_quota(app: FastAPI, sign_in: SignIn) -> None:
    one, two = await sign_in(Role.VIEWER), await sign_in(Role.VIEWER)
    for _ in range(3):
        await one.get(LIST)
    assert [(await two.get(LIST)).status_code for _ in range(3)] == [200, 200, 429]


@pytest.mark.asyncio
async def test_a_key_has_a_quota_of_its_own_and_takes_nothing_from_its_owners(app: FastAPI, sign_in: SignIn) -> None:
    viewer = await sign_in(Role.VIEWER)
    expires = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    body = {"name": "gate", "scopes": ["read_cameras"], "expires_at": expires}
    keys = [(await viewer.post("/v1/api-keys", json=body)).json()["key"] for _ in range(2)]
    async with client_of(app) as machine:
        first, second = ({"X-API-Key": key} for key in keys)
        assert [(await machine.get(LIST, headers=first)).status_code for _ in range(6)] == [200] * 5 + [429]
        as_bearer = {"Authorization": f"Bearer {keys[0]}"}
        assert (await machine.get(LIST, headers=as_bearer)).status_code == 429, "another header is the same key"
        assert (await machine.get(LIST, headers=second)).status_code == 200
    assert (await viewer.get(LIST)).status_code == 200


@pytest.mark.asyncio
async def test_a_key_that_is_refused_for_its_scope_does_not_use_up_its_quota(app: FastAPI, sign_in: SignIn) -> None:
    viewer = await sign_in(Role.VIEWER)
    expires = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    body = {"name": "gate", "scopes": ["read_cameras"], "expires_at": expires}
    key = (await viewer.post("/v1/api-keys", json=body)).json()["key"]
    async with client_of(app, "192.0.2.80") as machine:
        machine.headers["X-API-Key"] = key
        assert [(await machine.get("/v1/sightings")).status_code for _ in range(6)] == [403] * 6
        assert (await machine.get(LIST)).headers["RateLimit"].startswith('"reads";r=4;')


@pytest.mark.asyncio
async def test_logins_are_counted_per_address_and_before_the_body_is_read(app: FastAPI, world: World) -> None:
    async with client_of(app, "192.0.2.77") as guesser, client_of(app, "192.0.2.78") as other:
        answers = [await guesser.post("/v1/auth/login", content=b"{", headers=JSON) for _ in range(5)]
        assert answers[-1].status_code == 429
        assert 429 not in [answer.status_code for answer in answers[:-1]]
        assert (await log_in(other, "viewer")).is_success


@pytest.mark.asyncio
async def test_a_stranger_who_floods_is_stopped_before_the_database_is_asked(app: FastAPI, world: World) -> None:
    async with client_of(app, "192.0.2.79") as stranger:
        statuses = [(await stranger.get(LIST, headers={"Authorization": "Bearer x"})).status_code for _ in range(41)]
    assert set(statuses[:40]) == {401}
    assert statuses[40] == 429


@pytest.fixture
def dead_redis(settings: Settings, tmp_path: object) -> RateLimits:
    nowhere = settings.redis.model_copy(update={"url": SecretStr(f"unix://{tmp_path}/nobody.sock")})
    return RateLimits(open_redis(nowhere), RateLimitSettings())


@pytest.mark.asyncio
async def test_without_redis_secrets_and_faces_are_closed_and_the_rest_is_open(dead_redis: RateLimits) -> None:
    for kind in RateClass:
        if kind in CLOSED:
            with pytest.raises(ServiceUnavailable):
                await dead_redis.charge(kind, "somebody")
        else:
            assert await dead_redis.charge(kind, "somebody") is None


@pytest.mark.asyncio
async def test_without_redis_people_still_read_and_nobody_logs_in(
    app: FastAPI, sign_in: SignIn, client: httpx.AsyncClient, dead_redis: RateLimits
) -> None:
    viewer = await sign_in(Role.VIEWER)
    object.__setattr__(app.state.resources, "limits", dead_redis)
    assert (await viewer.get(LIST)).status_code == 200
    refused = await log_in(client, "viewer")
    assert (refused.status_code, refused.json()["code"]) == (503, "service_unavailable")


CLASSES = {
    ("/v1/auth/login", "POST", None): RateClass.LOGIN,
    ("/v1/auth/refresh", "POST", None): RateClass.LOGIN,
    ("/v1/auth/logout", "POST", None): RateClass.WRITES,
    ("/v1/users/7/change-password", "POST", Permission.OWN_ACCOUNT): RateClass.LOGIN,
    ("/v1/subjects/search", "POST", Permission.SEARCH_BY_FACE): RateClass.SEARCH,
    ("/v1/sightings/search", "POST", Permission.SEARCH_HISTORY): RateClass.HISTORY,
    ("/v1/sightings/7/image", "GET", Permission.SEE_PICTURES): RateClass.PICTURES,
    ("/v1/sightings/export", "POST", Permission.EXPORT_SIGHTINGS): RateClass.EXPORTS,
    ("/v1/alerts/export", "POST", Permission.EXPORT_ALERTS): RateClass.EXPORTS,
    ("/v1/analytics/reports", "POST", Permission.CREATE_REPORTS): RateClass.EXPORTS,
    ("/v1/analytics/reports", "GET", Permission.CREATE_REPORTS): RateClass.READS,
    ("/v1/cameras/7/snapshot", "GET", Permission.WATCH_LIVE): RateClass.PICTURES,
    ("/v1/cameras/7/stream", "GET", Permission.WATCH_LIVE): RateClass.READS,
    ("/v1/cameras/probe", "POST", Permission.MANAGE_CAMERAS): RateClass.PROBE,
    ("/v1/subjects/7/images", "POST", Permission.MANAGE_SUBJECTS): RateClass.UPLOADS,
    ("/v1/subjects/7/images", "GET", Permission.READ_SUBJECTS): RateClass.READS,
    ("/v1/cameras", "POST", Permission.MANAGE_CAMERAS): RateClass.WRITES,
    ("/v1/cameras", "GET", Permission.READ_CAMERAS): RateClass.READS,
}


@pytest.mark.parametrize(("request_of", "kind"), CLASSES.items(), ids=str)
def test_what_a_request_draws_on(request_of: tuple[str, str, Permission | None], kind: RateClass) -> None:
    assert rate_class(*request_of) is kind
