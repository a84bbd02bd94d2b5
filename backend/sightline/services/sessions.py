"""Who is logged in: opaque random tokens, of which the database keeps the digest only.

A session ends at its expiry, by logout, and with its account. A one-time link is a token of the same table whose
digest is taken in another domain, so that neither can be used as the other.
"""

import asyncio
import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from uuid import UUID

import uuid_utils.compat as uuid_utils
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import Database, Principal, Role
from sightline.core.errors import LoginRefused
from sightline.models import RefreshToken, User
from sightline.services import audit, users
from sightline.services.login_throttle import LoginThrottle

SESSION_LIFE = timedelta(hours=12)
"""One shift: NIST SP 800-63B-4 asks for a new login after 24 h at the latest at AAL2."""
LINK_LIFE = timedelta(minutes=10)
TOKEN_BYTES = 32
"""256 bits: nobody guesses it, so a plain digest is enough to keep."""


@dataclass(frozen=True, slots=True)
class NewSession:
    """A login. Show token to its owner once; it is kept nowhere."""

    token: str = field(repr=False)
    user_id: UUID
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ActiveSession:
    """Who is behind a token."""

    user_id: UUID
    username: str
    role: Role
    must_change_password: bool
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class _Found:
    user_id: UUID
    hashed_password: str = field(repr=False)


async def login(
    database: Database, throttle: LoginThrottle, *, username: str, password: str, at: Principal
) -> NewSession:
    """Check name and password, and open a session. at: AUTH with address and user agent.

    Takes the time of one password check, whether the account exists or not; no transaction is open meanwhile.
    Raises LoginRefused (recorded), TooManyAttempts, ServiceUnavailable.
    """
    await throttle.admit(username=username, address=at.ip_address)
    async with database.session(at) as session:
        found = await _find(session, username)
    async with throttle.hashing:
        nobodys = await asyncio.to_thread(_nobodys_hash)
        right = await users.password_matches(found.hashed_password if found else nobodys, password)
    if found is None or not right:
        async with database.session(at) as session:
            await _record(session, "LOGIN_FAILED", found.user_id if found else None)
        raise LoginRefused("name or password is wrong", hint="Check both, or ask an administrator for a new password.")
    await throttle.clear(username=username, address=at.ip_address)
    async with database.session(at) as session:
        return await _open(session, found.user_id, at, family_id=uuid_utils.uuid7())


async def create_login_link(session: AsyncSession, *, user_id: UUID, now: datetime | None = None) -> str:
    """A token that logs user_id in once, within ten minutes: /enter?token=… The session acts as SYSTEM or admin."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    expires_at = (now or datetime.now(UTC)) + LINK_LIFE
    link = RefreshToken(
        user_id=user_id,
        token_hash=_link_digest(token),
        family_id=uuid_utils.uuid7(),
        user_agent="one-time link",
        expires_at=expires_at,
    )
    session.add(link)
    await session.flush()
    return token


async def enter(session: AsyncSession, *, token: str, at: Principal) -> NewSession:
    """Turn a one-time link into a session. The session acts as AUTH. Raises LoginRefused."""
    now = datetime.now(UTC)
    statement = (
        update(RefreshToken)
        .where(
            RefreshToken.token_hash == _link_digest(token),
            RefreshToken.revoked_at.is_(None),
            RefreshToken.expires_at > now,
            RefreshToken.user_id.in_(select(User.id).where(User.is_active)),
        )
        .values(revoked_at=now)
        .returning(RefreshToken.user_id, RefreshToken.family_id)
    )
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        raise LoginRefused(
            "this link was used already, or has expired", hint="Log in with name and password, or make a new link."
        )
    return await _open(session, row.user_id, at, family_id=row.family_id)


async def find(session: AsyncSession, *, token: str) -> ActiveSession | None:
    """Who is behind a token; None where it is unknown, expired or revoked, or the account is switched off."""
    statement = (
        select(User.id, User.username, User.role, User.must_change_password, RefreshToken.expires_at)
        .join(User, User.id == RefreshToken.user_id)
        .where(
            RefreshToken.token_hash == _session_digest(token),
            RefreshToken.revoked_at.is_(None),
            RefreshToken.expires_at > datetime.now(UTC),
            User.is_active,
        )
    )
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        return None
    user_id, username, role, must_change, expires_at = row
    return ActiveSession(user_id, username, Role(role), must_change, expires_at)


async def logout(session: AsyncSession, *, token: str) -> bool:
    """End a session at once; whether there was one."""
    statement = (
        update(RefreshToken)
        .where(RefreshToken.token_hash == _session_digest(token), RefreshToken.revoked_at.is_(None))
        .values(revoked_at=datetime.now(UTC))
        .returning(RefreshToken.user_id)
    )
    user_id = await session.scalar(statement)
    if user_id is not None:
        await _record(session, "LOGOUT", user_id)
    return user_id is not None


async def _find(session: AsyncSession, username: str) -> _Found | None:
    user = await users.find(session, username=username)
    return _Found(user.id, user.hashed_password) if user and user.is_active else None


async def _open(session: AsyncSession, user_id: UUID, at: Principal, *, family_id: UUID) -> NewSession:
    now = datetime.now(UTC)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    opened = RefreshToken(
        user_id=user_id,
        token_hash=_session_digest(token),
        family_id=family_id,
        ip_address=at.ip_address or None,
        user_agent=at.user_agent or None,
        expires_at=now + SESSION_LIFE,
    )
    session.add(opened)
    await session.execute(update(User).where(User.id == user_id).values(last_login_at=now))
    await _record(session, "LOGIN", user_id)
    return NewSession(token, user_id, now + SESSION_LIFE)


async def _record(session: AsyncSession, action: str, user_id: UUID | None) -> None:
    """Whom it concerns, but never the name that was typed: people type passwords into that field."""
    await audit.record_event(session, action=action, table_name="users", record_id=str(user_id) if user_id else None)


def _session_digest(token: str) -> bytes:
    return hashlib.sha256(b"session:" + token.encode()).digest()


def _link_digest(token: str) -> bytes:
    return hashlib.sha256(b"link:" + token.encode()).digest()


@cache
def _nobodys_hash() -> str:
    """What the password of an unknown account is compared with."""
    return users.HASHER.hash(secrets.token_urlsafe(TOKEN_BYTES))
