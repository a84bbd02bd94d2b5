"""Alerts on their way from new to resolved."""

from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from sightline.core.database import Role
from sightline.core.errors import Conflict, NotFound
from sightline.services import alerts
from sightline.services.sightings import record_tracks
from tests.support.database import acting, add_camera, add_subject, add_user, add_watchlist, track_record


@pytest.mark.asyncio
async def test_the_first_who_acknowledges_stays_on_record(session: AsyncSession) -> None:
    subject = await add_subject(session, await add_watchlist(session))
    (raised,) = (await record_tracks(session, tracks=[track_record(await add_camera(session), subject)])).alerts
    first, second = await add_user(session, Role.OPERATOR), await add_user(session, Role.OPERATOR)
    for operator in (first, second):
        async with acting(session, operator):
            alert = await alerts.acknowledge(session, alert_id=raised.id, user_id=operator.user_id)
    await session.refresh(alert)
    assert (alert.status, alert.acknowledged, alert.acknowledged_by) == ("acknowledged", True, first.user_id)
    async with acting(session, second):
        await alerts.resolve(session, alert_id=raised.id, user_id=second.user_id)
        await alerts.resolve(session, alert_id=raised.id, user_id=first.user_id)
        with pytest.raises(Conflict):
            await alerts.acknowledge(session, alert_id=raised.id, user_id=first.user_id)
    assert (alert.status, alert.resolved_by) == ("resolved", second.user_id)
    assert await alerts.list_alerts(session, status="new") == []


@pytest.mark.asyncio
async def test_pages_of_alerts_and_one_that_is_none(session: AsyncSession) -> None:
    camera, watchlist = await add_camera(session), await add_watchlist(session)
    for _ in range(3):
        await record_tracks(session, tracks=[track_record(camera, await add_subject(session, watchlist))])
    first = await alerts.list_alerts(session, limit=2)
    second = await alerts.list_alerts(session, before=(first[-1].created_at, first[-1].id))
    assert len({alert.id for alert in (*first, *second)}) == 3
    with pytest.raises(NotFound):
        await alerts.get(session, alert_id=uuid4())
