"""Accounts: creating and changing them, their passwords, and what they may see."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import Role
from sightline.core.errors import Conflict, InvalidInput, NotFound
from sightline.models import User
from sightline.services import passwords, sessions, user_groups, usernames, versions

USER_ROLES = (Role.ADMIN, Role.OPERATOR, Role.VIEWER, Role.AUDITOR)
RANDOM_BYTES = 15
"""120 bits: 20 characters to copy from a terminal."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account whose password was just made; show it once, it is kept nowhere."""

    id: UUID
    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AccountData:
    """What an administrator sets. camera_group_ids: beside cameras without a group, which everybody sees."""

    role: Role
    email: str | None = None
    is_active: bool = True
    must_change_password: bool = False
    camera_group_ids: Sequence[UUID] = ()


async def create(
    session: AsyncSession,
    *,
    username: str,
    role: Role,
    password: str | None = None,
    email: str | None = None,
    must_change: bool | None = None,
) -> Account:
    """Create an account; without a password a random one is made. Raises Conflict when the name is taken.

    must_change: whether the first login asks for another password; where not said, that of a random one does.
    """
    if role not in USER_ROLES:
        raise InvalidInput(f"{role.value} is no role of users", hint="Use admin, operator, viewer or auditor.")
    name = usernames.checked(username)
    if await find(session, username=name) is not None:
        raise Conflict(f"the name {name} is taken", hint="Choose another, or reset that account's password.")
    if password is not None:
        await passwords.check(password, known=_known(name, email))
    chosen = password or secrets.token_urlsafe(RANDOM_BYTES)
    user = User(
        username=name,
        role=role.value,
        email=email,
        hashed_password=await passwords.hash_password(chosen),
        must_change_password=password is None if must_change is None else must_change,
    )
    session.add(user)
    await session.flush()
    return Account(user.id, name, chosen)


async def create_admin(session: AsyncSession, *, username: str = "admin", must_change: bool = True) -> Account:
    """Create an admin with a random password. Raises Conflict when the name is taken."""
    return await create(session, username=username, role=Role.ADMIN, must_change=must_change)


async def create_first_admin(
    session: AsyncSession, *, username: str = "admin", must_change: bool = True
) -> Account | None:
    """The first start's admin: made only while there is no admin at all, else None."""
    admins = await session.scalar(select(func.count()).select_from(User).where(User.role == Role.ADMIN.value))
    return None if admins else await create_admin(session, username=username, must_change=must_change)


async def create_account(
    session: AsyncSession, *, username: str, data: AccountData, password: str | None = None
) -> Account:
    """As create(), with all that an administrator sets. Raises Conflict, InvalidInput, NotFound (a camera group)."""
    await _require_free_email(session, data.email)
    account = await create(
        session,
        username=username,
        role=data.role,
        password=password,
        email=data.email,
        must_change=data.must_change_password or password is None,
    )
    await user_groups.replace(session, user_id=account.id, group_ids=data.camera_group_ids)
    if not data.is_active:
        (await get_by_id(session, user_id=account.id)).is_active = False
        await session.flush()
    return account


async def replace(session: AsyncSession, *, user_id: UUID, data: AccountData, expected: datetime | None) -> User:
    """Set all that an administrator sets. Another role or a deactivation ends the account's sessions at once.

    Raises NotFound, PreconditionFailed, Conflict: an address that is taken, or the last administrator.
    """
    admins = await _lock_admins(session)
    user = await versions.lock(session, select(User).where(User.id == user_id), expected=expected, noun="user")
    stays = data.role is Role.ADMIN and data.is_active
    if not stays:
        _require_another(admins, user)
    if (user.email or "").lower() != (data.email or "").lower():
        await _require_free_email(session, data.email)
    ends = user.role != data.role.value or (user.is_active and not data.is_active)
    user.role, user.email, user.is_active = data.role.value, data.email, data.is_active
    user.must_change_password = data.must_change_password
    if await user_groups.replace(session, user_id=user_id, group_ids=data.camera_group_ids):
        user.updated_at = func.clock_timestamp()
    await session.flush()
    if ends:
        await sessions.revoke_all(session, user_id=user_id)
    await session.refresh(user)
    return user


async def remove(session: AsyncSession, *, user_id: UUID, acting: UUID) -> None:
    """Remove an account with its sessions and keys; the audit log keeps its name.

    Raises NotFound, Conflict: the last administrator, or one's own account.
    """
    if user_id == acting:
        raise Conflict("nobody removes their own account", hint="Ask another administrator.")
    admins = await _lock_admins(session)
    user = await get_by_id(session, user_id=user_id)
    _require_another(admins, user)
    await session.execute(delete(User).where(User.id == user_id))


async def change_password(
    session: AsyncSession, *, user_id: UUID, password: str, keep: UUID | None, must_change: bool = False
) -> None:
    """Give an account another password, and end its sessions but for keep. Who may is checked before.

    Raises NotFound, InvalidInput.
    """
    user = await get_by_id(session, user_id=user_id)
    await passwords.check(password, known=_known(user.username, user.email))
    if await passwords.matches(user.hashed_password, password):
        raise InvalidInput("this is the password that the account has already", hint="Choose another one.")
    user.hashed_password = await passwords.hash_password(password)
    user.must_change_password = must_change
    await session.flush()
    await sessions.revoke_all(session, user_id=user_id, but=keep)
    await sessions.record(session, "PASSWORD_CHANGED", user_id)


async def reset_password(session: AsyncSession, *, username: str, password: str | None = None) -> Account:
    """Give an account a new password, random unless given, and end its sessions. Raises NotFound."""
    user = await get(session, username=username)
    chosen = password or secrets.token_urlsafe(RANDOM_BYTES)
    user.hashed_password = await passwords.hash_password(chosen)
    user.must_change_password = password is None
    user.is_active = True
    await session.flush()
    await sessions.revoke_all(session, user_id=user.id)
    await sessions.record(session, "PASSWORD_CHANGED", user.id)
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


async def get_by_id(session: AsyncSession, *, user_id: UUID) -> User:
    """An account by its id. Raises NotFound."""
    user = await session.get(User, user_id)
    if user is None:
        raise NotFound("no such user", hint="It may have been removed; list the users again.")
    return user


async def set_active(session: AsyncSession, *, username: str, is_active: bool) -> User:
    """Switch an account on or off; it loses access with the next transaction. Raises NotFound."""
    user = await get(session, username=username)
    user.is_active = is_active
    await session.flush()
    if not is_active:
        await sessions.revoke_all(session, user_id=user.id)
    return user


async def _lock_admins(session: AsyncSession) -> set[UUID]:
    """Active administrators, locked: two who remove each other come one after the other."""
    statement = select(User.id).where(User.role == Role.ADMIN.value, User.is_active).order_by(User.id)
    return set((await session.scalars(statement.with_for_update())).all())


def _require_another(admins: set[UUID], user: User) -> None:
    if admins == {user.id}:
        raise Conflict(
            "this is the last active administrator",
            hint="Make another account an administrator first; without one nobody could.",
        )


async def _require_free_email(session: AsyncSession, email: str | None) -> None:
    taken = select(User.id).where(func.lower(User.email) == (email or "").lower())
    if email is not None and await session.scalar(taken) is not None:
        raise Conflict("this e-mail address belongs to another account", hint="Give another one, or none.")


def _known(name: str, email: str | None) -> tuple[str, ...]:
    return (name, email) if email else (name,)
