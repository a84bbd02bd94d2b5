"""Logins, their renewal and their end, on the real database."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from argon2 import PasswordHasher
from pydantic import SecretStr
from redis.asyncio import Redis
from sqlalchemy import text

from sightline.core.config import RedisSettings, Settings
from sightline.core.database import AUTH, SYSTEM, Database, Principal, Role
from sightline.core.errors import (
    Conflict,
    LoginRefused,
    ServiceUnavailable,
    TooManyAttempts,
    Unauthenticated,
)
from sightline.core.redis import open_redis
from sightline.core.sealing import Sealer, open_sealer
from sightline.services import passwords, sessions, users
from sightline.services.login_throttle import ANYWHERE, PER_ACCOUNT, LoginThrottle
from sightline.services.logins import Credentials, Logins
from sightline.services.sessions import NewSession
from sightline.workers.embedded.valkey import ValkeyAddress

PASSWORD = "correct horse battery"
AT = Principal(Role.AUTH, None, "192.0.2.9", "tests")
RIGHT = Credentials("ada", PASSWORD)
WEEK = timedelta(days=7)


@pytest_asyncio.fixture
async def redis(redis_server: ValkeyAddress) -> AsyncIterator[Redis]:
    client = open_redis(RedisSettings(url=SecretStr(redis_server.url)))
    await client.flushdb()
    yield client
    await client.aclose()


@pytest.fixture
def throttle(redis: Redis) -> LoginThrottle:
    return LoginThrottle(redis)


@pytest.fixture
def sealer(tmp_path: Path) -> Sealer:
    return open_sealer(Settings(data_dir=tmp_path))


@pytest.fixture
def logins(database: Database, throttle: LoginThrottle, sealer: Sealer) -> Logins:
    return Logins(database, throttle, sealer, remembered=WEEK)


@pytest_asyncio.fixture
async def ada(database: Database) -> users.Account:
    async with database.session(SYSTEM) as session:
        return await users.create(
            session, username="Ada", role=Role.OPERATOR, password=PASSWORD, email="ada@example.org"
        )


async def _who(database: Database, new: NewSession) -> sessions.ActiveSession | None:
    async with database.session(AUTH) as session:
        return await sessions.find(session, session_id=new.session_id, user_id=new.user_id)


async def _select(database: Database, statement: str) -> list[Any]:
    async with database.session(SYSTEM) as session:
        return list((await session.scalars(text(statement))).all())


async def _set(database: Database, assignment: str) -> None:
    async with database.session(SYSTEM) as session:
        await session.execute(text("UPDATE refresh_tokens SET " + assignment))  # noqa: S608 - ours


@pytest.mark.asyncio
@pytest.mark.parametrize("name", ["ada", "ADA", "Ada@Example.org", "\uff21da"])
async def test_a_login_lasts_until_its_logout(
    database: Database, logins: Logins, ada: users.Account, name: str
) -> None:
    new = await logins.log_in(Credentials(name, PASSWORD), at=AT)
    active = await _who(database, new)
    assert active is not None
    assert (active.user_id, active.username, active.role) == (ada.id, "Ada", Role.OPERATOR)
    async with database.session(AUTH) as session:
        assert await sessions.logout(session, session_id=new.session_id)
        assert not await sessions.logout(session, session_id=new.session_id)
    assert await _who(database, new) is None
    actions = await _select(database, "SELECT action FROM audit_logs WHERE table_name = 'users' ORDER BY id")
    assert actions == ["INSERT", "LOGIN", "LOGOUT"]


@pytest.mark.asyncio
async def test_a_session_lasts_a_shift_and_a_remembered_one_days(
    database: Database, logins: Logins, ada: users.Account
) -> None:
    short = await logins.log_in(RIGHT, at=AT)
    long = await logins.log_in(Credentials("ada", PASSWORD, remember=True), at=AT)
    assert (short.is_remembered, long.is_remembered) == (False, True)
    assert short.expires_at - short.started_at == sessions.SESSION_LIFE
    assert long.expires_at - long.started_at == WEEK
    renewed = await sessions.renew(database, token=long.token, at=AT)
    assert (renewed.expires_at, renewed.started_at) == (long.expires_at, long.started_at)


@pytest.mark.asyncio
async def test_the_database_holds_no_token(database: Database, logins: Logins, ada: users.Account) -> None:
    new = await logins.log_in(RIGHT, at=AT)
    async with database.session(SYSTEM) as session:
        link = await sessions.create_login_link(session, user_id=ada.id)
    rows = await _select(database, "SELECT t::text || encode(t.token_hash, 'escape') FROM refresh_tokens t")
    rows += await _select(database, "SELECT coalesce(new_values::text, '') FROM audit_payloads")
    assert new.token not in str(rows)
    assert link not in str(rows)
    assert new.token not in repr(new)


@pytest.mark.asyncio
async def test_a_token_renews_once_and_its_copy_ends_the_session(
    database: Database, logins: Logins, ada: users.Account
) -> None:
    first = await logins.log_in(RIGHT, at=AT)
    second = await sessions.renew(database, token=first.token, at=AT)
    assert second.session_id == first.session_id
    assert second.token != first.token
    with pytest.raises(Conflict, match="a moment ago"):
        await sessions.renew(database, token=first.token, at=AT)
    assert await _who(database, second) is not None
    await _set(database, "spent_at = spent_at - interval '11 seconds' WHERE spent_at IS NOT NULL")
    with pytest.raises(Unauthenticated):
        await sessions.renew(database, token=first.token, at=AT)
    assert await _who(database, second) is None
    with pytest.raises(Unauthenticated):
        await sessions.renew(database, token=second.token, at=AT)
    assert await _select(database, "SELECT record_id FROM audit_logs WHERE action = 'REFRESH_REUSED'") == [str(ada.id)]


@pytest.mark.asyncio
async def test_of_many_that_renew_at_once_one_gets_tokens(
    database: Database, logins: Logins, ada: users.Account
) -> None:
    new = await logins.log_in(RIGHT, at=AT)
    attempts = [sessions.renew(database, token=new.token, at=AT) for _ in range(6)]
    outcomes = await asyncio.gather(*attempts, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict"] * 5 + ["NewSession"]
    assert await _who(database, new) is not None


@pytest.mark.asyncio
async def test_a_logout_beats_a_renewal_at_the_same_moment(
    database: Database, logins: Logins, ada: users.Account
) -> None:
    for _ in range(5):
        new = await logins.log_in(RIGHT, at=AT)

        async def end(session_id: Any = new.session_id) -> None:
            async with database.session(AUTH) as session:
                await sessions.logout(session, session_id=session_id)

        renewing = sessions.renew(database, token=new.token, at=AT)
        await asyncio.gather(renewing, end(), return_exceptions=True)
        assert await _who(database, new) is None


@pytest.mark.asyncio
@pytest.mark.parametrize("token", ["", "unknown", "x" * 500])
async def test_what_was_never_a_token_renews_nothing(database: Database, token: str) -> None:
    with pytest.raises(Unauthenticated):
        await sessions.renew(database, token=token, at=AT)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "credentials",
    [
        Credentials("Ada", "wrong"),
        Credentials("nobody", PASSWORD),
        Credentials("Ada' OR '1'='1", "x"),
        Credentials("Ada", PASSWORD.upper()),
    ],
)
async def test_a_refusal_does_not_say_which_was_wrong(
    database: Database, logins: Logins, ada: users.Account, credentials: Credentials
) -> None:
    with pytest.raises(LoginRefused, match="name, password or code is wrong"):
        await logins.log_in(credentials, at=AT)
    assert await _select(database, "SELECT action FROM audit_logs WHERE action LIKE 'LOGIN%'") == ["LOGIN_FAILED"]
    assert credentials.password not in repr(credentials)


@pytest.mark.asyncio
@pytest.mark.parametrize("name", ["Ada", "nobody"])
async def test_the_same_work_is_done_for_an_unknown_account(
    logins: Logins, ada: users.Account, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashes = []

    async def counted(hashed: str, password: str) -> bool:
        hashes.append(hashed)
        return False

    monkeypatch.setattr(passwords, "matches", counted)
    with pytest.raises(LoginRefused):
        await logins.log_in(Credentials(name, "wrong"), at=AT)
    parameters = [hashed.rpartition("$")[0].rpartition("$")[0] for hashed in hashes]
    assert parameters == [passwords.HASHER.hash("x").rpartition("$")[0].rpartition("$")[0]]


def test_passwords_are_kept_as_rfc_9106_recommends(cheap_passwords: PasswordHasher) -> None:
    """Its second option: argon2id, 64 MiB, 3 passes, 4 lanes; other tests hash cheaply."""
    assert cheap_passwords.hash("x").startswith("$argon2id$v=19$m=65536,t=3,p=4$")


@pytest.mark.asyncio
async def test_a_password_kept_the_old_way_is_kept_anew_at_the_next_login(
    database: Database, logins: Logins, ada: users.Account
) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8192).hash(PASSWORD)
    async with database.session(SYSTEM) as session:
        (await users.get(session, username="Ada")).hashed_password = weak
    await logins.log_in(RIGHT, at=AT)
    (hashed,) = await _select(database, "SELECT hashed_password FROM users")
    assert hashed != weak
    assert not passwords.is_outdated(hashed)
    assert (await logins.log_in(RIGHT, at=AT)).token


@pytest.mark.asyncio
async def test_a_deactivated_account_loses_its_sessions_at_once(
    database: Database, logins: Logins, ada: users.Account
) -> None:
    new = await logins.log_in(RIGHT, at=AT)
    async with database.session(SYSTEM) as session:
        await users.set_active(session, username="Ada", is_active=False)
        link = await sessions.create_login_link(session, user_id=ada.id)
    assert await _who(database, new) is None
    with pytest.raises(Unauthenticated):
        await sessions.renew(database, token=new.token, at=AT)
    with pytest.raises(LoginRefused):
        await logins.log_in(RIGHT, at=AT)
    with pytest.raises(LoginRefused):
        async with database.session(AUTH) as session:
            await sessions.enter(session, token=link, at=AT)


@pytest.mark.asyncio
async def test_a_session_ends_by_itself(database: Database, logins: Logins, ada: users.Account) -> None:
    new = await logins.log_in(RIGHT, at=AT)
    await _set(database, "expires_at = now() - interval '1 second'")
    assert await _who(database, new) is None
    with pytest.raises(Unauthenticated):
        await sessions.renew(database, token=new.token, at=AT)
    await _set(database, "expires_at = now() - interval '2 days'")
    await logins.log_in(RIGHT, at=AT)
    assert await _select(database, "SELECT count(*) FROM refresh_tokens") == [1]


@pytest.mark.asyncio
async def test_a_link_works_once_and_is_no_session_itself(database: Database, ada: users.Account) -> None:
    async with database.session(SYSTEM) as session:
        link = await sessions.create_login_link(session, user_id=ada.id)
        assert list(await sessions.list_of(session, user_id=ada.id)) == []
    with pytest.raises(Unauthenticated):
        await sessions.renew(database, token=link, at=AT)
    async with database.session(AUTH) as session:
        new = await sessions.enter(session, token=link, at=AT)
    active = await _who(database, new)
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
async def test_guessing_is_slowed_down_even_with_the_right_password(logins: Logins, ada: users.Account) -> None:
    names = ["ada", "ADA", "ada@example.org", "Ada"]  # one account, however it is named
    for name in names:
        with pytest.raises(LoginRefused):
            await logins.log_in(Credentials(name, "wrong"), at=AT)
    assert len(names) == PER_ACCOUNT.free + 1
    with pytest.raises(TooManyAttempts) as caught:
        await logins.log_in(RIGHT, at=AT)
    assert caught.value.retry_after == 1
    elsewhere = Principal(Role.AUTH, None, "192.0.2.10", "tests")
    assert (await logins.log_in(RIGHT, at=elsewhere)).token


@pytest.mark.asyncio
async def test_the_delay_doubles_up_to_a_quarter_of_an_hour(redis: Redis, throttle: LoginThrottle) -> None:
    waits = []
    for _ in range(PER_ACCOUNT.free + 12):
        await throttle.admit(account="ada", address="192.0.2.9")
        for key in [key async for key in redis.scan_iter("login:wait:*")]:
            waits.append(-(-await redis.pttl(key) // 1000))
            await redis.delete(key)
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]


@pytest.mark.asyncio
async def test_guesses_from_everywhere_are_slowed_down_but_lock_nobody_out_of_their_own_place(
    redis: Redis, throttle: LoginThrottle
) -> None:
    await throttle.admit(account="ada", address="192.0.2.1")
    await throttle.clear(account="ada", address="192.0.2.1")
    for number in range(ANYWHERE.free):
        await throttle.admit(account="ada", address=f"198.51.100.{number}")
    (waiting,) = [key async for key in redis.scan_iter("login:wait:*")]
    await redis.expire(waiting, 300)  # a second, which a busy machine needs itself
    with pytest.raises(TooManyAttempts):
        await throttle.admit(account="ada", address="203.0.113.2")
    await throttle.admit(account="ada", address="192.0.2.1")
    await throttle.admit(account="bob", address="203.0.113.99")


@pytest.mark.asyncio
async def test_success_forgets_the_failures_and_nothing_personal_is_kept(redis: Redis, throttle: LoginThrottle) -> None:
    for _ in range(PER_ACCOUNT.free):
        await throttle.admit(account="ada", address="192.0.2.9")
    await throttle.clear(account="ada", address="192.0.2.9")
    keys = str([key async for key in redis.scan_iter("*")])
    assert "ada" not in keys
    assert "192.0.2.9" not in keys
    for _ in range(PER_ACCOUNT.free + 1):
        await throttle.admit(account="ada", address="192.0.2.9")


@pytest.mark.asyncio
async def test_without_redis_nobody_logs_in(database: Database, sealer: Sealer, ada: users.Account) -> None:
    gone = open_redis(RedisSettings(url=SecretStr("unix:///nowhere/valkey.sock")))
    with pytest.raises(ServiceUnavailable, match="does not answer"):
        await Logins(database, LoginThrottle(gone), sealer, remembered=WEEK).log_in(RIGHT, at=AT)
    await gone.aclose()
