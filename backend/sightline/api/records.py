"""From events to the records they name, read under the rights of whoever is told."""

from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from sightline.api.alert_views import alerts_out
from sightline.api.media_urls import PictureUrls, urls_of
from sightline.api.permissions import MATRIX, Permission
from sightline.api.resources import Resources
from sightline.api.sighting_views import sighting_out
from sightline.core.database import Principal
from sightline.schemas.alerts import AlertOut
from sightline.schemas.cameras import CameraOut
from sightline.schemas.jobs import JobOut
from sightline.schemas.sightings import SightingOut
from sightline.schemas.ws import Topic
from sightline.services import alerts, cameras, jobs, sighting_views
from sightline.services.alerts import AlertFilter
from sightline.services.events import Entry, EventId, EventKind
from sightline.services.sighting_views import SightingFilter

NEEDED: Final = {
    Topic.DETECTIONS: Permission.READ_SIGHTINGS,
    Topic.RECOGNITIONS: Permission.READ_SIGHTINGS,
    Topic.ALERTS: Permission.READ_ALERTS,
    Topic.CAMERAS: Permission.READ_CAMERAS,
    Topic.JOBS: Permission.OWN_JOBS,
}
"""What one must be allowed to hear of a topic."""

Record = SightingOut | AlertOut | CameraOut | JobOut


@dataclass(frozen=True, slots=True)
class Told:
    """A record for those who may see it. camera_id: None where it belongs to no camera."""

    id: EventId
    kind: EventKind
    topics: tuple[Topic, ...]
    camera_id: UUID | None
    record: Record


async def read(opened: Resources, acting: Principal, entries: tuple[Entry, ...], *, with_pictures: bool) -> list[Told]:
    """The records that acting may see, in the order of the events. with_pictures: and addresses of their pictures,
    for those who may see them (an API key's scopes may say less than its owner's role)."""
    allowed = {topic for topic, permission in NEEDED.items() if acting.role in MATRIX[permission]}
    wanted = {kind: tuple(e.event.id for e in entries if e.event.kind is kind) for kind in EventKind}
    found: dict[tuple[EventKind, UUID], Told] = {}
    async with opened.database.session(acting) as session:
        urls = (
            await urls_of(session, opened.links, user_id=acting.user_id)
            if with_pictures
            else PictureUrls(opened.links, None)
        )
        view = _View(opened, session, urls)
        for kind, ids in wanted.items():
            if ids:
                found |= {(kind, told.record.id): told for told in await _READERS[kind](view, ids)}
    placed = [(entry.id, found.get((entry.event.kind, entry.event.id))) for entry in entries]
    return [
        replace(told, id=place, topics=topics)
        for place, told in placed
        if told is not None and (topics := tuple(topic for topic in told.topics if topic in allowed))
    ]


_UNPLACED: Final = EventId("")


@dataclass(frozen=True, slots=True)
class _View:
    """What the readers need: a transaction on behalf of whoever is told, and addresses of pictures for them."""

    opened: Resources
    session: AsyncSession
    urls: PictureUrls


async def _sightings(view: _View, ids: tuple[UUID, ...]) -> list[Told]:
    rates, urls = view.opened.rates, view.urls
    views = await sighting_views.list_sightings(view.session, where=SightingFilter(ids=ids), limit=len(ids))
    both, one = (Topic.DETECTIONS, Topic.RECOGNITIONS), (Topic.DETECTIONS,)
    return [
        Told(_UNPLACED, EventKind.SIGHTING, both if v.subject_id else one, v.camera_id, sighting_out(v, rates, urls))
        for v in views
    ]


async def _alerts(view: _View, ids: tuple[UUID, ...]) -> list[Told]:
    views = await alerts.list_views(view.session, where=AlertFilter(ids=ids), limit=len(ids))
    told = await alerts_out(view.session, views, view.urls)
    return [Told(_UNPLACED, EventKind.ALERT, (Topic.ALERTS,), alert.camera_id, alert) for alert in told]


async def _cameras(view: _View, ids: tuple[UUID, ...]) -> list[Told]:
    seen = [camera for camera in await cameras.list_cameras(view.session) if camera.id in ids]
    return [Told(_UNPLACED, EventKind.CAMERA, (Topic.CAMERAS,), c.id, CameraOut.model_validate(c)) for c in seen]


async def _jobs(view: _View, ids: tuple[UUID, ...]) -> list[Told]:
    found = await jobs.by_ids(view.session, job_ids=ids)
    return [Told(_UNPLACED, EventKind.JOB, (Topic.JOBS,), None, JobOut.model_validate(job)) for job in found]


_READERS: Final = {
    EventKind.SIGHTING: _sightings,
    EventKind.ALERT: _alerts,
    EventKind.CAMERA: _cameras,
    EventKind.JOB: _jobs,
}
