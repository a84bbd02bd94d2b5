"""Accounts and their passwords."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import Role
from sightline.core.errors import Conflict, InvalidInput, NotFound
from sightline.services import users


@pytest.mark.asyncio
async def test_the_first_start_makes_one_admin_with_a_random_password(session: AsyncSession) -> None:
    account = await users.create_first_admin(session)
    assert account is not None
    assert account.password not in repr(account)
    user = await users.get(session, username="ADMIN")
    assert (user.role, user.must_change_password) == ("admin", True)
    assert user.hashed_password.startswith("$argon2id$")
    assert await users.password_matches(user.hashed_password, account.password)
    assert not await users.password_matches(user.hashed_password, account.password + "x")
    assert await users.create_first_admin(session) is None


@pytest.mark.asyncio
async def test_a_reset_ends_the_old_password(session: AsyncSession) -> None:
    old = await users.create(session, username="olga", role=Role.OPERATOR, password="a long enough one")
    await users.set_active(session, username="olga", is_active=False)
    new = await users.reset_password(session, username="olga")
    user = await users.get(session, username="olga")
    assert user.is_active
    assert not await users.password_matches(user.hashed_password, old.password)
    assert await users.password_matches(user.hashed_password, new.password)


@pytest.mark.asyncio
async def test_what_cannot_be_an_account(session: AsyncSession) -> None:
    await users.create(session, username="vera", role=Role.VIEWER)
    with pytest.raises(Conflict, match="Vera"):
        await users.create(session, username="Vera", role=Role.VIEWER)
    with pytest.raises(InvalidInput, match="12 characters"):
        await users.create(session, username="short", role=Role.VIEWER, password="short")
    with pytest.raises(InvalidInput, match="worker"):
        await users.create(session, username="robot", role=Role.WORKER)
    with pytest.raises(NotFound):
        await users.reset_password(session, username="nobody")


@pytest.mark.asyncio
async def test_a_damaged_hash_matches_nothing() -> None:
    assert not await users.password_matches("not a hash", "password")
