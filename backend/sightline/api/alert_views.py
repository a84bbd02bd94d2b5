"""From filters of a request to those of the service, and from its values to answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.api.after_commit import AfterCommit, AfterCommitDep
from sightline.api.conditional import tag
from sightline.api.deps import SessionDep
from sightline.api.media_urls import PictureUrls, PictureUrlsDep
from sightline.schemas.alerts import AlertDetailOut, AlertEventOut, AlertFilterIn, AlertOut, EscalationOut
from sightline.services import alerts, escalations, sighting_views
from sightline.services.alerts import AlertFilter, AlertView
from sightline.services.events import Event, EventKind
from sightline.services.media_links import PictureKind


def filter_of(asked: AlertFilterIn) -> AlertFilter:
    """The service's filter."""
    return AlertFilter(
        statuses=tuple(asked.status or ()),
        severities=tuple(asked.severity or ()),
        verdicts=tuple(asked.verdict or ()),
        verification=asked.verification,
        camera_id=asked.camera_id,
        group_id=asked.group_id,
        subject_id=asked.subject_id,
        watchlist_id=asked.watchlist_id,
        rule_id=asked.rule_id,
        assigned_to=asked.assigned_to,
        since=asked.since,
        until=asked.until,
    )


async def alerts_out(session: AsyncSession, views: Sequence[AlertView], urls: PictureUrls) -> list[AlertOut]:
    """Alerts with addresses of what their sightings show, where there is something and the user may see it."""
    keys = [
        (view.sighting_id, view.sighting_detected_at)
        for view in views
        if view.sighting_id is not None and view.sighting_detected_at is not None
    ]
    pictured = await sighting_views.with_image(session, keys=keys) if urls.user_id is not None else frozenset()
    return [_alert_out(view, urls, is_pictured=view.sighting_id in pictured) for view in views]


def _alert_out(view: AlertView, urls: PictureUrls, *, is_pictured: bool) -> AlertOut:
    alert = AlertOut.model_validate(view)
    if view.sighting_id is None:
        return alert
    address = urls.of(PictureKind.SIGHTING_IMAGE, view.sighting_id, kept=is_pictured)
    return alert.model_copy(update={"image_url": address})


@dataclass(frozen=True, slots=True)
class AlertAnswer:
    """How one alert is answered, with its version."""

    session: AsyncSession
    response: Response
    after: AfterCommit
    urls: PictureUrls

    async def read(self, alert_id: UUID) -> AlertDetailOut:
        """The alert with its history. Raises NotFound."""
        view = await alerts.get_view(self.session, alert_id=alert_id)
        tag(self.response, view.updated_at)
        (alert,) = await alerts_out(self.session, [view], self.urls)
        told = [AlertEventOut.model_validate(one) for one in await alerts.history(self.session, alert_id=alert_id)]
        state = await escalations.state_of(self.session, alert_id=alert_id, rule_id=view.rule_id)
        escalation = EscalationOut.model_validate(state)
        return AlertDetailOut(**alert.model_dump(), history=told, escalation=escalation)

    async def changed(self, alert_id: UUID) -> AlertDetailOut:
        """The same, and others are told of it."""
        self.after.publish(Event(EventKind.ALERT, alert_id))
        return await self.read(alert_id)


async def alert_answer(
    session: SessionDep, response: Response, after: AfterCommitDep, urls: PictureUrlsDep
) -> AlertAnswer:
    """For this request."""
    return AlertAnswer(session, response, after, urls)


AlertAnswerDep = Annotated[AlertAnswer, Depends(alert_answer)]
