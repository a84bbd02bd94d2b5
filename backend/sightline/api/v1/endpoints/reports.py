"""Reports."""

from fastapi import Depends, Response

from sightline.api.deps import CurrentUser, SessionDep
from sightline.api.permissions import Permission, Requires
from sightline.api.purpose import PurposeDep
from sightline.api.routing import Router
from sightline.schemas.jobs import JobOut
from sightline.schemas.reports import ReportIn
from sightline.services import reports

router = Router(prefix="/analytics", tags=["analytics"])


@router.post("/reports", status_code=202, dependencies=[Depends(Requires(Permission.CREATE_REPORTS))])
async def create_report(
    wanted: ReportIn, session: SessionDep, current: CurrentUser, purpose: PurposeDep, response: Response
) -> JobOut:
    """Make a report in the background: follow the job, and fetch its result within a day.

    It counts what you may see, and holds no picture of anybody.
    """
    job = await reports.generate_report(session, wanted=wanted, purpose=purpose, user_id=current.user_id)
    response.headers["Location"] = f"/v1/jobs/{job.id}"
    return JobOut.model_validate(job)
