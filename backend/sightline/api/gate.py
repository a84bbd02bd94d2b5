"""Before a request's body is read: who calls, whether they may, and whether they ask too often."""

import re
from collections.abc import Sequence
from typing import Final

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import get_dependant, get_parameterless_sub_dependant, solve_dependencies
from fastapi.routing import APIRoute

from sightline.api.permissions import Permission, Requires
from sightline.api.resources import Resources
from sightline.core.client_address import source_of
from sightline.core.errors import AppError
from sightline.services.rate_limits import RateClass

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
BY_PERMISSION: Final = {
    Permission.SEE_PICTURES: RateClass.PICTURES,
    Permission.SEARCH_BY_FACE: RateClass.SEARCH,
    Permission.SEARCH_HISTORY: RateClass.HISTORY,
    Permission.EXPORT_SIGHTINGS: RateClass.EXPORTS,
    Permission.EXPORT_ALERTS: RateClass.EXPORTS,
    Permission.EXPORT_SUBJECTS: RateClass.EXPORTS,
    Permission.CREATE_REPORTS: RateClass.EXPORTS,
}
"""What such routes do costs more, or reaches further, than others."""
BY_PATH: Final = (
    (re.compile(r"/v1/auth/(login|refresh|second-factor.*)"), RateClass.LOGIN),
    (re.compile(r"/v1/users/[^/]+/change-password"), RateClass.LOGIN),
    (re.compile(r"/v1/cameras/(probe|[^/]+/probe|validate.*)"), RateClass.PROBE),
    (re.compile(r"/v1/cameras/[^/]+/control/stop"), RateClass.READS),  # whoever may move a camera may stop it
    (re.compile(r"/v1/audit/export"), RateClass.EXPORTS),
    (re.compile(r"/v1/subjects/([^/]+/images|imports)"), RateClass.UPLOADS),
)
"""Of requests that change something or ask a lot, beside what their permission says."""
SNAPSHOT: Final = re.compile(r"/v1/cameras/[^/]+/snapshot")
"""A wall of cameras asks for many; the pages beside it must not stand still for that."""


def rate_class(path: str, method: str, permission: Permission | None) -> RateClass:
    """Which quota a request draws on, beside its address's. path: as called, /v1/cameras for example."""
    if method not in SAFE:
        for pattern, found in BY_PATH:
            if pattern.fullmatch(path):
                return found
    elif SNAPSHOT.fullmatch(path):
        return RateClass.PICTURES
    if permission in BY_PERMISSION and (method not in SAFE or permission is Permission.SEE_PICTURES):
        return BY_PERMISSION[permission]
    return RateClass.READS if method in SAFE else RateClass.WRITES


class Gate:
    """The gate of one route; requirements: the Requires that it declares."""

    def __init__(self, requirements: Sequence[Requires], route: APIRoute) -> None:
        self.permission = requirements[0].permission if requirements else None
        self._overrides = route.dependency_overrides_provider
        self._dependant: Dependant = get_dependant(path=route.path, call=_nothing)
        for requirement in requirements:
            sub = get_parameterless_sub_dependant(depends=Depends(requirement), path=route.path)
            self._dependant.dependencies.append(sub)

    async def admit(self, request: Request) -> None:
        """Raises Unauthenticated, Forbidden, RateLimited, ServiceUnavailable."""
        address = source_of(request.client.host) if request.client else ""
        kind = rate_class(request.url.path, request.method, self.permission)
        await _charge(request, RateClass.ADDRESS, address)
        if self.permission is None:
            if kind is RateClass.LOGIN:
                await _charge(request, kind, address)
            return
        await self._authorise(request)
        await _charge(request, kind, _caller(request) or address)

    async def _authorise(self, request: Request) -> None:
        await solve_dependencies(
            request=request,
            dependant=self._dependant,
            dependency_overrides_provider=self._overrides,
            async_exit_stack=request.scope["fastapi_inner_astack"],
            embed_body_fields=False,
        )


def of(route: APIRoute) -> Gate:
    """The gate of a route."""
    declared = [item.dependency for item in route.dependencies]
    return Gate([call for call in declared if isinstance(call, Requires)], route)


def _nothing() -> None:
    """Stands for the endpoint."""


def _caller(request: Request) -> str:
    """The API key, else the user."""
    state = request.state
    return str(getattr(state, "api_key_id", None) or getattr(state, "user_id", None) or "")


async def _charge(request: Request, kind: RateClass, who: str) -> None:
    opened: Resources = request.app.state.resources
    quota = await opened.limits.charge(kind, who)
    if quota is None:
        return
    if kind is not RateClass.ADDRESS or not quota.admitted:
        request.state.quota = quota  # for the answer's headers
    if not quota.admitted:
        refusal: AppError = quota.refusal()
        raise refusal
