"""Numbers."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from sightline.api.deps import ResourcesDep, SessionDep
from sightline.api.paging import Cursor, Limit, page_out, page_request, sort_parameter
from sightline.api.permissions import Permission, Requires
from sightline.api.purpose import PurposeDep
from sightline.api.routing import Router
from sightline.api.rules import RulesDep
from sightline.schemas.analytics import (
    CameraNumbersOut,
    DashboardOut,
    FalseAlarmsOfAllOut,
    HeatmapOut,
    Metric,
    RecognitionOut,
    SubjectNumbersOut,
    TrendOut,
)
from sightline.schemas.base import Page, UtcDatetime
from sightline.services import (
    analytics,
    audit,
    camera_analytics,
    false_alarms,
    recognition_numbers,
    runtime_settings,
    subject_analytics,
    trends,
)
from sightline.services.false_alarms import OperatingChoice
from sightline.services.measures import Cameras, Measure
from sightline.services.time_buckets import Interval
from sightline.services.trends import Span

router = Router(prefix="/analytics", tags=["analytics"], dependencies=[Depends(Requires(Permission.READ_ANALYTICS))])

Since = Annotated[UtcDatetime | None, Query(description="Without it a week before until.")]
Until = Annotated[UtcDatetime | None, Query(description="Without it now.")]
Zone = Annotated[
    str,
    Query(max_length=64, description="Name of the IANA database; days and hours are its.", examples=["Asia/Kolkata"]),
]
CameraIds = Annotated[list[UUID] | None, Query(max_length=200, description="Only these cameras; repeat it for more.")]
GroupId = Annotated[UUID | None, Query(description="Only cameras of this group.")]


async def _span(since: Since = None, until: Until = None, time_zone: Zone = "UTC") -> Span:
    return Span(since, until, time_zone)


async def _cameras(camera_id: CameraIds = None, group_id: GroupId = None) -> Cameras:
    return Cameras(tuple(camera_id) if camera_id else None, group_id)


SpanDep = Annotated[Span, Depends(_span)]
CamerasDep = Annotated[Cameras, Depends(_cameras)]


@router.get("/dashboard")
async def get_dashboard(
    session: SessionDep,
    opened: ResourcesDep,
    since: Annotated[
        UtcDatetime | None, Query(description="When your day began, 48 hours ago at most; midnight UTC without it.")
    ] = None,
) -> DashboardOut:
    """Now and today."""
    rate = (await runtime_settings.effective(session, base=opened.settings)).capture.sample_rate
    return DashboardOut.model_validate(await analytics.get_dashboard_stats(session, sample_rate=rate, since=since))


@router.get("/expected-false-alarms")
async def get_expected_false_alarms_of_all(
    session: SessionDep,
    opened: ResourcesDep,
    rules: RulesDep,
    *,
    fmr: Annotated[float | None, Query(gt=0, lt=1, description="A false-match rate to try.")] = None,
    min_similarity: Annotated[float | None, Query(ge=-1, le=1, description="Or a similarity to try.")] = None,
) -> FalseAlarmsOfAllOut:
    """False alarms per day to be expected of all cameras, at the threshold in force or another one."""
    found = await false_alarms.expected_of_all(
        session, rates=opened.rates, settings=rules, choice=OperatingChoice(fmr, min_similarity)
    )
    return FalseAlarmsOfAllOut.model_validate(found)


@router.get("/trends")
async def get_trends(
    session: SessionDep,
    span: SpanDep,
    cameras: CamerasDep,
    metric: Metric = Metric.SIGHTINGS,
    interval: Interval = Interval.DAY,
    watchlist_id: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="With the metric alerts.")] = None,
) -> TrendOut:
    """A series of whole hours (31 days at most), days, weeks or months (two years at most)."""
    found = await trends.get_trends(
        session,
        measure=Measure(metric.value),
        interval=interval,
        span=span,
        cameras=cameras,
        watchlist_id=watchlist_id,
    )
    return TrendOut.model_validate(found)


@router.get("/cameras")
async def list_camera_analytics(
    session: SessionDep,
    since: Since = None,
    until: Until = None,
    sort: Annotated[str, sort_parameter(camera_analytics.ORDERS)] = "name",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[CameraNumbersOut]:
    """What each camera did over a span, two years at most."""
    page = page_request(sort=sort, limit=limit, cursor=cursor)
    found = await camera_analytics.get_camera_analytics(session, since=since, until=until, page=page)
    return page_out(found, CameraNumbersOut.model_validate)


@router.get("/subjects/{subject_id}", dependencies=[Depends(Requires(Permission.READ_SUBJECTS))])
async def get_subject_analytics(
    subject_id: UUID, session: SessionDep, span: SpanDep, purpose: PurposeDep
) -> SubjectNumbersOut:
    """When and where a subject was seen; without since, ever. That you looked is recorded."""
    found = await subject_analytics.get_subject_analytics(session, subject_id=subject_id, span=span)
    await audit.record_event(
        session,
        action="VIEW",
        table_name="subjects",
        record_id=str(subject_id),
        details={"what": "analytics", "purpose": purpose},
        subject_id=subject_id,
    )
    return SubjectNumbersOut.model_validate(found)


@router.get("/heatmap")
async def get_heatmap(
    session: SessionDep, span: SpanDep, cameras: CamerasDep, metric: Metric = Metric.SIGHTINGS
) -> HeatmapOut:
    """Hours of the week, and hours of the day per camera, over 93 days at most."""
    found = await trends.get_heatmap(session, measure=Measure(metric.value), span=span, cameras=cameras)
    return HeatmapOut.model_validate(found)


@router.get("/recognition")
async def get_recognition_stats(session: SessionDep, since: Since = None, until: Until = None) -> RecognitionOut:
    """How recognition does, by similarities and by what people said of matches; over 31 days at most."""
    return RecognitionOut.model_validate(
        await recognition_numbers.get_recognition_stats(session, since=since, until=until)
    )
