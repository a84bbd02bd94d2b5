"""Notification channels, for administrators."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from sightline.api.conditional import IfMatch, tag
from sightline.api.deps import PrincipalDep, ResourcesDep, SessionDep
from sightline.api.paging import Cursor, Limit, page_out, page_request, sort_parameter
from sightline.api.permissions import Permission, Requires
from sightline.api.routing import Router
from sightline.core.outbound import OutboundPolicy
from sightline.models import NotificationOutbox
from sightline.schemas.base import Page
from sightline.schemas.channels import ChannelIn, ChannelOut, ChannelTestOut, DeliveryOut, DeliveryStatus
from sightline.services import notifications
from sightline.services.notification_senders import Senders
from sightline.services.notifications import ChannelView

router = Router(
    prefix="/alerts/channels", tags=["channels"], dependencies=[Depends(Requires(Permission.MANAGE_CHANNELS))]
)


@router.get("")
async def list_channels(
    session: SessionDep,
    sort: Annotated[str, sort_parameter(["name", "created_at"])] = "name",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[ChannelOut]:
    """By name."""
    request = page_request(sort=sort, limit=limit, cursor=cursor)
    return page_out(await notifications.list_channels(session, request=request), ChannelOut.model_validate)


@router.post("", status_code=201)
async def create_channel(body: ChannelIn, session: SessionDep, opened: ResourcesDep, response: Response) -> ChannelOut:
    """Add a way to tell people. A rule names the channels that its alerts go to."""
    channel = await notifications.create_channel(session, given=body, sealer=opened.sealer)
    response.headers["Location"] = f"/v1/alerts/channels/{channel.id}"
    return _shown(channel, response)


@router.get("/{channel_id}")
async def get_channel(channel_id: UUID, session: SessionDep, response: Response) -> ChannelOut:
    """One channel, without its address and secret."""
    return _shown(await notifications.get_channel(session, channel_id=channel_id), response)


@router.put("/{channel_id}")
async def update_channel(
    channel_id: UUID, body: ChannelIn, expected: IfMatch, session: SessionDep, opened: ResourcesDep, response: Response
) -> ChannelOut:
    """Replace a channel; url and secret of a webhook stay where none are given."""
    channel = await notifications.update_channel(
        session, channel_id=channel_id, given=body, expected=expected, sealer=opened.sealer
    )
    return _shown(channel, response)


@router.delete("/{channel_id}", status_code=204)
async def delete_channel(channel_id: UUID, session: SessionDep) -> None:
    """Remove a channel and its deliveries. 409 while a rule names it."""
    await notifications.remove_channel(session, channel_id=channel_id)


@router.post("/{channel_id}/test")
async def test_channel(channel_id: UUID, opened: ResourcesDep, acting: PrincipalDep) -> ChannelTestOut:
    """Really send a test, also on a channel that is switched off, and say how it went."""
    policy = OutboundPolicy.from_settings(opened.settings.notifications)
    went = await notifications.send_test(
        opened.database,
        acting,
        channel_id=channel_id,
        senders=Senders(opened.settings.smtp, policy),
        sealer=opened.sealer,
    )
    return ChannelTestOut.model_validate(went)


@router.get("/{channel_id}/deliveries")
async def list_channel_deliveries(
    channel_id: UUID,
    session: SessionDep,
    status: Annotated[list[DeliveryStatus] | None, Query(max_length=5, description="Any of these.")] = None,
    sort: Annotated[str, sort_parameter(["created_at"])] = "-created_at",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[DeliveryOut]:
    """What was told on it and what is due, the newest first."""
    request = page_request(sort=sort, limit=limit, cursor=cursor)
    page = await notifications.list_deliveries(session, channel_id=channel_id, request=request, statuses=status or ())
    return page_out(page, _delivery)


def _shown(channel: ChannelView, response: Response) -> ChannelOut:
    tag(response, channel.updated_at)
    return ChannelOut.model_validate(channel)


def _delivery(row: NotificationOutbox) -> DeliveryOut:
    return DeliveryOut(
        id=row.id,
        created_at=row.created_at,
        status=DeliveryStatus(row.status),
        is_test=row.is_test,
        alert_id=row.alert_id,
        attempts=row.attempts,
        next_attempt_at=row.next_attempt_at if row.status == DeliveryStatus.PENDING else None,
        last_error=row.last_error,
        delivered_at=row.delivered_at,
    )
