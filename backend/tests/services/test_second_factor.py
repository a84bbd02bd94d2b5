"""Codes of an app: each once, around now, and never without the key that the database does not hold."""

import time
from pathlib import Path
from uuid import UUID

import pyotp
import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.config import Settings
from sightline.core.database import Role
from sightline.core.errors import Conflict, InvalidInput, NotFound
from sightline.core.sealing import Sealer, open_sealer
from sightline.services import second_factor, users

NOW = 1_800_000_015  # in the middle of a step


@pytest.fixture
def sealer(tmp_path: Path) -> Sealer:
    return open_sealer(Settings(data_dir=tmp_path))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Set clock[0] to move the time."""
    at = [NOW]
    monkeypatch.setattr(time, "time", lambda: at[0])
    return at


@pytest_asyncio.fixture
async def ada(session: AsyncSession) -> UUID:
    return (await users.create(session, username="ada", role=Role.VIEWER)).id


async def _connected(session: AsyncSession, sealer: Sealer, ada: UUID) -> tuple[pyotp.TOTP, list[str]]:
    begun = await second_factor.begin(session, sealer, user_id=ada, username="ada")
    totp = pyotp.TOTP(begun.secret)
    return totp, await second_factor.confirm(session, sealer, user_id=ada, code=totp.at(NOW))


@pytest.mark.asyncio
async def test_it_counts_once_a_code_was_given(
    session: AsyncSession, sealer: Sealer, ada: UUID, clock: list[int]
) -> None:
    begun = await second_factor.begin(session, sealer, user_id=ada, username="ada")
    assert begun.uri.startswith("otpauth://totp/Sightline:ada?secret=")
    assert begun.secret not in repr(begun)
    assert not await second_factor.is_active(session, user_id=ada)
    totp = pyotp.TOTP(begun.secret)
    assert not await second_factor.verify(session, sealer, user_id=ada, code=totp.at(NOW))
    with pytest.raises(InvalidInput, match="wrong"):
        await second_factor.confirm(session, sealer, user_id=ada, code="000000")
    codes = await second_factor.confirm(session, sealer, user_id=ada, code=totp.at(NOW))
    assert len(set(codes)) == 10
    assert await second_factor.is_active(session, user_id=ada)
    for again in (
        second_factor.begin(session, sealer, user_id=ada, username="ada"),
        second_factor.confirm(session, sealer, user_id=ada, code="000000"),
    ):
        with pytest.raises(Conflict):
            await again


@pytest.mark.asyncio
async def test_a_code_is_accepted_once_and_a_step_around_now(
    session: AsyncSession, sealer: Sealer, ada: UUID, clock: list[int]
) -> None:
    totp, _ = await _connected(session, sealer, ada)

    async def takes(at: int) -> bool:
        return await second_factor.verify(session, sealer, user_id=ada, code=totp.at(at))

    assert not await takes(NOW)  # it confirmed already
    assert await takes(NOW + 30)
    assert not await takes(NOW + 30)
    assert not await takes(NOW)  # older than one that was used
    clock[0] += 300
    assert not await takes(clock[0] - 60)
    assert not await takes(clock[0] + 60)
    assert await takes(clock[0] - 30)
    assert await takes(clock[0])


@pytest.mark.asyncio
async def test_a_recovery_code_works_once_however_it_is_typed(
    session: AsyncSession, sealer: Sealer, ada: UUID, clock: list[int]
) -> None:
    _, codes = await _connected(session, sealer, ada)
    assert await second_factor.verify(session, sealer, user_id=ada, code=codes[0].upper().replace("-", " "))
    assert not await second_factor.verify(session, sealer, user_id=ada, code=codes[0])
    assert await second_factor.verify(session, sealer, user_id=ada, code=codes[1])


@pytest.mark.asyncio
async def test_neither_secret_nor_codes_are_in_the_database_or_its_log(
    session: AsyncSession, sealer: Sealer, ada: UUID, clock: list[int]
) -> None:
    totp, codes = await _connected(session, sealer, ada)
    rows = list(await session.scalars(text("SELECT encode(sealed_secret, 'escape') || f::text FROM second_factors f")))
    rows += list(await session.scalars(text("SELECT coalesce(new_values::text, '') FROM audit_payloads")))
    for secret in (totp.secret, codes[0], codes[0].replace("-", "")):
        assert secret not in str(rows)


@pytest.mark.asyncio
async def test_it_can_be_removed_and_begun_again(
    session: AsyncSession, sealer: Sealer, ada: UUID, clock: list[int]
) -> None:
    await _connected(session, sealer, ada)
    await second_factor.remove(session, user_id=ada)
    with pytest.raises(NotFound):
        await second_factor.remove(session, user_id=ada)
    first = await second_factor.begin(session, sealer, user_id=ada, username="ada")
    second = await second_factor.begin(session, sealer, user_id=ada, username="ada")
    assert first.secret != second.secret
    with pytest.raises(InvalidInput):
        await second_factor.confirm(session, sealer, user_id=ada, code=pyotp.TOTP(first.secret).at(NOW))
