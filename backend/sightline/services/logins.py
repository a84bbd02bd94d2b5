"""Proving who one is: name, password, and a code where the account has a second factor."""

import asyncio
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import NoReturn
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import Database, Principal
from sightline.core.errors import LoginRefused, PasswordRefused, SecondFactorRequired
from sightline.core.sealing import Sealer
from sightline.models import User
from sightline.services import passwords, second_factor, sessions
from sightline.services.login_throttle import LoginThrottle
from sightline.services.sessions import SESSION_LIFE, NewSession
from sightline.services.usernames import canonical


@dataclass(frozen=True, slots=True)
class Credentials:
    """What somebody typed. name: user name or e-mail address; otp: of the app, or a recovery code."""

    name: str = field(repr=False)
    password: str = field(repr=False)
    otp: str | None = field(default=None, repr=False)
    remember: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    user_id: UUID
    hashed_password: str = field(repr=False)


class Logins:
    """Checks passwords, slowed down where somebody guesses. No transaction is open while one is computed."""

    def __init__(self, database: Database, throttle: LoginThrottle, sealer: Sealer, *, remembered: timedelta) -> None:
        self._database = database
        self._throttle = throttle
        self._sealer = sealer
        self._remembered = remembered

    async def log_in(self, given: Credentials, *, at: Principal) -> NewSession:
        """Open a session. at: AUTH with address and user agent.

        Takes the time of one password check, whether the account exists or not.
        Raises LoginRefused (recorded), SecondFactorRequired, TooManyAttempts, ServiceUnavailable.
        """
        async with self._database.session(at) as session:
            found = await _find(session, canonical(given.name))
        account = str(found.user_id) if found else canonical(given.name).lower()
        await self._throttle.admit(account=account, address=at.ip_address)
        if not await self._is_right(found, given.password) or found is None:
            await self._refuse(found, at)
        async with self._database.session(at) as session:
            opened = await self._opened(session, found, given, at)
        if opened is None:
            await self._refuse(found, at)
        await self._throttle.clear(account=account, address=at.ip_address)
        await self._rehash(found, given.password, at)
        return opened

    async def prove(self, user_id: UUID, password: str, *, at: Principal, code: str | None = None) -> None:
        """Ask somebody who is logged in for their password again, and for a code where one is given to check.

        at: AUTH. Raises PasswordRefused, TooManyAttempts, ServiceUnavailable.
        """
        async with self._database.session(at) as session:
            user = await session.get(User, user_id)
            found = _Found(user.id, user.hashed_password) if user and user.is_active else None
        await self._throttle.admit(account=str(user_id), address=at.ip_address)
        right = await self._is_right(found, password)
        async with self._database.session(at) as session:
            if right and code is not None:
                right = await second_factor.verify(session, self._sealer, user_id=user_id, code=code)
            if not right:
                await sessions.record(session, "PASSWORD_REFUSED", user_id)
        if not right:
            raise PasswordRefused("password or code is wrong", hint="Give the password that you log in with.")
        await self._throttle.clear(account=str(user_id), address=at.ip_address)

    async def _is_right(self, found: _Found | None, password: str) -> bool:
        async with self._throttle.hashing:
            nobodys = await asyncio.to_thread(_nobodys_hash)
            return await passwords.matches(found.hashed_password if found else nobodys, password)

    async def _opened(
        self, session: AsyncSession, found: _Found, given: Credentials, at: Principal
    ) -> NewSession | None:
        """The session; None where the code is wrong, or the password was changed in this moment."""
        if not await _is_unchanged(session, found):
            return None
        if await second_factor.is_active(session, user_id=found.user_id):
            if given.otp is None:
                raise SecondFactorRequired(
                    "this account has a second factor", hint="Send the code of the authenticator app as otp."
                )
            if not await second_factor.verify(session, self._sealer, user_id=found.user_id, code=given.otp):
                return None
        life = self._remembered if given.remember else min(SESSION_LIFE, self._remembered)
        return await sessions.open_session(session, user_id=found.user_id, at=at, life=life)

    async def _refuse(self, found: _Found | None, at: Principal) -> NoReturn:
        async with self._database.session(at) as session:
            await sessions.record(session, "LOGIN_FAILED", found.user_id if found else None)
        raise LoginRefused(
            "name, password or code is wrong", hint="Check them, or ask an administrator for a new password."
        )

    async def _rehash(self, found: _Found, password: str, at: Principal) -> None:
        """Keep the password as today's parameters want it, unless it was changed in this moment."""
        if not passwords.is_outdated(found.hashed_password):
            return
        async with self._throttle.hashing:
            fresh = await asyncio.to_thread(passwords.HASHER.hash, passwords.normalised(password))
        async with self._database.session(at) as session:
            same = User.id == found.user_id, User.hashed_password == found.hashed_password
            await session.execute(update(User).where(*same).values(hashed_password=fresh))


async def _find(session: AsyncSession, name: str) -> _Found | None:
    """An active account by its name, else by its address: names of accounts hold no @ since addresses count."""
    lowered = name.lower()
    statement = (
        select(User.id, User.hashed_password)
        .where(or_(func.lower(User.username) == lowered, func.lower(User.email) == lowered), User.is_active)
        .order_by((func.lower(User.username) == lowered).desc())
        .limit(1)
    )
    row = (await session.execute(statement)).one_or_none()
    return _Found(row.id, row.hashed_password) if row else None


async def _is_unchanged(session: AsyncSession, found: _Found) -> bool:
    """Whether the password that was checked still is the account's; locked, so that it stays so."""
    statement = select(User.hashed_password).where(User.id == found.user_id, User.is_active)
    return await session.scalar(statement.with_for_update(key_share=True)) == found.hashed_password


@cache
def _nobodys_hash() -> str:
    """What the password of an unknown account is compared with."""
    return passwords.HASHER.hash(secrets.token_urlsafe(sessions.TOKEN_BYTES))
