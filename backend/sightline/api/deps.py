"""What endpoints ask for: resources, who calls, and a transaction on their behalf."""

from collections.abc import AsyncIterator
from ipaddress import ip_address
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.api import idempotency
from sightline.api.cookies import session_token
from sightline.api.resources import Resources
from sightline.core.database import Principal, Role
from sightline.core.errors import Unauthenticated
from sightline.services import sessions
from sightline.services.sessions import ActiveSession

AGENT_LENGTH = 500
"""Characters of a user agent that are kept; the audit log keeps as many."""


def resources(request: Request) -> Resources:
    """What the lifespan opened."""
    found: Resources = request.app.state.resources
    return found


ResourcesDep = Annotated[Resources, Depends(resources)]


def visitor(request: Request) -> Principal:
    """Whoever calls, before it is known who: may log in and nothing else."""
    agent = request.headers.get("user-agent", "")[:AGENT_LENGTH]
    return Principal(Role.AUTH, None, _address(request), agent)


Visitor = Annotated[Principal, Depends(visitor)]


async def current_user(request: Request, opened: ResourcesDep, at: Visitor) -> ActiveSession:
    """Who is logged in; asked once per request. Raises Unauthenticated."""
    known: ActiveSession | None = getattr(request.state, "current_user", None)
    if known is not None:
        return known
    token = session_token(request, opened.settings)
    async with opened.database.session(at) as session:
        found = await sessions.find(session, token=token) if token else None
    if found is None:
        raise Unauthenticated("nobody is logged in, or the login has ended", hint="Log in.")
    request.state.user_id = str(found.user_id)
    request.state.current_user = found
    return found


CurrentUser = Annotated[ActiveSession, Depends(current_user)]


def principal(current: CurrentUser, at: Visitor) -> Principal:
    """The user for whom the database acts, and from where."""
    return Principal(current.role, current.user_id, at.ip_address, at.user_agent)


PrincipalDep = Annotated[Principal, Depends(principal)]


async def transaction(request: Request, opened: ResourcesDep, acting: PrincipalDep) -> AsyncIterator[AsyncSession]:
    """One transaction on behalf of the user; committed before the answer is sent, rolled back on any error."""
    async with opened.database.session(acting) as session:
        await idempotency.begin(request, session, user_id=acting.user_id)
        yield session


SessionDep = Annotated[AsyncSession, Depends(transaction, scope="function")]


def _address(request: Request) -> str:
    """The caller's IP address without a zone; empty where there is none, on a unix socket for example."""
    host = request.client.host if request.client else ""
    try:
        return str(ip_address(host.partition("%")[0]))
    except ValueError:
        return ""
