"""Accounts: creating them, passwords, deactivation."""

import asyncio
import secrets
from dataclasses import dataclass, field
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import Role
from sightline.core.errors import Conflict, InvalidInput, NotFound
from sightline.models import User

HASHER = PasswordHasher()
"""argon2id with the library's parameters, which follow RFC 9106's second recommended option (64 MiB, 3 passes)."""

MIN_PASSWORD_LENGTH = 12
"""NIST SP 800-63B-4 asks for 15 where a password is the only factor and allows 8 otherwise; no rules of composition."""

USER_ROLES = (Role.ADMIN, Role.OPERATOR, Role.VIEWER, Role.AUDITOR)


@dataclass(frozen=True, slots=True)
class Account:
    """An account whose password was just made; show it once, it is kept nowhere."""

    id: UUID
    username: str
    password: str = field(repr=False)


async def hash_password(password: str) -> str:
    """argon2id in PHC format. Raises InvalidInput for a short one. In a thread: it takes about 50 ms on purpose."""
    if len(password) < MIN_PASSWORD_LENGTH:
        raise InvalidInput(f"the password has fewer than {MIN_PASSWORD_LENGTH} characters", hint="Use a longer one.")
    return await asyncio.to_thread(HASHER.hash, password)


async def password_matches(hashed: str, password: str) -> bool:
    """Whether a password is the one behind a hash."""
    try:
        return await asyncio.to_thread(HASHER.verify, hashed, password)
    except (VerificationError, InvalidHashError):
        return False


async def create(
    session: AsyncSession,
    *,
    username: str,
    role: Role,
    password: str | None = None,
    email: str | None = None,
) -> Account:
    """Create an account; without a password a random one is made. Raises Conflict when the name is taken."""
    if role not in USER_ROLES:
        raise InvalidInput(f"{role.value} is no role of users", hint="Use admin, operator, viewer or auditor.")
    if await find(session, username=username) is not None:
        raise Conflict(f"the name {username} is taken", hint="Choose another, or reset that account's password.")
    chosen = password or secrets.token_urlsafe(15)
    user = User(
        username=username,
        role=role.value,
        email=email,
        hashed_password=await hash_password(chosen),
        must_change_password=password is None,
    )
    session.add(user)
    await session.flush()
    return Account(user.id, username, chosen)


async def create_admin(session: AsyncSession, *, username: str = "admin") -> Account:
    """Create an admin with a random password. Raises Conflict when the name is taken."""
    return await create(session, username=username, role=Role.ADMIN)


async def create_first_admin(session: AsyncSession, *, username: str = "admin") -> Account | None:
    """The first start's admin: made only while there is no admin at all, else None."""
    admins = await session.scalar(select(func.count()).select_from(User).where(User.role == Role.ADMIN.value))
    return None if admins else await create_admin(session, username=username)


async def reset_password(session: AsyncSession, *, username: str, password: str | None = None) -> Account:
    """Give an account a new password, random unless given. Raises NotFound."""
    user = await get(session, username=username)
    chosen = password or secrets.token_urlsafe(15)
    user.hashed_password = await hash_password(chosen)
    user.must_change_password = password is None
    user.is_active = True
    await session.flush()
    return Account(user.id, user.username, chosen)


async def find(session: AsyncSession, *, username: str) -> User | None:
    """An account by its name, upper or lower case."""
    return (await session.scalars(select(User).where(func.lower(User.username) == username.lower()))).one_or_none()


async def get(session: AsyncSession, *, username: str) -> User:
    """An account by its name. Raises NotFound."""
    user = await find(session, username=username)
    if user is None:
        raise NotFound(f"no account named {username}", hint="Create it with `sightline admin create`.")
    return user


async def set_active(session: AsyncSession, *, username: str, is_active: bool) -> User:
    """Switch an account on or off; it loses access with the next transaction. Raises NotFound."""
    user = await get(session, username=username)
    user.is_active = is_active
    await session.flush()
    return user
