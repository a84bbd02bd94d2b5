"""Logging in: right and wrong passwords alike in time, links that work once, sessions that end when they should."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from pydantic import SecretStr
from redis.asyncio import Redis
from sqlalchemy import text

from sightline.core.config import RedisSettings
from sightline.core.database import AUTH, SYSTEM, Database, Principal, Role
from sightline.core.errors import LoginRefused, ServiceUnavailable, TooManyAttempts
from sightline.core.redis import open_redis
from sightline.services import sessions, users
from sightline.services.login_throttle import PER_ACCOUNT, LoginThrottle
from sightline.workers.embedded.valkey import ValkeyAddress

PASSWORD = "a-long-enough-passphrase"
AT = Principal(Role.AUTH, None, "192.0.2.9", "tests")


@pytest_asyncio.fixture
async def redis(redis_server: ValkeyAddress) -> AsyncIterator[Redis]:
    client = open_redis(RedisSettings(url=SecretStr(redis_server.url)))
    await client.flushdb()
    yield client
    await client.aclose()


@pytest.fixture
def throttle(redis: Redis) -> LoginThrottle:
    return LoginThrottle(redis)


@pytest_asyncio.fixture
async def ada(database: Database) -> users.Account:
    async with database.session(SYSTEM) as session:
        return await users.create(session, username="Ada", role=Role.OPERATOR, password=PASSWORD)


async def _who(database: Database, token: str) -> sessions.ActiveSession | None:
    async with database.session(AUTH) as session:
        return await sessions.find(session, token=token)


async def _select(database: Database, statement: str) -> list[str]:
    async with database.session(SYSTEM) as session:
        return [str(row[0]) for row in await session.execute(text(statement))]


@pytest.mark.asyncio
async def test_a_login_opens_a_session_until_logout(
    database: Database, throttle: LoginThrottle, ada: users.Account
) -> None:
    new = await sessions.login(database, throttle, username="ada", password=PASSWORD, at=AT)
    active = await _who(database, new.token)
    assert active is not None
    assert (active.user_id, active.username, active.role) == (ada.id, "Ada", Role.OPERATOR)
    async with database.session(AUTH) as session:
        assert await sessions.logout(session, token=new.token)
    assert await _who(database, new.token) is None
    actions = await _select(database, "SELECT action FROM audit_logs WHERE table_name = 'users' ORDER BY id")
    assert actions == ["INSERT", "LOGIN", "LOGOUT"]


@pytest.mark.asyncio
async def test_the_database_holds_no_token(database: Database, throttle: LoginThrottle, ada: users.Account) -> None:
    new = await sessions.login(database, throttle, username="Ada", password=PASSWORD, at=AT)
    async with database.session(SYSTEM) as session:
        link = await sessions.create_login_link(session, user_id=ada.id)
    rows = await _select(database, "SELECT t::text || encode(t.token_hash, 'escape') FROM refresh_tokens t")
    rows += await _select(database, "SELECT coalesce(new_values::text, '') FROM audit_payloads")
    assert new.token not in str(rows)
    assert link not in str(rows)
    assert new.token not in repr(new)


@pytest.mark.asyncio
@pytest.mark.parametrize(("name", "password"), [("Ada", "wrong"), ("nobody", PASSWORD), ("Ada' OR '1'='1", "x")])
async def test_a_refusal_does_not_say_which_was_wrong(
    database: Database, throttle: LoginThrottle, ada: users.Account, name: str, password: str
) -> None:
    with pytest.raises(LoginRefused, match="name or password is wrong"):
        await sessions.login(database, throttle, username=name, password=password, at=AT)
    assert await _select(database, "SELECT action FROM audit_logs WHERE action LIKE 'LOGIN%'") == ["LOGIN_FAILED"]
    assert name not in str(await _select(database, "SELECT new_values FROM audit_payloads WHERE new_values IS NULL"))


@pytest.mark.asyncio
@pytest.mark.parametrize("name", ["Ada", "nobody"])
async def test_the_same_work_is_done_for_an_unknown_account(
    database: Database, throttle: LoginThrottle, ada: users.Account, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashes = []

    async def counted(hashed: str, password: str) -> bool:
        hashes.append(hashed)
        return False

    monkeypatch.setattr(users, "password_matches", counted)
    with pytest.raises(LoginRefused):
        await sessions.login(database, throttle, username=name, password="wrong", at=AT)
    parameters = [hashed.rpartition("$")[0].rpartition("$")[0] for hashed in hashes]
    assert parameters == [users.HASHER.hash("x").rpartition("$")[0].rpartition("$")[0]]


@pytest.mark.asyncio
async def test_a_deactivated_account_loses_its_sessions_at_once(
    database: Database, throttle: LoginThrottle, ada: users.Account
) -> None:
    new = await sessions.login(database, throttle, username="Ada", password=PASSWORD, at=AT)
    async with database.session(SYSTEM) as session:
        await users.set_active(session, username="Ada", is_active=False)
        link = await sessions.create_login_link(session, user_id=ada.id)
    assert await _who(database, new.token) is None
    with pytest.raises(LoginRefused):
        await sessions.login(database, throttle, username="Ada", password=PASSWORD, at=AT)
    with pytest.raises(LoginRefused):
        async with database.session(AUTH) as session:
            await sessions.enter(session, token=link, at=AT)


@pytest.mark.asyncio
async def test_a_session_ends_by_itself(database: Database, throttle: LoginThrottle, ada: users.Account) -> None:
    new = await sessions.login(database, throttle, username="Ada", password=PASSWORD, at=AT)
    statement = "UPDATE refresh_tokens SET expires_at = now() - interval '1 second' RETURNING id"
    assert len(await _select(database, statement)) == 1
    assert await _who(database, new.token) is None


@pytest.mark.asyncio
async def test_a_link_works_once_and_is_no_session_itself(database: Database, ada: users.Account) -> None:
    async with database.session(SYSTEM) as session:
        link = await sessions.create_login_link(session, user_id=ada.id)
    assert await _who(database, link) is None
    async with database.session(AUTH) as session:
        new = await sessions.enter(session, token=link, at=AT)
    active = await _who(database, new.token)
    assert active is not None
    assert active.user_id == ada.id
    for token in (link, new.token):
        with pytest.raises(LoginRefused):
            async with database.session(AUTH) as session:
                await sessions.enter(session, token=token, at=AT)


@pytest.mark.asyncio
async def test_a_link_expires_after_ten_minutes(database: Database, ada: users.Account) -> None:
    async with database.session(SYSTEM) as session:
        old = datetime.now(UTC) - timedelta(minutes=10, seconds=1)
        link = await sessions.create_login_link(session, user_id=ada.id, now=old)
    with pytest.raises(LoginRefused):
        async with database.session(AUTH) as session:
            await sessions.enter(session, token=link, at=AT)


@pytest.mark.asyncio
async def test_guessing_is_slowed_down_even_with_the_right_password(
    database: Database, throttle: LoginThrottle, ada: users.Account
) -> None:
    for _ in range(PER_ACCOUNT.free + 1):
        with pytest.raises(LoginRefused):
            await sessions.login(database, throttle, username="ada", password="wrong", at=AT)
    with pytest.raises(TooManyAttempts) as caught:
        await sessions.login(database, throttle, username="ADA", password=PASSWORD, at=AT)
    assert caught.value.retry_after == 1
    elsewhere = Principal(Role.AUTH, None, "192.0.2.10", "tests")
    assert (await sessions.login(database, throttle, username="ada", password=PASSWORD, at=elsewhere)).token


@pytest.mark.asyncio
async def test_the_delay_doubles_up_to_a_quarter_of_an_hour(redis: Redis, throttle: LoginThrottle) -> None:
    waits = []
    for _ in range(PER_ACCOUNT.free + 12):
        await throttle.admit(username="ada", address="192.0.2.9")
        for key in [key async for key in redis.scan_iter("login:wait:*")]:
            waits.append(-(-await redis.pttl(key) // 1000))
            await redis.delete(key)
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]


@pytest.mark.asyncio
async def test_success_forgets_the_failures_and_nothing_personal_is_kept(redis: Redis, throttle: LoginThrottle) -> None:
    for _ in range(PER_ACCOUNT.free):
        await throttle.admit(username="ada", address="192.0.2.9")
    keys = str([key async for key in redis.scan_iter("*")])
    assert "ada" not in keys
    assert "192.0.2.9" not in keys
    await throttle.clear(username="Ada", address="192.0.2.9")
    assert [key async for key in redis.scan_iter("*")] == []


@pytest.mark.asyncio
async def test_without_redis_nobody_logs_in(database: Database, ada: users.Account) -> None:
    gone = open_redis(RedisSettings(url=SecretStr("unix:///nowhere/valkey.sock")))
    with pytest.raises(ServiceUnavailable, match="does not answer"):
        await sessions.login(database, LoginThrottle(gone), username="Ada", password=PASSWORD, at=AT)
    await gone.aclose()
