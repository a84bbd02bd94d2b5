"""Who is logged in: sessions, and the tokens that renew them.

A session is a family of refresh tokens of which one is live. Each is opaque and random, the database keeps its digest
only, and it is exchanged once: whoever shows a spent one again has copied it, and the whole session ends (RFC 9700,
4.14). Access tokens (services/tokens.py) name the session, and are worth nothing once it has ended. A session ends at
its expiry, by logout, and with its account. A one-time link is a token of the same table whose digest is taken in
another domain, so that neither can be used as the other.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import uuid_utils.compat as uuid_utils
from sqlalchemy import ColumnElement, Uuid, bindparam, delete, select, text, true, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from sightline.core.database import Database, Principal, Role
from sightline.core.errors import Conflict, LoginRefused, NotFound, Unauthenticated
from sightline.models import RefreshToken, User
from sightline.services import audit

SESSION_LIFE = timedelta(hours=12)
"""One shift: NIST SP 800-63B-4 asks for a new login after 24 h at the latest at AAL2."""
LINK_LIFE = timedelta(minutes=10)
TOKEN_BYTES = 32
"""256 bits: nobody guesses it, so a plain digest is enough to keep."""
GRACE = timedelta(seconds=10)
"""Two tabs, or a browser that starts again, renew at the same moment: the second one is told to look at the cookie
that the first one got. Nothing is handed out for a spent token, so this is of no use to a thief."""


@dataclass(frozen=True, slots=True)
class NewSession:
    """A login, or its renewal. Show token, which renews it, to its owner once; it is kept nowhere."""

    token: str = field(repr=False)
    user_id: UUID
    session_id: UUID
    started_at: datetime
    expires_at: datetime

    @property
    def is_remembered(self) -> bool:
        """Whether it outlives a shift, and so the browser's window."""
        return self.expires_at - self.started_at > SESSION_LIFE


@dataclass(frozen=True, slots=True)
class ActiveSession:
    """Who calls: by a session, or by an API key of theirs.

    scopes: names of permissions that the key is limited to; None where all of the role's hold. expires_at: of the
    session or the key; token_ends_at: of the access token, after which the same session needs a newer one.
    """

    user_id: UUID
    username: str
    role: Role
    must_change_password: bool
    expires_at: datetime
    session_id: UUID | None = None
    api_key_id: UUID | None = None
    scopes: frozenset[str] | None = None
    token_ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SessionView:
    """A session in a list. last_used_at: when it was opened or renewed last, so exact to an access token's life."""

    id: UUID
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    ip_address: str | None
    user_agent: str | None


async def create_login_link(session: AsyncSession, *, user_id: UUID, now: datetime | None = None) -> str:
    """A token that logs user_id in once, within ten minutes: /enter?token=… The session acts as SYSTEM or admin."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    expires_at = (now or datetime.now(UTC)) + LINK_LIFE
    link = RefreshToken(
        user_id=user_id,
        token_hash=_link_digest(token),
        family_id=uuid_utils.uuid7(),
        kind="link",
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
            RefreshToken.kind == "link",
            RefreshToken.revoked_at.is_(None),
            RefreshToken.expires_at > now,
            RefreshToken.user_id.in_(select(User.id).where(User.is_active)),
        )
        .values(revoked_at=now)
        .returning(RefreshToken.user_id)
    )
    user_id = await session.scalar(statement)
    if user_id is None:
        raise LoginRefused(
            "this link was used already, or has expired", hint="Log in with name and password, or make a new link."
        )
    return await open_session(session, user_id=user_id, at=at)


async def open_session(
    session: AsyncSession, *, user_id: UUID, at: Principal, life: timedelta = SESSION_LIFE
) -> NewSession:
    """Log in user_id, who has proved who they are; for life, however often renewed. The session acts as AUTH."""
    now = datetime.now(UTC)
    await session.execute(update(User).where(User.id == user_id).values(last_login_at=now))
    new = NewSession(secrets.token_urlsafe(TOKEN_BYTES), user_id, uuid_utils.uuid7(), now, now + life)
    session.add(_row(new, at))
    expired = RefreshToken.expires_at < now - timedelta(days=1)
    await session.execute(delete(RefreshToken).where(RefreshToken.user_id == user_id, expired))
    await record(session, "LOGIN", user_id)
    return new


async def renew(database: Database, *, token: str, at: Principal) -> NewSession:
    """Exchange a refresh token for its successor. at: AUTH. A spent one ends the session, which is recorded.

    Raises Unauthenticated; Conflict where it was spent a moment ago, by another tab for example.
    """
    async with database.session(at) as session:
        outcome = await _renewed(session, token, at)
    if isinstance(outcome, NewSession):
        return outcome
    raise outcome  # after the commit: that a session was ended stays


_ACTIVE = text("SELECT * FROM active_session(:session_id, :user_id)").bindparams(
    bindparam("session_id", type_=Uuid()), bindparam("user_id", type_=Uuid())
)


async def find(asking: AsyncConnection | AsyncSession, *, session_id: UUID, user_id: UUID) -> ActiveSession | None:
    """Who is behind an access token's session; None where it has ended, or the account is switched off.

    asking: on behalf of nobody, or of anybody (migrations/sql/0017 says why that tells nothing new).
    """
    row = (await asking.execute(_ACTIVE, {"session_id": session_id, "user_id": user_id})).one_or_none()
    if row is None:
        return None
    return ActiveSession(
        row.user_id, row.username, Role(row.role), row.must_change_password, row.expires_at, session_id
    )


async def logout(session: AsyncSession, *, session_id: UUID | None = None, token: str | None = None) -> bool:
    """End a session at once, named by its id or its refresh token; whether there was one."""
    named = (
        RefreshToken.family_id == session_id if session_id else RefreshToken.token_hash == _session_digest(token or "")
    )
    statement = select(RefreshToken.user_id, RefreshToken.family_id).where(named).limit(1)
    found = (await session.execute(statement)).one_or_none()
    if found is None or not await _revoke(session, RefreshToken.family_id == found.family_id, user_id=found.user_id):
        return False
    await record(session, "LOGOUT", found.user_id)
    return True


async def list_of(session: AsyncSession, *, user_id: UUID) -> Sequence[SessionView]:
    """A user's sessions, the latest first."""
    statement = (
        select(RefreshToken)
        .where(RefreshToken.user_id == user_id, *_live())
        .order_by(RefreshToken.session_started_at.desc(), RefreshToken.id.desc())
        .limit(200)
    )
    return [
        SessionView(
            one.family_id, one.session_started_at, one.created_at, one.expires_at, _text(one.ip_address), one.user_agent
        )
        for one in (await session.scalars(statement)).all()
    ]


