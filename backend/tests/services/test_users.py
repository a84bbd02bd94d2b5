"""Accounts and their passwords."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import Role
from sightline.core.errors import Conflict, InvalidInput, NotFound
from sightline.services import passwords, users


@pytest.mark.asyncio
async def test_the_first_start_makes_one_admin_with_a_random_password(session: AsyncSession) -> None:
    account = await users.create_first_admin(session)
    assert account is not None
    assert account.password not in repr(account)
    user = await users.get(session, username="ADMIN")
    assert (user.role, user.must_change_password) == ("admin", True)
    assert user.hashed_password.startswith("$argon2id$")
    assert await passwords.matches(user.hashed_password, account.password)
    assert not await passwords.matches(user.hashed_password, account.password + "x")
    assert await users.create_first_admin(session) is None


@pytest.mark.asyncio
async def test_a_reset_ends_the_old_password(session: AsyncSession) -> None:
    old = await users.create(session, username="olga", role=Role.OPERATOR, password="lanterns over the bay")
    await users.set_active(session, username="olga", is_active=False)
    new = await users.reset_password(session, username="olga")
    user = await users.get(session, username="olga")
    assert user.is_active
    assert not await passwords.matches(user.hashed_password, old.password)
    assert await passwords.matches(user.hashed_password, new.password)


@pytest.mark.asyncio
async def test_what_cannot_be_an_account(session: AsyncSession) -> None:
    await users.create(session, username="vera", role=Role.VIEWER)
    with pytest.raises(Conflict, match="Vera"):
        await users.create(session, username="Vera", role=Role.VIEWER)
    with pytest.raises(InvalidInput, match="15 characters"):
        await users.create(session, username="short", role=Role.VIEWER, password="short")
    with pytest.raises(InvalidInput, match="worker"):
        await users.create(session, username="robot", role=Role.WORKER)
    with pytest.raises(NotFound):
        await users.reset_password(session, username="nobody")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "name", ["v\u0435ra", "vera ada", "-vera", "vera@example.org", "x" * 65, "", "ve\u200bra", "../x"]
)
async def test_names_that_look_like_others_are_refused(session: AsyncSession, name: str) -> None:
    with pytest.raises(InvalidInput, match="no name"):
        await users.create(session, username=name, role=Role.VIEWER)


@pytest.mark.asyncio
async def test_a_wide_name_is_the_plain_one(session: AsyncSession) -> None:
    assert (await users.create(session, username="\uff36era", role=Role.VIEWER)).username == "Vera"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "password",
    [
        "a" * 20,
        "passwordpassword",
        "Password12345678",
        "123456789012345",
        "qwertyuiopasdfgh",
        "sightlinesightline",
        "vera@example.org",
        "vera.example.org",
        "Vera Sightline 1",
        "abcabcabcabcabcabc",
        "fourteen signs",
        "x1" * 129,
    ],
)
async def test_passwords_that_are_guessed_easily_are_refused(password: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await passwords.check(password, known=("vera", "vera@example.org"))
    assert password not in refused.value.message + refused.value.hint


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "password",
    [
        "three lazy foxes at noon",
        "дверь открыта только утром",
        "正しい馬の電池ホチキス青空と海辺の町",
        "kT7$vQ2!mZ9@xR4",
    ],
)
async def test_long_passwords_of_any_signs_are_accepted(password: str) -> None:
    await passwords.check(password, known=("vera",))


@pytest.mark.asyncio
async def test_a_password_is_the_same_on_every_keyboard() -> None:
    hashed = await passwords.hash_password("caf\u00e9 au lait le matin")
    assert await passwords.matches(hashed, "cafe\u0301\u00a0au lait le matin")
    assert not await passwords.matches(hashed, "cafe au lait le matin")


@pytest.mark.asyncio
async def test_a_damaged_hash_matches_nothing() -> None:
    assert not await passwords.matches("not a hash", "password")
