"""What endpoints ask for: resources, who calls, and a transaction on their behalf.

Dependencies are coroutines, also those that wait for nothing: FastAPI runs others in threads, and each change of thread
waits up to 5 ms for the interpreter while another request is worked on.
"""

from collections.abc import AsyncIterator
from ipaddress import ip_address
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection

from sightline.api import callers, idempotency
from sightline.api.resources import Resources
from sightline.core.database import Principal, Role
from sightline.services.sessions import ActiveSession

AGENT_LENGTH = 500
"""Characters of a user agent that are kept; the audit log keeps as many."""


async def resources(connection: HTTPConnection) -> Resources:
    """What the lifespan opened."""
    found: Resources = connection.app.state.resources
    return found


ResourcesDep = Annotated[Resources, Depends(resources)]


def visitor_of(connection: HTTPConnection) -> Principal:
    """Whoever calls, before it is known who: may log in and nothing else."""
    agent = connection.headers.get("user-agent", "")[:AGENT_LENGTH]
    return Principal(Role.AUTH, None, _address(connection), agent)


async def visitor(connection: HTTPConnection) -> Principal:
    """As visitor_of(), as dependency."""
    return visitor_of(connection)


Visitor = Annotated[Principal, Depends(visitor)]


async def current_user(connection: HTTPConnection, opened: ResourcesDep, at: Visitor) -> ActiveSession:
    """Who calls, by access token, API key or cookie; asked once per request. Raises Unauthenticated, Forbidden."""
    known: ActiveSession | None = getattr(connection.state, "current_user", None)
    if known is not None:
        return known
    found = await callers.identify(connection, opened, at)
    connection.state.user_id = str(found.user_id)
    connection.state.api_key_id = found.api_key_id
    connection.state.current_user = found
    return found


CurrentUser = Annotated[ActiveSession, Depends(current_user)]


async def authenticate(connection: HTTPConnection, opened: Resources, *, token: str | None = None) -> ActiveSession:
    """Who calls, asked anew; for connections that live long. token: one that came in a message.

    Raises Unauthenticated, Forbidden.
    """
    return await callers.identify(connection, opened, visitor_of(connection), token=token)


def principal_of(current: ActiveSession, connection: HTTPConnection) -> Principal:
    """The user for whom the database acts, and from where."""
    at = visitor_of(connection)
    return Principal(current.role, current.user_id, at.ip_address, at.user_agent)


async def principal(current: CurrentUser, connection: HTTPConnection) -> Principal:
    """As principal_of(), as dependency."""
    return principal_of(current, connection)


PrincipalDep = Annotated[Principal, Depends(principal)]


async def transaction(request: Request, opened: ResourcesDep, acting: PrincipalDep) -> AsyncIterator[AsyncSession]:
    """One transaction on behalf of the user; committed before the answer is sent, rolled back on any error."""
    async with opened.database.session(acting) as session:
        await idempotency.begin(request, session, user_id=acting.user_id)
        yield session


SessionDep = Annotated[AsyncSession, Depends(transaction, scope="function")]


def _address(connection: HTTPConnection) -> str:
    """The caller's IP address without a zone; empty where there is none, on a unix socket for example."""
    host = connection.client.host if connection.client else ""
    try:
        return str(ip_address(host.partition("%")[0]))
    except ValueError:
        return ""
