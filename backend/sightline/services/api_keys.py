"""Keys for machines: random, shown once, kept as digest, limited in scope and time.

A key acts as its user and can do what both its scopes and the user's present role allow.
"""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import Role
from sightline.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from sightline.models import ApiKey, User
from sightline.services import keyset
from sightline.services.keyset import PageOf, PageRequest
from sightline.services.sessions import ActiveSession

MARK = "slk_"
"""Secret scanners find a leaked key by it."""
PREFIX_BYTES = 4
SECRET_BYTES = 32
"""256 bits: nobody guesses it, so a plain digest is enough to keep."""
LONGEST_LIFE = timedelta(days=366)
MOST = 50
"""Keys of one user."""
NOTED_EVERY = timedelta(minutes=1)
"""How exact last_used_at is; a write per request would cost more than the request."""

COLUMNS = {"created_at": ApiKey.created_at, "name": ApiKey.name}
POSITIONS = {"created_at": "created_at", "name": "name"}


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made. Show text to its owner once; it is kept nowhere."""

    record: ApiKey
    text: str = field(repr=False)


async def create(
    session: AsyncSession,
    *,
    user_id: UUID,
    name: str,
    scopes: Collection[str],
    allowed: Collection[str],
    expires_at: datetime,
) -> NewKey:
    """Make a key. allowed: the scopes that its creator's role has. Raises InvalidInput, Forbidden, Conflict."""
    now = datetime.now(UTC)
    if not now < expires_at <= now + LONGEST_LIFE:
        raise InvalidInput(
            f"a key ends in the future, after {LONGEST_LIFE.days} days at the latest", hint="Give another expires_at."
        )
    missing = sorted(set(scopes) - set(allowed))
    if missing:
        raise Forbidden(
            f"your own role does not have: {', '.join(missing)}", hint="Give the key only what you may do yourself."
        )
    owned = select(ApiKey.id).where(ApiKey.user_id == user_id).limit(MOST)
    if len((await session.scalars(owned)).all()) >= MOST:
        raise Conflict(f"there are {MOST} keys already", hint="Delete those that are not needed any more.")
    prefix = MARK + secrets.token_hex(PREFIX_BYTES)
    text = f"{prefix}_{secrets.token_urlsafe(SECRET_BYTES)}"
    key = ApiKey(
        user_id=user_id,
        name=name,
        prefix=prefix,
        key_hash=_digest(text),
        scopes=sorted(set(scopes)),
        expires_at=expires_at,
    )
    session.add(key)
    await session.flush()
    return NewKey(key, text)


async def find(session: AsyncSession, *, text: str) -> ActiveSession | None:
    """Who is behind a key; None where it is unknown or has ended, or the account is switched off. Acts as AUTH."""
    now = datetime.now(UTC)
    found = await _live(session, ApiKey.key_hash == _digest(text), now)
    if found is None:
        return None
    key, active = found
    if key.last_used_at is None or now - key.last_used_at > NOTED_EVERY:
        await _note_use(session, key.id, now)
    return active


async def find_by_id(session: AsyncSession, *, key_id: UUID) -> ActiveSession | None:
    """As find(), for a key that was shown before and is used for long. Acts as AUTH."""
    found = await _live(session, ApiKey.id == key_id, datetime.now(UTC))
    return found[1] if found else None


async def list_keys(session: AsyncSession, *, user_id: UUID | None, request: PageRequest) -> PageOf[ApiKey]:
    """A user's keys, or everybody's (None) that the acting user may see."""
    statement = select(ApiKey).where(ApiKey.revoked_at.is_(None))
    if user_id is not None:
        statement = statement.where(ApiKey.user_id == user_id)
    return await keyset.fetch(session, statement, request, columns=COLUMNS, positions=POSITIONS, row_id=ApiKey.id)


async def get(session: AsyncSession, *, key_id: UUID, of: UUID | None) -> ApiKey:
    """One key; of: whose, None for anybody's that the acting user may see. Raises NotFound."""
    key = await session.get(ApiKey, key_id)
    if key is None or of not in {None, key.user_id}:
        raise NotFound("no such API key", hint="It may have been deleted; list the keys again.")
    return key


async def remove(session: AsyncSession, *, key_id: UUID, of: UUID | None) -> None:
    """End a key at once; of: as in get(). Raises NotFound."""
    await session.delete(await get(session, key_id=key_id, of=of))
    await session.flush()


async def _live(
    session: AsyncSession, which: ColumnElement[bool], now: datetime
) -> tuple[ApiKey, ActiveSession] | None:
    statement = (
        select(ApiKey, User.username, User.role)
        .join(User, User.id == ApiKey.user_id)
        .where(which, ApiKey.revoked_at.is_(None), ApiKey.expires_at > now, User.is_active)
    )
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        return None
    key, username, role = row
    return key, ActiveSession(
        user_id=key.user_id,
        username=username,
        role=Role(role),
        must_change_password=False,
        expires_at=key.expires_at,
        api_key_id=key.id,
        scopes=frozenset(key.scopes),
    )


async def _note_use(session: AsyncSession, key_id: UUID, now: datetime) -> None:
    """Skipped where another request notes it at this moment: nobody waits for this."""
    free = select(ApiKey.id).where(ApiKey.id == key_id).with_for_update(skip_locked=True).scalar_subquery()
    old = or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at < now - NOTED_EVERY)
    statement = update(ApiKey).where(ApiKey.id == free, old).values(last_used_at=now)
    await session.execute(statement.execution_options(synchronize_session=False))


def _digest(text: str) -> bytes:
    return hashlib.sha256(b"api key:" + text.encode()).digest()
