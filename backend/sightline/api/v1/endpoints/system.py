"""Health, for supervisors and load balancers."""

from fastapi import Depends, Response

from sightline.api.deps import ResourcesDep
from sightline.api.health import readiness
from sightline.api.permissions import public
from sightline.api.routing import Router
from sightline.schemas.system import HealthOut, ReadinessOut

router = Router(tags=["system"])


@router.get("/healthz", dependencies=[Depends(public)])
async def healthz() -> HealthOut:
    """That the process answers; it asks nobody."""
    return HealthOut()


@router.get("/readyz", dependencies=[Depends(public)], responses={503: {"model": ReadinessOut}})
async def readyz(response: Response, opened: ResourcesDep) -> ReadinessOut:
    """Whether database, Redis and object store work; 503 where one does not."""
    report = await readiness(opened)
    response.status_code = 200 if report.ready else 503
    return report
