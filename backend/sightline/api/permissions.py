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
from sightline.core.errors import Forbidden, PasswordChangeRequired
from sightline.services.sessions import ActiveSession

EVERYBODY = frozenset({Role.ADMIN, Role.OPERATOR, Role.VIEWER, Role.AUDITOR})
WATCHING = frozenset({Role.ADMIN, Role.OPERATOR, Role.VIEWER})
"""Auditors look at who looked, not at people."""
OPERATING = frozenset({Role.ADMIN, Role.OPERATOR})
REVIEWING = frozenset({Role.ADMIN, Role.AUDITOR})
ADMINS = frozenset({Role.ADMIN})


class Permission(StrEnum):
    """What a route allows. An API key's scopes are names of these, such as read_cameras."""

    OWN_ACCOUNT = "use their own account"
    MANAGE_USERS = "manage users"
    READ_CAMERAS = "read cameras"
    WATCH_LIVE = "watch live video"
    OPERATE_CAMERAS = "switch cameras on and off"
    MOVE_CAMERAS = "move cameras"
    MANAGE_CAMERAS = "manage cameras"
    READ_WATCHLISTS = "read watchlists"
    MANAGE_WATCHLISTS = "manage watchlists"
    READ_SUBJECTS = "read subjects"
    MANAGE_SUBJECTS = "manage subjects"
    ERASE_SUBJECTS = "erase subjects"
    EXPORT_SUBJECTS = "export what is held on subjects"
    SEARCH_BY_FACE = "search subjects by face"
    SEARCH_HISTORY = "search past sightings by face"
    APPROVE_SEARCHES = "approve searches of others"
    READ_SIGHTINGS = "read sightings"
    SEE_PICTURES = "see pictures of people"
    CORRECT_SIGHTINGS = "correct sightings"
    EXPORT_SIGHTINGS = "export sightings"
    READ_ALERTS = "read alerts"
    EXPORT_ALERTS = "export alerts"
    HANDLE_ALERTS = "handle alerts"
    READ_ALERT_RULES = "read alert rules"
    MANAGE_ALERT_RULES = "manage alert rules"
    MANAGE_CHANNELS = "manage notification channels"
    RECEIVE_PUSH = "receive push notifications"
    SAVE_LAYOUTS = "save layouts"
    READ_ANALYTICS = "read analytics"
    CREATE_REPORTS = "create reports"
    OWN_JOBS = "follow their own jobs"
    READ_SETTINGS = "read settings"
    MANAGE_SETTINGS = "manage settings"
    READ_SYSTEM = "read system information"
    READ_METRICS = "read metrics"
    READ_AUDIT = "read the audit log"
    FOLLOW_EVENTS = "follow events"


MATRIX: dict[Permission, frozenset[Role]] = {
    Permission.OWN_ACCOUNT: EVERYBODY,
    Permission.MANAGE_USERS: ADMINS,
    Permission.READ_CAMERAS: EVERYBODY,
    Permission.WATCH_LIVE: WATCHING,
    Permission.OPERATE_CAMERAS: OPERATING,
    Permission.MOVE_CAMERAS: OPERATING,
    Permission.MANAGE_CAMERAS: ADMINS,
    Permission.READ_WATCHLISTS: EVERYBODY,
    Permission.MANAGE_WATCHLISTS: ADMINS,
    Permission.READ_SUBJECTS: WATCHING,
    Permission.MANAGE_SUBJECTS: OPERATING,
    Permission.ERASE_SUBJECTS: ADMINS,
    Permission.EXPORT_SUBJECTS: ADMINS,
    Permission.SEARCH_BY_FACE: OPERATING,
    Permission.SEARCH_HISTORY: OPERATING,
    Permission.APPROVE_SEARCHES: OPERATING,
    Permission.READ_SIGHTINGS: WATCHING,
    Permission.SEE_PICTURES: WATCHING,
    Permission.CORRECT_SIGHTINGS: OPERATING,
    Permission.EXPORT_SIGHTINGS: OPERATING,
    Permission.READ_ALERTS: WATCHING,
    Permission.EXPORT_ALERTS: OPERATING,
    Permission.HANDLE_ALERTS: OPERATING,
    Permission.READ_ALERT_RULES: WATCHING,
    Permission.MANAGE_ALERT_RULES: OPERATING,
    Permission.MANAGE_CHANNELS: ADMINS,
    Permission.RECEIVE_PUSH: WATCHING,
    Permission.SAVE_LAYOUTS: WATCHING,
    Permission.READ_ANALYTICS: WATCHING,
    Permission.CREATE_REPORTS: OPERATING,
    Permission.OWN_JOBS: EVERYBODY,
    Permission.READ_SETTINGS: REVIEWING,
    Permission.MANAGE_SETTINGS: ADMINS,
    Permission.READ_SYSTEM: REVIEWING,
    Permission.READ_METRICS: REVIEWING,
    Permission.READ_AUDIT: REVIEWING,
    Permission.FOLLOW_EVENTS: EVERYBODY,
}


def scope(permission: Permission) -> str:
    """The name by which API keys are given a permission: read_cameras."""
    return permission.name.lower()


def allows(current: ActiveSession, permission: Permission) -> bool:
    """Whether somebody may: the role has it, and where they come by an API key, its scopes name it."""
    return current.role in MATRIX[permission] and (current.scopes is None or scope(permission) in current.scopes)


def allowed(current: ActiveSession) -> list[Permission]:
    """All that somebody may do."""
    return [permission for permission in Permission if allows(current, permission)]


def require_grantable(current: ActiveSession, role: Role) -> None:
    """Nobody hands on more than they have: a key makes no account that may do what the key may not. Raises Forbidden.

    Else a key for managing users would be one for everything: it makes an administrator and logs in as that.
    """
    beyond = [name for name, roles in MATRIX.items() if role in roles and not allows(current, name)]
    if current.scopes is not None and beyond:
        raise Forbidden(
            f"the role {role.value} may do what this API key may not: {', '.join(map(scope, beyond[:5]))}",
            hint="Log in with name and password, or use a key that has these scopes.",
        )


class Requires:
    """A dependency: the current user must have this permission. Raises Unauthenticated, Forbidden.

    in_person: API keys may not, whatever their scopes. with_old_password: also while a new password is asked for.
    """

    def __init__(self, permission: Permission, *, in_person: bool = False, with_old_password: bool = False) -> None:
        self.permission = permission
        self.in_person = in_person
        self.with_old_password = with_old_password

    async def __call__(self, current: CurrentUser) -> ActiveSession:
        """Check, and hand the user on."""
        if current.role not in MATRIX[self.permission]:
            raise Forbidden(
                f"the role {current.role.value} may not {self.permission.value}", hint="Ask an administrator."
            )
        if not allows(current, self.permission):
            raise Forbidden(
                f"this API key has no scope {scope(self.permission)}", hint="Make a key that has it, and use that."
            )
        if self.in_person and current.api_key_id is not None:
            raise Forbidden("API keys may not do this", hint="Log in with name and password.")
        if current.must_change_password and not self.with_old_password:
            raise PasswordChangeRequired(
                "this account needs a new password first", hint="POST /v1/users/{id}/change-password, then go on."
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
