"""Who may do what: one matrix. The database's policies say the same again, per row.

Every route declares a permission or that it is public; create_app() refuses one that does neither.
"""

from collections.abc import Iterator
from enum import StrEnum

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts

from sightline.api.deps import CurrentUser
from sightline.core.database import Role
from sightline.core.errors import Forbidden
from sightline.services.sessions import ActiveSession

EVERYBODY = frozenset({Role.ADMIN, Role.OPERATOR, Role.VIEWER, Role.AUDITOR})
WATCHING = frozenset({Role.ADMIN, Role.OPERATOR, Role.VIEWER})
"""Auditors look at who looked, not at people."""


class Permission(StrEnum):
    """What a route allows."""

    OWN_ACCOUNT = "own account"
    READ_CAMERAS = "read cameras"
    READ_SIGHTINGS = "read sightings"
    SEE_PICTURES = "see pictures of people"
    READ_ALERTS = "read alerts"
    READ_ANALYTICS = "read analytics"
    FOLLOW_EVENTS = "follow events"


MATRIX: dict[Permission, frozenset[Role]] = {
    Permission.OWN_ACCOUNT: EVERYBODY,
    Permission.READ_CAMERAS: EVERYBODY,
    Permission.READ_SIGHTINGS: WATCHING,
    Permission.SEE_PICTURES: WATCHING,
    Permission.READ_ALERTS: WATCHING,
    Permission.READ_ANALYTICS: WATCHING,
    Permission.FOLLOW_EVENTS: EVERYBODY,
}


class Requires:
    """A dependency: the current user's role must have this permission. Raises Unauthenticated, Forbidden."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    async def __call__(self, current: CurrentUser) -> ActiveSession:
        """Check, and hand the user on."""
        if current.role not in MATRIX[self.permission]:
            raise Forbidden(
                f"the role {current.role.value} may not {self.permission.value}", hint="Ask an administrator."
            )
        return current


async def public() -> None:
    """A dependency that says: anybody may call this, on purpose."""


def routes(app: FastAPI) -> Iterator[RouteContext]:
    """Every route of the application, those of included routers too."""
    return iter_route_contexts(app.routes)


def declared(route: RouteContext) -> Permission | None:
    """The permission of a route; None for a public one. Raises LookupError for a route that says neither."""
    dependant: Dependant | None = getattr(route, "dependant", None)
    for dependency in dependant.dependencies if dependant else ():
        if isinstance(dependency.call, Requires):
            return dependency.call.permission
        if dependency.call is public:
            return None
    raise LookupError(f"{route.path} declares no permission")