async def revoke(session: AsyncSession, *, user_id: UUID, session_id: UUID) -> None:
    """End one session of a user. Raises NotFound."""
    if not await _revoke(session, RefreshToken.family_id == session_id, user_id=user_id):
        raise NotFound("no such session", hint="It may have ended; list the sessions again.")
    await record(session, "SESSION_REVOKED", user_id)


async def revoke_all(session: AsyncSession, *, user_id: UUID, but: UUID | None = None) -> None:
    """End all sessions and links of a user, but for one."""
    await _revoke(session, RefreshToken.family_id != but if but else true(), user_id=user_id, links_too=True)


async def record(session: AsyncSession, action: str, user_id: UUID | None) -> None:
    """Whom it concerns, but never the name that was typed: people type passwords into that field."""
    await audit.record_event(session, action=action, table_name="users", record_id=str(user_id) if user_id else None)


async def _renewed(session: AsyncSession, token: str, at: Principal) -> NewSession | Unauthenticated | Conflict:
    now = datetime.now(UTC)
    ended = Unauthenticated("the session has ended", hint="Log in again.")
    old = await _locked(session, token)
    if old is None or old.revoked_at is not None or old.expires_at <= now:
        return ended
    if old.spent_at is not None:
        if now - old.spent_at < GRACE:
            return Conflict(
                "this token was exchanged a moment ago", hint="Go on with the newer one, in a browser its cookie."
            )
        await _revoke(session, RefreshToken.family_id == old.family_id, user_id=old.user_id)
        await record(session, "REFRESH_REUSED", old.user_id)
        return ended
    old.spent_at = now
    await session.flush()  # before its successor: one token of a session is live
    new = NewSession(
        secrets.token_urlsafe(TOKEN_BYTES), old.user_id, old.family_id, old.session_started_at, old.expires_at
    )
    session.add(_row(new, at))
    await session.flush()
    return new


async def _locked(session: AsyncSession, token: str) -> RefreshToken | None:
    """The token of an active account, which is locked first: renewing and revoking never happen at once."""
    this = RefreshToken.token_hash == _session_digest(token)
    user_id = await session.scalar(select(RefreshToken.user_id).where(this))
    if user_id is None or not await _lock(session, user_id):
        return None
    return (await session.scalars(select(RefreshToken).where(this))).one_or_none()


async def _lock(session: AsyncSession, user_id: UUID) -> bool:
    """Lock an account against changes of its sessions until the transaction ends; whether it is active."""
    statement = select(User.is_active).where(User.id == user_id).with_for_update(key_share=True)
    return bool(await session.scalar(statement))


def _row(new: NewSession, at: Principal) -> RefreshToken:
    return RefreshToken(
        user_id=new.user_id,
        token_hash=_session_digest(new.token),
        family_id=new.session_id,
        session_started_at=new.started_at,
        ip_address=at.ip_address or None,
        user_agent=at.user_agent or None,
        expires_at=new.expires_at,
    )


def _live() -> tuple[ColumnElement[bool], ...]:
    return (
        RefreshToken.kind == "session",
        RefreshToken.spent_at.is_(None),
        RefreshToken.revoked_at.is_(None),
        RefreshToken.expires_at > datetime.now(UTC),
    )


async def _revoke(session: AsyncSession, which: ColumnElement[bool], *, user_id: UUID, links_too: bool = False) -> bool:
    """Revoke a user's tokens; whether one of them was live."""
    await _lock(session, user_id)
    kinds = () if links_too else (RefreshToken.kind == "session",)
    statement = (
        update(RefreshToken)
        .where(which, *kinds, RefreshToken.user_id == user_id, RefreshToken.revoked_at.is_(None))
        .values(revoked_at=datetime.now(UTC))
        .returning(RefreshToken.spent_at)
        .execution_options(synchronize_session=False)
    )
    return any(spent_at is None for spent_at in (await session.scalars(statement)).all())


def _text(address: object) -> str | None:
    return str(address) if address is not None else None


def _session_digest(token: str) -> bytes:
    return hashlib.sha256(b"session:" + token.encode()).digest()


def _link_digest(token: str) -> bytes:
    return hashlib.sha256(b"link:" + token.encode()).digest()
