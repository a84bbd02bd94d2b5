"""Codes of an authenticator app as second factor (RFC 6238), and recovery codes for whoever loses it.

The app's secret is sealed with a key that the database does not hold. A code counts once: the step that it belongs
to is remembered. Recovery codes are random, kept as digests, and each works once too.
"""

import hashlib
import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import pyotp
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.errors import Conflict, InvalidInput, NotFound
from sightline.core.sealing import Sealer
from sightline.models import SecondFactor
from sightline.services.sessions import record

ISSUER = "Sightline"
STEP_SECONDS = 30
DRIFT = 1
"""Steps before and after now that count, for phones whose clock is wrong (RFC 6238, 5.2)."""
RECOVERY_CODES = 10
RECOVERY_BYTES = 10
"""80 bits each: nobody guesses one, so a plain digest is enough to keep."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A secret for an app. Show it to its owner once."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)


async def begin(session: AsyncSession, sealer: Sealer, *, user_id: UUID, username: str) -> Enrolment:
    """A new secret, which counts once a code of it was given. Raises Conflict where there is a second factor."""
    if await is_active(session, user_id=user_id):
        raise Conflict("a second factor is set up already", hint="Remove it first, with a code of it.")
    secret = pyotp.random_base32()
    values = {
        "sealed_secret": sealer.seal(secret.encode(), context=_context(user_id)),
        "last_counter": 0,
        "recovery_hashes": [],
        "created_at": datetime.now(UTC),
    }
    statement = insert(SecondFactor).values(user_id=user_id, **values)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["user_id"], set_=values, where=SecondFactor.confirmed_at.is_(None)
        )
    )
    return Enrolment(secret, pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER))


async def confirm(session: AsyncSession, sealer: Sealer, *, user_id: UUID, code: str) -> list[str]:
    """Switch it on by a first code; gives the recovery codes, to show once. Raises NotFound, Conflict, InvalidInput."""
    factor = await _locked(session, user_id)
    if factor is None:
        raise NotFound("no second factor was begun", hint="Begin with POST /v1/auth/second-factor.")
    if factor.confirmed_at is not None:
        raise Conflict("the second factor is switched on already", hint="Nothing is left to do.")
    if not _takes(factor, sealer, code):
        raise InvalidInput("the code is wrong", hint="Check the clock of the device, and use its current code.")
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    factor.confirmed_at = datetime.now(UTC)
    factor.recovery_hashes = [_digest(one) for one in codes]
    await session.flush()
    await record(session, "SECOND_FACTOR_ADDED", user_id)
    return codes


async def is_active(session: AsyncSession, *, user_id: UUID) -> bool:
    """Whether a login of this user needs a code."""
    statement = select(SecondFactor.user_id).where(
        SecondFactor.user_id == user_id, SecondFactor.confirmed_at.is_not(None)
    )
    return await session.scalar(statement) is not None


async def verify(session: AsyncSession, sealer: Sealer, *, user_id: UUID, code: str) -> bool:
    """Whether this is a code of the user's app or a recovery code; either is used up by that."""
    factor = await _locked(session, user_id)
    if factor is None or factor.confirmed_at is None:
        return False
    if _takes(factor, sealer, code):
        await session.flush()
        return True
    digest = _digest(code)
    if digest not in factor.recovery_hashes:
        return False
    factor.recovery_hashes = [kept for kept in factor.recovery_hashes if kept != digest]
    await session.flush()
    await record(session, "RECOVERY_CODE_USED", user_id)
    return True


async def remove(session: AsyncSession, *, user_id: UUID) -> None:
    """Switch it off. Raises NotFound."""
    statement = delete(SecondFactor).where(SecondFactor.user_id == user_id).returning(SecondFactor.user_id)
    if await session.scalar(statement) is None:
        raise NotFound("there is no second factor", hint="Nothing is left to do.")
    await record(session, "SECOND_FACTOR_REMOVED", user_id)


async def _locked(session: AsyncSession, user_id: UUID) -> SecondFactor | None:
    """Two requests with one code come one after the other."""
    statement = select(SecondFactor).where(SecondFactor.user_id == user_id).with_for_update()
    return (await session.scalars(statement.execution_options(populate_existing=True))).one_or_none()


def _takes(factor: SecondFactor, sealer: Sealer, code: str) -> bool:
    """Whether the code belongs to a step around now that was not used yet; that step is used then."""
    secret = sealer.open(factor.sealed_secret, context=_context(factor.user_id)).decode()
    totp, now = pyotp.TOTP(secret), int(time.time()) // STEP_SECONDS
    for counter in range(now - DRIFT, now + DRIFT + 1):
        right = secrets.compare_digest(totp.generate_otp(counter).encode(), _plain(code).encode())
        if right and counter > factor.last_counter:
            factor.last_counter = counter
            if sealer.is_stale(factor.sealed_secret):
                factor.sealed_secret = sealer.seal(secret.encode(), context=_context(factor.user_id))
            return True
    return False


def _plain(code: str) -> str:
    """As it was meant, however it was grouped for reading."""
    return "".join(code.split()).replace("-", "").lower()


def _recovery_code() -> str:
    text = secrets.token_hex(RECOVERY_BYTES)
    return "-".join(text[start : start + 5] for start in range(0, len(text), 5))


def _digest(code: str) -> bytes:
    return hashlib.sha256(b"recovery:" + _plain(code).encode()).digest()


def _context(user_id: UUID) -> str:
    return f"second_factor:{user_id}"
