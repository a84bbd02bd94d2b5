"""What a camera shows and counts, and whether an address of one answers."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from sightline.api.camera_views import change_of, health_out, stats_out
from sightline.api.deps import CurrentUser, PrincipalDep, ResourcesDep, SessionDep
from sightline.api.permissions import Permission, Requires, allows
from sightline.api.purpose import StatedPurpose, purpose
from sightline.api.routing import Router
from sightline.api.rules import RulesDep
from sightline.media.sources import Transport
from sightline.schemas.base import UtcDatetime
from sightline.schemas.cameras import (
    CameraHealthOut,
    CameraStatsOut,
    FalseAlarmsOut,
    ProbeIn,
    ProbeOut,
    StreamOut,
    TimeZone,
)
from sightline.services import camera_health, camera_stats, camera_streams, false_alarms, snapshots
from sightline.services.camera_streams import Wanted
from sightline.services.false_alarms import OperatingChoice
from sightline.services.snapshots import Looker
from sightline.services.stream_policy import StreamPolicy
from sightline.services.time_buckets import Interval

router = Router(prefix="/cameras", tags=["cameras"])

MANAGE = [Depends(Requires(Permission.MANAGE_CAMERAS))]
ANALYTICS = [Depends(Requires(Permission.READ_ANALYTICS))]
SNAPSHOT = {"content": {"image/jpeg": {}}, "description": "The picture."}
NEVER_KEPT = {"Cache-Control": "private, no-store"}
"""The next one is another picture."""
LIVE = [Depends(Requires(Permission.WATCH_LIVE))]


@router.post("/probe", dependencies=MANAGE)
async def validate_stream_url(
    wanted: ProbeIn, opened: ResourcesDep, acting: PrincipalDep, stated: StatedPurpose
) -> ProbeOut:
    """Open an address without adding it: codec, size and frame rate, or why it cannot be opened. It goes on record."""
    capture = opened.settings.capture
    address = change_of(wanted).new(StreamPolicy.of(capture))
    why = stated
    if wanted.picture:
        async with opened.database.session(acting) as session:
            why = await purpose(session, stated)
    asked = Wanted(address, Transport(wanted.transport), picture=wanted.picture, purpose=why)
    report = await camera_streams.try_address(opened.database, acting, capture, wanted=asked)
    return ProbeOut.model_validate(report)


@router.post("/{camera_id}/probe", dependencies=MANAGE)
async def probe_camera(camera_id: UUID, opened: ResourcesDep, acting: PrincipalDep) -> ProbeOut:
    """The same with the address and login that are kept of a camera."""
    report = await camera_streams.try_camera(
        opened.database, acting, opened.settings.capture, camera_id=camera_id, sealer=opened.sealer
    )
    return ProbeOut.model_validate(report)


@router.get("/{camera_id}/stats", dependencies=ANALYTICS)
async def get_camera_stats(
    camera_id: UUID,
    session: SessionDep,
    *,
    interval: Annotated[Interval, Query(description="Width of a bucket; hours over 31 days at most.")] = Interval.DAY,
    since: Annotated[UtcDatetime | None, Query(description="A week before until where left out.")] = None,
    until: Annotated[UtcDatetime | None, Query(description="Now where left out.")] = None,
    time_zone: Annotated[TimeZone | None, Query(description="Whose days; the camera's where left out.")] = None,
) -> CameraStatsOut:
    """What a camera counted, in whole hours, days, weeks or months of a year at most."""
    found = await camera_stats.stats(
        session, camera_id=camera_id, interval=interval, since=since, until=until, time_zone=time_zone
    )
    return stats_out(found, time_zone or found.camera.time_zone)


@router.get("/{camera_id}/health", dependencies=[Depends(Requires(Permission.READ_CAMERAS))])
async def get_camera_health(
    camera_id: UUID,
    session: SessionDep,
    *,
    since: Annotated[UtcDatetime | None, Query(description="A week before until where left out.")] = None,
    until: Annotated[UtcDatetime | None, Query(description="Now where left out.")] = None,
) -> CameraHealthOut:
    """When a camera gave no pictures, over a month at most."""
    return health_out(await camera_health.health(session, camera_id=camera_id, since=since, until=until))


@router.get("/{camera_id}/expected-false-alarms", dependencies=ANALYTICS)
async def get_expected_false_alarms(
    camera_id: UUID,
    session: SessionDep,
    opened: ResourcesDep,
    rules: RulesDep,
    *,
    fmr: Annotated[float | None, Query(gt=0, lt=1, description="A false-match rate to try.")] = None,
    min_similarity: Annotated[float | None, Query(ge=-1, le=1, description="Or a similarity to try.")] = None,
) -> FalseAlarmsOut:
    """False alarms per day to be expected, at the threshold in force or another one."""
    found = await false_alarms.expected(
        session,
        camera_id=camera_id,
        rates=opened.rates,
        settings=rules,
        choice=OperatingChoice(fmr, min_similarity),
    )
    return FalseAlarmsOut.model_validate(found)


@router.get("/{camera_id}/stream", dependencies=LIVE)
async def get_camera_stream_url(
    camera_id: UUID, session: SessionDep, opened: ResourcesDep, current: CurrentUser
) -> StreamOut:
    """How to show what a camera sees now: where pictures are, and how often there is a new one."""
    found = await camera_streams.stream(session, camera_id=camera_id, base=opened.settings)
    return StreamOut(
        kind="snapshots",
        url=f"/v1/cameras/{camera_id}/snapshot",
        refresh_seconds=found.refresh_seconds,
        sample_rate=found.sample_rate,
        status=found.status,
        source_url=found.source_url if allows(current, Permission.MANAGE_CAMERAS) else None,
    )


@router.get("/{camera_id}/snapshot", dependencies=LIVE, response_class=Response, responses={200: SNAPSHOT})
async def get_camera_snapshot(
    camera_id: UUID, opened: ResourcesDep, acting: PrincipalDep, stated: StatedPurpose
) -> Response:
    """What a camera sees now, privacy masks black; 404 while it shows nothing. That you look is recorded."""
    async with opened.database.session(acting) as session:
        why = await purpose(session, stated)
    looker = Looker(acting, why)
    picture = await snapshots.look(opened.database, opened.redis, camera_id=camera_id, looker=looker)
    return Response(picture, media_type="image/jpeg", headers=NEVER_KEPT)
